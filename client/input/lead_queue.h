// The leads of several files, or a share of them.
#ifndef BANTAM_CLIENT_INPUT_LEAD_QUEUE_H_
#define BANTAM_CLIENT_INPUT_LEAD_QUEUE_H_

#include <deque>
#include <memory>
#include <vector>

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

  void Add(std::unique_ptr<LeadReader> reader) { readers_.push_back(std::move(reader)); }

  // Reads up to two leads ahead; whether there is exactly one.
  bool HoldsOne();

  // After HoldsOne(): whether there is none at all.
  bool Empty() const { return ahead_.empty(); }

  // The next lead of the shard; false: there is none.
  bool Next(InputLead* lead);

  // Leads that will be given in all, to within one; -1: not known.
  int64_t ExpectedCount() const;

  // Of the rows read so far. Rows that give no lead are dealt to the shards as leads are.
  const std::vector<BadRow>& BadRows() const { return bad_rows_; }

 private:
  bool Read(InputLead* lead);

  // Takes the bad rows that the current reader came across.
  void TakeBadRows();

  // Whether what stands at the next place belongs to the shard.
  bool IsOurs() { return place_++ % shard_.count == shard_.index; }

  const Shard shard_;
  std::vector<std::unique_ptr<LeadReader>> readers_;
  std::deque<InputLead> ahead_;
  std::vector<BadRow> bad_rows_;
  size_t current_ = 0;         // Reader.
  size_t bad_rows_taken_ = 0;  // Of the current reader.
  int64_t place_ = 0;          // Of the next lead or bad row, over all files.
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_LEAD_QUEUE_H_
