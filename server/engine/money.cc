#include "server/engine/money.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

constexpr int kRateDecimals = 12;
constexpr int64_t kGreatestRate = 1000000;        // Units; 10^18 trillionths fit an int64.
constexpr int64_t kNanosPerHundredth = 10000000;  // 10^7

}  // namespace

absl::int128 HundredthsToNanos(int64_t hundredths) {
  return absl::int128(hundredths) * kNanosPerHundredth;
}

std::optional<int64_t> ParseRate(absl::string_view text) {
  const size_t point = text.find('.');
  const absl::string_view whole = text.substr(0, point);
  const absl::string_view decimals =
      point == absl::string_view::npos ? absl::string_view() : text.substr(point + 1);
  if (whole.empty() || whole.size() > 7 || decimals.size() > kRateDecimals) return std::nullopt;
  if (point != absl::string_view::npos && decimals.empty()) return std::nullopt;
  const std::string digits =
      absl::StrCat(whole, decimals, std::string(kRateDecimals - decimals.size(), '0'));
  for (const char c : digits) {
    if (!absl::ascii_isdigit(c)) return std::nullopt;
  }
  int64_t rate = 0;
  if (!absl::SimpleAtoi(digits, &rate)) return std::nullopt;
  if (rate <= 0 || rate > kGreatestRate * kRateOne) return std::nullopt;
  return rate;
}

CurrencyTable::CurrencyTable(std::string currency, std::map<std::string, int64_t> rates)
    : currency_(std::move(currency)), rates_(rates.begin(), rates.end()) {
  rates_[currency_] = kRateOne;
}

int64_t CurrencyTable::RateOfOther(absl::string_view currency) const {
  const auto it = rates_.find(currency);
  return it == rates_.end() ? kNoRate : it->second;
}

// Bounds are below 2^84 and 10^12 below 2^40, so their product fits.
absl::int128 CurrencyTable::DivideDown(absl::int128 bound, int64_t rate) {
  const absl::int128 dividend = bound * kRateOne;
  const absl::int128 quotient = dividend / rate;
  return dividend % rate < 0 ? quotient - 1 : quotient;
}

absl::int128 CurrencyTable::DivideUp(absl::int128 bound, int64_t rate) {
  return -DivideDown(-bound, rate);
}

}  // namespace bantam
