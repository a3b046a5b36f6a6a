// Until when something that was found out about a lead stays as it is.
#ifndef BANTAM_SERVER_ENGINE_UNTIL_H_
#define BANTAM_SERVER_ENGINE_UNTIL_H_

#include <algorithm>
#include <cstdint>
#include <limits>

#include "server/engine/instant.h"

namespace bantam {

// The contract's bound of an evaluation time.
inline constexpr int64_t kHorizonSecond = 7289654400;  // 2201-01-01T00:00:00Z

// The first instant at which time alone may change it. Whoever judges by time notes, while the
// values are at hand, when the same judgement may come out otherwise, so that nothing has to be
// read again to find that out.
class Until {
 public:
  // The second of what never changes: beyond all others.
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  // Something begins `later` than `from`, which is after the time of the judgement.
  void Begins(Instant from, TimeSpan later = TimeSpan()) { Note(from, later, 0); }

  // Something that holds until this, inclusively, ends just after it.
  void Ends(Instant from, TimeSpan later = TimeSpan()) { Note(from, later, 1); }

  // The same as what `other` notes.
  void Add(Until other) { nanos_ = std::min(nanos_, other.nanos_); }

  // Whether it may have changed at `time`.
  bool Reached(Instant time) const { return nanos_ <= time.nanos(); }

  // The first whole second that shows the change.
  int64_t Second() const { return nanos_ == kNever ? kNever : Instant(nanos_ - 1).Second() + 1; }

 private:
  void Note(Instant from, TimeSpan later, int64_t more) {
    constexpr Instant kHorizon = Instant::FromSecond(kHorizonSecond);
    if (later > kHorizon - from) return;  // `from` is not beyond it.
    const uint64_t nanos = static_cast<uint64_t>(from.nanos()) + later.nanos();
    nanos_ = std::min(nanos_, static_cast<int64_t>(nanos) + more);
  }

  int64_t nanos_ = kNever;  // The first nanosecond since 1970 that is otherwise.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_UNTIL_H_
