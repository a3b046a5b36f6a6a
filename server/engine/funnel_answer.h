// Writes whether the lead moves, the gates, and the transition record.
#ifndef BANTAM_SERVER_ENGINE_FUNNEL_ANSWER_H_
#define BANTAM_SERVER_ENGINE_FUNNEL_ANSWER_H_

#include <string>

#include "bantam/v1/evaluation.pb.h"
#include "server/engine/assessment.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/funnel.h"
#include "server/engine/localization.h"

namespace bantam {

// The move that an override makes.
Move OverrideMove(const Assessment& assessment, const v1::StageOverride& override_by);

// Fills the advancement of `evaluation`, whose verdict has been written, but for the first
// action's due time.
void WriteAdvancement(const Profile& profile, const Assessment& assessment, const Move& move,
                      const v1::StageOverride* override_by, const Texts& texts,
                      v1::Evaluation* evaluation);

// The id of a transition, as the contract documents it. `entered` absent: by evaluation time.
std::string TransitionId(absl::string_view icp, absl::string_view lead_id,
                         absl::string_view from_stage, absl::string_view to_stage,
                         std::optional<absl::Time> entered, absl::Time now);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_FUNNEL_ANSWER_H_
