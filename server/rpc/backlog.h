#ifndef BANTAM_SERVER_RPC_BACKLOG_H_
#define BANTAM_SERVER_RPC_BACKLOG_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <deque>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace bantam {

class Tag;

// Small work that a lane has taken in and not begun, in the order in which it came, and whether
// more may be added. Safe for concurrent use.
class Backlog {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  // Once something was refused, the first may wait no longer than this, until nothing waited that
  // long for a second: what is admitted under standing overload is answered soon.
  static constexpr absl::Duration kOverloadedWaiting = absl::Milliseconds(5);

  // `max_waiting`: how long the first may have waited when another one is added.
  explicit Backlog(absl::Duration max_waiting) : max_waiting_(max_waiting) {}

  // Adds work that comes now. False: it would wait too long, and is not added.
  bool Push(Tag* work, Instant now) ABSL_LOCKS_EXCLUDED(mu_);

  // The work that has waited longest, which is not part of this any more. Null: there is none.
  Tag* Pop() ABSL_LOCKS_EXCLUDED(mu_);

  // May be out of date by the time it is looked at; takes no lock.
  bool empty() const { return size_.load(std::memory_order_relaxed) == 0; }

 private:
  struct Work {
    Tag* tag;
    Instant arrived;
  };

  const absl::Duration max_waiting_;
  absl::Mutex mu_;
  std::deque<Work> works_ ABSL_GUARDED_BY(mu_);
  Instant overloaded_until_ ABSL_GUARDED_BY(mu_) = Instant::min();
  std::atomic<size_t> size_{0};
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_BACKLOG_H_
