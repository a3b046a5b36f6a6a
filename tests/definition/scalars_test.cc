#include "server/definition/scalars.h"

#include <cstdint>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using ::google::protobuf::Duration;
using ::google::protobuf::Timestamp;
using ::testing::HasSubstr;

// Seconds and nanos, or the problem.
std::string DurationOf(absl::string_view text) {
  std::string problem;
  const auto duration = ParseDuration(text, &problem);
  if (!duration.has_value()) return problem;
  return std::to_string(duration->seconds()) + "s " + std::to_string(duration->nanos()) + "ns";
}

std::string TimestampOf(absl::string_view text) {
  std::string problem;
  const auto timestamp = ParseTimestamp(text, &problem);
  if (!timestamp.has_value()) return problem;
  return std::to_string(timestamp->seconds()) + "s " + std::to_string(timestamp->nanos()) + "ns";
}

std::string MoneyOf(absl::string_view text) {
  std::string problem;
  const auto money = ParseMoney(text, &problem);
  if (!money.has_value()) return problem;
  return std::to_string(money->units()) + " " + std::to_string(money->nanos()) + " " +
         money->currency_code();
}

std::string NumberOf(absl::string_view text) {
  std::string problem;
  const auto number = ParseNumber(text, &problem);
  return number.has_value() ? WriteNumber(*number) : problem;
}

std::string IntegerOf(absl::string_view text) {
  std::string problem;
  const auto number = ParseInteger(text, -100, 100, &problem);
  return number.has_value() ? std::to_string(*number) : problem;
}

TEST(ParseDurationTest, ReadsUnits) {
  EXPECT_EQ(DurationOf("90d"), "7776000s 0ns");
  EXPECT_EQ(DurationOf("12h"), "43200s 0ns");
  EXPECT_EQ(DurationOf("15min"), "900s 0ns");
  EXPECT_EQ(DurationOf("10s"), "10s 0ns");
  EXPECT_EQ(DurationOf("0"), "0s 0ns");
  EXPECT_EQ(DurationOf("0s"), "0s 0ns");
}

TEST(ParseDurationTest, ReadsDecimalsExactly) {
  EXPECT_EQ(DurationOf("1.5h"), "5400s 0ns");
  EXPECT_EQ(DurationOf("3.5s"), "3s 500000000ns");
  EXPECT_EQ(DurationOf("0.000000001s"), "0s 1ns");
  EXPECT_EQ(DurationOf("0.000000001d"), "0s 86400ns");
  EXPECT_EQ(DurationOf("0.123456789h"), "444s 444440400ns");
}

TEST(ParseDurationTest, ReadsCombinationsAndSigns) {
  EXPECT_EQ(DurationOf("1h30min"), "5400s 0ns");
  EXPECT_EQ(DurationOf("1d2h3min4.5s"), "93784s 500000000ns");
  EXPECT_EQ(DurationOf("0.7s"), "0s 700000000ns");
  EXPECT_EQ(DurationOf("-3.5s"), "-3s -500000000ns");
  EXPECT_EQ(DurationOf("1.999999999h0.9999999999s"),
            "must be a duration, not '1.999999999h0.9999999999s'; write it like 90d, 12h, 15min, "
            "10s or 1h30min");
}

TEST(ParseDurationTest, RefusesWithAHint) {
  EXPECT_EQ(DurationOf("90"), "must be a duration, not '90'; it needs a unit: d, h, min or s");
  EXPECT_EQ(DurationOf("5m"), "must be a duration, not '5m'; write 5min");
  EXPECT_EQ(DurationOf("90 days"), "must be a duration, not '90 days'; write 90d");
  EXPECT_EQ(DurationOf("1 hour 30 minutes"),
            "must be a duration, not '1 hour 30 minutes'; write 1h30min");
  for (const char* bad : {"", "-", "d", "1.d", ".5h", "1h1h", "30min1h", "+5d", "1y", "2w", "1e3s",
                          "5D", "1d ", "١d"}) {
    EXPECT_THAT(DurationOf(bad), HasSubstr("must be a duration, not ")) << bad;
  }
}

