// Exact amounts and exchange rates.
#ifndef BANTAM_SERVER_ENGINE_MONEY_H_
#define BANTAM_SERVER_ENGINE_MONEY_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/value.pb.h"

namespace bantam {

// An amount in billionths of a unit. |units| ≤ 10^15, so it stays below 2^83.
inline absl::int128 ToNanos(const v1::Money& money) {
  constexpr int64_t kNanosPerUnit = 1000000000;
  return absl::int128(money.units()) * kNanosPerUnit + money.nanos();
}

// A bound of a money test: hundredths of the ICP's currency in billionths.
absl::int128 HundredthsToNanos(int64_t hundredths);

// A rate of 1, in trillionths.
inline constexpr int64_t kRateOne = 1000000000000;

// Parses a rate such as "0.92": above 0, at most 10^6, at most 12 decimals. Returns trillionths.
std::optional<int64_t> ParseRate(absl::string_view text);

// Compares amounts in other currencies with bounds in the ICP's currency, exactly: amount × rate is
// never rounded, because the bound is divided instead, once for each currency. Immutable.
class CurrencyTable {
 public:
  CurrencyTable() = default;

  // `currency` is the ICP's; `rates` maps other currencies to trillionths of it per unit.
  CurrencyTable(std::string currency, std::map<std::string, int64_t> rates);

  // Trillionths of the ICP's currency per unit of `currency`; kNoRate if there is no rate.
  static constexpr int64_t kNoRate = 0;
  int64_t Rate(absl::string_view currency) const {
    // By far the most frequent: compared without a call.
    constexpr size_t kCodeSize = 3;  // ISO 4217.
    const bool is_own = currency.size() == kCodeSize && currency_.size() == kCodeSize &&
                        std::memcmp(currency.data(), currency_.data(), kCodeSize) == 0;
    return is_own ? kRateOne : RateOfOther(currency);
  }

  // Whether amount × rate ≥ bound, and ≤ bound; both in billionths.
  static bool AtLeast(absl::int128 amount, int64_t rate, absl::int128 bound) {
    return amount >= (rate == kRateOne ? bound : DivideUp(bound, rate));
  }
  static bool AtMost(absl::int128 amount, int64_t rate, absl::int128 bound) {
    return amount <= (rate == kRateOne ? bound : DivideDown(bound, rate));
  }

  const std::string& currency() const { return currency_; }

 private:
  // bound ÷ rate, rounded towards plus infinity and towards minus infinity.
  static absl::int128 DivideUp(absl::int128 bound, int64_t rate);
  static absl::int128 DivideDown(absl::int128 bound, int64_t rate);
  int64_t RateOfOther(absl::string_view currency) const;

  std::string currency_;
  std::map<std::string, int64_t, std::less<>> rates_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_MONEY_H_
