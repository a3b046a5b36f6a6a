#include "server/telemetry/decision_log.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/telemetry/fake_decision_sink.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Mode = SinkControl::Mode;

std::vector<std::string> Numbers(int begin, int end) {
  std::vector<std::string> numbers;
  for (int i = begin; i < end; ++i) numbers.push_back(absl::StrCat(i));
  return numbers;
}

class DecisionLogTest : public ::testing::Test {
 protected:
  // Short pauses; as long a queue as the test says.
  DecisionLog* Start(int64_t max_entries, WhenFull when_full = WhenFull::kDrop) {
    options_.max_entries = max_entries;
    options_.when_full = when_full;
    options_.min_pause = absl::Milliseconds(1);
    options_.max_pause = absl::Milliseconds(20);
    decisions_ =
        std::make_unique<DecisionLog>(options_, std::make_unique<FakeDecisionSink>(&sink_), &log_);
    return decisions_.get();
  }

  void Write(int begin, int end) {
    for (const std::string& id : Numbers(begin, end)) decisions_->Write(RecordOf(id));
  }

  SinkControl sink_;
  Log log_{LogFormat::kHuman, LogLevel::kError};
  DecisionLogOptions options_;
  std::unique_ptr<DecisionLog> decisions_;
};

TEST_F(DecisionLogTest, WritesEveryDecisionInOrder) {
  Start(10000);
  Write(0, 3000);
  EXPECT_TRUE(WaitUntil([&] { return decisions_->Stats().entries == 0; }));
  EXPECT_EQ(LeadIds(sink_.lines()), Numbers(0, 3000));
  const DecisionLogStats stats = decisions_->Stats();
  EXPECT_EQ(stats.logged, 3000);
  EXPECT_EQ(stats.limit, 10000);
  EXPECT_EQ(stats.dropped, 0);
  EXPECT_EQ(stats.failures, 0);
}

TEST_F(DecisionLogTest, WakesFromSleepForASingleDecision) {
  Start(10);
  for (int i = 0; i < 5; ++i) {
    Write(i, i + 1);
    ASSERT_TRUE(WaitUntil([&] { return sink_.lines().size() == static_cast<size_t>(i + 1); }));
  }
}

TEST_F(DecisionLogTest, ManyThreadsLoseNothingAndEachKeepsItsOrder) {
  constexpr int kThreads = 8;
  constexpr int kDecisions = 5000;
  Start(kThreads * kDecisions);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kDecisions; ++i) {
        decisions_->Write(RecordOf(absl::StrCat(t, "/", i)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(decisions_->Stop(absl::Seconds(60)));
  std::map<std::string, int> next;
  for (const std::string& id : LeadIds(sink_.lines())) {
    const std::vector<std::string> parts = absl::StrSplit(id, '/');
    ASSERT_EQ(parts[1], absl::StrCat(next[parts[0]]++)) << id;
  }
  EXPECT_EQ(next.size(), static_cast<size_t>(kThreads));
  for (const auto& [thread, count] : next) EXPECT_EQ(count, kDecisions) << thread;
}

TEST_F(DecisionLogTest, FullQueueDropsAndCounts) {
  sink_.SetMode(Mode::kFailing);
  Start(100);
  EXPECT_TRUE(decisions_->Reserve(1000000).ok());
  Write(0, 250);
  EXPECT_EQ(decisions_->Stats().dropped, 150);
  EXPECT_EQ(decisions_->Stats().entries, 100);
  EXPECT_TRUE(WaitUntil([&] { return decisions_->Stats().failing; }));
  sink_.SetMode(Mode::kGood);
  EXPECT_TRUE(WaitUntil([&] { return decisions_->Stats().entries == 0; }));
  EXPECT_EQ(LeadIds(sink_.lines()), Numbers(0, 100));
  Write(500, 501);
  EXPECT_TRUE(WaitUntil([&] { return decisions_->Stats().logged == 101; }));
  EXPECT_EQ(decisions_->Stats().dropped, 150);
  EXPECT_EQ(decisions_->Stats().refused, 0);
  EXPECT_FALSE(decisions_->Stats().failing);
  EXPECT_GT(decisions_->Stats().failures, 0);
}

TEST_F(DecisionLogTest, FullQueueRefusesBeforeAnythingIsDecided) {
  sink_.SetMode(Mode::kFailing);
  Start(100, WhenFull::kRefuse);
  ASSERT_TRUE(decisions_->Reserve(60).ok());
  ASSERT_TRUE(decisions_->Reserve(40).ok());
  const absl::Status full = decisions_->Reserve(1);
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(full.message()), HasSubstr("try again"));
  EXPECT_TRUE(decisions_->Reserve(0).ok());
  EXPECT_EQ(decisions_->Stats().refused, 1);
  // Ten leads had an error.
  Write(0, 90);
  decisions_->Release(10);
  EXPECT_EQ(decisions_->Stats().entries, 90);
  EXPECT_TRUE(decisions_->Reserve(10).ok());
  EXPECT_FALSE(decisions_->Reserve(1).ok());
  Write(90, 100);
  sink_.SetMode(Mode::kGood);
  ASSERT_TRUE(WaitUntil([&] { return decisions_->Reserve(100).ok(); }));
  EXPECT_EQ(LeadIds(sink_.lines()), Numbers(0, 100));
  EXPECT_EQ(decisions_->Stats().dropped, 0);
  decisions_->Release(100);
  EXPECT_EQ(decisions_->Stats().entries, 0);
}

TEST_F(DecisionLogTest, MoreLeadsThanTheQueueHoldsAreToldToComeInParts) {
  Start(100, WhenFull::kRefuse);
  const absl::Status refused = decisions_->Reserve(101);
  // Not RESOURCE_EXHAUSTED, which callers try again.
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("at most 100 leads"));
  EXPECT_TRUE(decisions_->Reserve(100).ok());
}

