#include "server/engine/money.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

constexpr int kRateDecimals = 12;
constexpr int64_t kRateOne = 1000000000000;       // 10^12
constexpr int64_t kGreatestRate = 1000000;        // Units; 10^18 trillionths fit an int64.
constexpr int64_t kNanosPerHundredth = 10000000;  // 10^7
constexpr int64_t kNanosPerUnit = 1000000000;     // 10^9

// Quotient rounded towards minus infinity, and towards plus infinity. `divisor` is positive.
absl::int128 DivideDown(absl::int128 dividend, absl::int128 divisor) {
  absl::int128 quotient = dividend / divisor;
  if (dividend % divisor < 0) --quotient;
  return quotient;
}

absl::int128 DivideUp(absl::int128 dividend, absl::int128 divisor) {
  return -DivideDown(-dividend, divisor);
}

}  // namespace

absl::int128 ToNanos(const v1::Money& money) {
  return absl::int128(money.units()) * kNanosPerUnit + money.nanos();
}

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

std::optional<int64_t> CurrencyTable::Rate(absl::string_view currency) const {
  if (currency == currency_) return kRateOne;  // By far the most frequent.
  const auto it = rates_.find(currency);
  if (it == rates_.end()) return std::nullopt;
  return it->second;
}

// Bounds are below 2^84 and 10^12 below 2^40, so their product fits.
bool CurrencyTable::AtLeast(absl::int128 amount, int64_t rate, absl::int128 bound) {
  return rate == kRateOne ? amount >= bound : amount >= DivideUp(bound * kRateOne, rate);
}

bool CurrencyTable::AtMost(absl::int128 amount, int64_t rate, absl::int128 bound) {
  return rate == kRateOne ? amount <= bound : amount <= DivideDown(bound * kRateOne, rate);
}

}  // namespace bantam
