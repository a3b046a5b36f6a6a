#ifndef BANTAM_CLIENT_OUTPUT_LEAD_COUNTS_H_
#define BANTAM_CLIENT_OUTPUT_LEAD_COUNTS_H_

#include <cstdint>
#include <map>
#include <string>

#include "bantam/v1/qualification_service.pb.h"
#include "client/output/labels.h"

namespace bantam {

// How many leads came to which verdict.
class LeadCounts {
 public:
  void Add(const v1::LeadResult& result);

  // Leads in all, those that failed included.
  int64_t total() const { return total_; }

  // "12 leads: 3 qualified, 8 open, 1 failed", the best first; what no lead came to is left out.
  std::string Render(const Labels& labels) const;

 private:
  int64_t total_ = 0;
  int64_t failed_ = 0;
  std::map<v1::Verdict, int64_t> verdicts_;  // Unspecified: nothing was said of one.
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_LEAD_COUNTS_H_
