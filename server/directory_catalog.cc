// A catalog over a directory.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "server/catalog/snapshot_catalog.h"
#include "server/catalog_wiring.h"
#include "server/definition/load_icp.h"
#include "server/store/directory_source.h"
#include "server/store/file_watcher.h"

namespace bantam {
namespace {

constexpr size_t kMaxLoggedNames = 20;

std::string Names(std::vector<std::string> names) {
  if (names.size() <= kMaxLoggedNames) return absl::StrJoin(names, ",");
  const size_t more = names.size() - kMaxLoggedNames;
  names.resize(kMaxLoggedNames);
  return absl::StrCat(absl::StrJoin(names, ","), " and ", more, " more");
}

void LogReload(const ReloadReport& report, Log* log) {
  if (!report.source.ok()) {
    log->Write(LogLevel::kError, "ICPs cannot be read; those read last stay in service",
               {{"cause", std::string(report.source.message())}});
    return;
  }
  Log::Fields fields = {{"icps", absl::StrCat(report.icps)},
                        {"errors", absl::StrCat(report.errors)},
                        {"warnings", absl::StrCat(report.warnings)}};
  const auto add = [&fields](const char* key, const std::vector<std::string>& names) {
    if (!names.empty()) fields.emplace_back(key, Names(names));
  };
  add("added", report.added);
  add("changed", report.changed);
  add("removed", report.removed);
  add("last_good", report.stale);
  log->Write(report.ok() ? LogLevel::kInfo : LogLevel::kError, "ICPs loaded", fields);
  LogIssues(report.new_issues, log);
}

class DirectoryCatalog final : public ServedCatalog {
 public:
  static absl::StatusOr<std::unique_ptr<ServedCatalog>> Open(const Options& options,
                                                             const TimeZones* zones, Log* log) {
    auto served = std::make_unique<DirectoryCatalog>();
    served->directory_ = options.icps;
    FileWatcherOptions watcher_options;
    watcher_options.poll_interval = absl::Seconds(options.reload_poll_seconds);
    served->watcher_ = std::make_unique<FileWatcher>(watcher_options);
    SnapshotCatalogOptions catalog_options;
    catalog_options.strict = options.strict;
    catalog_options.max_tenant_icps = static_cast<size_t>(options.max_tenant_icps);
    absl::StatusOr<std::unique_ptr<SnapshotCatalog>> catalog = SnapshotCatalog::Open(
        std::make_unique<DirectorySource>(options.icps, served->watcher_.get()), LoadWith(zones),
        catalog_options, [log](const ReloadReport& report) { LogReload(report, log); });
    if (!catalog.ok()) {
      return absl::Status(catalog.status().code(),
                          absl::StrCat("--icps=", options.icps, ": ", catalog.status().message()));
    }
    served->catalog_ = *std::move(catalog);
    return served;
  }

  Catalog* catalog() override { return catalog_.get(); }
  IcpEditor* editor() override { return nullptr; }

  // A directory has been read when the catalog is there, and is held as a whole.
  CatalogHealth Health() const override {
    const CatalogStats stats = catalog_->Stats();
    const bool none_bad = CatalogStatusOf(stats, absl::Now()).bad_icps == 0;
    return {/*ready=*/true, {{"bantam.source", stats.source.ok()}, {"bantam.icps", none_bad}}};
  }

  void AddTo(ServerStatus* status) const override {
    const CatalogStats stats = catalog_->Stats();
    status->icp_source = absl::StrCat("directory ", directory_);
    status->catalog = CatalogStatusOf(stats, status->now);
    status->parts.push_back({"source", status->icp_source, stats.source.ok(), false});
    std::vector<std::string>* const degraded = &status->readiness.degraded;
    if (!stats.source.ok()) {
      degraded->push_back("the directory of the ICPs cannot be read; what was read last serves");
    }
    if (status->catalog.bad_icps > 0) {
      degraded->push_back(absl::StrCat(status->catalog.bad_icps,
                                       " ICPs have a bad definition; in place of ",
                                       status->catalog.last_good_icps,
                                       " of them an earlier one "
                                       "serves"));
    }
  }

 private:
  std::string directory_;
  std::unique_ptr<FileWatcher> watcher_;
  std::unique_ptr<SnapshotCatalog> catalog_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ServedCatalog>> OpenDirectoryCatalog(const Options& options,
                                                                    const TimeZones* zones,
                                                                    Log* log) {
  return DirectoryCatalog::Open(options, zones, log);
}

}  // namespace bantam
