#include "tests/bench/load/latencies.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::Ge;
using ::testing::Le;

TEST(LatenciesTest, KnowsNothingBeforeTheFirst) {
  const Latencies latencies;
  EXPECT_EQ(latencies.count(), 0);
  EXPECT_EQ(latencies.Quantile(0.5), absl::ZeroDuration());
  EXPECT_EQ(latencies.max(), absl::ZeroDuration());
}

// From a nanosecond to an hour, a quantile is the exact one or at most 1/64 more.
TEST(LatenciesTest, QuantilesAreAtMostASixtyFourthTooHigh) {
  std::mt19937_64 random(20260601);
  std::uniform_real_distribution<> exponent(0, 12.5);
  Latencies latencies;
  std::vector<int64_t> exact;
  for (int i = 0; i < 10000; ++i) {
    exact.push_back(static_cast<int64_t>(std::pow(10, exponent(random))));
    latencies.Add(absl::Nanoseconds(exact.back()));
  }
  std::sort(exact.begin(), exact.end());
  for (const double q : {0.0001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const double wanted = exact[std::lround(q * exact.size()) - 1];
    EXPECT_THAT(absl::ToDoubleNanoseconds(latencies.Quantile(q)),
                AllOf(Ge(wanted), Le(wanted * (1 + 1.0 / 64))))
        << q;
  }
  EXPECT_EQ(latencies.max(), absl::Nanoseconds(exact.back()));
}

TEST(LatenciesTest, MergedIsAsIfAddedToOne) {
  Latencies all, even, odd;
  for (int i = 1; i <= 1000; ++i) {
    all.Add(absl::Microseconds(i));
    (i % 2 == 0 ? even : odd).Add(absl::Microseconds(i));
  }
  even.Merge(odd);
  EXPECT_EQ(even.count(), 1000);
  EXPECT_EQ(even.max(), all.max());
  for (const double q : {0.1, 0.5, 0.999}) EXPECT_EQ(even.Quantile(q), all.Quantile(q)) << q;
}

TEST(LatenciesTest, NegativeIsZeroAndVeryLongIsStillCounted) {
  Latencies latencies;
  latencies.Add(-absl::Seconds(1));
  EXPECT_EQ(latencies.max(), absl::ZeroDuration());
  latencies.Add(absl::InfiniteDuration());
  EXPECT_EQ(latencies.count(), 2);
  EXPECT_GE(latencies.Quantile(1), absl::Hours(1));
}

}  // namespace
}  // namespace bantam
