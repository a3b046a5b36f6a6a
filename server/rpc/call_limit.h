#ifndef BANTAM_SERVER_RPC_CALL_LIMIT_H_
#define BANTAM_SERVER_RPC_CALL_LIMIT_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"

namespace bantam {

// Bounds what calls hold: their number, from their arrival until they are completely over, and the
// bytes of answers that their callers have not taken yet. Safe for concurrent use.
class CallLimit {
 public:
  struct Bounds {
    int64_t calls = 0;  // Streams among them.
    int64_t streams = 0;
    int64_t unsent_bytes = 0;
  };

  explicit CallLimit(const Bounds& bounds) : bounds_(bounds) {}

  // Counts a call until End(), or a stream until EndStream(). Error: RESOURCE_EXHAUSTED, with the
  // time after which to try again: it is not counted.
  absl::Status Begin();
  absl::Status BeginStream();
  void End() { Take(1, &calls_); }
  void EndStream();

  // Counts bytes of answers from when they are ready until gRPC has sent them, or let go of them.
  void AddUnsent(int64_t bytes) { unsent_bytes_.fetch_add(bytes, std::memory_order_relaxed); }
  void RemoveUnsent(int64_t bytes) { Take(bytes, &unsent_bytes_); }

  // Whether work may begin whose answer comes on top of those that wait. What is being worked on
  // already is not interrupted: the bound is passed by one answer for each thread that makes some,
  // and for each stream.
  bool HasRoomForAnswers() const { return unsent_bytes() < bounds_.unsent_bytes; }

  // OK if that is so. Error: as of Begin().
  absl::Status CheckUnsent() const;

  int64_t calls() const { return calls_.load(std::memory_order_relaxed); }
  int64_t streams() const { return streams_.load(std::memory_order_relaxed); }
  int64_t unsent_bytes() const { return unsent_bytes_.load(std::memory_order_relaxed); }
  const Bounds& bounds() const { return bounds_; }

 private:
  static void Take(int64_t count, std::atomic<int64_t>* from) {
    from->fetch_sub(count, std::memory_order_relaxed);
  }

  const Bounds bounds_;
  std::atomic<int64_t> calls_{0};
  std::atomic<int64_t> streams_{0};
  std::atomic<int64_t> unsent_bytes_{0};
};

// Status of a call whose work would wait too long.
absl::Status OverloadedError();

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_CALL_LIMIT_H_
