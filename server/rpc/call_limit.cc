#include "server/rpc/call_limit.h"

#include "server/rpc/status.h"

namespace bantam {
namespace {

// Counts one more in `count`. False: there are `bound` already.
bool Add(int64_t bound, std::atomic<int64_t>* count) {
  if (count->fetch_add(1, std::memory_order_relaxed) < bound) return true;
  count->fetch_sub(1, std::memory_order_relaxed);
  return false;
}

}  // namespace

absl::Status CallLimit::Begin() {
  const absl::Status unread = CheckUnread();
  if (!unread.ok()) return unread;
  if (Add(bounds_.calls, &calls_)) return absl::OkStatus();
  return RetryLater(
      "too many calls are in flight; try again after a pause that grows with each attempt, or ask "
      "another replica");
}

absl::Status CallLimit::BeginStream() {
  if (!Add(bounds_.streams, &streams_)) {
    return RetryLater(
        "too many streams are open; try again after a pause that grows with each attempt, or ask "
        "another replica");
  }
  const absl::Status begun = Begin();
  if (!begun.ok()) Take(1, &streams_);
  return begun;
}

void CallLimit::EndStream() {
  Take(1, &streams_);
  End();
}

absl::Status CallLimit::CheckUnread() {
  if (unread_.MakeRoom()) return absl::OkStatus();
  return RetryLater(
      "too many answers wait for callers to read them; try again after a pause that grows with "
      "each attempt, or ask another replica");
}

absl::Status OverloadedError() {
  return RetryLater(
      "too much work is waiting; try again after a pause that grows with each attempt, or ask "
      "another replica");
}

}  // namespace bantam
