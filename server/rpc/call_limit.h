#ifndef BANTAM_SERVER_RPC_CALL_LIMIT_H_
#define BANTAM_SERVER_RPC_CALL_LIMIT_H_

#include <atomic>
#include <cstdint>

namespace bantam {

// Bounds the calls that are being worked on, from their arrival until they are completely over:
// what they hold, their answers included, is held that long. Safe for concurrent use.
class CallLimit {
 public:
  explicit CallLimit(int64_t max) : max_(max) {}

  // Counts a call. False: there are as many as there may be, and it is not counted.
  bool Begin() {
    if (in_flight_.fetch_add(1, std::memory_order_relaxed) < max_) return true;
    End();
    return false;
  }
  void End() { in_flight_.fetch_sub(1, std::memory_order_relaxed); }

  int64_t in_flight() const { return in_flight_.load(std::memory_order_relaxed); }
  int64_t max() const { return max_; }

 private:
  const int64_t max_;
  std::atomic<int64_t> in_flight_{0};
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_CALL_LIMIT_H_
