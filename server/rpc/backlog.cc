#include "server/rpc/backlog.h"

#include <algorithm>

namespace bantam {
namespace {

// How long an overload is remembered.
constexpr std::chrono::seconds kMemory(1);

}  // namespace

bool Backlog::Push(Tag* work, Instant now) {
  absl::MutexLock lock(&mu_);
  if (!works_.empty()) {
    const absl::Duration waited = absl::FromChrono(now - works_.front().arrived);
    const bool overloaded = now < overloaded_until_;
    if (waited > (overloaded ? std::min(kOverloadedWaiting, max_waiting_) : max_waiting_)) {
      overloaded_until_ = now + kMemory;
      return false;
    }
  }
  works_.push_back({work, now});
  size_.store(works_.size(), std::memory_order_relaxed);
  return true;
}

Tag* Backlog::Pop() {
  absl::MutexLock lock(&mu_);
  if (works_.empty()) return nullptr;
  Tag* const tag = works_.front().tag;
  works_.pop_front();
  size_.store(works_.size(), std::memory_order_relaxed);
  return tag;
}

}  // namespace bantam
