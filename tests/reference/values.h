// Instants, points, texts and amounts of the reference evaluator. Independent of the engine.
#ifndef BANTAM_TESTS_REFERENCE_VALUES_H_
#define BANTAM_TESTS_REFERENCE_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/value.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace bantam {
namespace reference {

// Nanoseconds: since 1970 for an instant, else a length of time. Wide enough never to overflow.
using Nanos = __int128;

inline constexpr Nanos kSecond = 1000000000;
inline constexpr Nanos kDay = 86400 * kSecond;

Nanos ToNanos(const google::protobuf::Timestamp& time);
Nanos ToNanos(const google::protobuf::Duration& duration);
google::protobuf::Timestamp ToTimestamp(Nanos time);
google::protobuf::Duration ToDuration(Nanos duration);

// Division that rounds down, also below zero. `divisor` is positive.
Nanos FloorDivide(Nanos dividend, Nanos divisor);

// The UTC date of an instant, as a number of days since 1970-01-01.
int64_t UtcDate(Nanos time);

// "2026-01-31T00:00:00.000000000Z".
std::string Rfc3339(Nanos time);

// Exact hundredths of points or of a percent: 12.5 is 1250.
int64_t Hundredths(double number);

// For the answer.
double FromHundredths(int64_t hundredths);

// Rounded half away from zero. `denominator` is positive.
int64_t RoundedQuotient(__int128 numerator, __int128 denominator);

// Whether `points` are at least `percent` of `cap`, all in hundredths; exact.
bool ReachesShare(int64_t points, int64_t percent, int64_t cap);

// Without leading and trailing ASCII white space.
std::string Trim(const std::string& text);

// Trimmed, with Unicode full case folding.
std::string Fold(const std::string& text);

// An exact amount in the ICP's currency: first in 10^-12 units, then the rest in 10^-21.
using Amount = std::pair<__int128, __int128>;

// `money` in the currency of `icp`, unrounded; nullopt if it has no currency, or one without a
// rate.
std::optional<Amount> InIcpCurrency(const v1::Icp& icp, const v1::Money& money);

// A bound of a money attribute, which has at most two decimals.
Amount BoundAmount(double bound);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_VALUES_H_
