#include "client/output/lead_counts.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bantam {

void LeadCounts::Add(const v1::LeadResult& result) {
  ++total_;
  if (result.has_error()) {
    ++failed_;
  } else {
    ++verdicts_[result.evaluation().verdict()];
  }
}

std::string LeadCounts::Render(const Labels& labels) const {
  std::vector<std::string> parts;
  for (const v1::Verdict verdict : {v1::VERDICT_QUALIFIED, v1::VERDICT_OPEN, v1::VERDICT_NURTURE,
                                    v1::VERDICT_DISQUALIFIED, v1::VERDICT_RESTRICTED}) {
    const auto count = verdicts_.find(verdict);
    if (count == verdicts_.end()) continue;
    parts.push_back(absl::StrCat(count->second, " ", labels.Name(verdict)));
  }
  if (failed_ > 0) parts.push_back(absl::StrCat(failed_, " ", labels.Say(label::kFailed)));
  const std::string leads =
      total_ == 1 ? labels.Say(label::kOneLead) : labels.Say(label::kLeads, total_);
  return parts.empty() ? leads : absl::StrCat(leads, ": ", absl::StrJoin(parts, ", "));
}

}  // namespace bantam
