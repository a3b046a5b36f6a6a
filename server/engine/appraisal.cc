#include "server/engine/appraisal.h"

#include "server/engine/funnel_answer.h"
#include "server/engine/outlook.h"

namespace bantam {

Appraisal::Appraisal(const Profile& profile, const v1::Lead& lead, const EvaluateOptions& options)
    : profile_(&profile),
      options_(&options),
      now_(options.now),
      log_(lead, profile.event_types, profile.bot_window, now_),
      assessment_(Assess(profile, lead, log_, now_)) {}

void Appraisal::Complete() {
  if (options_->operation == Operation::kAdvance) {
    if (options_->override_by != nullptr) {
      move_ = OverrideMove(assessment_, *options_->override_by);
    } else if (!assessment_.restricted) {
      move_ = DecideMove(*profile_, assessment_, options_->as_far_as_possible);
    }
  }
  next_change_ = NextChange(*profile_, assessment_, log_, *options_, move_.to_stage);
}

}  // namespace bantam
