// absl::Time and absl::Duration ↔ protobuf's well-known types.
#ifndef BANTAM_SERVER_ENGINE_PROTOBUF_TIME_H_
#define BANTAM_SERVER_ENGINE_PROTOBUF_TIME_H_

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace bantam {

// `timestamp` and `duration` have been checked to be in range.
inline absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  const absl::Time second = absl::FromUnixSeconds(timestamp.seconds());
  return timestamp.nanos() == 0 ? second : second + absl::Nanoseconds(timestamp.nanos());
}

inline absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

inline void SetTime(absl::Time time, google::protobuf::Timestamp* timestamp) {
  const int64_t seconds = absl::ToUnixSeconds(time);  // Rounds down.
  timestamp->set_seconds(seconds);
  timestamp->set_nanos(
      static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
}

inline void SetDuration(absl::Duration value, google::protobuf::Duration* duration) {
  const int64_t seconds = absl::IDivDuration(value, absl::Seconds(1), &value);
  duration->set_seconds(seconds);
  duration->set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(value)));
}

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_PROTOBUF_TIME_H_
