#ifndef BANTAM_SERVER_CATALOG_MUTEX_H_
#define BANTAM_SERVER_CATALOG_MUTEX_H_

#include <mutex>

#include "absl/base/thread_annotations.h"

namespace bantam {

// A std::mutex that the compiler's thread-safety analysis understands. Not absl::Mutex, because the
// thread sanitizer looks at this code and Debian's Abseil is not instrumented for it.
// Waiting: std::condition_variable_any.
class ABSL_LOCKABLE Mutex {
 public:
  void lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() { mutex_.lock(); }
  void unlock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds `mutex` for its own lifetime.
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_MUTEX_H_
