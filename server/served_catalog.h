#ifndef BANTAM_SERVER_SERVED_CATALOG_H_
#define BANTAM_SERVER_SERVED_CATALOG_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/catalog/catalog.h"
#include "server/catalog/icp_editor.h"
#include "server/engine/time_zones.h"
#include "server/options.h"
#include "server/telemetry/log.h"
#include "server/telemetry/server_status.h"

namespace bantam {

// How a catalog and the stores under it do.
struct CatalogHealth {
  // Whether calls can be answered. Once true, it stays so: what is held serves whatever is down.
  bool ready = false;

  // What can be degraded, by the names under which health shows it.
  struct Part {
    std::string name;  // "bantam.source", "bantam.cache": reached. "bantam.icps": none is bad.
    bool serving = false;
  };
  std::vector<Part> parts;
};

// The catalog that the options ask for, with the source, the cache and the threads under it.
class ServedCatalog {
 public:
  // Opens it. What happens to it is written to `log`, and `on_health_change` is called whenever
  // Health() may have changed, on any thread, one call at a time; it must not block. All pointers
  // outlive the catalog.
  //
  // With a database this waits until the catalog is ready, as long as loading in advance may take;
  // a database that cannot be reached is no error. Errors have one line, or one per bad file, that
  // says what to do and names the option.
  static absl::StatusOr<std::unique_ptr<ServedCatalog>> Open(
      const Options& options, const TimeZones* zones, Log* log,
      std::function<void()> on_health_change);

  virtual ~ServedCatalog() = default;

  virtual Catalog* catalog() = 0;

  // Null: calls cannot change this catalog.
  virtual IcpEditor* editor() = 0;

  virtual CatalogHealth Health() const = 0;

  // Adds where the ICPs come from, how they are kept, and the stores. Asks no store anything; waits
  // for locks and, where there is a Redis, until its event loop, which never waits for an answer,
  // has come to it.
  virtual void AddTo(ServerStatus* status) const = 0;

  // Writes to the log what had to wait because it was logged a short time ago. To be called about
  // every second.
  virtual void LogDue() {}
};

}  // namespace bantam

#endif  // BANTAM_SERVER_SERVED_CATALOG_H_
