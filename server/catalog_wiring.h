// What served_catalog.cc is put together from.
#ifndef BANTAM_SERVER_CATALOG_WIRING_H_
#define BANTAM_SERVER_CATALOG_WIRING_H_

#include <functional>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/catalog/load_function.h"
#include "server/engine/time_zones.h"
#include "server/options.h"
#include "server/served_catalog.h"
#include "server/telemetry/log.h"

namespace bantam {

// As ServedCatalog::Open(), over the directory `options.icps`.
absl::StatusOr<std::unique_ptr<ServedCatalog>> OpenDirectoryCatalog(const Options& options,
                                                                    const TimeZones* zones,
                                                                    Log* log);

// As ServedCatalog::Open(), over the database `options.icp_source`.
absl::StatusOr<std::unique_ptr<ServedCatalog>> OpenDatabaseCatalog(
    const Options& options, const TimeZones* zones, Log* log,
    std::function<void()> on_health_change);

// LoadIcp() with these time zones, which outlive the function.
LoadFunction LoadWith(const TimeZones* zones);

// A line for each issue, with its place.
void LogIssues(const std::vector<v1::Issue>& issues, Log* log);

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_WIRING_H_
