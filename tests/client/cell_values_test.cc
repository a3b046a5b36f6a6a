#include "client/input/cell_values.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bantam {
namespace {

CellFormats Plain() { return CellFormats(client::Formats(), absl::UTCTimeZone()); }

CellFormats German() {
  client::Formats formats;
  formats.set_decimal_separator(",");
  formats.set_thousands_separator(".");
  formats.add_time_formats("%d.%m.%Y %H:%M");
  formats.add_time_formats("%d.%m.%Y");
  formats.add_true_values("Ja");
  formats.add_false_values("Nein");
  absl::TimeZone berlin;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
  return CellFormats(formats, berlin);
}

// "min..max" as ParseNumber() gives it; "-" if it is none.
std::string Number(absl::string_view cell, const CellFormats& formats) {
  const auto range = ParseNumber(cell, formats);
  if (!range.has_value()) return "-";
  const auto end = [](const std::optional<Decimal>& decimal) {
    return decimal.has_value() ? absl::StrFormat("%.15g", decimal->ToDouble()) : std::string();
  };
  return range->exact ? end(range->min) : end(range->min) + ".." + end(range->max);
}

TEST(ParseNumberTest, Numbers) {
  EXPECT_EQ(Number("240", Plain()), "240");
  EXPECT_EQ(Number(" -1.5 ", Plain()), "-1.5");
  EXPECT_EQ(Number(".5", Plain()), "0.5");
  EXPECT_EQ(Number("6.0E7", Plain()), "60000000");
  EXPECT_EQ(Number("8.48E10", Plain()), "84800000000");
  EXPECT_EQ(Number("1.234.567,89", German()), "1234567.89");
}

TEST(ParseNumberTest, Ranges) {
  EXPECT_EQ(Number("51-200", Plain()), "51..200");
  EXPECT_EQ(Number("51–200", Plain()), "51..200");
  EXPECT_EQ(Number("51 — 200", Plain()), "51..200");
  EXPECT_EQ(Number("51 to 200", Plain()), "51..200");
  EXPECT_EQ(Number("-5--2", Plain()), "-5..-2");
  EXPECT_EQ(Number("500+", Plain()), "500..");
  EXPECT_EQ(Number("1.000–5.000", German()), "1000..5000");
}

TEST(ParseNumberTest, NothingIsGuessed) {
  for (const char* cell : {"", "abc", "12,000", "1.2.3", "51-", "-", "12 000", "12k", "1e9999x"}) {
    EXPECT_EQ(Number(cell, Plain()), "-") << cell;
  }
  // A separator of thousands is followed by three digits.
  EXPECT_EQ(Number("1.5", German()), "-");
}

TEST(ParseNumberTest, ThreeDecimalsMayBeThousands) {
  for (const char* cell :
       {"38.000", "1.234", "-1.000", "+12.345", "999.999", "1-1.000", "1.000+", "1.000 to 2.5"}) {
    const auto number = ParseNumber(cell, Plain());
    EXPECT_TRUE(number.has_value() && number->IsUnclear()) << cell;
  }
  for (const char* cell : {"0.125", "0.500", ".5", ".125", "1.5", "1200.000", "1.0000", "01.000",
                           "38", "1.000e3", "1.25-2.5"}) {
    const auto number = ParseNumber(cell, Plain());
    EXPECT_TRUE(number.has_value() && !number->IsUnclear()) << cell;
  }
}

TEST(ParseNumberTest, SeparatorsThatAreGivenMakeThreeDecimalsClear) {
  const auto read = [](const char* cell, const char* decimal, const char* thousands) {
    client::Formats formats;
    formats.set_decimal_separator(decimal);
    formats.set_thousands_separator(thousands);
    const CellFormats given(formats, absl::UTCTimeZone());
    const auto number = ParseNumber(cell, given);
    return number.has_value() && number->IsUnclear() ? "unclear" : Number(cell, given);
  };
  EXPECT_EQ(read("1.000", ".", ""), "1");
  EXPECT_EQ(read("1.000", "", ","), "1");
  EXPECT_EQ(read("1.000", ",", "."), "1000");
  EXPECT_EQ(read("1,000", ",", ""), "1");
  EXPECT_EQ(read("1,000", "", ","), "1000");
  EXPECT_EQ(read("1,234.56", "", ","), "1234.56");
  EXPECT_EQ(read("1.234,56", ",", "."), "1234.56");
  EXPECT_EQ(read("1.000", "", ""), "unclear");
  EXPECT_EQ(read("1,000", "", ""), "-");
  EXPECT_EQ(read("1.234,56", "", ""), "-");
}

TEST(ParseNumberTest, SpacesOfAnyKindGroupDigits) {
  client::Formats formats;
  formats.set_thousands_separator(" ");
  const CellFormats spaced(formats, absl::UTCTimeZone());
  EXPECT_EQ(Number("12 000", spaced), "12000");
  EXPECT_EQ(Number("12\u00A0000", spaced), "12000");
  EXPECT_EQ(Number("12\u202F000\u202F000", spaced), "12000000");
}

TEST(ParseMoneyTest, IsExact) {
  const auto money = ParseMoney("12000.50 EUR", "USD", Plain());
  ASSERT_TRUE(money.has_value());
  EXPECT_EQ(money->min->currency_code(), "EUR");
  EXPECT_EQ(money->min->units(), 12000);
  EXPECT_EQ(money->min->nanos(), 500000000);
  EXPECT_TRUE(money->exact);

  const auto tiny = ParseMoney("-0.000000001", "USD", Plain());
  ASSERT_TRUE(tiny.has_value());
  EXPECT_EQ(tiny->min->units(), 0);
  EXPECT_EQ(tiny->min->nanos(), -1);
  EXPECT_EQ(tiny->min->currency_code(), "USD");

  EXPECT_EQ(ParseMoney("6.0E7", "", Plain())->min->units(), 60000000);
  EXPECT_EQ(ParseMoney("1.200,10 €", "", German())->min->units(), 1200);
  EXPECT_EQ(ParseMoney("$10000", "", Plain())->min->currency_code(), "USD");
  EXPECT_EQ(ParseMoney("GBP 5", "", Plain())->min->currency_code(), "GBP");
  EXPECT_EQ(ParseMoney("5", "", Plain())->min->currency_code(), "");
}

TEST(ParseMoneyTest, ThreeDecimalsAreClearInACurrencyThatHasThem) {
  for (const char* cell : {"38.000", "38.000 EUR", "€ 38.000", "5-38.000 USD"}) {
    EXPECT_TRUE(ParseMoney(cell, "", Plain())->unclear) << cell;
  }
  EXPECT_FALSE(ParseMoney("38.000 KWD", "EUR", Plain())->unclear);
  EXPECT_FALSE(ParseMoney("38.000", "KWD", Plain())->unclear);
  EXPECT_FALSE(ParseMoney("0.125 EUR", "", Plain())->unclear);
  EXPECT_FALSE(ParseMoney("38.000 EUR", "", German())->unclear);
}

TEST(ParseMoneyTest, RefusesWhatMoneyCannotHold) {
  EXPECT_FALSE(ParseMoney("0.0000000001", "EUR", Plain()).has_value());
  EXPECT_FALSE(ParseMoney("1000000000000001", "EUR", Plain()).has_value());
  EXPECT_FALSE(ParseMoney("1e300", "EUR", Plain()).has_value());
  EXPECT_FALSE(ParseMoney("plenty", "EUR", Plain()).has_value());
}

std::string Time(absl::string_view cell, const CellFormats& formats) {
  const auto time = ParseTimeCell(cell, formats);
  return time.has_value() ? absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", *time, absl::UTCTimeZone())
                          : "-";
}

TEST(ParseTimeCellTest, Iso8601) {
  EXPECT_EQ(Time("2026-01-31", Plain()), "2026-01-31T00:00:00Z");
  EXPECT_EQ(Time("2026-01-31T09:15", Plain()), "2026-01-31T09:15:00Z");
  EXPECT_EQ(Time("2026-01-31 09:15:30.25Z", Plain()), "2026-01-31T09:15:30.25Z");
  EXPECT_EQ(Time("2009-07-14T22:14:45+0800", Plain()), "2009-07-14T14:14:45Z");
  EXPECT_EQ(Time("2009-07-14 22:14:45-08:00", Plain()), "2009-07-15T06:14:45Z");
}

TEST(ParseTimeCellTest, TimesWithoutAZoneAreInTheFilesZone) {
  EXPECT_EQ(Time("2026-01-31 09:00", German()), "2026-01-31T08:00:00Z");
  EXPECT_EQ(Time("2026-07-31 09:00", German()), "2026-07-31T07:00:00Z");
  EXPECT_EQ(Time("2026-07-31T09:00:00Z", German()), "2026-07-31T09:00:00Z");
  EXPECT_EQ(Time("04.05.2026 10:15", German()), "2026-05-04T08:15:00Z");
  EXPECT_EQ(Time("04.05.2026", German()), "2026-05-03T22:00:00Z");
}

TEST(ParseTimeCellTest, NothingIsGuessed) {
  for (const char* cell : {"", "07/15/2009", "yesterday", "2026-13-01", "2026-02-30", "1234567890",
                           "infinite-future", "2010-10-14T12:00:00.000Z-0300"}) {
    EXPECT_EQ(Time(cell, Plain()), "-") << cell;
  }
}

TEST(ParseBooleanTest, WordsOfTheFile) {
  EXPECT_EQ(ParseBoolean(" YES ", Plain()), true);
  EXPECT_EQ(ParseBoolean("0", Plain()), false);
  EXPECT_EQ(ParseBoolean("ja", Plain()), std::nullopt);
  EXPECT_EQ(ParseBoolean("JA", German()), true);
  EXPECT_EQ(ParseBoolean("yes", German()), std::nullopt);
}

}  // namespace
}  // namespace bantam
