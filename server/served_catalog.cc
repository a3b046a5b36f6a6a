#include "server/served_catalog.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/catalog_wiring.h"
#include "server/definition/load_icp.h"

namespace bantam {

absl::StatusOr<std::unique_ptr<ServedCatalog>> ServedCatalog::Open(
    const Options& options, const TimeZones* zones, Log* log,
    std::function<void()> on_health_change) {
  if (options.icp_source.empty()) return OpenDirectoryCatalog(options, zones, log);
  return OpenDatabaseCatalog(options, zones, log, std::move(on_health_change));
}

LoadFunction LoadWith(const TimeZones* zones) {
  return [zones](absl::string_view yaml, absl::string_view file) {
    return LoadIcp(yaml, file, *zones);
  };
}

void LogIssues(const std::vector<v1::Issue>& issues, Log* log) {
  for (const v1::Issue& issue : issues) {
    const bool is_error = issue.severity() == v1::ISSUE_SEVERITY_ERROR;
    log->Write(
        is_error ? LogLevel::kError : LogLevel::kWarning,
        absl::StrCat(issue.file(), ":", issue.line(), ":", issue.column(), ": ", issue.message()));
  }
}

}  // namespace bantam
