// Turns, fair shares and refusals of the workers, with fake work on a fake clock.
#include "server/rpc/worker_pool.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

class WorkerPoolTest : public ::testing::Test {
 protected:
  // One worker, whose clock only its work moves.
  void Start(const WorkerLimits& limits = WorkerLimits()) {
    pool_ = std::make_unique<WorkerPool>(1, limits, [this] {
      return std::chrono::steady_clock::time_point() + std::chrono::nanoseconds(nanos_.load());
    });
  }

  // A kind of work that is known to take so long for each byte.
  WorkRate* RateOf(absl::Duration cost) {
    WorkRate* const rate = pool_->NewRate();
    rate->Learn(1, cost);
    return rate;
  }

  void Pass(absl::Duration time) { nanos_ += absl::ToInt64Nanoseconds(time); }

  // Keeps the worker from anything else until Release().
  void Hold() {
    held_ = std::make_unique<absl::Notification>();
    absl::Notification started;
    pool_->SubmitConclusion([&started, held = held_.get()] {
      started.Notify();
      held->WaitForNotification();
    });
    started.WaitForNotification();
  }
  void Release() { held_->Notify(); }

  // Waits until all that was submitted is done.
  void Drain() {
    absl::Notification done;
    while (pool_->waiting() > 0) std::this_thread::yield();
    // The one worker takes this only after what it was doing.
    pool_->SubmitConclusion([&done] { done.Notify(); });
    done.WaitForNotification();
  }

  WorkerPool::Task Work(char name, absl::Duration takes) {
    return [this, name, takes] {
      order_ += name;
      Pass(takes);
    };
  }

  bool Call(absl::Duration takes, WorkRate* rate) {
    return pool_->SubmitCall(Work('c', takes), rate, 1);
  }

  std::atomic<int64_t> nanos_{1};
  std::string order_;  // Written by the one worker only.
  std::unique_ptr<absl::Notification> held_;
  std::unique_ptr<WorkerPool> pool_;
};

constexpr absl::Duration kMs = absl::Milliseconds(1);

TEST(WorkRateTest, FollowsWhatWorkTook) {
  WorkRate rate;
  EXPECT_EQ(rate.Expect(1000), absl::ZeroDuration());
  rate.Learn(1000, absl::Milliseconds(1));
  EXPECT_EQ(rate.Expect(2000), absl::Milliseconds(2));
  for (int i = 0; i < 100; ++i) rate.Learn(1000, absl::Milliseconds(3));
  EXPECT_NEAR(absl::ToDoubleMilliseconds(rate.Expect(1000)), 3, 0.01);
}

TEST_F(WorkerPoolTest, DoesAllThatWasSubmittedBeforeItEnds) {
  std::atomic<int> done{0};
  {
    WorkerLimits limits;
    limits.max_waiting_calls = 1000;
    WorkerPool pool(2, limits);
    WorkRate* const rate = pool.NewRate();
    const auto stream = pool.NewStream();
    for (int i = 0; i < 500; ++i) {
      EXPECT_TRUE(pool.SubmitCall(
          [&done] {
            EXPECT_EQ(CurrentThreadRole(), ThreadRole::kWorker);
            ++done;
          },
          rate, 1));
      pool.SubmitChunk(
          stream, [&done] { ++done; }, rate, 1);
    }
  }
  EXPECT_EQ(done, 1000);
}

TEST_F(WorkerPoolTest, RefusesMoreCallsThanMayWait) {
  WorkerLimits limits;
  limits.max_waiting_calls = 2;
  Start(limits);
  WorkRate* const rate = pool_->NewRate();
  Hold();
  EXPECT_TRUE(Call(kMs, rate));
  EXPECT_TRUE(Call(kMs, rate));
  EXPECT_FALSE(Call(kMs, rate));
  EXPECT_EQ(pool_->waiting(), 2u);
  Release();
  pool_.reset();
  EXPECT_EQ(order_, "cc");
}

TEST_F(WorkerPoolTest, CallsAndStreamsHaveTheSameTimeNotTheSameNumberOfTurns) {
  Start();
  WorkRate* const call_rate = RateOf(4 * kMs);
  WorkRate* const chunk_rate = RateOf(kMs);
  const auto stream = pool_->NewStream();
  Hold();
  for (int i = 0; i < 8; ++i) pool_->SubmitChunk(stream, Work('s', kMs), chunk_rate, 1);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Call(4 * kMs, call_rate));
  Release();
  pool_.reset();
  EXPECT_EQ(order_, "csssscssssc");
}

TEST_F(WorkerPoolTest, WhatWorkReallyTookCounts) {
  Start();
  WorkRate* const chunk_rate = RateOf(kMs);
  WorkRate* const unknown = pool_->NewRate();
  const auto stream = pool_->NewStream();
  Hold();
  for (int i = 0; i < 4; ++i) pool_->SubmitChunk(stream, Work('s', kMs), chunk_rate, 1);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(Call(3 * kMs, unknown));
  Release();
  pool_.reset();
  EXPECT_EQ(order_, "cssscs");
}

