#ifndef BANTAM_SERVER_CATALOG_CACHE_LISTENER_H_
#define BANTAM_SERVER_CATALOG_CACHE_LISTENER_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/catalog/change_follower.h"
#include "server/catalog/mutex.h"

namespace bantam {

// Forwards the cache's messages to a catalog's follower as long as that is there: the cache may
// outlive it. Safe for concurrent use.
class CacheListener {
 public:
  explicit CacheListener(ChangeFollower* follower) : follower_(follower) {}

  // Nothing is forwarded any more once it returns.
  void Close() {
    MutexLock lock(mutex_);
    follower_ = nullptr;
  }
  void OnChanged(const std::vector<std::string>& names) {
    MutexLock lock(mutex_);
    if (follower_ != nullptr) follower_->OnChanged(names);
  }
  void OnAllChanged() {
    MutexLock lock(mutex_);
    if (follower_ != nullptr) follower_->OnAllChanged();
  }

 private:
  Mutex mutex_;
  ChangeFollower* follower_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_CACHE_LISTENER_H_
