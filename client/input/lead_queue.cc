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

bool LeadQueue::HoldsOne() {
  InputLead lead;
  while (ahead_.size() < 2 && Read(&lead)) ahead_.push_back(std::move(lead));
  return ahead_.size() == 1;
}

bool LeadQueue::Next(InputLead* lead) {
  if (ahead_.empty()) return Read(lead);
  *lead = std::move(ahead_.front());
  ahead_.pop_front();
  return true;
}

int64_t LeadQueue::ExpectedCount() const {
  int64_t count = 0;
  for (const auto& reader : readers_) {
    if (reader->ExpectedCount() < 0) return -1;
    count += reader->ExpectedCount();
  }
  return (count + shard_.count - 1 - shard_.index) / shard_.count;
}

bool LeadQueue::Read(InputLead* lead) {
  while (current_ < readers_.size()) {
    const bool found = readers_[current_]->Next(lead);
    TakeBadRows();
    if (!found) {
      ++current_;
      bad_rows_taken_ = 0;
    } else if (IsOurs()) {
      return true;
    }
  }
  return false;
}

void LeadQueue::TakeBadRows() {
  const std::vector<BadRow>& rows = readers_[current_]->bad_rows();
  for (; bad_rows_taken_ < rows.size(); ++bad_rows_taken_) {
    if (IsOurs()) bad_rows_.push_back(rows[bad_rows_taken_]);
  }
}

}  // namespace bantam
