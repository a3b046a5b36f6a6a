// The leads of several files, or a share of them.
#ifndef BANTAM_CLIENT_INPUT_LEAD_QUEUE_H_
#define BANTAM_CLIENT_INPUT_LEAD_QUEUE_H_

#include <deque>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "client/input/lead_reader.h"

namespace bantam {

// A share of the leads: every `count`th, from that at place `index` (from 0) on. So many runs, each
// with another index, divide files among them: every lead belongs to exactly one shard.
struct Shard {
  int index = 0;  // Range: [0, count).
  int count = 1;  // Range: [1, 100000]. 1: all leads.

  bool IsAll() const { return count == 1; }
};

// "0/8" to "7/8"; nullopt: it is not of that form, or out of range.
absl::optional<Shard> ParseShard(absl::string_view text);

// All files of leads, one after another. Not thread-safe.
class LeadQueue {
 public:
  explicit LeadQueue(Shard shard = Shard()) : shard_(shard) {}

  void Add(std::unique_ptr<LeadReader> reader);

  // Reads up to two leads ahead; whether there is exactly one, and that one is good.
  bool HoldsOne();

  // After HoldsOne(): whether there is none at all, good or bad.
  bool Empty() const { return ahead_.empty(); }

  // The next lead of the shard, good or bad; false: there is none.
  bool Next(InputLead* lead);

  // Leads that will be given in all, or a few more.
  int64_t ExpectedCount() const;

  // Once there is no further lead: whether all files were read to their ends.
  const absl::Status& status() const { return status_; }

 private:
  bool Read(InputLead* lead);

  const Shard shard_;
  std::vector<std::unique_ptr<LeadReader>> readers_;  // Null: was read.
  int64_t expected_ = 0;
  std::deque<InputLead> ahead_;
  size_t current_ = 0;  // Reader.
  int64_t index_ = 0;   // Of the next lead, over all files.
  absl::Status status_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_LEAD_QUEUE_H_
