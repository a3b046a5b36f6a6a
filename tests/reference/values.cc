#include "tests/reference/values.h"

#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include <cmath>
#include <cstdio>
#include <unordered_map>
#include <vector>

#include "absl/time/civil_time.h"

namespace bantam {
namespace reference {

Nanos ToNanos(const google::protobuf::Timestamp& time) {
  return static_cast<Nanos>(time.seconds()) * kSecond + time.nanos();
}

Nanos ToNanos(const google::protobuf::Duration& duration) {
  return static_cast<Nanos>(duration.seconds()) * kSecond + duration.nanos();
}

Nanos FloorDivide(Nanos dividend, Nanos divisor) {
  const Nanos quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

google::protobuf::Timestamp ToTimestamp(Nanos time) {
  google::protobuf::Timestamp result;
  const Nanos seconds = FloorDivide(time, kSecond);
  result.set_seconds(static_cast<int64_t>(seconds));
  result.set_nanos(static_cast<int32_t>(time - seconds * kSecond));
  return result;
}

google::protobuf::Duration ToDuration(Nanos duration) {
  google::protobuf::Duration result;
  result.set_seconds(static_cast<int64_t>(duration / kSecond));
  result.set_nanos(static_cast<int32_t>(duration % kSecond));
  return result;
}

int64_t UtcDate(Nanos time) { return static_cast<int64_t>(FloorDivide(time, kDay)); }

std::string Rfc3339(Nanos time) {
  const absl::CivilDay date = absl::CivilDay(1970, 1, 1) + UtcDate(time);
  const Nanos of_day = time - static_cast<Nanos>(UtcDate(time)) * kDay;
  const int seconds = static_cast<int>(of_day / kSecond);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%09dZ",
                static_cast<int>(date.year()), date.month(), date.day(), seconds / 3600,
                seconds / 60 % 60, seconds % 60, static_cast<int>(of_day % kSecond));
  return text;
}

int64_t Hundredths(double number) { return std::llround(number * 100.0); }

double FromHundredths(int64_t hundredths) { return static_cast<double>(hundredths) / 100.0; }

int64_t RoundedQuotient(__int128 numerator, __int128 denominator) {
  const bool negative = numerator < 0;
  const __int128 magnitude = negative ? -numerator : numerator;
  const __int128 rounded = (2 * magnitude + denominator) / (2 * denominator);
  return static_cast<int64_t>(negative ? -rounded : rounded);
}

bool ReachesShare(int64_t points, int64_t percent, int64_t cap) {
  return static_cast<__int128>(points) * 10000 >= static_cast<__int128>(percent) * cap;
}

std::string Trim(const std::string& text) {
  const char* kWhite = " \t\r\n\f\v";
  const size_t first = text.find_first_not_of(kWhite);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

std::string Fold(const std::string& text) {
  // The vocabularies of the random input are small; remembering saves most of the time.
  static thread_local std::unordered_map<std::string, std::string> known;
  const auto found = known.find(text);
  if (found != known.end()) return found->second;
  const std::string trimmed = Trim(text);
  std::vector<UChar> wide(trimmed.size() + 1);
  std::vector<UChar> folded(3 * trimmed.size() + 1);
  std::string result(9 * trimmed.size() + 1, '\0');
  int32_t length = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strFromUTF8(wide.data(), wide.size(), &length, trimmed.data(), trimmed.size(), &error);
  length =
      u_strFoldCase(folded.data(), folded.size(), wide.data(), length, U_FOLD_CASE_DEFAULT, &error);
  int32_t bytes = 0;
  u_strToUTF8(&result[0], result.size(), &bytes, folded.data(), length, &error);
  result.resize(U_SUCCESS(error) ? bytes : 0);
  known[text] = result;
  return result;
}

namespace {

// "0.92" in 10^-12.
__int128 ParseRate(const std::string& text) {
  __int128 value = 0;
  int decimals = -1;
  for (const char c : text) {
    if (c == '.') {
      decimals = 0;
    } else if (c >= '0' && c <= '9') {
      value = value * 10 + (c - '0');
      if (decimals >= 0) ++decimals;
    }
  }
  for (int i = decimals < 0 ? 0 : decimals; i < 12; ++i) value *= 10;
  return value;
}

}  // namespace

std::optional<Amount> InIcpCurrency(const v1::Icp& icp, const v1::Money& money) {
  if (money.currency_code().empty()) return std::nullopt;
  __int128 rate = 1000000000000;
  if (money.currency_code() != icp.currency()) {
    const auto found = icp.exchange_rates().find(money.currency_code());
    if (found == icp.exchange_rates().end()) return std::nullopt;
    rate = ParseRate(found->second);
  }
  const __int128 of_nanos = rate * money.nanos();
  return Amount(rate * money.units() + of_nanos / kSecond, of_nanos % kSecond);
}

Amount BoundAmount(double bound) {
  return Amount(static_cast<__int128>(std::llround(bound * 100.0)) * 10000000000, 0);
}

}  // namespace reference
}  // namespace bantam
