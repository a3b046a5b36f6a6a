#include "tests/bench/load/load.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr absl::Duration kLimit = absl::Seconds(60);

// Answers as the test says.
class FakeService final : public v1::QualificationService::Service {
 public:
  std::function<grpc::Status(const v1::ScoreRequest&, v1::ScoreResponse*)> score;
  std::function<grpc::Status(const v1::BulkChunk&, v1::BulkEvaluateResponse*)> chunk;

  grpc::Status Score(grpc::ServerContext*, const v1::ScoreRequest* request,
                     v1::ScoreResponse* response) override {
    return score(*request, response);
  }

  grpc::Status BulkEvaluate(grpc::ServerContext*,
                            grpc::ServerReaderWriter<v1::BulkEvaluateResponse,
                                                     v1::BulkEvaluateRequest>* stream) override {
    v1::BulkEvaluateRequest request;
    if (!stream->Read(&request) || !request.has_start()) {
      return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no start");
    }
    while (stream->Read(&request)) {
      v1::BulkEvaluateResponse response;
      response.set_number(request.chunk().number());
      const grpc::Status status = chunk(request.chunk(), &response);
      if (!status.ok()) return status;
      stream->Write(response);
    }
    return grpc::Status::OK;
  }
};

class LoadTest : public ::testing::Test {
 protected:
  LoadTest() {
    service_.score = [](const v1::ScoreRequest& request, v1::ScoreResponse* response) {
      *response = AnswerTo(request);
      return grpc::Status::OK;
    };
    service_.chunk = [](const v1::BulkChunk& chunk, v1::BulkEvaluateResponse* response) {
      for (const v1::Lead& lead : chunk.leads()) response->add_results()->set_lead_id(lead.id());
      return grpc::Status::OK;
    };
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    options_.target = absl::StrCat("127.0.0.1:", port);
    options_.connections = 3;
    options_.in_flight = 5;
    options_.deadline = kLimit;
  }

  static v1::ScoreRequest RequestFor(const std::string& lead) {
    v1::ScoreRequest request;
    request.mutable_lead()->set_id(lead);
    return request;
  }

  static v1::ScoreResponse AnswerTo(const v1::ScoreRequest& request) {
    v1::ScoreResponse response;
    response.mutable_evaluation()->set_icp(absl::StrCat("for ", request.lead().id()));
    return response;
  }

  static LoadRequest Request(const std::string& lead) {
    return {"/bantam.v1.QualificationService/Score", RequestFor(lead).SerializeAsString(),
            AnswerTo(RequestFor(lead)).SerializeAsString()};
  }

  static LoadStream Stream() {
    LoadStream stream;
    v1::BulkEvaluateRequest start;
    start.mutable_start()->set_operation(v1::BULK_OPERATION_SCORE);
    stream.start = start.SerializeAsString();
    v1::BulkChunk leads;
    v1::BulkEvaluateResponse answer;
    for (const char* lead : {"a", "b", "c"}) {
      leads.add_leads()->set_id(lead);
      answer.add_results()->set_lead_id(lead);
    }
    stream.chunks = {{leads.SerializeAsString(), 3, answer.SerializeAsString()}};
    return stream;
  }

  static void WaitForCalls(const Load& load, int64_t count) {
    const absl::Time end = absl::Now() + kLimit;
    while (load.ok_so_far() + load.failed_so_far() < count) {
      ASSERT_LT(absl::Now(), end) << "no " << count << " calls in " << kLimit;
      absl::SleepFor(absl::Milliseconds(1));
    }
  }

  FakeService service_;
  LoadOptions options_;
  std::unique_ptr<grpc::Server> server_;
};

// Holds calls until so many are there at the same time.
class Gathering {
 public:
  // False: they were not there within the limit.
  bool Wait(int count) {
    absl::MutexLock lock(&mu_);
    ++here_;
    const auto all_here = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return here_ >= count; };
    return mu_.AwaitWithTimeout(absl::Condition(&all_here), kLimit);
  }

 private:
  absl::Mutex mu_;
  int here_ ABSL_GUARDED_BY(mu_) = 0;
};

