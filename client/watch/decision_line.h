#ifndef BANTAM_CLIENT_WATCH_DECISION_LINE_H_
#define BANTAM_CLIENT_WATCH_DECISION_LINE_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/decision.pb.h"
#include "client/output/terminal.h"

namespace bantam {

// Which decisions are wanted. What is empty or absent asks for nothing.
struct DecisionFilter {
  std::string tenant;                 // "tenants/acme".
  std::vector<std::string> icps;      // "tenants/acme/icps/software"; any of them.
  std::vector<v1::Verdict> verdicts;  // Any of them.
  std::vector<std::string> lead_ids;  // Any of them.
  absl::optional<absl::Time> since;   // Made at this time or later.

  bool Wants(const v1::Decision& decision) const;
};

// The decision that a line of the log is; absent: it is none. Fields that this build does not know
// are passed over.
absl::optional<v1::Decision> ParseDecisionLine(const std::string& line);

// One line for a person, without its end: time, verdict, score, ICP, lead, move, who.
std::string RenderDecision(const v1::Decision& decision, absl::TimeZone zone, const Style& style);

}  // namespace bantam

#endif  // BANTAM_CLIENT_WATCH_DECISION_LINE_H_
