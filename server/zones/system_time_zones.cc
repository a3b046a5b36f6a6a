#include "server/zones/system_time_zones.h"

#include <fstream>

#include "absl/strings/strip.h"

namespace bantam {

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

std::optional<absl::TimeZone> SystemTimeZones::Find(absl::string_view name) const {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

}  // namespace bantam
