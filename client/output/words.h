// Enum values, points and times as people read them.
#ifndef BANTAM_CLIENT_OUTPUT_WORDS_H_
#define BANTAM_CLIENT_OUTPUT_WORDS_H_

#include <string>

#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "bantam/v1/value.pb.h"
#include "client/cases/values.h"
#include "client/output/terminal.h"
#include "google/protobuf/generated_enum_reflection.h"
#include "google/protobuf/timestamp.pb.h"
#include "server/engine/protobuf_time.h"

namespace bantam {

// VERDICT_OPEN → "open", ACTION_KIND_DISCOVERY_CALL → "discovery call"; a value that this build
// does not know → its number.
template <typename Enum>
std::string Words(Enum value) {
  const auto* descriptor =
      google::protobuf::GetEnumDescriptor<Enum>()->FindValueByNumber(static_cast<int>(value));
  if (descriptor == nullptr) return absl::StrFormat("%d", static_cast<int>(value));
  return absl::StrReplaceAll(EnumWord(*descriptor), {{"_", " "}});
}

// "12.50".
inline std::string TwoDecimals(double points) { return absl::StrFormat("%.2f", points); }

// "2026-02-02 10:00 UTC" in `zone`.
inline std::string ReadableTime(const google::protobuf::Timestamp& time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M %Z", ToTime(time), zone);
}

inline Ink VerdictInk(v1::Verdict verdict) {
  switch (verdict) {
    case v1::VERDICT_QUALIFIED:
      return Ink::kGreen;
    case v1::VERDICT_NURTURE:
    case v1::VERDICT_RESTRICTED:
      return Ink::kYellow;
    case v1::VERDICT_DISQUALIFIED:
      return Ink::kRed;
    default:
      return Ink::kPlain;
  }
}

inline Ink TemperatureInk(v1::Temperature temperature) {
  switch (temperature) {
    case v1::TEMPERATURE_HOT:
      return Ink::kRed;
    case v1::TEMPERATURE_WARM:
      return Ink::kYellow;
    case v1::TEMPERATURE_COLD:
      return Ink::kCyan;
    default:
      return Ink::kPlain;
  }
}

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_WORDS_H_
