// A bulk stream that breaks off or falls silent goes on behind its last answer, and what never goes
// well is told as what may go well later.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/server_posix.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "client/commands/exit_codes.h"
#include "client/qualifier/channel.h"
#include "client/qualifier/remote_qualifier.h"
#include "tests/client/door.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::Each;
using ::testing::Eq;
using ::testing::HasSubstr;

// How one stream goes: it answers some chunks and ends when it has read another one, or all.
struct Episode {
  int answers = 0;
  grpc::Status status;
  std::string pushback;  // grpc-retry-pushback-ms. Empty: none.
  bool hangs = false;    // It does not end before it is cancelled.
};

Episode Break(int answers, grpc::StatusCode code, const std::string& pushback = "1") {
  return {answers, grpc::Status(code, "not now"), pushback};
}

// The status is for a client that never cancels.
Episode Hang(int answers) {
  return {answers, grpc::Status(grpc::StatusCode::INTERNAL, "was not cancelled"), "", true};
}

// Returns when that much time has passed, or sooner if `done` says so.
void AwaitTime(absl::Duration time, const std::function<bool()>& done = nullptr) {
  const auto end = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(time);
  while (std::chrono::steady_clock::now() < end && !(done && done())) {
    absl::SleepFor(absl::Milliseconds(5));
  }
}

// Plays the episodes, the last one again and again; without any it answers everything.
class BreakingServer : public v1::QualificationService::Service {
 public:
  explicit BreakingServer(std::deque<Episode> episodes = {}) : episodes_(std::move(episodes)) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    address_ = absl::StrCat("127.0.0.1:", port);
  }

  const std::string& address() const { return address_; }

  // Serves a connection that somebody else has accepted, and owns it from now on.
  void TakeConnection(int socket) { grpc::AddInsecureChannelFromFd(server_.get(), socket); }

  // Ends all connections.
  void Shutdown() { server_->Shutdown(std::chrono::system_clock::now()); }

  int streams() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return streams_;
  }

  // The ICP that each stream began with.
  std::vector<std::string> icps() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return icps_;
  }

  grpc::Status BulkEvaluate(grpc::ServerContext* context,
                            grpc::ServerReaderWriter<v1::BulkEvaluateResponse,
                                                     v1::BulkEvaluateRequest>* stream) override {
    const absl::optional<Episode> episode = NextEpisode();
    v1::BulkEvaluateRequest request;
    int answers = 0;
    while (stream->Read(&request)) {
      if (request.has_start()) {
        const std::lock_guard<std::mutex> lock(mutex_);
        icps_.push_back(request.start().settings().icps(0).name());
        continue;
      }
      if (episode.has_value() && answers++ == episode->answers) return End(*episode, context);
      v1::BulkEvaluateResponse response;
      response.set_number(request.chunk().number());
      for (const v1::Lead& lead : request.chunk().leads()) {
        v1::LeadResult* const result = response.add_results();
        result->set_index(response.results_size() - 1);
        result->set_lead_id(lead.id());
        result->mutable_evaluation();
      }
      stream->Write(response);
    }
    return episode.has_value() ? End(*episode, context) : grpc::Status::OK;
  }

 private:
  static grpc::Status End(const Episode& episode, grpc::ServerContext* context) {
    if (episode.hangs) AwaitTime(absl::Seconds(30), [&] { return context->IsCancelled(); });
    if (!episode.pushback.empty()) {
      context->AddTrailingMetadata("grpc-retry-pushback-ms", episode.pushback);
    }
    return episode.status;
  }

  absl::optional<Episode> NextEpisode() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++streams_;
    if (episodes_.empty()) return absl::nullopt;
    Episode episode = episodes_.front();
    if (episode.status.ok() || episodes_.size() > 1) episodes_.pop_front();
    if (episode.status.ok()) return absl::nullopt;
    return episode;
  }

  mutable std::mutex mutex_;
  std::deque<Episode> episodes_;
  std::vector<std::string> icps_;
  int streams_ = 0;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;  // Ends before what it uses.
};

// Chunks of 64 leads.
constexpr int kChunks = 101;
constexpr int kLeads = 64 * (kChunks - 1) + 5;

// How AskAll() goes about it.
struct Asking {
  absl::Duration timeout = absl::Seconds(60);
  absl::Duration pause;           // How long reading and taking stand still, each
  std::vector<int> read_pauses;   // before these leads are given,
  std::vector<int> taken_pauses;  // and before these answers are taken.
  std::function<void()> at_100;   // Called before answer 100 is taken.
};

