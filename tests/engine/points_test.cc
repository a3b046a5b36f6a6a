// Points, decay and money: what must be exact on every platform.
#include "server/engine/points.h"

#include <gtest/gtest.h>

#include <cmath>

#include "server/engine/decay.h"
#include "server/engine/money.h"

namespace bantam {
namespace {

TEST(PointsTest, RoundsHalfAwayFromZero) {
  EXPECT_EQ(DivideRounded(5, 10), 1);
  EXPECT_EQ(DivideRounded(-5, 10), -1);
  EXPECT_EQ(DivideRounded(4, 10), 0);
  EXPECT_EQ(DivideRounded(-4, 10), 0);
  EXPECT_EQ(DivideRounded(15, 10), 2);
}

TEST(PointsTest, KnowsTwoDecimals) {
  EXPECT_TRUE(HasTwoDecimals(12.34));
  EXPECT_TRUE(HasTwoDecimals(-0.1));
  EXPECT_TRUE(HasTwoDecimals(0));
  EXPECT_FALSE(HasTwoDecimals(0.125));
  EXPECT_TRUE(HasTwoDecimals(69999999999999.99));
  EXPECT_NE(69999999999999.99, 69999999999999.98);
  EXPECT_EQ(FromWire(69999999999999.99), 6999999999999999);
  EXPECT_EQ(FromWire(-69999999999999.99), -6999999999999999);
  EXPECT_FALSE(HasTwoDecimals(kMostExact));
  EXPECT_FALSE(HasTwoDecimals(std::nan("")));
  EXPECT_FALSE(HasTwoDecimals(INFINITY));
}

TEST(PointsTest, FormatsWithoutTrailingZeros) {
  EXPECT_EQ(FormatPoints(1250), "12.5");
  EXPECT_EQ(FormatPoints(-300), "-3");
  EXPECT_EQ(FormatPoints(-5), "-0.05");
  EXPECT_EQ(FormatPoints(0), "0");
}

DecayCurve Exponential(int64_t half_life_seconds) {
  v1::Decay decay;
  decay.mutable_exponential()->mutable_half_life()->set_seconds(half_life_seconds);
  return DecayCurve(decay);
}

TEST(DecayTest, WholeHalfLivesAreExact) {
  const DecayCurve curve = Exponential(86400);
  EXPECT_EQ(curve.Apply(2000, absl::Hours(24)), 1000);
  EXPECT_EQ(curve.Apply(1, absl::Hours(24)), 1);  // 0.5 hundredths, away from zero.
  EXPECT_EQ(curve.Apply(-1, absl::Hours(24)), -1);
  EXPECT_EQ(curve.Apply(3, absl::Hours(48)), 1);  // 0.75.
  EXPECT_EQ(curve.Apply(100000, absl::Hours(24 * 18)), 0);
}

// Against the C library in extended precision, at many ages.
TEST(DecayTest, ExponentialIsTheNearestHundredth) {
  const int64_t half_life = 2592000;
  const DecayCurve curve = Exponential(half_life);
  for (int64_t age = 0; age < 20 * half_life; age += 9973) {
    const long double exact = 100000.0L * exp2l(-static_cast<long double>(age) / half_life);
    EXPECT_EQ(curve.Apply(100000, absl::Seconds(age)), std::llroundl(exact)) << age;
  }
}

TEST(DecayTest, StepsLoseTheirRateAndEndAtZero) {
  v1::Decay decay;
  decay.mutable_stepwise()->set_rate_percent(25);
  decay.mutable_stepwise()->mutable_interval()->set_seconds(60);
  const DecayCurve curve(decay);
  EXPECT_EQ(curve.Apply(1000, absl::Seconds(59)), 1000);
  EXPECT_EQ(curve.Apply(1000, absl::Seconds(60)), 750);
  EXPECT_EQ(curve.Apply(1000, absl::Seconds(239)), 250);
  EXPECT_EQ(curve.Apply(1000, absl::Seconds(240)), 0);
  EXPECT_EQ(curve.Apply(1000, absl::Hours(100000)), 0);
  EXPECT_EQ(curve.Apply(-3, absl::Seconds(120)), -2);  // −1.5 hundredths, away from zero.
}

v1::Money Units(int64_t units, int32_t nanos = 0) {
  v1::Money money;
  money.set_units(units);
  money.set_nanos(nanos);
  return money;
}

TEST(MoneyTest, ParsesRates) {
  EXPECT_EQ(ParseRate("0.92"), 920000000000);
  EXPECT_EQ(ParseRate("1000000"), 1000000000000000000);
  EXPECT_EQ(ParseRate("0.000000000001"), 1);
  for (const char* bad :
       {"", ".", "1.", "0", "0.0", "-1", "1e3", "1,5", "1000000.1", "0.0000000000001", " 1"}) {
    EXPECT_EQ(ParseRate(bad), std::nullopt) << bad;
  }
}

TEST(MoneyTest, ComparesWithoutRounding) {
  const absl::int128 bound = ToNanos(Units(10000));
  const int64_t rate = *ParseRate("0.92");  // 10000 ÷ 0.92 = 10869.565217391304…
  EXPECT_FALSE(CurrencyTable::AtLeast(ToNanos(Units(10869, 565217391)), rate, bound));
  EXPECT_TRUE(CurrencyTable::AtLeast(ToNanos(Units(10869, 565217392)), rate, bound));
  EXPECT_TRUE(CurrencyTable::AtMost(ToNanos(Units(10869, 565217391)), rate, bound));
  EXPECT_FALSE(CurrencyTable::AtMost(ToNanos(Units(10869, 565217392)), rate, bound));
}

TEST(MoneyTest, DoesNotOverflowAtTheBounds) {
  const absl::int128 most = ToNanos(Units(1000000000000000));
  EXPECT_TRUE(CurrencyTable::AtLeast(most, *ParseRate("1000000"), most));
  EXPECT_FALSE(CurrencyTable::AtLeast(most, *ParseRate("0.000000000001"), most));
  EXPECT_TRUE(CurrencyTable::AtMost(-most, *ParseRate("1000000"), -most));
}

}  // namespace
}  // namespace bantam
