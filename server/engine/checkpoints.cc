#include "server/engine/checkpoints.h"

namespace bantam {

// The first second at or after an instant shows what changed there. A bound that is inclusive
// changes something just after it: of an instant that is a whole second the next one shows that.
Checkpoint Checkpoints::TakeNext() {
  Checkpoint next = again_;  // Nothing lies between it and the second before it.
  again_ = {kNever, 0};
  if (next.second == kNever) next.second = Instant(earliest_ - 1).Second() + 1;
  const int64_t nanos = next.second * kNanosPerSecond;
  if (earliest_ > nanos) return next;
  earliest_ = kNever;
  Candidate* const begin = candidates_.begin();
  Candidate* end = candidates_.end();
  const Candidate* const few = end - std::min(candidates_.size(), kFew);
  for (Candidate* i = end; i != begin;) {
    --i;
    if (i->nanos > nanos) {
      earliest_ = std::min(earliest_, i->nanos);
      if (i < few) break;
      continue;
    }
    next.changes |= i->changes;
    if (i->nanos == nanos) again_ = {next.second + 1, again_.changes | i->changes};
    *i = *--end;  // Which is later, or the same.
  }
  candidates_.Shrink(end - begin);
  return next;
}

}  // namespace bantam
