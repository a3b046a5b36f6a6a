#ifndef BANTAM_SERVER_RPC_CALL_LIMIT_H_
#define BANTAM_SERVER_RPC_CALL_LIMIT_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/rpc/unread_answers.h"

namespace bantam {

// Bounds what calls hold: their number, from their arrival until they are completely over, and
// answers that their callers have not taken yet. Safe for concurrent use.
class CallLimit {
 public:
  struct Bounds {
    int64_t calls = 0;  // Streams among them.
    int64_t streams = 0;
    int64_t unread_bytes = 0;  // Of answers.
    // With a caller who takes nothing, while there is no room.
    absl::Duration unread_patience = absl::InfiniteDuration();
  };

  explicit CallLimit(const Bounds& bounds)
      : bounds_(bounds), unread_(bounds.unread_bytes, bounds.unread_patience) {}

  // Counts a call until End(), or a stream until EndStream(). Error: RESOURCE_EXHAUSTED, with the
  // time after which to try again: it is not counted.
  absl::Status Begin();
  absl::Status BeginStream();
  void End() { Take(1, &calls_); }
  void EndStream();

  // Answers that wait to be taken.
  UnreadAnswers& unread() { return unread_; }
  const UnreadAnswers& unread() const { return unread_; }

  // OK if there is room for more of them, which it may make for those that come later. Error: as of
  // Begin().
  absl::Status CheckUnread();

  int64_t calls() const { return calls_.load(std::memory_order_relaxed); }
  int64_t streams() const { return streams_.load(std::memory_order_relaxed); }
  const Bounds& bounds() const { return bounds_; }

 private:
  static void Take(int64_t count, std::atomic<int64_t>* from) {
    from->fetch_sub(count, std::memory_order_relaxed);
  }

  const Bounds bounds_;
  UnreadAnswers unread_;
  std::atomic<int64_t> calls_{0};
  std::atomic<int64_t> streams_{0};
};

// Status of a call whose work would wait too long.
absl::Status OverloadedError();

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_CALL_LIMIT_H_
