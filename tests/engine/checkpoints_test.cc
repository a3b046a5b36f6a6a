#include "server/engine/checkpoints.h"

#include <map>
#include <random>

#include "gtest/gtest.h"

namespace bantam {
namespace {

constexpr int64_t kNow = 1000;
constexpr int64_t kHalfSecond = kNanosPerSecond / 2;

TEST(CheckpointsTest, AskFirstAtTheInstantAndAgainJustAfterIt) {
  Checkpoints checkpoints(Instant::FromSecond(kNow));
  checkpoints.Add(Instant::FromSecond(kNow + 5), TimeSpan(), kCriteriaChange);
  checkpoints.Add(Instant::FromSecond(kNow), TimeSpan(kHalfSecond), kEventsChange);
  checkpoints.Add(Instant(), TimeSpan(1), kEventsChange);                            // None.
  checkpoints.Add(Instant::FromSecond(kNow - 9), TimeSpan(1), kEventsChange);        // Over.
  checkpoints.Add(Instant::FromSecond(kHorizonSecond), TimeSpan(1), kEventsChange);  // Too late.
  checkpoints.Sort();
  const auto expect_next = [&](int64_t second, Changes changes) {
    ASSERT_FALSE(checkpoints.empty());
    const Checkpoint next = checkpoints.TakeNext();
    EXPECT_EQ(next.second, second);
    EXPECT_EQ(next.changes, changes);
  };
  expect_next(kNow + 1, kEventsChange);
  expect_next(kNow + 5, kCriteriaChange);
  expect_next(kNow + 6, kCriteriaChange);
  EXPECT_TRUE(checkpoints.empty());
}

// Whole and broken seconds, many of them the same, before and after the half second that it is.
TEST(CheckpointsTest, TakesFewAndManyInOrder) {
  std::mt19937 random(20260210);
  const Instant now(kNow * kNanosPerSecond + kHalfSecond);
  for (const int count : {0, 1, 2, 7, 31, 32, 33, 40, 100, 1000}) {
    for (int round = 0; round < 100; ++round) {
      Checkpoints checkpoints(now);
      std::map<int64_t, Changes> expected;
      for (int i = 0; i < count; ++i) {
        const int64_t from = kNow - 20 + static_cast<int64_t>(random() % 60);
        const int64_t later = random() % (round < 50 ? 10 : 1000);
        const int64_t rest = random() % 2 == 0 ? 0 : kHalfSecond;
        const Changes change = 1u << (random() % 8);
        checkpoints.Add(Instant::FromSecond(from),
                        TimeSpan(static_cast<uint64_t>(later * kNanosPerSecond + rest)), change);
        const int64_t second = from + later;
        if (second < kNow) continue;
        if (rest == 0 && second > kNow) expected[second] |= change;
        expected[second + 1] |= change;
      }
      checkpoints.Sort();
      for (const auto& [second, changes] : expected) {
        ASSERT_FALSE(checkpoints.empty());
        const Checkpoint next = checkpoints.TakeNext();
        ASSERT_EQ(next.second, second);
        ASSERT_EQ(next.changes, changes);
      }
      EXPECT_TRUE(checkpoints.empty());
    }
  }
}

}  // namespace
}  // namespace bantam
