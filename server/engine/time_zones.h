#ifndef BANTAM_SERVER_ENGINE_TIME_ZONES_H_
#define BANTAM_SERVER_ENGINE_TIME_ZONES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace bantam {

// Where Compile() gets time zones from. Loading one reads a file, which the engine must not do
// itself. Implementations are safe for concurrent use.
class TimeZones {
 public:
  virtual ~TimeZones() = default;

  // The zone with this IANA name, such as "Europe/Berlin"; nullopt if there is none.
  virtual std::optional<absl::TimeZone> Find(absl::string_view name) const = 0;

  // Version of the data, such as "2024a"; "unknown" if it cannot be told.
  virtual std::string version() const = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_TIME_ZONES_H_
