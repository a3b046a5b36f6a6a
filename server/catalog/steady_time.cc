#include "server/catalog/steady_time.h"

#include <algorithm>
#include <chrono>

#include "absl/time/clock.h"

namespace bantam {
namespace {

int64_t NanosSinceClockBegan() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

}  // namespace

int64_t SteadyNanos() {
  static const int64_t begin = absl::ToUnixNanos(absl::Now()) - NanosSinceClockBegan();
  return begin + NanosSinceClockBegan();
}

absl::Time SteadyNow() { return absl::FromUnixNanos(SteadyNanos()); }

absl::Time SteadyFromSystem(absl::Time time) {
  return SteadyNow() - std::max(absl::Now() - time, absl::ZeroDuration());
}

absl::Time SystemFromSteady(absl::Time time) { return absl::Now() + (time - SteadyNow()); }

}  // namespace bantam
