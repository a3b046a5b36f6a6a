#ifndef BANTAM_CLIENT_OUTPUT_CARD_H_
#define BANTAM_CLIENT_OUTPUT_CARD_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bantam/v1/evaluation.pb.h"
#include "client/output/terminal.h"

namespace bantam {

// One answer for a person: score bar and parts, verdict with reasons, BANT, gaps with questions and
// points at stake, next actions with due time and why, what was withheld, the funnel, the trace.
// Sections that the answer does not have are left out. `lead` is what the lead is called,
// `language_code` what the answer was asked for in; times are shown in `zone`.
std::string RenderCard(absl::string_view lead, const v1::Evaluation& evaluation,
                       absl::string_view language_code, const Style& style, absl::TimeZone zone);

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_CARD_H_
