#ifndef BANTAM_SERVER_CATALOG_STEADY_TIME_H_
#define BANTAM_SERVER_CATALOG_STEADY_TIME_H_

#include <cstdint>

#include "absl/time/time.h"

namespace bantam {

// The time by a clock that is never set: it is that of absl::Now() when the process starts, and
// goes on evenly from there. Ages are told by it, so that none jumps when the system's clock is
// set.
absl::Time SteadyNow();

// The same as nanoseconds since the Unix epoch, for where every nanosecond counts.
int64_t SteadyNanos();

// A time of another process, by the system's clock, on the clock of SteadyNow(); now, if it lies
// ahead.
absl::Time SteadyFromSystem(absl::Time time);

// A time of SteadyNow() by the system's clock, for other processes.
absl::Time SystemFromSteady(absl::Time time);

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_STEADY_TIME_H_
