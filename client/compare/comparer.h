// Answers of two definitions about the same leads → a Comparison (client/comparison.proto) → text.
#ifndef BANTAM_CLIENT_COMPARE_COMPARER_H_
#define BANTAM_CLIENT_COMPARE_COMPARER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "bantam/v1/evaluation.pb.h"
#include "client/comparison.pb.h"
#include "client/output/terminal.h"

namespace bantam {

// Adds up what differs. Holds no more than the leads to be listed. Not thread-safe.
class Comparer {
 public:
  // `most_changes`: leads that are listed. `stages`: in the order in which they are counted; others
  // follow.
  Comparer(size_t most_changes, std::vector<std::string> stages);

  // The next lead, which `place` names, and what ADVANCE answered for it.
  void Add(client::LeadChange place, const v1::Evaluation& before, const v1::Evaluation& after);

  // A lead without two answers.
  void AddFailed() { ++failed_; }

  // Fills in all but the definitions and the time.
  void WriteTo(client::Comparison* comparison) const;

 private:
  // How many leads had an outcome before and after.
  using Counts = std::map<std::string, std::pair<int32_t, int32_t>>;

  // Whose total differs most first, then in order.
  struct Rank {
    int64_t difference;  // Hundredths, not below 0.
    int32_t order;
    friend bool operator<(const Rank& a, const Rank& b) {
      return a.difference != b.difference ? a.difference > b.difference : a.order < b.order;
    }
  };

  const size_t most_changes_;
  const std::vector<std::string> stages_;
  int32_t compared_ = 0;
  int32_t failed_ = 0;
  int32_t changed_ = 0;
  Counts verdicts_, grades_, counted_stages_;
  int32_t scored_ = 0;  // Leads with both totals, which follow in hundredths.
  int64_t total_before_ = 0;
  int64_t total_after_ = 0;
  std::map<Rank, client::LeadChange> changes_;
};

// The comparison for a person; times are shown in `zone`.
std::string RenderComparison(const client::Comparison& comparison, const Style& style,
                             absl::TimeZone zone);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMPARE_COMPARER_H_
