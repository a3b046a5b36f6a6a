#include "server/catalog/circuit_breaker.h"

#include "absl/types/optional.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using State = CircuitBreaker::State;

constexpr absl::Time kStart = absl::UnixEpoch();

class CircuitBreakerTest : public ::testing::Test {
 protected:
  CircuitBreakerTest() {
    CircuitBreakerOptions options;
    options.failures_until_open = 3;
    options.min_pause = absl::Milliseconds(100);
    options.max_pause = absl::Milliseconds(300);
    breaker_.emplace(options, [this] { return random_; });
  }

  // Fails until it is open.
  void Open() {
    for (int i = 0; i < 3; ++i) breaker_->OnFailure(now_);
  }

  // The pause until a probe is let through.
  absl::Duration Pause() const { return breaker_->next_probe() - now_; }

  absl::Time now_ = kStart;
  double random_ = 1;
  absl::optional<CircuitBreaker> breaker_;
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARowOnly) {
  EXPECT_FALSE(breaker_->OnFailure(now_));
  EXPECT_FALSE(breaker_->OnFailure(now_));
  EXPECT_FALSE(breaker_->OnSuccess());
  EXPECT_FALSE(breaker_->OnFailure(now_));
  EXPECT_FALSE(breaker_->OnFailure(now_));
  EXPECT_EQ(breaker_->state(), State::kClosed);
  EXPECT_TRUE(breaker_->Allow(now_));
  EXPECT_TRUE(breaker_->OnFailure(now_));
  EXPECT_EQ(breaker_->state(), State::kOpen);
  EXPECT_FALSE(breaker_->Allow(now_));
}

TEST_F(CircuitBreakerTest, LetsOneProbeThroughAfterThePause) {
  Open();
  now_ += absl::Milliseconds(99);
  EXPECT_FALSE(breaker_->Allow(now_));
  now_ += absl::Milliseconds(1);
  EXPECT_TRUE(breaker_->WouldAllow(now_));
  EXPECT_TRUE(breaker_->Allow(now_));
  EXPECT_EQ(breaker_->state(), State::kHalfOpen);
  EXPECT_FALSE(breaker_->WouldAllow(now_));
  EXPECT_FALSE(breaker_->Allow(now_));
}

TEST_F(CircuitBreakerTest, SuccessOfTheProbeClosesIt) {
  Open();
  now_ += absl::Milliseconds(100);
  ASSERT_TRUE(breaker_->Allow(now_));
  EXPECT_TRUE(breaker_->OnSuccess());
  EXPECT_EQ(breaker_->state(), State::kClosed);
  EXPECT_TRUE(breaker_->Allow(now_));
  EXPECT_TRUE(breaker_->Allow(now_));
  EXPECT_FALSE(breaker_->OnFailure(now_));  // Counts from the beginning.
}

TEST_F(CircuitBreakerTest, EachFailedProbeDoublesThePauseUpToTheBound) {
  Open();
  EXPECT_EQ(Pause(), absl::Milliseconds(100));
  for (const int want : {200, 300, 300}) {
    now_ = breaker_->next_probe();
    ASSERT_TRUE(breaker_->Allow(now_));
    EXPECT_FALSE(breaker_->OnFailure(now_));
    EXPECT_EQ(Pause(), absl::Milliseconds(want));
  }
  ASSERT_TRUE(breaker_->OnSuccess());
  Open();
  EXPECT_EQ(Pause(), absl::Milliseconds(100));
}

TEST_F(CircuitBreakerTest, ThePauseIsDrawnAnewEachTime) {
  random_ = 0.25;
  Open();
  EXPECT_EQ(Pause(), absl::Milliseconds(25));
  now_ = breaker_->next_probe();
  ASSERT_TRUE(breaker_->Allow(now_));
  random_ = 0.5;
  breaker_->OnFailure(now_);
  EXPECT_EQ(Pause(), absl::Milliseconds(100));
}

TEST_F(CircuitBreakerTest, AProbeThatNeverTellsIsGivenUp) {
  Open();
  now_ = breaker_->next_probe();
  ASSERT_TRUE(breaker_->Allow(now_));
  now_ += absl::Milliseconds(299);
  EXPECT_FALSE(breaker_->Allow(now_));
  now_ += absl::Milliseconds(1);
  EXPECT_TRUE(breaker_->Allow(now_));
}

TEST_F(CircuitBreakerTest, FailuresOfCallsFromBeforeItOpenedChangeNothing) {
  Open();
  const absl::Time probe = breaker_->next_probe();
  now_ += absl::Milliseconds(50);
  EXPECT_FALSE(breaker_->OnFailure(now_));
  EXPECT_EQ(breaker_->next_probe(), probe);
}

TEST_F(CircuitBreakerTest, AnySuccessClosesIt) {
  Open();
  EXPECT_TRUE(breaker_->OnSuccess());  // Of a poll, which asks whatever the state is.
  EXPECT_TRUE(breaker_->Allow(now_));
  EXPECT_EQ(breaker_->next_probe(), absl::InfinitePast());
}

}  // namespace
}  // namespace bantam
