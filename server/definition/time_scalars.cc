// Durations, times and money of scalars.h.
#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "server/definition/scalars.h"
#include "server/definition/source_text.h"

namespace bantam {
namespace {

using google::protobuf::Duration;
using google::protobuf::Timestamp;

constexpr int64_t kMaxDurationSeconds = 315'576'000'000;
constexpr int kNanosDigits = 9;
constexpr int32_t kNanosPerSecond = 1'000'000'000;
constexpr int64_t kMinTimestampSeconds = -62'135'596'800;  // 0001-01-01
constexpr int64_t kMaxTimestampSeconds = 253'402'300'799;  // 9999-12-31

struct Unit {
  absl::string_view name;
  int64_t seconds;
};
constexpr std::array<Unit, 4> kUnits = {{{"d", 86400}, {"h", 3600}, {"min", 60}, {"s", 1}}};

absl::string_view ConsumeWhile(absl::string_view* text, bool (*is)(unsigned char)) {
  size_t length = 0;
  while (length < text->size() && is((*text)[length])) ++length;
  const absl::string_view taken = text->substr(0, length);
  text->remove_prefix(length);
  return taken;
}

bool IsDigit(unsigned char c) { return absl::ascii_isdigit(c); }
bool IsLetter(unsigned char c) { return absl::ascii_isalpha(c); }

// An amount of at least one digit, with decimals in billionths.
struct Decimal {
  int64_t whole = 0;
  int64_t billionths = 0;
};

// Takes `123` or `123.45` off the front of `text`. False if there is none, or it has more than 9
// decimals or more than `max_digits` digits before the point.
bool ConsumeDecimal(absl::string_view* text, size_t max_digits, Decimal* decimal) {
  const absl::string_view whole = ConsumeWhile(text, IsDigit);
  if (whole.empty() || whole.size() > max_digits || !absl::SimpleAtoi(whole, &decimal->whole)) {
    return false;
  }
  if (!absl::ConsumePrefix(text, ".")) return true;
  std::string decimals(ConsumeWhile(text, IsDigit));
  if (decimals.empty() || decimals.size() > kNanosDigits) return false;
  decimals.append(kNanosDigits - decimals.size(), '0');
  return absl::SimpleAtoi(decimals, &decimal->billionths);
}

// Takes exactly `count` digits off the front of `text`.
bool ConsumeNumber(absl::string_view* text, size_t count, int* number) {
  const absl::string_view digits = text->substr(0, count);
  text->remove_prefix(digits.size());
  for (const char c : digits) {
    if (!absl::ascii_isdigit(c)) return false;
  }
  return digits.size() == count && absl::SimpleAtoi(digits, number);
}

// Decimals for `nanos`, with the point and without trailing zeros.
std::string Decimals(int32_t nanos, size_t least_digits) {
  if (nanos == 0) return "";
  std::string digits = absl::StrFormat(".%09d", nanos);
  while (digits.size() > least_digits + 1 && digits.back() == '0') digits.pop_back();
  return digits;
}

// Takes a duration without its sign off `text`, all of it; false if it is none.
bool ReadDuration(absl::string_view text, int64_t* seconds, int64_t* nanos) {
  constexpr size_t kMaxDigits = 12;
  size_t next_unit = 0;  // Units go from the largest to the smallest.
  *seconds = 0;
  *nanos = 0;
  if (text.empty()) return false;
  while (!text.empty()) {
    Decimal amount;
    if (!ConsumeDecimal(&text, kMaxDigits, &amount)) return false;
    const absl::string_view name = ConsumeWhile(&text, IsLetter);
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return false;
    const int64_t unit = kUnits[next_unit++].seconds;
    *seconds += amount.whole * unit + amount.billionths * unit / kNanosPerSecond;
    *nanos += amount.billionths * unit % kNanosPerSecond;
  }
  *seconds += *nanos / kNanosPerSecond;
  *nanos %= kNanosPerSecond;
  return true;
}

// What to do about `text`, which is no duration.
std::string DurationHint(absl::string_view text) {
  constexpr size_t kMaxHinted = 40;
  double number = 0;
  if (absl::SimpleAtod(text, &number)) return "; it needs a unit: d, h, min or s";
  if (text.size() > kMaxHinted) return "";
  std::string proper = absl::AsciiStrToLower(text);
  // In this order: each name is looked for before the shorter ones it contains.
  for (const auto& [name, unit] :
       std::initializer_list<std::pair<const char*, const char*>>{{" ", ""},
                                                                  {"minutes", "min"},
                                                                  {"minute", "min"},
                                                                  {"mins", "min"},
                                                                  {"days", "d"},
                                                                  {"day", "d"},
                                                                  {"hours", "h"},
                                                                  {"hour", "h"},
                                                                  {"hrs", "h"},
                                                                  {"seconds", "s"},
                                                                  {"second", "s"},
                                                                  {"sec", "s"}}) {
    proper = absl::StrReplaceAll(proper, {{name, unit}});
  }
  if (absl::EndsWith(proper, "m")) proper += "in";
  int64_t seconds;
  int64_t nanos;
  if (ReadDuration(proper, &seconds, &nanos)) return absl::StrCat("; write ", proper);
  return "; write it like 90d, 12h, 15min, 10s or 1h30min";
}

// The offset "Z" or "+01:00" in minutes.
bool ParseOffset(absl::string_view text, int* minutes) {
  *minutes = 0;
  if (text == "Z" || text == "z") return true;
  const bool negative = absl::StartsWith(text, "-");
  if (!negative && !absl::StartsWith(text, "+")) return false;
  text.remove_prefix(1);
  int hour = 0;
  int minute = 0;
  if (!ConsumeNumber(&text, 2, &hour) || !absl::ConsumePrefix(&text, ":") ||
      !ConsumeNumber(&text, 2, &minute) || !text.empty() || hour > 23 || minute > 59) {
    return false;
  }
  *minutes = (negative ? -1 : 1) * (60 * hour + minute);
  return true;
}

// Takes the date off the front of `text`; false if it is none.
bool ConsumeDate(absl::string_view* text, absl::CivilSecond* date) {
  int year = 0;
  int month = 0;
  int day = 0;
  if (!ConsumeNumber(text, 4, &year) || !absl::ConsumePrefix(text, "-") ||
      !ConsumeNumber(text, 2, &month) || !absl::ConsumePrefix(text, "-") ||
      !ConsumeNumber(text, 2, &day)) {
    return false;
  }
  *date = absl::CivilSecond(year, month, day);
  // Days that do not exist are moved to those that do.
  return year >= 1 && date->month() == month && date->day() == day;
}

// Takes "09:00" or "09:00:00.25" off the front of `text`; false if it is none.
bool ConsumeTimeOfDay(absl::string_view* text, int* seconds, int32_t* nanos) {
  int hour = 0;
  int minute = 0;
  int second = 0;
  *nanos = 0;
  if (!ConsumeNumber(text, 2, &hour) || !absl::ConsumePrefix(text, ":") ||
      !ConsumeNumber(text, 2, &minute)) {
    return false;
  }
  if (absl::ConsumePrefix(text, ":")) {
    Decimal decimal;
    const bool two_digits = text->size() >= 2 && IsDigit((*text)[1]);
    if (!two_digits || !ConsumeDecimal(text, 2, &decimal)) return false;
    second = static_cast<int>(decimal.whole);
    *nanos = static_cast<int32_t>(decimal.billionths);
  }
  *seconds = 3600 * hour + 60 * minute + second;
  return hour <= 23 && minute <= 59 && second <= 59;
}

}  // namespace

std::optional<Duration> ParseDuration(absl::string_view text, std::string* problem) {
  absl::string_view rest = text;
  const bool negative = absl::ConsumePrefix(&rest, "-");
  int64_t seconds = 0;
  int64_t nanos = 0;
  if (text != "0" && !ReadDuration(rest, &seconds, &nanos)) {
    *problem = absl::StrCat("must be a duration, not ", Quoted(text), DurationHint(text));
    return std::nullopt;
  }
  if (seconds > kMaxDurationSeconds || (seconds == kMaxDurationSeconds && nanos > 0)) {
    *problem = absl::StrCat("must be a duration of at most 3652500d, not ", Quoted(text));
    return std::nullopt;
  }
  Duration duration;
  duration.set_seconds(negative ? -seconds : seconds);
  duration.set_nanos(static_cast<int32_t>(negative ? -nanos : nanos));
  return duration;
}

std::optional<Timestamp> ParseTimestamp(absl::string_view text, std::string* problem) {
  absl::string_view rest = text;
  absl::CivilSecond civil;
  int seconds = 0;
  int32_t nanos = 0;
  int offset_minutes = 0;
  bool good = ConsumeDate(&rest, &civil);
  if (good && !rest.empty()) {
    good = absl::ConsumePrefix(&rest, "T") || absl::ConsumePrefix(&rest, "t") ||
           absl::ConsumePrefix(&rest, " ");
    good = good && ConsumeTimeOfDay(&rest, &seconds, &nanos);
    if (good && rest.empty()) {
      *problem = absl::StrCat("has no offset from UTC: ", Quoted(text),
                              "; add Z for UTC, or an offset such as +01:00");
      return std::nullopt;
    }
    absl::ConsumePrefix(&rest, " ");
    good = good && ParseOffset(rest, &offset_minutes);
  }
  if (!good) {
    *problem = absl::StrCat("must be a time such as 2026-01-31 or 2026-01-31T09:00:00Z, not ",
                            Quoted(text));
    return std::nullopt;
  }
  const int64_t unix_seconds = absl::ToUnixSeconds(absl::FromCivil(civil, absl::UTCTimeZone())) +
                               seconds - 60 * offset_minutes;
  if (unix_seconds < kMinTimestampSeconds || unix_seconds > kMaxTimestampSeconds) {
    *problem = absl::StrCat("must be a time in the years 1 to 9999 UTC, not ", Quoted(text));
    return std::nullopt;
  }
  Timestamp timestamp;
  timestamp.set_seconds(unix_seconds);
  timestamp.set_nanos(nanos);
  return timestamp;
}

std::optional<v1::Money> ParseMoney(absl::string_view text, std::string* problem) {
  constexpr size_t kMaxDigits = 18;
  absl::string_view rest = text;
  const bool negative = absl::ConsumePrefix(&rest, "-");
  Decimal amount;
  bool good = ConsumeDecimal(&rest, kMaxDigits, &amount);
  good = good && absl::StartsWith(rest, " ");
  rest = absl::StripLeadingAsciiWhitespace(rest);
  good = good && rest.size() == 3;
  for (const char c : rest) good = good && absl::ascii_isupper(c);
  if (!good) {
    *problem = absl::StrCat(
        "must be an amount with its currency, such as 10000 EUR or 12000.50 "
        "USD, not ",
        Quoted(text));
    return std::nullopt;
  }
  absl::string_view digits = text.substr(negative ? 1 : 0);
  digits = digits.substr(0, digits.find(' '));
  if (MayMeanThousands(digits) && !HasThreeDecimals(rest)) {
    const std::string thousands = absl::StrReplaceAll(digits, {{".", ""}});
    *problem = absl::StrCat("is unclear with three decimals: ", Quoted(text), "; write ", thousands,
                            " ", rest, " for thousands, or ", digits, "0 ", rest,
                            " for an amount with decimals");
    return std::nullopt;
  }
  v1::Money money;
  money.set_currency_code(std::string(rest));
  money.set_units(negative ? -amount.whole : amount.whole);
  money.set_nanos(static_cast<int32_t>(negative ? -amount.billionths : amount.billionths));
  return money;
}

bool MayMeanThousands(absl::string_view digits) {
  const size_t point = digits.find('.');
  return point != absl::string_view::npos && point >= 1 && point <= 3 && digits[0] != '0' &&
         digits.size() - point == 4;
}

bool HasThreeDecimals(absl::string_view currency) {
  constexpr absl::string_view kCurrencies[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
  return std::find(std::begin(kCurrencies), std::end(kCurrencies), currency) !=
         std::end(kCurrencies);
}

std::string WriteDuration(const Duration& duration) {
  const int64_t seconds = duration.seconds();
  const int32_t nanos = duration.nanos();
  if (seconds > kMaxDurationSeconds || seconds < -kMaxDurationSeconds || nanos >= kNanosPerSecond ||
      nanos <= -kNanosPerSecond || (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0) ||
      (nanos != 0 && (seconds == kMaxDurationSeconds || seconds == -kMaxDurationSeconds))) {
    return "";
  }
  const absl::string_view sign = seconds < 0 || nanos < 0 ? "-" : "";
  const int64_t magnitude = seconds < 0 ? -seconds : seconds;
  if (nanos != 0) {
    return absl::StrCat(sign, magnitude, Decimals(nanos < 0 ? -nanos : nanos, 1), "s");
  }
  if (magnitude == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (magnitude % unit.seconds == 0)
      return absl::StrCat(sign, magnitude / unit.seconds, unit.name);
  }
  return "";  // Not reached: the last unit is a second.
}

std::string WriteTimestamp(const Timestamp& timestamp) {
  if (timestamp.seconds() < kMinTimestampSeconds || timestamp.seconds() > kMaxTimestampSeconds ||
      timestamp.nanos() < 0 || timestamp.nanos() >= kNanosPerSecond) {
    return "";
  }
  const absl::CivilSecond civil =
      absl::ToCivilSecond(absl::FromUnixSeconds(timestamp.seconds()), absl::UTCTimeZone());
  std::string text = absl::StrFormat("%04d-%02d-%02d", civil.year(), civil.month(), civil.day());
  if (civil.hour() == 0 && civil.minute() == 0 && civil.second() == 0 && timestamp.nanos() == 0) {
    return text;
  }
  absl::StrAppendFormat(&text, "T%02d:%02d:%02d%sZ", civil.hour(), civil.minute(), civil.second(),
                        Decimals(timestamp.nanos(), 1));
  return text;
}

std::string WriteMoney(const v1::Money& money) {
  constexpr int64_t kMaxUnits = 999'999'999'999'999'999;
  constexpr size_t kLeastDecimals = 2;
  const int64_t units = money.units();
  const int32_t nanos = money.nanos();
  bool good = units <= kMaxUnits && units >= -kMaxUnits && nanos < kNanosPerSecond &&
              nanos > -kNanosPerSecond && !(units < 0 && nanos > 0) && !(units > 0 && nanos < 0) &&
              money.currency_code().size() == 3;
  for (const char c : money.currency_code()) good = good && absl::ascii_isupper(c);
  if (!good) return "";
  const std::string digits = absl::StrCat(units < 0 ? -units : units,
                                          Decimals(nanos < 0 ? -nanos : nanos, kLeastDecimals));
  const bool unclear = MayMeanThousands(digits) && !HasThreeDecimals(money.currency_code());
  return absl::StrCat(units < 0 || nanos < 0 ? "-" : "", digits, unclear ? "0 " : " ",
                      money.currency_code());
}

}  // namespace bantam
