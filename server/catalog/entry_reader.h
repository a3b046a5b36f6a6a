#ifndef BANTAM_SERVER_CATALOG_ENTRY_READER_H_
#define BANTAM_SERVER_CATALOG_ENTRY_READER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/catalog/bad_revisions.h"
#include "server/catalog/held_entries.h"
#include "server/catalog/load_function.h"
#include "server/catalog/loader_threads.h"
#include "server/catalog/part_health.h"
#include "server/catalog/revision_cache.h"
#include "server/catalog/revision_store.h"
#include "server/catalog/single_flight.h"

namespace bantam {

// A record, parsed and compiled.
struct CompiledRecord {
  CatalogEntryPtr entry;          // Null: it is bad.
  std::vector<v1::Issue> issues;  // Warnings, and errors if it is bad.
};

// Runs loads: reads the cache, else the store, compiles what it finds, has it held, and fills the
// cache. Safe for concurrent use.
class EntryReader {
 public:
  // What it works with. All but the cache (null: none) are there, and outlive it.
  struct Parts {
    RevisionStore* store = nullptr;
    PartHealth* store_health = nullptr;
    RevisionCache* cache = nullptr;
    PartHealth* cache_health = nullptr;
    LoadFunction load;
    HeldEntries* held = nullptr;
    SingleFlight* flights = nullptr;
    BadRevisions* bad_revisions = nullptr;
    LoaderThreads* threads = nullptr;
  };

  struct Stats {
    int64_t from_cache = 0;
    int64_t from_store = 0;
    int64_t failures = 0;
    int64_t compiled = 0;
    int64_t cache_misses = 0;
    int64_t cache_refused = 0;
  };

  // Ends a load, on a loader thread: with what is held now, or the error. Calls `fill_cache` when
  // nobody joins the load any more: the cache tells of what is written to it, and a load that is
  // told of a change counts as outdated.
  using Done =
      absl::AnyInvocable<void(absl::StatusOr<HeldEntryPtr>, absl::FunctionRef<void()> fill_cache)>;

  explicit EntryReader(Parts parts);

  // Runs the load `flight`, of a key of any kind. Does not block.
  void Read(const SingleFlight::FlightPtr& flight, Done done);

  // Parses and compiles a record's text. Slow.
  CompiledRecord Compile(const RevisionRecord& record);

  Stats GetStats() const;

 private:
  class Load;
  class CurrentLoad;
  class PinnedLoad;
  class TenantLoad;

  const Parts parts_;
  std::atomic<int64_t> from_cache_{0};
  std::atomic<int64_t> from_store_{0};
  std::atomic<int64_t> failures_{0};
  std::atomic<int64_t> compiled_{0};
  std::atomic<int64_t> cache_misses_{0};
  std::atomic<int64_t> cache_refused_{0};
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_ENTRY_READER_H_
