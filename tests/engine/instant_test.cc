#include "server/engine/instant.h"

#include "gtest/gtest.h"

namespace bantam {
namespace {

// The ends of the contract's years.
constexpr int64_t kFirst = -2208988800;
constexpr int64_t kLast = 7289654399;

google::protobuf::Timestamp Timestamp(int64_t seconds, int32_t nanos) {
  google::protobuf::Timestamp time;
  time.set_seconds(seconds);
  time.set_nanos(nanos);
  return time;
}

TEST(InstantTest, KeepsEveryNanosecondOfTheYears1900To2200) {
  for (const int64_t second : {kFirst, int64_t{-1}, int64_t{0}, kLast}) {
    for (const int32_t nanos : {0, 1, 999999999}) {
      const Instant instant(Timestamp(second, nanos));
      EXPECT_EQ(instant.Second(), second);
      EXPECT_EQ(instant.ToTime(), absl::FromUnixSeconds(second) + absl::Nanoseconds(nanos));
      EXPECT_EQ(instant, Instant(instant.ToTime()));
    }
  }
}

TEST(InstantTest, NoneIsBeforeAllOthers) {
  EXPECT_FALSE(Instant().has_value());
  EXPECT_LT(Instant(), Instant::FromSecond(kFirst));
  EXPECT_EQ(Instant().ToOptional(), std::nullopt);
}

TEST(InstantTest, TellsHowLongOneIsAfterAnother) {
  const TimeSpan all = Instant::FromSecond(kLast) - Instant::FromSecond(kFirst);
  EXPECT_EQ(all.ToDuration(), absl::Seconds(kLast - kFirst));
  EXPECT_LT(all, TimeSpan::Unlimited());
  EXPECT_EQ(TimeSpan(absl::Hours(47)).Days(), 1);
}

}  // namespace
}  // namespace bantam
