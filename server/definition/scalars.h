// The texts of single values ↔ numbers, durations, times and money. Each reader takes a whole text;
// if it is not of the kind, it returns nullopt and sets `problem` to what follows the field's name
// in a message: "must be a number, not 'abc'".
#ifndef BANTAM_SERVER_DEFINITION_SCALARS_H_
#define BANTAM_SERVER_DEFINITION_SCALARS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "bantam/v1/value.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace bantam {

// What a text without quotes is taken for where any kind of value may stand.
enum class PlainKind {
  kNull,     // Nothing, `~`, `null`.
  kBoolean,  // `true`, `false`.
  kNumber,   // As JSON writes it.
  kTime,     // Begins with a date.
  kUnclear,  // A number to some readers of YAML, a text to others: 0x1F, 1_000, 007, .5, .inf.
  kText,
};
PlainKind ClassifyPlain(absl::string_view text);

// Whether `text` is what YAML 1.1 or 1.2 takes for null without quotes.
bool IsNull(absl::string_view text);

// A finite number as JSON writes it: -12, 0.5, 1e6. A whole number must be held exactly.
std::optional<double> ParseNumber(absl::string_view text, std::string* problem);

// A whole number, digits only, in [min, max].
std::optional<int64_t> ParseInteger(absl::string_view text, int64_t min, int64_t max,
                                    std::string* problem);
std::optional<uint64_t> ParseUnsigned(absl::string_view text, uint64_t max, std::string* problem);

// `true` or `false`.
std::optional<bool> ParseBoolean(absl::string_view text, std::string* problem);

// `90d`, `12h`, `15min`, `10s`, `1.5h`, `1h30min`, `-3.5s`, `0`; at most 9 decimals, at most
// 315,576,000,000 s either way.
std::optional<google::protobuf::Duration> ParseDuration(absl::string_view text,
                                                        std::string* problem);

// RFC 3339 with an offset; seconds may be left out, and a space may stand for the T. A date alone
// is midnight UTC. Years 1 to 9999.
std::optional<google::protobuf::Timestamp> ParseTimestamp(absl::string_view text,
                                                          std::string* problem);

// `10000 EUR`, `-12000.50 USD`; at most 9 decimals.
std::optional<v1::Money> ParseMoney(absl::string_view text, std::string* problem);

// Whether `digits`, a number without sign and exponent, may have been meant as thousands, as
// "10.000" in German and Romanian: before the point one to three digits of which the first is no
// zero, and behind it exactly three.
bool MayMeanThousands(absl::string_view digits);

// Whether amounts in this currency (ISO 4217 code) have three decimals, so that they are clear.
bool HasThreeDecimals(absl::string_view currency);

// The shortest text that is read back to an equal value. Empty if there is none, as the value is
// against the rules of its type.
std::string WriteNumber(double number);
std::string WriteFloat(float number);
std::string WriteDuration(const google::protobuf::Duration& duration);
std::string WriteTimestamp(const google::protobuf::Timestamp& timestamp);
std::string WriteMoney(const v1::Money& money);

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_SCALARS_H_
