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
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/catalog/catalog.h"
#include "server/catalog/definition_set.h"
#include "server/catalog/icp_source.h"
#include "server/catalog/load_function.h"
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

  // How many ICPs a tenant may have for GetTenant() to answer.
  size_t max_tenant_icps = 1000;

  // How many calls may wait for the source to be read again, as their `max_staleness` wants.
  size_t max_waiting_calls = 10000;
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
  int nameless_documents = 0;    // Bad, never good so far, and their names cannot be read.
  int retired_revisions = 0;     // Kept for callers who pinned them.
  size_t retired_bytes = 0;      // What they hold (an estimate).
  int64_t reload_successes = 0;  // Reports, the first load's included, that were ok().
  int64_t reload_failures = 0;   // Those that were not.
  absl::Time last_success_time = absl::InfinitePast();  // Of the newest report that was ok().
  absl::Time last_read_time = absl::InfinitePast();     // When the newest successful read began.
  absl::Status source;                                  // Of the newest attempt to read it.
  std::vector<v1::Issue> issues;  // All there are now, warnings included, by file and line.
};

// Holds everything in memory, so that answers are given at once, on the caller's thread. A thread
// of its own reads the source again after each change; while that reads and compiles, callers go on
// with what was there before. Safe for concurrent use.
//
// An entry was known to be current when the newest read began that found it so. A query that wants
// it fresher is answered on the catalog's thread, after a read that begins after the query: with
// what is in service then, which is the last good definition where the new one is bad; or
// UNAVAILABLE, if the source cannot be read. Without `max_staleness` any age will do.
//
// Revisions are not numbered, and nothing can be changed through it.
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

  // Waits for a reload that is under way. Calls that wait are UNAVAILABLE.
  ~SnapshotCatalog() override;

  void Get(const IcpQuery& query, GetDone done) override;
  absl::optional<absl::StatusOr<IcpAnswer>> Find(const IcpQuery& query) override;
  void GetTenant(absl::string_view tenant, absl::optional<absl::Duration> max_staleness,
                 GetTenantDone done) override;
  void List(absl::string_view parent, absl::string_view after, int limit, ListDone done) override;

  CatalogStats Stats() const;

 private:
  struct View;

  // What is in service.
  struct State {
    std::shared_ptr<const View> view;
    absl::Time read_time;  // When the newest successful read began.
  };

  // Goes on with a call after a reload, or after an error for the caller.
  using Waiter = absl::AnyInvocable<void(absl::Status)>;

  SnapshotCatalog(std::unique_ptr<IcpSource> source, LoadFunction load,
                  const SnapshotCatalogOptions& options, OnReload on_reload);

  void Run();

  // Reads the source and takes over what it holds. Returns what Read() returned.
  absl::Status Reload();
  void TakeOver(IcpSnapshot snapshot, absl::Time read_time, absl::Time now);
  void ReportSourceError(const absl::Status& error, absl::Time now);

  // Counts `report` and hands it on.
  void Publish(ReloadReport report);

  State CurrentState() const;
  std::shared_ptr<const View> MakeView() const;
  absl::StatusOr<IcpAnswer> Answer(absl::string_view name, absl::string_view revision) const;

  // Calls `ready` when what is in service is fresh enough, at once if it is.
  void WhenFresh(absl::optional<absl::Duration> max_staleness, Waiter ready);
  void FailWaiters();

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
  std::vector<Waiter> waiters_ ABSL_GUARDED_BY(mutex_);  // For a read that has not begun.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  CatalogStats stats_ ABSL_GUARDED_BY(mutex_);

  // By itself, so that a call never waits for more than the copy of a pointer.
  mutable Mutex state_mutex_;
  State state_ ABSL_GUARDED_BY(state_mutex_);

  std::thread thread_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_SNAPSHOT_CATALOG_H_