TEST_F(DecisionLogTest, RefusingLosesNothingUnderManyThreadsAndFailures) {
  constexpr int kThreads = 8;
  constexpr int kDecisions = 300;
  Start(64, WhenFull::kRefuse);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kDecisions; ++i) {
        ASSERT_TRUE(WaitUntil([&] { return decisions_->Reserve(1).ok(); }));
        decisions_->Write(RecordOf(absl::StrCat(t, "/", i)));
      }
    });
  }
  // A sink that is down every now and then.
  std::atomic<bool> done{false};
  std::thread faults([&] {
    while (!done) {
      sink_.FailAfter(100);
      const size_t lines = sink_.lines().size();
      WaitUntil([&] { return done || sink_.lines().size() > lines + 50; });
      sink_.SetMode(Mode::kGood);
    }
  });
  for (std::thread& thread : threads) thread.join();
  done = true;
  faults.join();
  sink_.SetMode(Mode::kGood);
  ASSERT_TRUE(decisions_->Stop(absl::Seconds(60)));
  std::vector<std::string> ids = LeadIds(sink_.lines());
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids.size(), static_cast<size_t>(kThreads * kDecisions));
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
  EXPECT_EQ(decisions_->Stats().dropped, 0);
}

TEST_F(DecisionLogTest, GoesOnWhereTheSinkFailed) {
  sink_.FailAfter(7);
  Start(1000);
  Write(0, 20);
  ASSERT_TRUE(WaitUntil([&] { return decisions_->Stats().failures > 2; }));
  EXPECT_EQ(LeadIds(sink_.lines()), Numbers(0, 7));
  EXPECT_EQ(decisions_->Stats().entries, 13);
  Write(20, 30);
  sink_.SetMode(Mode::kGood);
  ASSERT_TRUE(WaitUntil([&] { return decisions_->Stats().entries == 0; }));
  EXPECT_EQ(LeadIds(sink_.lines()), Numbers(0, 30));
}

