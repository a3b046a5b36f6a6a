#include "client/input/lead_queue.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace bantam {

absl::optional<Shard> ParseShard(absl::string_view text) {
  constexpr int kMaxShards = 100000;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('/', 1));
  Shard shard;
  if (!absl::SimpleAtoi(parts.first, &shard.index) ||
      !absl::SimpleAtoi(parts.second, &shard.count) || shard.count < 1 ||
      shard.count > kMaxShards || shard.index < 0 || shard.index >= shard.count) {
    return absl::nullopt;
  }
  return shard;
}

void LeadQueue::Add(std::unique_ptr<LeadReader> reader) {
  expected_ += reader->ExpectedCount();
  readers_.push_back(std::move(reader));
}

bool LeadQueue::HoldsOne() {
  InputLead lead;
  while (ahead_.size() < 2 && Read(&lead)) ahead_.push_back(std::move(lead));
  return ahead_.size() == 1 && ahead_.front().error.empty();
}

bool LeadQueue::Next(InputLead* lead) {
  if (ahead_.empty()) return Read(lead);
  *lead = std::move(ahead_.front());
  ahead_.pop_front();
  return true;
}

int64_t LeadQueue::ExpectedCount() const {
  return (expected_ + shard_.count - 1 - shard_.index) / shard_.count;
}

bool LeadQueue::Read(InputLead* lead) {
  while (current_ < readers_.size() && status_.ok()) {
    std::unique_ptr<LeadReader>& reader = readers_[current_];
    const bool is_ours = index_ % shard_.count == shard_.index;
    if (is_ours ? reader->Next(lead) : reader->Skip()) {
      lead->index = index_++;
      if (is_ours) return true;
      continue;
    }
    status_ = reader->status();
    reader.reset();  // It may hold much.
    ++current_;
  }
  return false;
}

}  // namespace bantam
