#include "server/zones/system_time_zones.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace bantam {
namespace {

// Longer than any name of the tz database.
constexpr size_t kMaxNameBytes = 64;

// Whether `name` could be one of the tz database: "Europe/Berlin", "Etc/GMT+1". Never a path that
// leads out of it.
bool LooksLikeZone(absl::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || name[0] == '/') return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && !absl::StrContains("/_+-", c)) return false;
  }
  return true;
}

// Whether the system has a file for it, in the folder that Abseil reads.
bool HasFile(absl::string_view name) {
  const char* const folder = std::getenv("TZDIR");
  const std::string path = absl::StrCat(
      folder != nullptr && *folder != '\0' ? folder : "/usr/share/zoneinfo", "/", name);
  struct stat status;
  return stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

// The first line of tzdata.zi reads "# version 2024a".
SystemTimeZones::SystemTimeZones() : version_("unknown") {
  std::ifstream file("/usr/share/zoneinfo/tzdata.zi");
  std::string line;
  if (!std::getline(file, line)) return;
  absl::string_view version = line;
  if (absl::ConsumePrefix(&version, "# version ") && !version.empty()) {
    version_ = std::string(version);
  }
}

// Names come from callers. Abseil would open whatever path they are, and remembers each that it was
// ever asked for, known or not, for as long as the process lives.
std::optional<absl::TimeZone> SystemTimeZones::Find(absl::string_view name) const {
  if (name == "UTC") return absl::UTCTimeZone();
  absl::TimeZone zone;
  if (!LooksLikeZone(name) || !HasFile(name) || !absl::LoadTimeZone(name, &zone)) {
    return std::nullopt;
  }
  return zone;
}

}  // namespace bantam
