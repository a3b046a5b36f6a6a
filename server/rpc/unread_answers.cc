#include "server/rpc/unread_answers.h"

namespace bantam {

void UnreadAnswers::Add(int64_t bytes, UnreadAnswer* answer) {
  if (bytes == 0) return;
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  absl::MutexLock lock(&mu_);
  if (answer->bytes_ == 0) Append(answer);
  answer->bytes_ += bytes;
}

void UnreadAnswers::Remove(int64_t bytes, UnreadAnswer* answer) {
  if (bytes == 0) return;
  bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  absl::MutexLock lock(&mu_);
  answer->bytes_ -= bytes;
  if (!answer->listed_) return;
  Unlink(answer);
  if (answer->bytes_ > 0) Append(answer);
}

bool UnreadAnswers::MakeRoom() {
  if (HasRoom()) return true;
  absl::MutexLock lock(&mu_);
  const auto now = std::chrono::steady_clock::now();
  while (oldest_ != nullptr && absl::FromChrono(now - oldest_->since_) > patience_) {
    UnreadAnswer* const answer = oldest_;
    Unlink(answer);
    answer->context_->TryCancel();
  }
  return false;
}

void UnreadAnswers::Append(UnreadAnswer* answer) {
  answer->listed_ = true;
  answer->since_ = std::chrono::steady_clock::now();
  answer->older_ = newest_;
  answer->newer_ = nullptr;
  (newest_ == nullptr ? oldest_ : newest_->newer_) = answer;
  newest_ = answer;
}

void UnreadAnswers::Unlink(UnreadAnswer* answer) {
  answer->listed_ = false;
  (answer->older_ == nullptr ? oldest_ : answer->older_->newer_) = answer->newer_;
  (answer->newer_ == nullptr ? newest_ : answer->newer_->older_) = answer->older_;
}

}  // namespace bantam
