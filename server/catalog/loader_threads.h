#ifndef BANTAM_SERVER_CATALOG_LOADER_THREADS_H_
#define BANTAM_SERVER_CATALOG_LOADER_THREADS_H_

#include <condition_variable>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "server/catalog/mutex.h"

namespace bantam {

// The threads on which definitions are compiled and waiting callers are answered, so that nothing
// slow runs on the threads of the store and the cache. Safe for concurrent use.
class LoaderThreads {
 public:
  using Task = absl::AnyInvocable<void()>;

  explicit LoaderThreads(int count);

  // Runs what was posted, and ends.
  ~LoaderThreads();

  // Runs `task` on one of the threads, in the order of the calls. Not bounded: whoever posts is.
  void Post(Task task);

 private:
  void Run();

  Mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<Task> tasks_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_LOADER_THREADS_H_
