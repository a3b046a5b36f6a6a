#ifndef BANTAM_SERVER_CATALOG_CHANGE_FOLLOWER_H_
#define BANTAM_SERVER_CATALOG_CHANGE_FOLLOWER_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/catalog_events.h"
#include "server/catalog/held_entries.h"
#include "server/catalog/loader_threads.h"
#include "server/catalog/mutex.h"
#include "server/catalog/part_health.h"
#include "server/catalog/revision_cache.h"
#include "server/catalog/revision_store.h"
#include "server/catalog/single_flight.h"

namespace bantam {

// Keeps what is held up to date. Two ways lead here:
//
//   the cache's messages ─► a suspect, loaded again at once           (fast, but may be lost)
//   a poll of the store  ─► what changed: suspects; all else: confirmed      (sure)
//
// A poll also repairs the cache's pointers, and has the store confirm what came from the cache. A
// thread of its own; the store and the cache are asked without blocking it. Safe for concurrent
// use.
class ChangeFollower {
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
    LoaderThreads* threads = nullptr;
  };

  struct Options {
    absl::Duration poll_interval;
    absl::Duration timeout;  // Of a poll.
    absl::Duration uses_interval;
  };

  struct Stats {
    int64_t cache_messages = 0;
    int64_t cache_all_changed = 0;
    int64_t changes_polled = 0;
    int64_t confirmed = 0;
    int64_t corrected = 0;
    int64_t polls = 0;
    int64_t poll_failures = 0;
    absl::Time last_poll_time = absl::InfinitePast();  // By the system's clock.
    absl::Duration last_poll_duration;
    int64_t sequence = -1;
  };

  ChangeFollower(Parts parts, const Options& options);

  // Stop() must have been called, if Start() was.
  ~ChangeFollower();

  // Polls for the first time, then goes on by itself. Blocks for that first poll. Returns what it
  // came to: UNAVAILABLE is no reason not to go on.
  absl::Status Start();

  // Asks nothing any more. What is under way is not waited for: PartHealth does.
  void Stop();

  // The cache's messages. Do not block.
  void OnChanged(const std::vector<std::string>& keys);
  void OnAllChanged();

  // A load of `key` ended.
  void OnLoaded(const std::string& key, const SingleFlight::Landing& landing);

  // This catalog made a change that it asked the store for at `begin`, and holds what is current by
  // it. `names_changed`: its tenant got or lost the ICP by it.
  void OnApplied(const CurrentRevision& current, bool names_changed, absl::Time begin);

  Stats GetStats() const;

 private:
  using PollResult = absl::StatusOr<StoreChanges>;

  void Run();

  // Begins a poll.
  void BeginPoll();

  // Works off what a poll that began at `begin` came to.
  void OnPolled(absl::Time begin, PollResult result);
  void TakeOver(absl::Time begin, const StoreChanges& changes);
  void BeginTracking(int64_t after, const StoreChanges& changes);
  void RepairCache(absl::Time begin, const StoreChanges& changes);
  void AfterFailedPoll();

  // Has everything loaded again that is suspect.
  void RefreshSuspects();
  void Refresh(const std::string& key);

  // Has the store confirm what came from the cache, unless that is being done.
  void BeginConfirming();
  void OnConfirmed(absl::Time begin, const std::vector<std::string>& names,
                   const absl::StatusOr<std::vector<CurrentRevision>>& current);

  // Looks in the cache for newer states of `keys`, from the one at `begin` on: where the store
  // cannot tell.
  void SweepCache(std::shared_ptr<const std::vector<std::string>> keys, size_t begin);

  // Writes the newest changes to the cache again, which may have missed them.
  void RewriteRecent();
  void Remember(const StoreChanges& changes, absl::Time time);

  void FlushUses();
  absl::Duration WithJitter(absl::Duration interval);

  const Parts parts_;
  const Options options_;

  mutable Mutex mutex_;
  std::condition_variable_any wake_;
  absl::optional<absl::Status> first_result_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool poll_now_ ABSL_GUARDED_BY(mutex_) = false;
  bool sweep_if_failed_ ABSL_GUARDED_BY(mutex_) = false;
  bool rewrite_ ABSL_GUARDED_BY(mutex_) = false;
  absl::optional<PollResult> result_ ABSL_GUARDED_BY(mutex_);  // Of the poll under way.
  bool confirming_ ABSL_GUARDED_BY(mutex_) = false;
  bool confirm_again_ ABSL_GUARDED_BY(mutex_) = false;
  Stats stats_ ABSL_GUARDED_BY(mutex_);

  // The newest changes, by the system's time at which they were known.
  std::deque<std::pair<CurrentRevision, absl::Time>> recent_ ABSL_GUARDED_BY(mutex_);
  std::deque<TenantChange> recent_tenants_ ABSL_GUARDED_BY(mutex_);

  // The thread's own.
  bool polling_ = false;
  absl::Time poll_begin_;
  // Whether the poll's failure has the cache swept: it was asked for before the poll began. One
  // that is asked for later is the next poll's, since this one may tell less than was known then.
  bool poll_sweeps_ = false;
  absl::Time next_poll_ = absl::InfinitePast();
  absl::Duration flush_interval_;  // Grows up to that of the options.
  absl::Time next_flush_;
  std::mt19937_64 random_;

  std::thread thread_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_CHANGE_FOLLOWER_H_
