#ifndef BANTAM_SERVER_CATALOG_SINGLE_FLIGHT_H_
#define BANTAM_SERVER_CATALOG_SINGLE_FLIGHT_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/catalog/held_entry.h"
#include "server/catalog/mutex.h"

namespace bantam {

// How fresh an answer must be that somebody waits for.
struct Demand {
  // When it must have been known to be current, at least.
  absl::Time known_since = absl::InfinitePast();

  // Whether the store itself must be asked, after now.
  bool newest = false;
};

// At most one load of a key at a time, for all who wait for it, whatever becomes of any of them.
// Who wants it fresher than the running load can tell waits for one more, which begins afterwards.
//
//   Join ─► queued ─► running: may use the cache ─► reads the store ─► Close ─► Finish: all are
//                                                                    answered, the next is queued
//
// Loads that somebody waits for go before those in the background. Safe for concurrent use.
class SingleFlight {
 public:
  // Gets the entry, or the error; the same one is shown to all who wait: to be copied, not kept.
  using Done = absl::AnyInvocable<void(const absl::StatusOr<HeldEntryPtr>&)>;

  struct Options {
    int max_running = 0;
    int max_waiting = 0;
    absl::Duration timeout;  // Of a load; and how long it may wait for its turn.
  };

  // One load.
  class Flight;
  using FlightPtr = std::shared_ptr<Flight>;

  // Runs a load, without blocking; Finish() must follow, on another thread or later.
  using Start = std::function<void(const FlightPtr&)>;

  SingleFlight(const Options& options, Start start);

  // Has `done` called when `key` was loaded as freshly as `demand` wants. RESOURCE_EXHAUSTED, at
  // once: too many wait already. UNAVAILABLE: it had to wait for its turn for too long.
  void Join(absl::string_view key, const Demand& demand, Done done);

  // Loads `key` in the background, unless that is being done. `newest`: as Demand says; if the load
  // being done can tell nothing as new, it is doubted.
  void Refresh(absl::string_view key, bool newest);

  // There may be a newer state of `key` than a running load reads.
  void Doubt(absl::string_view key);

  // ---- For the load ----

  // Whether all who wait would have what was known to be current at `known_time`, and not by the
  // store itself. If so, nobody else joins who would not.
  bool Accepts(const FlightPtr& flight, absl::Time known_time);

  // The store is asked now. Returns when that is.
  absl::Time BeginStoreRead(const FlightPtr& flight);

  // From now on nobody joins any more, unless the store is asked again: before the result is held,
  // so that whoever waits came before. Who comes later and does not find it waits for the next
  // load, since by then something newer may have been held and gone.
  void Close(const FlightPtr& flight);

  // How a load ended.
  struct Landing {
    bool doubted = false;        // There may be a newer state than it has read.
    bool in_background = false;  // Nobody waited for it.
  };

  // Ends the load. To be called when the result is held, on a
  // thread where `done` of many callers may run. Calls `landed` when nobody joins the load any
  // more, before those who wait are answered.
  Landing Finish(const FlightPtr& flight, const absl::StatusOr<HeldEntryPtr>& result,
                 absl::FunctionRef<void()> landed);

  // Ends everything: whoever waits for his turn, or comes from now on, is told UNAVAILABLE. Returns
  // when no load runs any more.
  void Stop();

  struct Stats {
    int64_t running = 0;
    int64_t waiting = 0;
    int64_t refused = 0;
  };
  Stats GetStats() const;

 private:
  using Waiters = std::vector<Done>;

  // What is to be done once the lock is released.
  struct Work {
    std::vector<FlightPtr> start;
    Waiters expired;
    bool stopping = false;
  };

  FlightPtr Find(absl::string_view key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  FlightPtr Make(absl::string_view key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void Queue(const FlightPtr& flight, std::deque<FlightPtr>* queue)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // The load that `demand` can wait for: the running one, or the one after it.
  FlightPtr FlightFor(absl::string_view key, const Demand& demand)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Takes from the queues what may run now.
  Work NextWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Do(Work work);

  const Options options_;
  const Start start_;

  mutable Mutex mutex_;
  std::condition_variable_any idle_;
  absl::flat_hash_map<std::string, FlightPtr> flights_ ABSL_GUARDED_BY(mutex_);
  std::deque<FlightPtr> queue_ ABSL_GUARDED_BY(mutex_);
  std::deque<FlightPtr> background_queue_ ABSL_GUARDED_BY(mutex_);
  int64_t running_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t refused_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

// Its fields are the SingleFlight's own.
class SingleFlight::Flight {
 public:
  explicit Flight(absl::string_view key) : key(key) {}

  const std::string key;

  // When the load must have ended, by SteadyNow(). Once it runs.
  absl::Time deadline() const { return deadline_; }

 private:
  friend class SingleFlight;

  bool running_ = false;
  absl::Time deadline_;  // Before it runs: when its turn must have come.
  Demand demand_;        // The strictest of all who wait.

  // When the result was known to be current; as long as that is not decided: any time that is
  // wanted.
  absl::Time known_time_ = absl::InfiniteFuture();
  bool doubted_ = false;
  bool closed_ = false;
  Waiters waiters_;
  FlightPtr next_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_SINGLE_FLIGHT_H_
