#include "client/qualifier/chunk_queue.h"

#include <utility>

namespace bantam {
namespace {

constexpr int kChunkLeads = 64;              // The contract's bound.
constexpr size_t kChunkBytes = 1024 * 1024;  // Well below the server's bound for a message.
constexpr size_t kMaxUnanswered = 64;

}  // namespace

void ChunkQueue::Begin() {
  std::lock_guard<std::mutex> lock(mutex_);
  sent_ = 0;
  over_ = false;
}

ChunkQueue::Message ChunkQueue::Next() {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] {
      return over_ || sent_ < unanswered_.size() || unanswered_.size() < kMaxUnanswered;
    });
    if (over_) return nullptr;
    if (sent_ < unanswered_.size()) return unanswered_[sent_++].message;
  }
  // Reading takes its time, and answers come meanwhile.
  Chunk chunk = ReadChunk();
  if (chunk.message == nullptr) return nullptr;
  std::lock_guard<std::mutex> lock(mutex_);
  unanswered_.push_back(chunk);
  if (over_) return nullptr;
  ++sent_;
  return chunk.message;
}

int64_t ChunkQueue::TakeAnswered() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (sent_ == 0) return -1;
  const int64_t index = unanswered_.front().first_index;
  unanswered_.pop_front();
  --sent_;
  changed_.notify_one();
  return index;
}

void ChunkQueue::End() {
  std::lock_guard<std::mutex> lock(mutex_);
  over_ = true;
  changed_.notify_one();
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
