#ifndef BANTAM_SERVER_TELEMETRY_PROCESS_STATS_H_
#define BANTAM_SERVER_TELEMETRY_PROCESS_STATS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace bantam {

// What the system tells of this process. Zero: it does not tell.
struct ProcessStats {
  absl::Duration cpu_time;  // User and system, all threads.
  int64_t resident_bytes = 0;
  int64_t open_fds = 0;
  int64_t max_fds = 0;  // The soft limit.
  int64_t threads = 0;
  absl::Time start_time = absl::UnixEpoch();
};

// Reads it from /proc/self, which takes some 0.1 ms.
ProcessStats ReadProcessStats();

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_PROCESS_STATS_H_
