#ifndef BANTAM_SERVER_CATALOG_FRESHNESS_H_
#define BANTAM_SERVER_CATALOG_FRESHNESS_H_

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace bantam {

// A time that threads share. Nanoseconds are kept.
class AtomicTime {
 public:
  explicit AtomicTime(absl::Time time) : nanos_(absl::ToUnixNanos(time)) {}

  absl::Time load() const {
    const int64_t nanos = load_nanos();
    return nanos == INT64_MIN ? absl::InfinitePast() : absl::FromUnixNanos(nanos);
  }

  // As nanoseconds since the Unix epoch; INT64_MIN: infinitely long ago.
  int64_t load_nanos() const { return nanos_.load(std::memory_order_acquire); }

  void store(absl::Time time) { nanos_.store(absl::ToUnixNanos(time), std::memory_order_release); }

 private:
  std::atomic<int64_t> nanos_;
};

// How fresh something that is held is. Any thread may read; changes need a lock of the owner's.
//
//   tracked: every change since it was read is told by the polls of the store, so that a poll that
//            tells none confirms it.
//   suspect: there is, or may be, a newer state. No poll confirms it before that is cleared up.
class Freshness {
 public:
  Freshness(absl::Time known_time, bool tracked, bool suspect)
      : known_time_(known_time), flags_(Flags(tracked, suspect)) {}

  // When it was known to be current last. `polled`: when the newest poll began that has been worked
  // off; to be read before what is held is looked up, so that what it told is seen.
  absl::Time KnownTime(absl::Time polled) const {
    const int flags = flags_.load(std::memory_order_acquire);
    const absl::Time known_time = known_time_.load();
    return flags == kTracked ? std::max(known_time, polled) : known_time;
  }

  // The same in nanoseconds, as AtomicTime::load_nanos() tells them.
  int64_t KnownNanos(int64_t polled_nanos) const {
    const int flags = flags_.load(std::memory_order_acquire);
    const int64_t known_nanos = known_time_.load_nanos();
    return flags == kTracked ? std::max(known_nanos, polled_nanos) : known_nanos;
  }

  bool tracked() const { return (flags_.load(std::memory_order_acquire) & kTracked) != 0; }
  bool suspect() const { return (flags_.load(std::memory_order_acquire) & kSuspect) != 0; }

  // From now on it grows older.
  void Suspect(absl::Time polled) {
    known_time_.store(KnownTime(polled));
    flags_.store(flags_.load(std::memory_order_relaxed) | kSuspect, std::memory_order_release);
  }

  // It was a false alarm.
  void Clear() {
    flags_.store(flags_.load(std::memory_order_relaxed) & ~kSuspect, std::memory_order_release);
  }

  // The store said at `time` or later that it is current; `tracked` as above. No false alarm is
  // cleared by that.
  void Confirm(absl::Time time, bool tracked) {
    known_time_.store(std::max(known_time_.load(), time));
    flags_.store(Flags(tracked, suspect()), std::memory_order_release);
  }

  // The polls have lost track: what was known stays known.
  void LoseTrack(absl::Time polled) {
    known_time_.store(KnownTime(polled));
    flags_.store(Flags(false, suspect()), std::memory_order_release);
  }

 private:
  static constexpr int kTracked = 1;
  static constexpr int kSuspect = 2;

  static int Flags(bool tracked, bool suspect) {
    return (tracked ? kTracked : 0) | (suspect ? kSuspect : 0);
  }

  AtomicTime known_time_;
  std::atomic<int> flags_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_FRESHNESS_H_
