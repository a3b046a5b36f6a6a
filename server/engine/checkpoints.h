// The instants at which time alone may change an answer.
#ifndef BANTAM_SERVER_ENGINE_CHECKPOINTS_H_
#define BANTAM_SERVER_ENGINE_CHECKPOINTS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "server/engine/instant.h"
#include "server/engine/scratch_list.h"

namespace bantam {

// The contract's bound of an evaluation time.
inline constexpr int64_t kHorizonSecond = 7289654400;  // 2201-01-01T00:00:00Z

// What may have changed between two instants, beside what follows from the age of the newest
// events, which is looked at anew anyway. A bit set.
using Changes = uint32_t;
inline constexpr Changes kStatementsChange = 1u << 0;  // Closed facts, objection, stage entry.
inline constexpr Changes kEventsChange = 1u << 1;      // A future event has happened.
inline constexpr Changes kCriteriaChange = 1u << 2;    // Those that depend on time.
inline constexpr Changes kEngagementChange = 1u << 3;  // Points of engagement.
inline constexpr int kBantShift = 4;                   // A bit for each dimension from here on.
constexpr Changes BantChange(int dimension) { return 1u << (kBantShift + dimension); }

// A whole second at which an answer may differ from what it was before.
struct Checkpoint {
  int64_t second;
  Changes changes;
};

// Instants at which something may change. Most are never reached, since the answer changes before:
// few are not sorted at all.
class Checkpoints {
 public:
  // Knows only what comes after the second that `now` is in.
  explicit Checkpoints(Instant now) : now_(Instant::FromSecond(now.Second())) {}
  Checkpoints(const Checkpoints&) = delete;
  Checkpoints& operator=(const Checkpoints&) = delete;

  // Adds the instant that is `later` than `from` (none: adds nothing).
  void Add(Instant from, TimeSpan later, Changes changes) {
    constexpr Instant kHorizon = Instant::FromSecond(kHorizonSecond);
    if (from < now_ && later < now_ - from) return;  // None is long ago.
    if (from > kHorizon || later > kHorizon - from) return;
    const int64_t nanos =
        std::max(from.nanos() + static_cast<int64_t>(later.nanos()), now_.nanos() + 1);
    candidates_.Add({nanos, changes});
    earliest_ = std::min(earliest_, nanos);
  }

  // To be called once, when all were added.
  void Sort() {
    if (candidates_.size() <= kFew) return;
    std::sort(candidates_.begin(), candidates_.end(),
              [](const Candidate& a, const Candidate& b) { return a.nanos > b.nanos; });
  }

  bool empty() const { return candidates_.empty() && again_.second == kNever; }

  // Takes the earliest second, with everything that changes in it. There is one.
  Checkpoint TakeNext();

 private:
  static constexpr size_t kFew = 32;
  static constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

  // An instant in nanoseconds since 1970.
  struct Candidate {
    int64_t nanos;
    Changes changes;
  };

  const Instant now_;  // Rounded down to a second.
  // The last few are in any order; none of those before them is earlier.
  ScratchList<Candidate, 48> candidates_;
  int64_t earliest_ = kNever;       // Of the candidates.
  Checkpoint again_ = {kNever, 0};  // A second that is next, whatever the candidates are.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_CHECKPOINTS_H_