TEST_F(WorkerPoolTest, StreamsShareTheirTimeEvenly) {
  Start();
  WorkRate* const light = RateOf(kMs);
  WorkRate* const heavy = RateOf(3 * kMs);
  const auto a = pool_->NewStream();
  const auto b = pool_->NewStream();
  Hold();
  for (int i = 0; i < 6; ++i) pool_->SubmitChunk(a, Work('a', kMs), light, 1);
  for (int i = 0; i < 2; ++i) pool_->SubmitChunk(b, Work('b', 3 * kMs), heavy, 1);
  Release();
  pool_.reset();
  EXPECT_EQ(order_, "abaabaaa");
}

TEST_F(WorkerPoolTest, TimeThatWasNotAskedForIsNotMadeUpFor) {
  Start();
  WorkRate* const rate = RateOf(kMs);
  const auto stream = pool_->NewStream();
  for (int i = 0; i < 50; ++i) pool_->SubmitChunk(stream, Work('s', kMs), rate, 1);
  Drain();
  order_.clear();
  Hold();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Call(kMs, rate));
  for (int i = 0; i < 3; ++i) pool_->SubmitChunk(stream, Work('s', kMs), rate, 1);
  Release();
  pool_.reset();
  // Calls may begin one turn ahead, but do not have 50 of them.
  EXPECT_TRUE(order_ == "cscscs" || order_ == "ccscss") << order_;
}

TEST_F(WorkerPoolTest, ConclusionsComeFirst) {
  Start();
  WorkRate* const rate = RateOf(kMs);
  Hold();
  ASSERT_TRUE(Call(kMs, rate));
  pool_->SubmitConclusion(Work('e', kMs));
  Release();
  pool_.reset();
  EXPECT_EQ(order_, "ec");
}

TEST_F(WorkerPoolTest, TellsHowLongACallWillWait) {
  Start();
  WorkRate* const rate = RateOf(20 * kMs);
  EXPECT_EQ(pool_->expected_wait(), absl::ZeroDuration());
  Hold();
  ASSERT_TRUE(Call(20 * kMs, rate));
  EXPECT_EQ(pool_->expected_wait(), 20 * kMs);
  pool_->SubmitChunk(pool_->NewStream(), Work('s', kMs), rate, 1);
  EXPECT_EQ(pool_->expected_wait(), 40 * kMs);  // The stream has every other turn.
  Pass(50 * kMs);
  EXPECT_EQ(pool_->expected_wait(), 50 * kMs);  // As long as the first has waited already.
  Release();
}

TEST_F(WorkerPoolTest, ABurstMayWaitButNotLonger) {
  WorkerLimits limits;
  limits.max_waiting = 50 * kMs;
  Start(limits);
  WorkRate* const rate = RateOf(20 * kMs);
  Hold();
  EXPECT_TRUE(Call(20 * kMs, rate));
  EXPECT_TRUE(Call(20 * kMs, rate));
  EXPECT_TRUE(Call(20 * kMs, rate));
  EXPECT_FALSE(Call(20 * kMs, rate));
  Release();
}

TEST_F(WorkerPoolTest, LongWorkMayWaitAsLongAsItTakes) {
  WorkerLimits limits;
  limits.max_waiting = 50 * kMs;
  Start(limits);
  WorkRate* const rate = RateOf(80 * kMs);
  Hold();
  EXPECT_TRUE(Call(80 * kMs, rate));
  EXPECT_TRUE(Call(80 * kMs, rate));
  EXPECT_FALSE(Call(80 * kMs, rate));
  Release();
}

TEST_F(WorkerPoolTest, UnderTooMuchLoadACallWaitsNoLongerThanItTakes) {
  WorkerLimits limits;
  limits.max_waiting = 50 * kMs;
  Start(limits);
  WorkRate* const rate = RateOf(20 * kMs);
  WorkRate* const short_rate = RateOf(kMs);
  Hold();
  while (Call(20 * kMs, rate)) {
  }
  Release();
  Drain();
  Hold();
  EXPECT_TRUE(Call(20 * kMs, rate));
  EXPECT_FALSE(Call(kMs, short_rate));
  EXPECT_TRUE(Call(20 * kMs, rate));
  EXPECT_FALSE(Call(20 * kMs, rate));
  Release();
  Drain();
  // The load is over: the worker had nothing to do for a while.
  Pass(absl::Seconds(1));
  Hold();
  EXPECT_TRUE(Call(20 * kMs, rate));
  EXPECT_TRUE(Call(20 * kMs, rate));
  EXPECT_TRUE(Call(20 * kMs, rate));
  EXPECT_FALSE(Call(20 * kMs, rate));
  Release();
}

}  // namespace
}  // namespace bantam
