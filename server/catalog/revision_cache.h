// What the catalog needs of a cache that many replicas share and that stands before a
// RevisionStore.
#ifndef BANTAM_SERVER_CATALOG_REVISION_CACHE_H_
#define BANTAM_SERVER_CATALOG_REVISION_CACHE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/revision_store.h"

namespace bantam {

// What a cache holds about a name. All absent: a miss.
struct CachedRead {
  // What was current when it was written.
  absl::optional<CurrentRevision> current;

  // When the writer had that from the store, by the writer's clock.
  absl::Time read_time;

  // The text of `current`. Absent: there is none, or it is not held, or its number is the one that
  // the reader knows.
  absl::optional<RevisionRecord> record;
};

// Hears of what other replicas did. Called on the cache's thread; must not block.
struct CacheEvents {
  // The pointers or lists of these names (ICPs and tenants) were written, or went.
  std::function<void(const std::vector<std::string>& names)> on_changed;

  // Anything may have changed unheard: the cache was emptied, or the connection that hears of
  // changes was lost or has come (back). Also called when it is made the first time.
  std::function<void()> on_all_changed;
};

// Holds copies of what a RevisionStore holds, for all replicas. Any of it may be missing at any
// time. Entries that are damaged or of another format are misses. Safe for concurrent use.
//
// Reads call `done` exactly once, on any thread, perhaps before they return, within the cache's own
// time-out of a few milliseconds. Error: UNAVAILABLE: the cache did not answer (one line, without
// credentials). A miss is no error.
//
// Writes return at once and may be lost; an error is counted, not told. A pointer or list replaces
// only one with a lower sequence, and writing what is there already disturbs nobody.
class RevisionCache {
 public:
  template <typename Result>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Result>)>;

  // Gives up what is under way: its `done` is called with UNAVAILABLE before this returns. No event
  // is told any more.
  virtual ~RevisionCache() = default;

  // What is current under `name`, with its text unless its number is `known_number` (0: none).
  virtual void ReadCurrent(absl::string_view name, int64_t known_number, Done<CachedRead> done) = 0;

  // The text of a pinned revision. Absent: a miss.
  virtual void ReadRevision(absl::string_view name, absl::string_view revision,
                            Done<absl::optional<RevisionRecord>> done) = 0;

  // What is current under each of `names`, in their order. Absent: a miss.
  virtual void ReadPointers(const std::vector<std::string>& names,
                            Done<std::vector<absl::optional<CurrentRevision>>> done) = 0;

  // The names of one tenant's ICPs. Absent: a miss.
  virtual void ReadTenant(absl::string_view tenant, Done<absl::optional<TenantNames>> done) = 0;

  // Writes what is current under some names, as it was read from the store at `read_time`. A name
  // without a current revision (a negative entry) is kept for a short time only.
  virtual void WritePointers(const std::vector<CurrentRevision>& current, absl::Time read_time) = 0;

  // Writes the text that is current with that number.
  virtual void WriteRecord(const RevisionRecord& record) = 0;

  // Writes the text of a pinned revision, under `record.revision`.
  virtual void WriteRevision(const RevisionRecord& record) = 0;

  // Writes the names of a tenant's ICPs.
  virtual void WriteTenant(const TenantNames& names) = 0;

  // A tenant got or lost an ICP by change `sequence`: the list held for it, if older, must go.
  virtual void DropTenant(absl::string_view tenant, int64_t sequence) = 0;

  // Adds to how often ICPs were used, by all replicas. Uses fade, so that what was used long ago
  // counts little.
  virtual void AddUses(const std::vector<std::pair<std::string, int64_t>>& uses) = 0;

  // The names used most, most used first, at most `limit`.
  virtual void ReadMostUsed(int limit, Done<std::vector<std::string>> done) = 0;

  // From now on tells of changes. At most once in a cache's life.
  virtual void Watch(CacheEvents events) = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_REVISION_CACHE_H_
