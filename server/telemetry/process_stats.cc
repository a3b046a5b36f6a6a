#include "server/telemetry/process_stats.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace bantam {
namespace {

// Places in /proc/self/stat after the program's name, counted from 0; see proc(5).
constexpr size_t kThreads = 17;
constexpr size_t kStartTicks = 19;
constexpr size_t kResidentPages = 21;

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int64_t ToNumber(absl::string_view text) {
  int64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

// When the system started.
absl::Time BootTime() {
  const std::string stat = ReadFile("/proc/stat");
  for (absl::string_view line : absl::StrSplit(stat, '\n')) {
    if (absl::ConsumePrefix(&line, "btime ")) return absl::FromUnixSeconds(ToNumber(line));
  }
  return absl::UnixEpoch();
}

int64_t CountOpenFds() {
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  int64_t count = -1;  // Not the one that reads the folder.
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(folder);
  return count;
}

}  // namespace

ProcessStats ReadProcessStats() {
  ProcessStats stats;
  rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    stats.cpu_time =
        absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
  }
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) stats.max_fds = static_cast<int64_t>(limit.rlim_cur);
  stats.open_fds = CountOpenFds();
  // The name, in brackets, may hold anything.
  const std::string stat = ReadFile("/proc/self/stat");
  const std::vector<absl::string_view> fields =
      absl::StrSplit(absl::string_view(stat).substr(stat.rfind(')') + 1), ' ', absl::SkipEmpty());
  if (fields.size() > kResidentPages) {
    stats.threads = ToNumber(fields[kThreads]);
    stats.resident_bytes = ToNumber(fields[kResidentPages]) * sysconf(_SC_PAGESIZE);
    stats.start_time = BootTime() + absl::Seconds(1) * ToNumber(fields[kStartTicks]) /
                                        static_cast<int64_t>(sysconf(_SC_CLK_TCK));
  }
  return stats;
}

}  // namespace bantam
