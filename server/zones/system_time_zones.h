#ifndef BANTAM_SERVER_ZONES_SYSTEM_TIME_ZONES_H_
#define BANTAM_SERVER_ZONES_SYSTEM_TIME_ZONES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/engine/time_zones.h"

namespace bantam {

// The operating system's tzdata. Immutable after construction; safe for concurrent use.
class SystemTimeZones : public TimeZones {
 public:
  // Reads the version of the data once.
  SystemTimeZones();

  // Opens no file but those of the tz database, whatever `name` is.
  std::optional<absl::TimeZone> Find(absl::string_view name) const override;
  std::string version() const override { return version_; }

 private:
  std::string version_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ZONES_SYSTEM_TIME_ZONES_H_