TEST_F(DecisionLogTest, TellsOfAnOutageOnceAndOfItsEnd) {
  testing::internal::CaptureStderr();
  {
    Log log(LogFormat::kHuman, LogLevel::kInfo);
    options_.min_pause = absl::Milliseconds(1);
    options_.max_pause = absl::Milliseconds(1);
    options_.max_entries = 1;
    sink_.SetMode(Mode::kFailing);
    DecisionLog decisions(options_, std::make_unique<FakeDecisionSink>(&sink_), &log);
    decisions.Write(RecordOf("lead-17"));
    ASSERT_TRUE(WaitUntil([&] { return decisions.Stats().failures > 0; }));
    decisions.Write(RecordOf("lead-18"));
    ASSERT_TRUE(WaitUntil([&] { return decisions.Stats().failures > 10; }));
    sink_.SetMode(Mode::kGood);
    ASSERT_TRUE(WaitUntil([&] { return decisions.Stats().logged == 1; }));
  }
  const std::vector<std::string> lines =
      absl::StrSplit(testing::internal::GetCapturedStderr(), '\n');
  EXPECT_THAT(lines, ElementsAre(HasSubstr("cannot be written"), HasSubstr("dropped dropped=1"),
                                 HasSubstr("written again"), ""));
  EXPECT_THAT(lines[0], HasSubstr("cause=\"the disk is full\""));
  EXPECT_THAT(lines, Not(testing::Contains(HasSubstr("lead-17"))));
}

TEST_F(DecisionLogTest, AFileThatCannotBeReopenedIsToldOfOnceThoughLinesAreWritten) {
  testing::internal::CaptureStderr();
  {
    Log log(LogFormat::kHuman, LogLevel::kInfo);
    DecisionLog decisions(options_, std::make_unique<FakeDecisionSink>(&sink_), &log);
    sink_.SetRefreshStatus(absl::PermissionDeniedError("no right to open it"));
    for (int i = 0; i < 5; ++i) {
      const int64_t failures = decisions.Stats().failures;
      decisions.Reopen();
      ASSERT_TRUE(WaitUntil([&] { return decisions.Stats().failures > failures; }));
      decisions.Write(RecordOf("17"));
      ASSERT_TRUE(WaitUntil([&] { return decisions.Stats().logged == i + 1; }));
      EXPECT_TRUE(decisions.Stats().misplaced);
      EXPECT_FALSE(decisions.Stats().failing);
    }
    sink_.SetRefreshStatus(absl::OkStatus());
    decisions.Reopen();
    ASSERT_TRUE(WaitUntil([&] { return !decisions.Stats().misplaced; }));
  }
  const std::vector<std::string> lines =
      absl::StrSplit(testing::internal::GetCapturedStderr(), '\n');
  EXPECT_THAT(lines, ElementsAre(HasSubstr("cannot be opened anew"),
                                 HasSubstr("its file is at its name again"), ""));
  EXPECT_THAT(lines[0], HasSubstr("cause=\"no right to open it\""));
}

TEST_F(DecisionLogTest, EverythingIsWrittenAtTheEnd) {
  options_.gather_time = absl::Hours(1);
  Start(100000);
  Write(0, 20000);
  EXPECT_TRUE(decisions_->Stop(absl::Seconds(60)));
  EXPECT_EQ(LeadIds(sink_.lines()), Numbers(0, 20000));
  // Too late.
  Write(0, 3);
  EXPECT_EQ(decisions_->Stats().dropped, 3);
}

TEST_F(DecisionLogTest, TheEndWaitsForASinkThatComesBack) {
  sink_.SetMode(Mode::kFailing);
  Start(1000);
  Write(0, 10);
  ASSERT_TRUE(WaitUntil([&] { return decisions_->Stats().failing; }));
  std::thread mend([this] {
    const size_t writes = sink_.writes();
    WaitUntil([&] { return sink_.writes() > writes + 3; });
    sink_.SetMode(Mode::kGood);
  });
  EXPECT_TRUE(decisions_->Stop(absl::Seconds(60)));
  mend.join();
  EXPECT_EQ(LeadIds(sink_.lines()), Numbers(0, 10));
}

TEST_F(DecisionLogTest, TheEndDoesNotWaitForEver) {
  for (const Mode mode : {Mode::kFailing, Mode::kHanging}) {
    sink_.SetMode(mode);
    Start(1000);
    Write(0, 10);
    ASSERT_TRUE(WaitUntil([&] { return sink_.writes() > 0; }));
    Write(10, 15);
    const absl::Time begin = absl::Now();
    EXPECT_FALSE(decisions_->Stop(absl::Milliseconds(200)));
    EXPECT_LT(absl::Now() - begin, absl::Seconds(20));
    EXPECT_EQ(decisions_->Stats().dropped, 15);
    EXPECT_EQ(decisions_->Stats().entries, 0);
    EXPECT_THAT(sink_.lines(), IsEmpty());
  }
}

