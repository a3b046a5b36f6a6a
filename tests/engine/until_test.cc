#include "server/engine/until.h"

#include "gtest/gtest.h"

namespace bantam {
namespace {

constexpr int64_t kHalfSecond = kNanosPerSecond / 2;

Instant At(int64_t second, int64_t nanos = 0) { return Instant(second * kNanosPerSecond + nanos); }

TimeSpan Seconds(uint64_t seconds) { return TimeSpan(seconds * kNanosPerSecond); }

TEST(UntilTest, IsNeverUnlessToldOtherwise) {
  const Until until;
  EXPECT_EQ(until.Second(), Until::kNever);
  EXPECT_FALSE(until.Reached(At(kHorizonSecond)));
}

TEST(UntilTest, WhatBeginsShowsInTheFirstSecondAtOrAfterIt) {
  Until until;
  until.Begins(At(1000, 1));
  EXPECT_EQ(until.Second(), 1001);
  EXPECT_FALSE(until.Reached(At(1000)));
  EXPECT_TRUE(until.Reached(At(1000, 1)));
  until.Begins(At(990), Seconds(10));
  EXPECT_EQ(until.Second(), 1000);
}

TEST(UntilTest, WhatEndsShowsInTheFirstSecondAfterIt) {
  Until until;
  until.Ends(At(1000), Seconds(5));
  EXPECT_EQ(until.Second(), 1006);
  EXPECT_FALSE(until.Reached(At(1005)));
  EXPECT_TRUE(until.Reached(At(1005, 1)));
  until.Ends(At(1000, kHalfSecond), Seconds(4));
  EXPECT_EQ(until.Second(), 1005);
}

TEST(UntilTest, KeepsTheFirst) {
  Until until;
  until.Begins(At(20));
  until.Ends(At(25));
  EXPECT_EQ(until.Second(), 20);
  Until other;
  other.Ends(At(-10));
  until.Add(other);
  EXPECT_EQ(until.Second(), -9);
  until.Add(Until());
  EXPECT_EQ(until.Second(), -9);
}

TEST(UntilTest, LooksNoFurtherThanTheHorizon) {
  Until until;
  until.Begins(At(kHorizonSecond), TimeSpan(1));
  until.Ends(At(-2208988800), TimeSpan::Unlimited());
  EXPECT_EQ(until.Second(), Until::kNever);
  until.Begins(At(-2208988800), Seconds(kHorizonSecond + 2208988800));
  EXPECT_EQ(until.Second(), kHorizonSecond);
}

}  // namespace
}  // namespace bantam
