// The catalog over a source that is read ICP by ICP, such as a database.
#ifndef BANTAM_SERVER_CATALOG_LOADING_CATALOG_H_
#define BANTAM_SERVER_CATALOG_LOADING_CATALOG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/catalog/catalog.h"
#include "server/catalog/icp_editor.h"
#include "server/catalog/load_function.h"
#include "server/catalog/revision_cache.h"
#include "server/catalog/revision_store.h"

namespace bantam {

// Which ICPs a catalog loads before it is ready.
enum class WarmStart {
  kNone,  // None: each is loaded when it is asked for first.
  kUsed,  // Those that all replicas used most, as the cache tells. Without a cache: none.
  kAll,   // All that the store lists, by name; those used most while the store cannot be reached.
};

struct LoadingCatalogOptions {
  // How often the store is asked what changed. Each time up to 20 % are added at random, so that
  // replicas do not ask together. Greater than zero.
  absl::Duration poll_interval = absl::Seconds(1);

  // How long one load may take, and how long it may wait for its turn. Greater than zero.
  absl::Duration load_timeout = absl::Seconds(3);

  // The bound for queries that name none: how long ago an answer may have been known to be current.
  // Default: the last good answer is given for as long as it takes.
  absl::Duration max_staleness = absl::InfiniteDuration();

  // How many bytes everything that is held may take together (an estimate); what was not used for
  // long goes first.
  size_t max_bytes = 256 << 20;

  // How long it is kept in mind that there is no ICP of some name; up to 20 % are taken off at
  // random. A change ends it at once.
  absl::Duration absence_ttl = absl::Seconds(10);

  // How many loads run at once; further ones wait.
  int max_loads = 256;

  // How many calls may wait for loads; further ones are RESOURCE_EXHAUSTED.
  int max_waiting_calls = 10000;

  // How many ICPs a tenant may have for GetTenant() to answer.
  size_t max_tenant_icps = 1000;

  // Threads that compile, and call `done` of calls that had to wait. 0: half of the processor's
  // cores, at least 1.
  int loader_threads = 0;

  // What is loaded before the catalog is ready; ends when the byte bound is 90 % full, or after
  // `warm_start_limit`. As long as neither the store nor the cache tells the names, it is tried
  // again.
  WarmStart warm_start = WarmStart::kNone;
  absl::Duration warm_start_limit = absl::Seconds(10);

  // How often the cache is told which ICPs were used; up to 20 % are added at random. At first it
  // is told sooner.
  absl::Duration uses_interval = absl::Seconds(30);

  // After how many failures in a row the store or the cache counts as down: it is not asked any
  // more but for a probe after a pause, which grows from the first to the second of these.
  int failures_until_down = 5;
  absl::Duration min_probe_pause = absl::Milliseconds(100);
  absl::Duration max_probe_pause = absl::Seconds(5);
};

// Something that whoever operates the catalog wants to know. For the log.
struct CatalogEvent {
  enum class Kind {
    kBadRevision,    // `name`'s newest revision is bad: `issues`. Told once per revision.
    kGoodAgain,      // `name`'s newest revision is good, after a bad one.
    kStoreDown,      // The store does not work (cannot be reached, or refuses everything): `cause`.
    kStoreUp,        // It works again.
    kCacheDown,      // The cache does not work: `cause`.
    kCacheUp,        // It works again.
    kRefused,        // `part` can be reached, but refused what it was asked: `cause`. Told once for
                     // each cause, until it works again after it was down.
    kStoreWentBack,  // The store's counter of changes is lower than before, as after a restore
                     // from a backup: everything is read again.
    kWarmStartDone,  // `loaded` ICPs are held, and the catalog is ready.
  };
  Kind kind;
  std::string name;        // Of an ICP.
  std::string part;        // kStoreDown, kCacheDown, kRefused: as messages call it.
  int64_t number = 0;      // The revision that is bad, or good again.
  bool last_good = false;  // kBadRevision: whether an earlier one serves in its place.
  std::vector<v1::Issue> issues;
  absl::Status cause;
  int loaded = 0;
};

// For telemetry. Counts since the start.
struct LoadingCatalogStats {
  // What is held.
  int64_t entries = 0;         // ICPs, pinned revisions, tenants' lists and absences.
  int64_t icps = 0;            // Of these, ICPs that serve.
  size_t bytes = 0;            // What they take (an estimate).
  int64_t evictions = 0;       // Entries dropped because of the byte bound.
  int64_t stale_icps = 0;      // Held, but known or suspected not to be current.
  int64_t last_good_icps = 0;  // Of these, by an earlier revision because the newest one is bad.

  // Calls: answered from what was held, and those that waited for a load.
  int64_t hits = 0;
  int64_t misses = 0;
  int64_t waiting = 0;  // Now.
  int64_t refused = 0;  // With RESOURCE_EXHAUSTED.

