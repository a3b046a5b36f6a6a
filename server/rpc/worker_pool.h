#ifndef BANTAM_SERVER_RPC_WORKER_POOL_H_
#define BANTAM_SERVER_RPC_WORKER_POOL_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace bantam {

// What the present thread is there for.
enum class ThreadRole {
  kForeign,  // Anything else, such as the catalog's loader.
  kLane,     // Serves a completion queue: must stay free for small calls.
  kWorker,   // Belongs to a WorkerPool: may take its time.
};
ThreadRole CurrentThreadRole();
void SetCurrentThreadRole(ThreadRole role);

// How long one kind of work takes, learnt from what it took lately. Safe for concurrent use.
class WorkRate {
 public:
  // For work of so many bytes; zero until something was learnt.
  absl::Duration Expect(size_t bytes) const;
  void Learn(size_t bytes, absl::Duration took);

 private:
  std::atomic<double> nanos_per_byte_{0};
};

// What a WorkerPool takes.
struct WorkerLimits {
  // Calls that wait, whatever work they are.
  size_t max_waiting_calls = 256;

  // How long a call may be expected to wait, or as long as its own work takes, if that is longer.
  // While more is asked of the workers than they can do, only the latter counts: what is admitted
  // is answered soon then, and the rest is told so at once.
  absl::Duration max_waiting = absl::InfiniteDuration();
};

// Threads for work that would keep small calls waiting: large requests, batches, definitions to
// check, and the chunks of streams. Calls have one half of the time and streams the other, by how
// long their work takes, so that neither starves the other; what one of them does not need the
// other has. Calls are served in the order in which they came; streams share their half evenly. The
// operating system shares the cores between these threads and the lanes. Safe for concurrent use.
class WorkerPool {
 public:
  using Task = absl::AnyInvocable<void()>;
  using SteadyClock = std::function<std::chrono::steady_clock::time_point()>;

  // One stream's share of the streams' half.
  class Stream;

  WorkerPool(int threads, const WorkerLimits& limits,
             SteadyClock clock = &std::chrono::steady_clock::now);

  // Does all that was submitted, then ends the threads.
  ~WorkerPool();

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // For one kind of work; lives as long as the pool.
  WorkRate* NewRate() ABSL_LOCKS_EXCLUDED(mu_);

  std::shared_ptr<Stream> NewStream() const;

  // Has the work of a call done, which is of a kind and takes time by its bytes. False, and `task`
  // is dropped: it would wait too long.
  bool SubmitCall(Task task, WorkRate* rate, size_t bytes) ABSL_LOCKS_EXCLUDED(mu_);

  // Has a stream's chunk done. Streams have few of them at a time, so they are never refused.
  void SubmitChunk(const std::shared_ptr<Stream>& stream, Task task, WorkRate* rate, size_t bytes)
      ABSL_LOCKS_EXCLUDED(mu_);

  // Has something short done, before all else, that cannot be refused: the end of a call that has
  // changed something, or what a small call waited for.
  void SubmitConclusion(Task task) ABSL_LOCKS_EXCLUDED(mu_);

  // Calls and chunks that wait for a thread.
  size_t waiting() const ABSL_LOCKS_EXCLUDED(mu_);

  // How long a call that came now is expected to wait.
  absl::Duration expected_wait() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Instant = std::chrono::steady_clock::time_point;

  struct Work {
    Task task;
    WorkRate* rate = nullptr;  // Null: nothing is learnt from it.
    size_t bytes = 0;
    absl::Duration cost;  // As expected.
    Instant arrived;
    std::shared_ptr<Stream> stream;  // Null: not a chunk.
  };

  // What calls or chunks have had of the workers' time, so that who has had less is next.
  struct Share {
    absl::Duration had;
    bool waits = false;  // Whether something of it waits.
  };

  void Run(size_t thread) ABSL_LOCKS_EXCLUDED(mu_);

  // A thread takes up `work`, and is done with it.
  void Begin(size_t thread, const Work& work, Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void End(size_t thread, const Work& work, Instant begin, Instant now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  bool HasWorkOrEnds() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return ends_ || !conclusions_.empty() || call_share_.waits || chunk_share_.waits;
  }

  // Takes the next piece of work. False: there is none.
  bool Take(Work* work) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TakeCall(Work* work) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TakeChunk(Work* work) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // Something of `share` waits now. Time that it did not ask for before is not made up for.
  void BeginWaiting(Share* share) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // Whether a call whose work takes `cost` may wait; keeps watch over whether too much is asked.
  bool Admit(absl::Duration cost, Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Duration ExpectWait(Instant now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // Brings `idle_` up to `now`; before the number of idle threads changes.
  void CountIdle(Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const WorkerLimits limits_;
  const SteadyClock clock_;
  mutable absl::Mutex mu_;
  std::deque<WorkRate> rates_ ABSL_GUARDED_BY(mu_);
  std::deque<Work> conclusions_ ABSL_GUARDED_BY(mu_);
  std::deque<Work> calls_ ABSL_GUARDED_BY(mu_);
  absl::Duration calls_cost_ ABSL_GUARDED_BY(mu_);  // Of all in `calls_`.

  // Streams of which a chunk waits, by what they have had.
  std::multimap<absl::Duration, std::shared_ptr<Stream>> streams_ ABSL_GUARDED_BY(mu_);
  size_t waiting_chunks_ ABSL_GUARDED_BY(mu_) = 0;
  Share call_share_ ABSL_GUARDED_BY(mu_);
  Share chunk_share_ ABSL_GUARDED_BY(mu_);

  // What the share, and the stream, that was served last had had before.
  absl::Duration share_level_ ABSL_GUARDED_BY(mu_);
  absl::Duration stream_level_ ABSL_GUARDED_BY(mu_);

  // When the work of each thread should be over; InfinitePast(): it is idle.
  std::vector<Instant> expected_end_ ABSL_GUARDED_BY(mu_);
  size_t idle_threads_ ABSL_GUARDED_BY(mu_) = 0;

  // Whether more is asked than the workers can do, and what shows when that is over: how long they
  // were idle, in sum, since `watch_begin_`.
  bool overloaded_ ABSL_GUARDED_BY(mu_) = false;
  Instant watch_begin_ ABSL_GUARDED_BY(mu_);
  absl::Duration idle_ ABSL_GUARDED_BY(mu_);
  Instant idle_counted_ ABSL_GUARDED_BY(mu_);

  bool ends_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_WORKER_POOL_H_