// Asks about `kLeads` leads; each must be answered once, in order, if all goes well.
absl::Status AskAll(const std::string& address, const Asking& asking = {}) {
  ChannelOptions options;
  options.server = address;
  RemoteQualifier qualifier(*Connect(options), asking.timeout);
  const auto pause_at = [&](const std::vector<int>& places, int64_t index) {
    for (const int place : places) {
      if (place == index) AwaitTime(asking.pause);
    }
  };
  Question question;
  question.settings.add_icps()->set_name("tenants/a/icps/b");
  int read = 0;
  int64_t answered = 0;
  const absl::Status status = qualifier.AskMany(
      question,
      [&](v1::Lead* lead) {
        if (read == kLeads) return false;
        pause_at(asking.read_pauses, read);
        lead->Clear();
        lead->set_id(absl::StrCat("lead-", read++));
        return true;
      },
      [&](int64_t index, const v1::LeadResult& result) {
        pause_at(asking.taken_pauses, index);
        if (index == 100 && asking.at_100) asking.at_100();
        EXPECT_EQ(index, answered++);
        EXPECT_EQ(result.index(), index);
        EXPECT_EQ(result.lead_id(), absl::StrCat("lead-", index));
      });
  EXPECT_TRUE(!status.ok() || answered == kLeads) << answered;
  return status;
}

absl::Status AskAll(const BreakingServer& server, const Asking& asking = {}) {
  return AskAll(server.address(), asking);
}

Asking Within(absl::Duration timeout) {
  Asking asking;
  asking.timeout = timeout;
  return asking;
}

TEST(BulkStreamTest, GoesOnBehindTheLastAnswer) {
  BreakingServer server({Break(3, grpc::StatusCode::RESOURCE_EXHAUSTED),
                         Break(70, grpc::StatusCode::UNAVAILABLE),
                         Break(0, grpc::StatusCode::CANCELLED), Episode()});
  EXPECT_TRUE(AskAll(server).ok());
  EXPECT_EQ(server.streams(), 4);
  EXPECT_THAT(server.icps(), Each(Eq("tenants/a/icps/b")));
}

// As by a server that is ended and started again.
TEST(BulkStreamTest, WaitsForTheServerToBeBack) {
  BreakingServer before;
  BreakingServer after;
  const Door door([&](int number, int socket) {
    if (number > 1 && number <= 4) return Door::Fate::kTurnedAway;
    (number == 1 ? before : after).TakeConnection(socket);
    return Door::Fate::kHandedOver;
  });
  Asking asking;
  asking.at_100 = [&] { before.Shutdown(); };
  const absl::Status status = AskAll(door.address(), asking);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(after.streams(), 1);
}

TEST(BulkStreamTest, OnlyFailuresInARowAreCounted) {
  std::deque<Episode> episodes(20, Break(1, grpc::StatusCode::UNAVAILABLE));
  episodes.emplace_back();
  BreakingServer server(episodes);
  EXPECT_TRUE(AskAll(server).ok());
  EXPECT_EQ(server.streams(), 21);
}

TEST(BulkStreamTest, GivesUpAfterFiveFailuresInARow) {
  BreakingServer server(
      {Break(2, grpc::StatusCode::UNAVAILABLE), Break(0, grpc::StatusCode::RESOURCE_EXHAUSTED)});
  const absl::Status status = AskAll(server);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "not now");
  EXPECT_EQ(server.streams(), 5);
}

TEST(BulkStreamTest, WithoutAHintPausesAreItsOwn) {
  BreakingServer server({Break(1, grpc::StatusCode::CANCELLED, ""), Episode()});
  EXPECT_TRUE(AskAll(server).ok());
  EXPECT_EQ(server.streams(), 2);
}

TEST(BulkStreamTest, DoesNotGoOnWhereTheServerWantsNoneOrALongPause) {
  for (const char* const pushback : {"-1", "60001"}) {
    BreakingServer server({Break(1, grpc::StatusCode::UNAVAILABLE, pushback)});
    EXPECT_EQ(AskAll(server).code(), absl::StatusCode::kUnavailable) << pushback;
    EXPECT_EQ(server.streams(), 1) << pushback;
  }
}

TEST(BulkStreamTest, WhatDoesNotPassIsNotRepeated) {
  for (const grpc::StatusCode code :
       {grpc::StatusCode::NOT_FOUND, grpc::StatusCode::INVALID_ARGUMENT,
        grpc::StatusCode::PERMISSION_DENIED, grpc::StatusCode::INTERNAL}) {
    BreakingServer server({Break(1, code)});
    EXPECT_EQ(static_cast<int>(AskAll(server).code()), static_cast<int>(code));
    EXPECT_EQ(server.streams(), 1);
  }
}