  // Loads of ICPs, pinned revisions and tenants' lists, by where the answer came from.
  int64_t loads_from_cache = 0;
  int64_t loads_from_store = 0;
  int64_t load_failures = 0;
  int64_t loading = 0;   // Now.
  int64_t compiled = 0;  // Definitions parsed and compiled.
  int64_t bad_revisions = 0;

  // Changes heard of.
  int64_t cache_messages = 0;  // Names that the cache's messages told.
  int64_t cache_all_changed = 0;
  int64_t changes_polled = 0;  // ICPs that polls told.
  int64_t confirmed = 0;       // Answers of the cache found to be right by the store.
  int64_t corrected = 0;       // And found to be outdated.

  // The store.
  bool store_up = false;            // Whether it works: it has answered, and is not down.
  bool store_breaker_open = false;  // Whether it is not asked, but for probes.
  int64_t store_failures = 0;       // Calls that it did not answer, or refused.
  int64_t polls = 0;                // Successful ones.
  int64_t poll_failures = 0;
  absl::Time last_poll_time = absl::InfinitePast();  // When the newest successful poll began.
  absl::Duration last_poll_duration;                 // How long that took.
  int64_t sequence = -1;                             // All changes up to this one are known.

  // The cache.
  bool has_cache = false;
  bool cache_up = false;
  bool cache_breaker_open = false;
  int64_t cache_failures = 0;  // Reads that it did not answer.
  int64_t cache_misses = 0;
  int64_t cache_refused = 0;  // What it held was older than what this catalog knew.

  // Which parts are degraded, for people, each one line; none: all is well.
  std::vector<std::string> degraded;
};

// Holds ICPs that were asked for, bounded by bytes, and follows the changes of `store`:
//
//   Get ─ held ─► answer (no lock that is contended, no waiting)
//       └ else ─► one load per name ─► cache ─ miss ─► store ─► compile ─► held
//
// An answer is never waited for if an entry is held that is fresh enough; an entry that is known or
// suspected to be outdated is loaded again in the background and serves meanwhile. How fresh an
// answer is: server/catalog/README.md. Safe for concurrent use.
class LoadingCatalog : public Catalog, public IcpEditor {
 public:
  // Called for each event, on a thread of the catalog, one call at a time. Must neither block for
  // long nor destroy the catalog.
  using OnEvent = std::function<void(const CatalogEvent&)>;

  // Asks `store` for the first time and begins to follow it. `cache` may be null. Both must outlive
  // the catalog; nobody else may watch `cache`. A store that cannot be reached is no error: what
  // the cache holds is served until it can.
  //
  // Blocks for `load_timeout` at most. Errors: those that waiting would not end, such as
  // FAILED_PRECONDITION: the store is not set up. The message is the store's.
  static absl::StatusOr<std::unique_ptr<LoadingCatalog>> Open(RevisionStore* store,
                                                              RevisionCache* cache,
                                                              LoadFunction load,
                                                              const LoadingCatalogOptions& options,
                                                              OnEvent on_event);

  // Waits for the calls to `store` and `cache` that are under way, `load_timeout` at most; whoever
  // waits is told UNAVAILABLE.
  ~LoadingCatalog() override;

  void Get(const IcpQuery& query, GetDone done) override;
  absl::optional<absl::StatusOr<IcpAnswer>> Find(const IcpQuery& query) override;
  void GetTenant(absl::string_view tenant, absl::optional<absl::Duration> max_staleness,
                 GetTenantDone done) override;
  void List(absl::string_view parent, absl::string_view after, int limit, ListDone done) override;

  void Save(const CatalogEntry& entry, absl::string_view etag, bool validate_only,
            Done<EditedIcp> done) override;
  void Delete(absl::string_view name, absl::string_view etag, absl::string_view author,
              absl::string_view comment, Done<EditedIcp> done) override;
  void Rollback(absl::string_view name, absl::string_view revision, int64_t number,
                absl::string_view etag, absl::string_view author, absl::string_view comment,
                Done<EditedIcp> done) override;
  void ReadRevision(absl::string_view name, int64_t number, Done<StoredRevision> done) override;
  void ListRevisions(absl::string_view name, int64_t before, int limit,
                     Done<HistoryPage> done) override;

  // Whether calls can be answered: the warm start is over, and the store has answered once or an
  // ICP could be loaded from the cache without it. Never turns false again: what is held serves
  // whatever is down.
  bool Ready() const;

  // Waits until Ready(), until `deadline` at most. Returns Ready().
  bool WaitReady(absl::Time deadline) const;

  LoadingCatalogStats Stats() const;

 private:
  class Parts;

  explicit LoadingCatalog(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_LOADING_CATALOG_H_
