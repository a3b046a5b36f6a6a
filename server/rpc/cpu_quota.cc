#include "server/rpc/cpu_quota.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace bantam {
namespace {

// Numbers that are no number, such as "max" and "-1", mean no limit.
absl::optional<double> Ratio(absl::string_view quota, absl::string_view period) {
  double q, p;
  if (!absl::SimpleAtod(quota, &q) || !absl::SimpleAtod(period, &p) || q <= 0 || p <= 0) {
    return absl::nullopt;
  }
  return q / p;
}

std::string FirstLine(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

// The limit that stands in one folder of a control group, by either version.
absl::optional<double> QuotaIn(const std::string& folder) {
  const std::vector<std::string> words = absl::StrSplit(FirstLine(folder + "/cpu.max"), ' ');
  if (words.size() == 2) return Ratio(words[0], words[1]);
  return Ratio(FirstLine(folder + "/cpu.cfs_quota_us"), FirstLine(folder + "/cpu.cfs_period_us"));
}

// The least limit of `group` (such as "/kubepods/pod1") and the groups above it, below `mount`.
absl::optional<double> LeastQuota(const std::string& mount, std::string group) {
  absl::optional<double> least;
  while (true) {
    const absl::optional<double> quota = QuotaIn(mount + group);
    if (quota.has_value()) least = least.has_value() ? std::min(*least, *quota) : *quota;
    const size_t slash = group.rfind('/');
    if (slash == std::string::npos) return least;
    group.resize(slash);
  }
}

// Where the group of one line of /proc/self/cgroup may be mounted. Within a container the path may
// be the host's, which is not there; the container's own group is then the mount itself.
std::vector<std::string> Mounts(const std::string& controllers) {
  if (controllers.empty()) return {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};  // Version 2.
  for (const absl::string_view controller : absl::StrSplit(controllers, ',')) {
    if (controller == "cpu") return {"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/" + controllers};
  }
  return {};
}

}  // namespace

absl::optional<double> CpuQuota(const std::string& root) {
  absl::optional<double> least;
  std::ifstream groups(root + "/proc/self/cgroup");
  std::string line;
  while (std::getline(groups, line)) {  // Such as "4:cpu,cpuacct:/a/b", or "0::/a/b".
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    for (const std::string& mount : Mounts(parts[1])) {
      const absl::optional<double> quota = LeastQuota(root + mount, parts[2]);
      if (quota.has_value()) least = least.has_value() ? std::min(*least, *quota) : *quota;
    }
  }
  return least;
}

int UsableCpus() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  int usable = sched_getaffinity(0, sizeof(cpus), &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
  const absl::optional<double> quota = CpuQuota();
  if (quota.has_value()) usable = std::min(usable, static_cast<int>(std::ceil(*quota)));
  return std::max(usable, 1);
}

}  // namespace bantam
