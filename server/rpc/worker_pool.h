#ifndef BANTAM_SERVER_RPC_WORKER_POOL_H_
#define BANTAM_SERVER_RPC_WORKER_POOL_H_

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace bantam {

// What the present thread is there for.
enum class ThreadRole {
  kForeign,  // Anything else, such as the catalog's loader.
  kLane,     // Serves a completion queue: must stay free for small calls.
  kWorker,   // Belongs to a WorkerPool: may take its time.
};
ThreadRole CurrentThreadRole();
void SetCurrentThreadRole(ThreadRole role);

// Threads for work that would keep small calls waiting: large requests, batches, definitions to
// check, and the chunks of streams. Calls and what is taken without a bound take turns, so that
// bulk work does not starve calls nor they it; within each it is first come, first served. The
// operating system shares the cores between these threads and the lanes. Safe for concurrent use.
class WorkerPool {
 public:
  using Task = absl::AnyInvocable<void()>;

  // At most `max_waiting_calls` tasks of calls wait for a thread.
  WorkerPool(int threads, size_t max_waiting_calls);

  // Does all that was submitted, then ends the threads.
  ~WorkerPool();

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Has the work of a call done. False, and `task` is dropped: too many wait.
  bool SubmitCall(Task task) ABSL_LOCKS_EXCLUDED(mu_);

  // Has work done that cannot be refused: a stream's chunk, of which there are few at a time, or
  // the end of a call that has changed something.
  void SubmitUnbounded(Task task) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Work() ABSL_LOCKS_EXCLUDED(mu_);
  bool HasWorkOrEnds() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return ends_ || !calls_.empty() || !unbounded_.empty();
  }

  // Takes the next task, from the queue whose turn it is if it has one. Null: there is none.
  Task TakeTask() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const size_t max_waiting_calls_;
  absl::Mutex mu_;
  std::deque<Task> calls_ ABSL_GUARDED_BY(mu_);
  std::deque<Task> unbounded_ ABSL_GUARDED_BY(mu_);
  bool unbounded_turn_ ABSL_GUARDED_BY(mu_) = false;
  bool ends_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_WORKER_POOL_H_