TEST_F(LoadTest, ClosedLoopKeepsAsManyInFlightAsItIsTold) {
  Gathering gathering;
  service_.score = [&](const v1::ScoreRequest&, v1::ScoreResponse*) {
    return gathering.Wait(25) ? grpc::Status::OK
                              : grpc::Status(grpc::StatusCode::INTERNAL, "too few in flight");
  };
  options_.in_flight = 25;
  const auto load = StartUnaryLoad(options_, {{Request("a").method, Request("a").bytes, ""}});
  WaitForCalls(*load, 100);
  const LoadResult result = load->Stop();
  EXPECT_GE(result.ok, 100);
  EXPECT_EQ(load->failed_so_far(), 0);
}

TEST_F(LoadTest, SendsTheRequestsInTurnAndFindsTheAnswersWanted) {
  std::atomic<int> seen_a{0}, seen_b{0};
  service_.score = [&](const v1::ScoreRequest& request, v1::ScoreResponse* response) {
    ++(request.lead().id() == "a" ? seen_a : seen_b);
    *response = AnswerTo(request);
    return grpc::Status::OK;
  };
  options_.threads = 1;
  options_.check_every = 1;
  const auto load = StartUnaryLoad(options_, {Request("a"), Request("b")});
  WaitForCalls(*load, 100);
  const LoadResult result = load->Stop();
  EXPECT_LE(std::abs(seen_a - seen_b), 1);
  EXPECT_GT(result.checked, 0);
  EXPECT_EQ(result.wrong, 0) << result.first_wrong;
  EXPECT_GT(result.latencies.Quantile(0.99), absl::ZeroDuration());
  EXPECT_GT(result.own_cpu, absl::ZeroDuration());
}

TEST_F(LoadTest, PrefersTheFirstByZipfsLaw) {
  std::atomic<int> all{0}, first{0}, last{0};
  service_.score = [&](const v1::ScoreRequest& request, v1::ScoreResponse*) {
    ++all;
    if (request.lead().id() == "0") ++first;
    if (request.lead().id() == "99") ++last;
    return grpc::Status::OK;
  };
  std::vector<LoadRequest> requests;
  for (int i = 0; i < 100; ++i) requests.push_back(Request(absl::StrCat(i)));
  options_.zipf_exponent = 1;
  options_.check_every = 0;
  const auto load = StartUnaryLoad(options_, std::move(requests));
  WaitForCalls(*load, 2000);
  load->Stop();
  // 1 in 5.19 and 1 in 519.
  EXPECT_GE(first, all / 10);
  EXPECT_LE(last, all / 50);
}

TEST_F(LoadTest, CountsWrongAnswersAndDescribesTheFirst) {
  service_.score = [](const v1::ScoreRequest&, v1::ScoreResponse* response) {
    response->mutable_evaluation()->set_icp("another");
    return grpc::Status::OK;
  };
  options_.check_every = 1;
  const auto load = StartUnaryLoad(options_, {Request("a")});
  WaitForCalls(*load, 50);
  const LoadResult result = load->Stop();
  EXPECT_GT(result.wrong, 0);
  EXPECT_EQ(result.wrong, result.checked);
  EXPECT_THAT(result.first_wrong, HasSubstr("the answer to request 0"));
}

TEST_F(LoadTest, CountsByStatusAndTellsEachOutcome) {
  service_.score = [](const v1::ScoreRequest& request, v1::ScoreResponse*) {
    if (request.lead().id() == "bad") {
      return grpc::Status(grpc::StatusCode::NOT_FOUND, "no such ICP");
    }
    return grpc::Status::OK;
  };
  std::atomic<int> told_good{0}, told_bad{0};
  options_.on_end = [&](const LoadOutcome& outcome) {
    EXPECT_EQ(outcome.status.ok(), outcome.request == 0);
    EXPECT_GE(outcome.end, outcome.begin);
    ++(outcome.status.ok() ? told_good : told_bad);
  };
  options_.check_every = 0;
  const auto load = StartUnaryLoad(options_, {Request("good"), Request("bad")});
  WaitForCalls(*load, 50);
  const LoadResult result = load->Stop();
  EXPECT_EQ(load->ok_so_far(), told_good);
  EXPECT_EQ(load->failed_so_far(), told_bad);
  EXPECT_GT(result.by_status.at(grpc::StatusCode::NOT_FOUND), 0);
  EXPECT_EQ(result.by_status.at(grpc::StatusCode::OK), result.ok);
  EXPECT_THAT(result.messages, ElementsAre(Pair(grpc::StatusCode::NOT_FOUND, "no such ICP")));
}