TEST(ParseDurationTest, KnowsItsRange) {
  EXPECT_EQ(DurationOf("3652500d"), "315576000000s 0ns");
  EXPECT_EQ(DurationOf("3652500d0.1s"),
            "must be a duration of at most 3652500d, not '3652500d0.1s'");
  EXPECT_EQ(DurationOf("999999999999d"),
            "must be a duration of at most 3652500d, not '999999999999d'");
  EXPECT_THAT(DurationOf("9999999999999d"), HasSubstr("must be a duration"));
}

TEST(ParseTimestampTest, ReadsRfc3339) {
  EXPECT_EQ(TimestampOf("2026-01-31T09:00:00Z"), "1769850000s 0ns");
  EXPECT_EQ(TimestampOf("2026-01-31T10:00:00+01:00"), "1769850000s 0ns");
  EXPECT_EQ(TimestampOf("2026-01-31T04:30:00-04:30"), "1769850000s 0ns");
  EXPECT_EQ(TimestampOf("2026-01-31t09:00:00.25z"), "1769850000s 250000000ns");
  EXPECT_EQ(TimestampOf("1969-12-31T23:59:59.5Z"), "-1s 500000000ns");
}

TEST(ParseTimestampTest, ReadsShorterForms) {
  EXPECT_EQ(TimestampOf("2026-01-31"), "1769817600s 0ns");
  EXPECT_EQ(TimestampOf("2026-01-31T09:00Z"), "1769850000s 0ns");
  EXPECT_EQ(TimestampOf("2026-01-31 09:00:00Z"), "1769850000s 0ns");
  EXPECT_EQ(TimestampOf("2026-01-31 09:00 +00:00"), "1769850000s 0ns");
  EXPECT_EQ(TimestampOf("2024-02-29"), "1709164800s 0ns");
}

TEST(ParseTimestampTest, RefusesWithAHint) {
  EXPECT_EQ(TimestampOf("2026-01-31T09:00:00"),
            "has no offset from UTC: '2026-01-31T09:00:00'; add Z for UTC, or an offset such as "
            "+01:00");
  EXPECT_EQ(TimestampOf("2026-02-29"),
            "must be a time such as 2026-01-31 or 2026-01-31T09:00:00Z, not '2026-02-29'");
  for (const char* bad :
       {"", "2026", "2026-1-31", "31.01.2026", "2026-13-01", "2026-00-10", "2026-01-31T24:00Z",
        "2026-01-31T23:60Z", "2026-01-31T23:59:60Z", "2026-01-31T9:00Z", "2026-01-31T09:00:5Z",
        "2026-01-31T09:00:5.5Z", "2026-01-31T09:00:00+1", "2026-01-31T09:00:00+24:00",
        "2026-01-31T09:00:00.1234567890Z", "2026-01-31T09:00:00ZZ", "2026-01-31x", "0000-01-01"}) {
    EXPECT_THAT(TimestampOf(bad), HasSubstr("must be a time such as")) << bad;
  }
}

TEST(ParseTimestampTest, KnowsItsRange) {
  EXPECT_EQ(TimestampOf("0001-01-01"), "-62135596800s 0ns");
  EXPECT_EQ(TimestampOf("9999-12-31T23:59:59.999999999Z"), "253402300799s 999999999ns");
  EXPECT_THAT(TimestampOf("0001-01-01T00:00:00+00:01"), HasSubstr("in the years 1 to 9999 UTC"));
  EXPECT_THAT(TimestampOf("9999-12-31T23:59:59-00:01"), HasSubstr("in the years 1 to 9999 UTC"));
}

TEST(ParseMoneyTest, ReadsAmounts) {
  EXPECT_EQ(MoneyOf("10000 EUR"), "10000 0 EUR");
  EXPECT_EQ(MoneyOf("12000.50 USD"), "12000 500000000 USD");
  EXPECT_EQ(MoneyOf("-0.000000001 JPY"), "0 -1 JPY");
  EXPECT_EQ(MoneyOf("0 EUR"), "0 0 EUR");
  EXPECT_EQ(MoneyOf("999999999999999999 EUR"), "999999999999999999 0 EUR");
}

TEST(ParseMoneyTest, RefusesWithAHint) {
  EXPECT_EQ(MoneyOf("10,000 EUR"),
            "must be an amount with its currency, such as 10000 EUR or 12000.50 USD, not '10,000 "
            "EUR'");
  for (const char* bad : {"", "10000", "EUR", "EUR 10000", "10000EUR", "10000 eur", "10000 EURO",
                          "1.5e3 EUR", "1. EUR", ".5 EUR", "+1 EUR", "1.0000000001 EUR",
                          "1000000000000000000 EUR", "10 000 EUR", "10000 €"}) {
    EXPECT_THAT(MoneyOf(bad), HasSubstr("must be an amount with its currency")) << bad;
  }
}

