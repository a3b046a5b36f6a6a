// Instants and spans of time as the evaluation reckons with them: whole nanoseconds in one word,
// so that comparing and subtracting cost an instruction each. absl::Time is for everything else.
#ifndef BANTAM_SERVER_ENGINE_INSTANT_H_
#define BANTAM_SERVER_ENGINE_INSTANT_H_

#include <cstdint>
#include <limits>
#include <optional>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace bantam {

inline constexpr int64_t kNanosPerSecond = 1000000000;

// A span of time, never negative. Without a sign, since the contract's years 1900 to 2200 are more
// than the 292 years that an int64_t can hold.
class TimeSpan {
 public:
  constexpr TimeSpan() = default;
  constexpr explicit TimeSpan(uint64_t nanos) : nanos_(nanos) {}
  TimeSpan(absl::Duration span)  // NOLINT: the same in another form.
      : nanos_(static_cast<uint64_t>(absl::ToInt64Nanoseconds(span))) {}
  explicit TimeSpan(const google::protobuf::Duration& span)
      : nanos_(static_cast<uint64_t>(span.seconds()) * kNanosPerSecond + span.nanos()) {}

  // Longer than any two instants are apart.
  static constexpr TimeSpan Unlimited() { return TimeSpan(std::numeric_limits<uint64_t>::max()); }

  constexpr uint64_t nanos() const { return nanos_; }

  // Whole days, rounded down.
  constexpr int64_t Days() const {
    constexpr uint64_t kDay = uint64_t{86400} * kNanosPerSecond;
    return static_cast<int64_t>(nanos_ / kDay);
  }

  absl::Duration ToDuration() const {
    return absl::Seconds(static_cast<int64_t>(nanos_ / kNanosPerSecond)) +
           absl::Nanoseconds(static_cast<int64_t>(nanos_ % kNanosPerSecond));
  }

  friend constexpr bool operator==(TimeSpan a, TimeSpan b) { return a.nanos_ == b.nanos_; }
  friend constexpr bool operator<(TimeSpan a, TimeSpan b) { return a.nanos_ < b.nanos_; }
  friend constexpr bool operator>(TimeSpan a, TimeSpan b) { return a.nanos_ > b.nanos_; }
  friend constexpr bool operator<=(TimeSpan a, TimeSpan b) { return a.nanos_ <= b.nanos_; }
  friend constexpr bool operator>=(TimeSpan a, TimeSpan b) { return a.nanos_ >= b.nanos_; }

 private:
  uint64_t nanos_ = 0;
};

// An instant of the years 1900 to 2200, or none, which is before all others.
class Instant {
 public:
  constexpr Instant() = default;  // None.
  constexpr explicit Instant(int64_t nanos) : nanos_(nanos) {}
  Instant(absl::Time time)  // NOLINT: the same in another form.
      : nanos_(absl::ToUnixNanos(time)) {}
  explicit Instant(const google::protobuf::Timestamp& time)
      : nanos_(time.seconds() * kNanosPerSecond + time.nanos()) {}
  static constexpr Instant FromSecond(int64_t second) { return Instant(second * kNanosPerSecond); }

  constexpr bool has_value() const { return nanos_ != kNone; }

  // Nanoseconds since 1970.
  constexpr int64_t nanos() const { return nanos_; }

  // Whole seconds since 1970, rounded down.
  constexpr int64_t Second() const {
    return nanos_ / kNanosPerSecond - (nanos_ % kNanosPerSecond < 0 ? 1 : 0);
  }

  absl::Time ToTime() const { return absl::FromUnixNanos(nanos_); }
  std::optional<absl::Time> ToOptional() const {
    return has_value() ? std::optional<absl::Time>(ToTime()) : std::nullopt;
  }

  friend constexpr bool operator==(Instant a, Instant b) { return a.nanos_ == b.nanos_; }
  friend constexpr bool operator!=(Instant a, Instant b) { return a.nanos_ != b.nanos_; }
  friend constexpr bool operator<(Instant a, Instant b) { return a.nanos_ < b.nanos_; }
  friend constexpr bool operator>(Instant a, Instant b) { return a.nanos_ > b.nanos_; }
  friend constexpr bool operator<=(Instant a, Instant b) { return a.nanos_ <= b.nanos_; }
  friend constexpr bool operator>=(Instant a, Instant b) { return a.nanos_ >= b.nanos_; }

  // How long after `b` is `a`, which is not before it.
  friend constexpr TimeSpan operator-(Instant a, Instant b) {
    return TimeSpan(static_cast<uint64_t>(a.nanos_) - static_cast<uint64_t>(b.nanos_));
  }

 private:
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::min();

  int64_t nanos_ = kNone;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_INSTANT_H_
