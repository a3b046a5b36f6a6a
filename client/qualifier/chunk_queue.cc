#include "client/qualifier/chunk_queue.h"

#include <algorithm>
#include <utility>

namespace bantam {
namespace {

constexpr int kChunkLeads = 64;              // The contract's bound.
constexpr size_t kChunkBytes = 1024 * 1024;  // Well below the server's bound for a message.
constexpr size_t kMaxUnanswered = 64;

// How much patience AwaitOverdue() has at least, so that it waits at all, and at most, so that the
// clock's count does not overflow.
constexpr absl::Duration kMinPatience = absl::Milliseconds(1);
constexpr absl::Duration kMaxPatience = absl::Hours(24 * 365);

}  // namespace

void ChunkQueue::Begin() {
  std::lock_guard<std::mutex> lock(mutex_);
  sent_ = 0;
  open_ = false;
  all_sent_ = false;
  over_ = false;
  reader_waits_ = true;
  waiting_since_ = kNever;
  UpdateWaiting();
}

ChunkQueue::Message ChunkQueue::Next() {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    open_ = true;
    UpdateWaiting();
    changed_.wait(lock, [this] {
      return over_ || sent_ < unanswered_.size() || unanswered_.size() < kMaxUnanswered;
    });
    if (over_) return nullptr;
    if (sent_ < unanswered_.size()) {
      Message message = unanswered_[sent_++].message;
      UpdateWaiting();
      return message;
    }
  }
  // Reading takes its time, and answers come meanwhile.
  Chunk chunk = ReadChunk();
  std::lock_guard<std::mutex> lock(mutex_);
  if (chunk.message == nullptr) {
    all_sent_ = true;
    UpdateWaiting();
    return nullptr;
  }
  unanswered_.push_back(chunk);
  if (over_) return nullptr;
  ++sent_;
  UpdateWaiting();
  return chunk.message;
}

int64_t ChunkQueue::TakeAnswered() {
  std::lock_guard<std::mutex> lock(mutex_);
  reader_waits_ = false;
  UpdateWaiting();
  if (sent_ == 0) return -1;
  const int64_t index = unanswered_.front().first_index;
  unanswered_.pop_front();
  --sent_;
  changed_.notify_one();
  return index;
}

void ChunkQueue::BeginWaiting() {
  std::lock_guard<std::mutex> lock(mutex_);
  reader_waits_ = true;
  UpdateWaiting();
}

void ChunkQueue::End() {
  std::lock_guard<std::mutex> lock(mutex_);
  over_ = true;
  reader_waits_ = false;
  UpdateWaiting();
  changed_.notify_one();
  ended_.notify_one();
}

bool ChunkQueue::AwaitOverdue(absl::Duration patience) {
  const auto bound =
      absl::ToChronoNanoseconds(std::min(std::max(patience, kMinPatience), kMaxPatience));
  std::unique_lock<std::mutex> lock(mutex_);
  while (!over_) {
    const Instant now = std::chrono::steady_clock::now();
    const Instant since = std::min(waiting_since_, now);
    if (now - since >= bound) return true;
    // A wait that begins later is overdue later, so only End() has to wake this thread before.
    ended_.wait_until(lock, since + bound);
  }
  return false;
}

void ChunkQueue::UpdateWaiting() {
  const bool owed = !open_ || sent_ > 0 || all_sent_;
  if (!reader_waits_ || !owed) {
    waiting_since_ = kNever;
  } else if (waiting_since_ == kNever) {
    waiting_since_ = std::chrono::steady_clock::now();
  }
}

ChunkQueue::Chunk ChunkQueue::ReadChunk() {
  if (!has_begun_) has_lead_ = next_lead_(&lead_);
  has_begun_ = true;
  Chunk chunk;
  if (!has_lead_) return chunk;
  auto message = std::make_shared<v1::BulkEvaluateRequest>();
  v1::BulkChunk* const content = message->mutable_chunk();
  content->set_number(chunk_count_++);
  size_t bytes = 0;
  do {
    bytes += lead_.ByteSizeLong();
    *content->add_leads() = std::move(lead_);
    has_lead_ = next_lead_(&lead_);
  } while (has_lead_ && content->leads_size() < kChunkLeads && bytes < kChunkBytes);
  chunk.first_index = lead_count_;
  lead_count_ += content->leads_size();
  chunk.message = std::move(message);
  return chunk;
}

}  // namespace bantam