// In German and Romanian "10.000" is ten thousand.
TEST(ParseMoneyTest, RefusesWhatMayMeanThousands) {
  EXPECT_EQ(
      MoneyOf("10.000 EUR"),
      "is unclear with three decimals: '10.000 EUR'; write 10000 EUR for thousands, or 10.0000 "
      "EUR for an amount with decimals");
  EXPECT_THAT(MoneyOf("-1.500 RON"), HasSubstr("write 1500 RON"));
  EXPECT_EQ(MoneyOf("10.0000 EUR"), "10 0 EUR");
  EXPECT_EQ(MoneyOf("0.125 EUR"), "0 125000000 EUR");
  EXPECT_EQ(MoneyOf("12000.505 EUR"), "12000 505000000 EUR");
  EXPECT_EQ(MoneyOf("10.500 KWD"), "10 500000000 KWD");  // Which has three.
}

TEST(ParseNumberTest, ReadsJsonNumbers) {
  EXPECT_EQ(NumberOf("12"), "12");
  EXPECT_EQ(NumberOf("-12.50"), "-12.5");
  EXPECT_EQ(NumberOf("1e3"), "1000");
  EXPECT_EQ(NumberOf("2.5E-3"), "0.0025");
  EXPECT_EQ(NumberOf("0"), "0");
  EXPECT_EQ(NumberOf("9007199254740992"), "9007199254740992");
}

TEST(ParseNumberTest, RefusesSurprises) {
  EXPECT_EQ(NumberOf("abc"), "must be a number, not 'abc'");
  EXPECT_EQ(NumberOf("1_000"), "must be a number, not '1_000'; write 1000");
  EXPECT_EQ(NumberOf("007"), "must be a number, not '007'; write 7");
  EXPECT_EQ(NumberOf(".5"), "must be a number, not '.5'; write 0.5");
  EXPECT_EQ(NumberOf("5."), "must be a number, not '5.'; write 5");
  EXPECT_EQ(NumberOf("+5"), "must be a number, not '+5'; write 5");
  EXPECT_EQ(NumberOf("0x1F"), "must be a number, not '0x1F'; write it in decimal digits");
  EXPECT_EQ(NumberOf("0o17"), "must be a number, not '0o17'; write it in decimal digits");
  EXPECT_EQ(NumberOf(".inf"), "must be a number, not '.inf'; it must be finite");
  EXPECT_EQ(NumberOf("NaN"), "must be a number, not 'NaN'; it must be finite");
  EXPECT_EQ(NumberOf("10,5"),
            "must be a number, not '10,5'; write it with a decimal point and without thousands "
            "separators");
  EXPECT_EQ(NumberOf("50%"), "must be a number, not '50%'; write it without '%'");
  EXPECT_EQ(NumberOf("1e999"), "must be a number that a double can hold, not '1e999'");
  EXPECT_EQ(NumberOf("9007199254740993"),
            "has more digits than a number can hold exactly: '9007199254740993'; if it is an id, "
            "put it in quotes");
}

