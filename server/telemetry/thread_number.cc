#include "server/telemetry/thread_number.h"

#include <set>

#include "absl/base/thread_annotations.h"
#include "server/catalog/mutex.h"

namespace bantam {
namespace {

class FreeNumbers {
 public:
  int Take() {
    MutexLock lock(mutex_);
    if (free_.empty()) return next_++;
    const int number = *free_.begin();
    free_.erase(free_.begin());
    return number;
  }

  void Return(int number) {
    MutexLock lock(mutex_);
    free_.insert(number);
  }

 private:
  Mutex mutex_;
  std::set<int> free_ ABSL_GUARDED_BY(mutex_);
  int next_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Never destroyed, since threads may end after everything else.
FreeNumbers& Numbers() {
  static auto* const numbers = new FreeNumbers;
  return *numbers;
}

struct OwnNumber {
  OwnNumber() : number(Numbers().Take()) {}
  ~OwnNumber() { Numbers().Return(number); }
  const int number;
};

}  // namespace

int ThreadNumber() {
  thread_local const OwnNumber own;
  return own.number;
}

}  // namespace bantam