// While a server stalls, an open loop goes on: all who would have come see how long they wait.
TEST_F(LoadTest, OpenLoopCountsFromTheTimeACallWasMeantToBegin) {
  constexpr int kStalled = 200;
  Gathering gathering;
  service_.score = [&](const v1::ScoreRequest&, v1::ScoreResponse*) {
    gathering.Wait(kStalled);
    return grpc::Status::OK;
  };
  options_.calls_per_second = 1000;
  options_.check_every = 0;
  absl::Mutex mu;
  std::vector<absl::Duration> latencies;
  options_.on_end = [&](const LoadOutcome& outcome) {
    absl::MutexLock lock(&mu);
    latencies.push_back(outcome.end - outcome.begin);
  };
  const auto load = StartUnaryLoad(options_, {Request("a")});
  WaitForCalls(*load, kStalled);
  load->Stop();
  absl::MutexLock lock(&mu);
  // 200 calls that came in 200 ms, a millisecond apart, were all answered at its end.
  int waited_long = 0;
  for (const absl::Duration latency : latencies) waited_long += latency > absl::Milliseconds(50);
  EXPECT_GE(waited_long, 140);
}

TEST_F(LoadTest, OpenLoopMeansCallsToBeginEvenlySpaced) {
  absl::Mutex mu;
  std::vector<absl::Time> begins;
  options_.on_end = [&](const LoadOutcome& outcome) {
    absl::MutexLock lock(&mu);
    begins.push_back(outcome.begin);
  };
  options_.threads = 1;
  options_.calls_per_second = 1000;
  const auto load = StartUnaryLoad(options_, {Request("a")});
  WaitForCalls(*load, 100);
  const LoadResult result = load->Stop();
  absl::MutexLock lock(&mu);
  std::sort(begins.begin(), begins.end());
  for (size_t i = 1; i < begins.size(); ++i) {
    ASSERT_EQ(begins[i] - begins[i - 1], absl::Milliseconds(1)) << i;
  }
  EXPECT_GT(result.lateness.count(), 0);
}

TEST_F(LoadTest, StreamsSendChunksAndFindTheAnswersWanted) {
  options_.check_every = 1;
  const auto load = StartBulkLoad(options_, Stream());
  WaitForCalls(*load, 300);  // More than 128: numbers of two bytes.
  const LoadResult result = load->Stop();
  EXPECT_EQ(load->failed_so_far(), 0);
  EXPECT_EQ(result.leads, 3 * result.ok);
  EXPECT_GT(result.checked, 0);
  EXPECT_EQ(result.wrong, 0) << result.first_wrong;
}

TEST_F(LoadTest, StreamsThatFailAreCountedAndOpenedAgain) {
  std::atomic<int> chunks{0};
  service_.chunk = [&](const v1::BulkChunk&, v1::BulkEvaluateResponse*) {
    return ++chunks % 10 == 0 ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone")
                              : grpc::Status::OK;
  };
  options_.check_every = 0;
  const auto load = StartBulkLoad(options_, Stream());
  WaitForCalls(*load, 100);
  const LoadResult result = load->Stop();
  EXPECT_GT(load->ok_so_far(), 0);
  EXPECT_GT(load->failed_so_far(), 0);
  EXPECT_THAT(result.messages, ElementsAre(Pair(grpc::StatusCode::UNAVAILABLE, "gone")));
}

TEST_F(LoadTest, AServerThatIsNotThereIsAFailureOfEachCall) {
  server_->Shutdown();
  const auto load = StartUnaryLoad(options_, {Request("a")});
  WaitForCalls(*load, 10);
  const LoadResult result = load->Stop();
  EXPECT_EQ(load->ok_so_far(), 0);
  EXPECT_GT(result.by_status.at(grpc::StatusCode::UNAVAILABLE), 0);
}

TEST_F(LoadTest, TakesTheProcessorTimeOfAServer) {
  options_.server = getpid();
  const auto load = StartUnaryLoad(options_, {Request("a")});
  WaitForCalls(*load, 1000);
  const LoadResult result = load->Stop();
  EXPECT_GT(result.server_cpu, absl::ZeroDuration());
}

}  // namespace
}  // namespace bantam