TEST(ParseIntegerTest, NamesItsRange) {
  EXPECT_EQ(IntegerOf("-100"), "-100");
  EXPECT_EQ(IntegerOf("100"), "100");
  EXPECT_EQ(IntegerOf("101"), "must be from -100 to 100, not '101'");
  EXPECT_EQ(IntegerOf("99999999999999999999"),
            "must be from -100 to 100, not "
            "'99999999999999999999'");
  EXPECT_EQ(IntegerOf("3.0"), "must be a whole number, not '3.0'");
  EXPECT_EQ(IntegerOf("1e2"), "must be a whole number, not '1e2'");
  std::string problem;
  EXPECT_EQ(ParseInteger("-9223372036854775808", std::numeric_limits<int64_t>::min(),
                         std::numeric_limits<int64_t>::max(), &problem),
            std::numeric_limits<int64_t>::min());
  EXPECT_EQ(ParseUnsigned("18446744073709551615", std::numeric_limits<uint64_t>::max(), &problem),
            std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(ParseUnsigned("-1", 10, &problem), std::nullopt);
  EXPECT_EQ(problem, "must be from 0 to 10, not '-1'");
}

TEST(ParseBooleanTest, TakesOnlyTrueAndFalse) {
  std::string problem;
  EXPECT_EQ(ParseBoolean("true", &problem), true);
  EXPECT_EQ(ParseBoolean("false", &problem), false);
  EXPECT_EQ(ParseBoolean("yes", &problem), std::nullopt);
  EXPECT_EQ(problem, "must be true or false, not 'yes'; write true");
  EXPECT_EQ(ParseBoolean("Off", &problem), std::nullopt);
  EXPECT_EQ(problem, "must be true or false, not 'Off'; write false");
  EXPECT_EQ(ParseBoolean("True", &problem), std::nullopt);
  EXPECT_EQ(problem, "must be true or false, not 'True'; write true");
  EXPECT_EQ(ParseBoolean("1", &problem), std::nullopt);
  EXPECT_EQ(problem, "must be true or false, not '1'");
}

TEST(ClassifyPlainTest, LeavesNothingToGuess) {
  for (const char* text : {"", "~", "null", "Null", "NULL"}) {
    EXPECT_EQ(ClassifyPlain(text), PlainKind::kNull) << text;
  }
  for (const char* text : {"0", "-1", "3.25", "1e6"}) {
    EXPECT_EQ(ClassifyPlain(text), PlainKind::kNumber) << text;
  }
  for (const char* text : {"2026-01-31", "2026-01-31T09:00Z", "2026-01-31 09:00Z", "2026-99-99"}) {
    EXPECT_EQ(ClassifyPlain(text), PlainKind::kTime) << text;
  }
  for (const char* text :
       {"007", "+49", "1_000", ".5", "5.", "0x1F", "0b1", ".inf", "-.INF", ".nan"}) {
    EXPECT_EQ(ClassifyPlain(text), PlainKind::kUnclear) << text;
  }
  for (const char* text : {"yes", "no", "True", "nan", "inf", "1.2.3", "10 EUR", "2026-01-31-A",
                           "12:30", "_", "-", "1st", "nullable", "0xyz"}) {
    EXPECT_EQ(ClassifyPlain(text), PlainKind::kText) << text;
  }
  EXPECT_EQ(ClassifyPlain("true"), PlainKind::kBoolean);
}

TEST(WriteTest, IsShort) {
  Duration duration;
  duration.set_seconds(90 * 86400);
  EXPECT_EQ(WriteDuration(duration), "90d");
  duration.set_seconds(5400);
  EXPECT_EQ(WriteDuration(duration), "90min");
  duration.set_seconds(-3);
  duration.set_nanos(-500000000);
  EXPECT_EQ(WriteDuration(duration), "-3.5s");
  duration.set_nanos(5);
  EXPECT_EQ(WriteDuration(duration), "") << "seconds and nanos of different signs";

  Timestamp timestamp;
  timestamp.set_seconds(1769817600);
  EXPECT_EQ(WriteTimestamp(timestamp), "2026-01-31");
  timestamp.set_nanos(250000000);
  EXPECT_EQ(WriteTimestamp(timestamp), "2026-01-31T00:00:00.25Z");
  timestamp.set_nanos(-1);
  EXPECT_EQ(WriteTimestamp(timestamp), "");

  v1::Money money;
  money.set_currency_code("EUR");
  EXPECT_EQ(WriteMoney(money), "0 EUR");
  money.set_units(-12);
  money.set_nanos(-500000000);
  EXPECT_EQ(WriteMoney(money), "-12.50 EUR");
  money.set_currency_code("");
  EXPECT_EQ(WriteMoney(money), "") << "no currency";
  money.set_currency_code("EUR");
  money.set_units(12);
  money.set_nanos(345000000);
  EXPECT_EQ(WriteMoney(money), "12.3450 EUR") << "so that it is read back";

  EXPECT_EQ(WriteNumber(0.1), "0.1");
  EXPECT_EQ(WriteNumber(5000000), "5000000");
  EXPECT_EQ(WriteNumber(-300000), "-300000");
  EXPECT_EQ(WriteNumber(1e22), "1e+22");
  EXPECT_EQ(WriteNumber(std::numeric_limits<double>::infinity()), "");
}

}  // namespace
}  // namespace bantam
