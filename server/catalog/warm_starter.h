#ifndef BANTAM_SERVER_CATALOG_WARM_STARTER_H_
#define BANTAM_SERVER_CATALOG_WARM_STARTER_H_

#include <condition_variable>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/catalog_events.h"
#include "server/catalog/held_entries.h"
#include "server/catalog/loading_catalog.h"
#include "server/catalog/mutex.h"
#include "server/catalog/part_health.h"
#include "server/catalog/revision_cache.h"
#include "server/catalog/revision_store.h"
#include "server/catalog/single_flight.h"

namespace bantam {

// Waits until the store or the cache has answered, loads ICPs if it is told to, and says when the
// catalog is ready: when the store has answered once, or an ICP could be loaded from the cache
// without it. A cache alone that holds nothing can answer no call. A thread of its own, which ends
// then. Safe for concurrent use.
class WarmStarter {
 public:
  // What it works with. All but the cache (null: none) are there, and outlive it.
  struct Parts {
    RevisionStore* store = nullptr;
    PartHealth* store_health = nullptr;
    RevisionCache* cache = nullptr;
    PartHealth* cache_health = nullptr;
    HeldEntries* held = nullptr;
    SingleFlight* flights = nullptr;
    CatalogEvents* events = nullptr;
  };

  struct Options {
    WarmStart which = WarmStart::kNone;
    absl::Duration limit;    // Of all of it.
    absl::Duration timeout;  // Of one question to the store.
    int max_loads = 0;       // How many loads are under way at once.
  };

  WarmStarter(const Parts& parts, const Options& options);
  ~WarmStarter();

  // Ends it early.
  void Stop();

  bool ready() const;

  // Waits until ready(), or for `deadline`. Returns ready().
  bool WaitReady(absl::Time deadline) const;

 private:
  // What a question to the store or the cache came to, waited for.
  template <typename Result>
  class Answer;

  void Run();
  void WaitForAnswer();

  // Loads what it is told to, trying again until its end.
  void LoadInAdvance();

  // Waits until the store answers or an ICP could be loaded, trying with some of those used most.
  void WaitUntilOfUse();
  bool OfUse() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Loads those used most, at most `limit`; all, by name. False: the source of the names did not
  // answer.
  bool LoadUsed(int limit);
  bool LoadAll();

  // Loads `names`; false: it is to end here.
  bool Load(const std::vector<std::string>& names);
  void WaitForLoads();
  bool Enough() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Parts parts_;
  const Options options_;

  mutable Mutex mutex_;
  mutable std::condition_variable_any changed_;
  absl::Time end_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  int loading_ ABSL_GUARDED_BY(mutex_) = 0;
  int loaded_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ready_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_WARM_STARTER_H_
