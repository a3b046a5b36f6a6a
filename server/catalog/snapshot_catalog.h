// The catalog over a source that is read as a whole, such as a directory.
#ifndef BANTAM_SERVER_CATALOG_SNAPSHOT_CATALOG_H_
#define BANTAM_SERVER_CATALOG_SNAPSHOT_CATALOG_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/catalog/catalog.h"
#include "server/catalog/definition_set.h"
#include "server/catalog/icp_source.h"
#include "server/catalog/mutex.h"
#include "server/catalog/retired_revisions.h"

namespace bantam {

struct SnapshotCatalogOptions {
  // Whether Open() refuses a source in which any document is bad. Default: it goes on with the good
  // ones.
  bool strict = false;

  // How many revisions of one ICP stay answerable after they were replaced or deleted. Not
  // negative.
  int max_retired_per_icp = 16;

  // How many bytes all such revisions may hold together (an estimate).
  size_t max_retired_bytes = 64 << 20;
};

// What one reload found. There is none for a look at the source that found everything as before.
struct ReloadReport {
  // When the source had been read.
  absl::Time time;

  // Not OK: the source could not be read, and everything stays as it was. One line.
  absl::Status source;

  // Names of ICPs, ascending: what came, has another revision, went.
  std::vector<std::string> added;
  std::vector<std::string> changed;
  std::vector<std::string> removed;

  // Names of all ICPs that are in service by their last good definition only.
  std::vector<std::string> stale;

  // The issues that the report before did not have, by file and line. For the log: `rendered`.
  std::vector<v1::Issue> new_issues;

  // How many ICPs are in service, and how many issues there are now, new or not.
  int icps = 0;
  int errors = 0;
  int warnings = 0;

  // Whether everything that is in the source is in service.
  bool ok() const { return source.ok() && errors == 0; }
};

// For telemetry. Counts since the start.
struct CatalogStats {
  int icps = 0;                  // In service.
  int stale_icps = 0;            // Of these, by their last good definition only.
  int broken_icps = 0;           // Named by bad documents only, never good so far: not in service.
  int retired_revisions = 0;     // Kept for callers who pinned them.
  size_t retired_bytes = 0;      // What they hold (an estimate).
  int64_t reload_successes = 0;  // Reports, the first load's included, that were ok().
  int64_t reload_failures = 0;   // Those that were not.
  absl::Time last_success_time = absl::InfinitePast();  // Of the newest report that was ok().
  absl::Time last_read_time = absl::InfinitePast();     // When the source could be read last.
  absl::Status source;                                  // Of the newest attempt to read it.
  std::vector<v1::Issue> issues;  // All there are now, warnings included, by file and line.
};

// Holds everything in memory, so that every answer is given at once, on the caller's thread. A
// thread of its own reads the source again after each change; while that reads and compiles,
// callers go on with what was there before. Safe for concurrent use.
class SnapshotCatalog : public Catalog {
 public:
  // Called after each reload that found something new: after the first one within Open() (unless
  // that fails), then on the catalog's thread, one call at a time. Must not destroy the catalog.
  using OnReload = std::function<void(const ReloadReport&)>;

  // Reads `source` and begins to watch it.
  //
  // Errors: those of IcpSource::Read(); with `options.strict`, FAILED_PRECONDITION if any document
  // is bad: the message lists every issue that is an error, rendered.
  static absl::StatusOr<std::unique_ptr<SnapshotCatalog>> Open(
      std::unique_ptr<IcpSource> source, LoadFunction load, const SnapshotCatalogOptions& options,
      OnReload on_reload);

  // Waits for a reload that is under way.
  ~SnapshotCatalog() override;

  void Get(absl::string_view name, absl::string_view revision, Done done) override;
  void List(absl::string_view parent, ListDone done) override;

  CatalogStats Stats() const;

 private:
  struct View;

  SnapshotCatalog(std::unique_ptr<IcpSource> source, LoadFunction load,
                  const SnapshotCatalogOptions& options, OnReload on_reload);

  void Run();

  // Reads the source and takes over what it holds. Returns what Read() returned.
  absl::Status Reload();
  void TakeOver(IcpSnapshot snapshot, absl::Time now);
  void ReportSourceError(const absl::Status& error, absl::Time now);

  // Counts `report` and hands it on.
  void Publish(ReloadReport report);

  std::shared_ptr<const View> CurrentView() const;
  std::shared_ptr<const View> MakeView() const;

  const SnapshotCatalogOptions options_;
  const OnReload on_reload_;
  std::unique_ptr<IcpSource> source_;

  // Touched by Open(), and then by the thread only.
  DefinitionSet definitions_;
  RetiredRevisions retired_;
  std::vector<v1::Issue> last_issues_;
  bool loaded_ = false;

  mutable Mutex mutex_;
  std::condition_variable_any wake_;
  bool change_pending_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  CatalogStats stats_ ABSL_GUARDED_BY(mutex_);

  // By itself, so that a call never waits for more than the copy of a pointer.
  mutable Mutex view_mutex_;
  std::shared_ptr<const View> view_ ABSL_GUARDED_BY(view_mutex_);

  std::thread thread_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_SNAPSHOT_CATALOG_H_