TEST(BulkStreamTest, TheCommandSaysWhetherItMayGoWellLater) {
  const auto run = [](grpc::StatusCode code) {
    BreakingServer server({Break(0, code)});
    return RunBantam("score - -o ndjson --icp=a/b --server=" + server.address(),
                     "[{id: a}, {id: b}]");
  };
  const Finished full = run(grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(full.exit_code, kExitUnreachable) << full.err;
  EXPECT_THAT(full.err, HasSubstr("did not take all of it: not now; try again later\n"));
  EXPECT_EQ(run(grpc::StatusCode::CANCELLED).exit_code, kExitUnreachable);
  EXPECT_EQ(run(grpc::StatusCode::UNAVAILABLE).exit_code, kExitUnreachable);
  EXPECT_EQ(run(grpc::StatusCode::NOT_FOUND).exit_code, kExitRefused);
}

// More than any answer of these servers takes, on a busy machine and under sanitizers too.
constexpr absl::Duration kAmple = absl::Seconds(3);

TEST(BulkStreamTimeoutTest, AServerThatNeverAnswersIsAskedOnce) {
  BreakingServer server({Hang(0)});
  const absl::Time begin = absl::Now();
  EXPECT_EQ(AskAll(server, Within(kAmple)).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_GE(absl::Now() - begin, kAmple);
  EXPECT_LT(absl::Now() - begin, 10 * kAmple);
  EXPECT_EQ(server.streams(), 1);
}

TEST(BulkStreamTimeoutTest, AConnectionThatNothingComesFromCountsToo) {
  const Door port([](int, int) { return Door::Fate::kIgnored; });
  const absl::Time begin = absl::Now();
  EXPECT_EQ(AskAll(port.address(), Within(absl::Milliseconds(200))).code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - begin, 10 * kAmple);
}

TEST(BulkStreamTimeoutTest, AnotherStreamGoesOnBehindTheLastAnswer) {
  BreakingServer server({Hang(3), Episode()});
  EXPECT_TRUE(AskAll(server, Within(kAmple)).ok());
  EXPECT_EQ(server.streams(), 2);
}

TEST(BulkStreamTimeoutTest, AnEndThatDoesNotComeIsOverdueToo) {
  BreakingServer server({Hang(kChunks), Episode()});
  EXPECT_TRUE(AskAll(server, Within(kAmple)).ok());
  EXPECT_EQ(server.streams(), 2);
}

TEST(BulkStreamTimeoutTest, CountsAmongFailuresInARow) {
  BreakingServer server({Break(3, grpc::StatusCode::UNAVAILABLE), Hang(0),
                         Break(0, grpc::StatusCode::UNAVAILABLE),
                         Break(0, grpc::StatusCode::UNAVAILABLE), Hang(0)});
  EXPECT_EQ(AskAll(server, Within(kAmple)).code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(server.streams(), 5);
}

TEST(BulkStreamTimeoutTest, SlowLeadsDoNotCount) {
  BreakingServer server;
  Asking asking = Within(kAmple);
  asking.pause = 1.2 * kAmple;
  asking.read_pauses = {0, 64 * 80 + 7};
  EXPECT_TRUE(AskAll(server, asking).ok());
  EXPECT_EQ(server.streams(), 1);
}

TEST(BulkStreamTimeoutTest, SlowTakingDoesNotCount) {
  BreakingServer server;
  Asking asking = Within(kAmple);
  asking.pause = 1.2 * kAmple;
  asking.taken_pauses = {0, kLeads - 1};
  EXPECT_TRUE(AskAll(server, asking).ok());
  EXPECT_EQ(server.streams(), 1);
}

TEST(BulkStreamTimeoutTest, MayBeEndless) {
  for (const absl::Duration timeout :
       {absl::InfiniteDuration(), absl::Hours(24 * 365 * 290), absl::Hours(24 * 365) * 1000000}) {
    BreakingServer server;
    EXPECT_TRUE(AskAll(server, Within(timeout)).ok()) << timeout;
    EXPECT_EQ(server.streams(), 1);
  }
}

TEST(BulkStreamTimeoutTest, TheCommandNamesTheOption) {
  const Door port([](int, int) { return Door::Fate::kIgnored; });
  for (const char* const leads : {"{id: a}", "[{id: a}, {id: b}]"}) {
    const Finished finished =
        RunBantam("score - --icp=a/b --timeout=200ms --server=" + port.address(), leads);
    EXPECT_EQ(finished.exit_code, kExitUnreachable);
    EXPECT_EQ(finished.err, absl::StrCat("bantam: the server at ", port.address(),
                                         " did not answer in time; allow more with --timeout\n"));
  }
}

}  // namespace
}  // namespace bantam
