#ifndef BANTAM_SERVER_RPC_CPU_QUOTA_H_
#define BANTAM_SERVER_RPC_CPU_QUOTA_H_

#include <string>

#include "absl/types/optional.h"

namespace bantam {

// The number of processors that this process's control group, or one above it, allows (1.5 for a
// Kubernetes limit of 1500m), by cgroup version 1 or 2; absent where there is no limit. `root` is
// put before the paths of /proc and /sys; tests give a folder of their own.
absl::optional<double> CpuQuota(const std::string& root = "");

// How many threads can really run at a time: the processors this process may use (its affinity), or
// its quota, rounded up, if that is less. At least 1.
int UsableCpus();

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_CPU_QUOTA_H_