TEST_F(DecisionLogTest, ReopeningIsPassedOnAtOnce) {
  Start(10);
  const size_t before = sink_.refreshes();
  decisions_->Reopen();
  EXPECT_TRUE(WaitUntil([&] { return sink_.refreshes() > before; }));
  // And once a second, while nothing happens.
  EXPECT_TRUE(WaitUntil([&] { return sink_.refreshes() > before + 2; }));
}

TEST_F(DecisionLogTest, PersonalDataIsLeftOutUnlessAskedFor) {
  v1::Lead lead;
  lead.mutable_company()->set_name("Ada Lovelace Ltd");
  lead.add_contacts()->set_title("Head of IT");
  lead.mutable_source()->set_referrer("Charles");
  (*lead.mutable_custom())["age"].set_number(35);
  lead.add_evidence()->set_source("never logged");
  v1::StageOverride override_by;
  override_by.set_actor("Grace");
  override_by.set_reason("never logged");
  DecisionRecord record = RecordOf("17");
  record.lead = &lead;
  record.override_by = &override_by;
  Start(10)->Write(record);
  ASSERT_TRUE(decisions_->Stop(absl::Seconds(60)));
  EXPECT_FALSE(ParseDecision(sink_.lines().at(0)).has_personal_data());

  options_.personal_data = true;
  Start(10)->Write(record);
  v1::Lead large;
  for (int i = 0; i < 100; ++i) large.add_contacts()->set_title(std::string(200, 'x'));
  record.lead = &large;
  decisions_->Write(record);
  ASSERT_TRUE(decisions_->Stop(absl::Seconds(60)));
  const v1::Decision decision = ParseDecision(sink_.lines().at(1));
  EXPECT_EQ(decision.personal_data().company_name(), "Ada Lovelace Ltd");
  EXPECT_EQ(decision.personal_data().contacts(0).title(), "Head of IT");
  EXPECT_EQ(decision.personal_data().referrer(), "Charles");
  EXPECT_EQ(decision.personal_data().custom().at("age").number(), 35);
  EXPECT_EQ(decision.personal_data().override_actor(), "Grace");
  EXPECT_THAT(sink_.lines().at(1), Not(HasSubstr("never logged")));
  EXPECT_TRUE(ParseDecision(sink_.lines().at(2)).personal_data_omitted());
  EXPECT_FALSE(ParseDecision(sink_.lines().at(2)).has_personal_data());
}

TEST_F(DecisionLogTest, LongTextsAreCutBetweenCharacters) {
  std::string caller = "x";
  for (int i = 0; i < 400; ++i) caller += "ü";
  DecisionRecord record = RecordOf("17");
  record.caller = caller;
  Start(10)->Write(record);
  ASSERT_TRUE(decisions_->Stop(absl::Seconds(60)));
  EXPECT_EQ(ParseDecision(sink_.lines().at(0)).caller(), caller.substr(0, 511));
}

// Processor time that the calling thread has taken.
int64_t ThreadNanoseconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1000000000 + time.tv_nsec;
}

// What a call pays. The figures are printed; the bound is generous, for machines that are busy and
// for sanitizers.
TEST_F(DecisionLogTest, CostsACallNextToNothing) {
  constexpr int kDecisions = 200000;
  for (const int thread_count : {1, 4}) {
    Start(1000000);
    std::vector<std::thread> threads;
    std::atomic<int64_t> nanoseconds{0};
    for (int t = 0; t < thread_count; ++t) {
      threads.emplace_back([&] {
        const DecisionRecord record = RecordOf("0123456789abcdef");
        const int64_t begin = ThreadNanoseconds();
        for (int i = 0; i < kDecisions / thread_count; ++i) decisions_->Write(record);
        nanoseconds += ThreadNanoseconds() - begin;
      });
    }
    for (std::thread& thread : threads) thread.join();
    const int64_t each = nanoseconds / kDecisions;
    std::printf("a decision costs its call %d ns of processor time, %d threads write at once\n",
                static_cast<int>(each), thread_count);
    EXPECT_LT(each, 20000);
    EXPECT_TRUE(decisions_->Stop(absl::Seconds(300)));
    EXPECT_EQ(decisions_->Stats().dropped, 0);
  }
}

}  // namespace
}  // namespace bantam
