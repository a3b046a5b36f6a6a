// Writes whether the lead moves, the gates, and the transition record.
#ifndef BANTAM_SERVER_ENGINE_FUNNEL_ANSWER_H_
#define BANTAM_SERVER_ENGINE_FUNNEL_ANSWER_H_

#include <string>

#include "bantam/v1/evaluation.pb.h"
#include "server/engine/assessment.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/funnel.h"
#include "server/engine/localization.h"
#include "server/engine/verdict_answer.h"

namespace bantam {

// The move that an override makes.
Move OverrideMove(const Assessment& assessment, const v1::StageOverride& override_by);

// Writes the fields of an Advancement. `reasons` are the verdict's; `first_due` is when the first
// action is due, if there is any.
void WriteAdvancement(const Profile& profile, const Assessment& assessment, const Move& move,
                      const v1::StageOverride* override_by, const Texts& texts,
                      const ReasonCodes& reasons, std::optional<absl::Time> first_due,
                      WireWriter* out);

// Appends the id of a transition, as the contract documents it. `entered` absent: by evaluation
// time.
void AppendTransitionId(absl::string_view icp, absl::string_view lead_id,
                        absl::string_view from_stage, absl::string_view to_stage,
                        std::optional<absl::Time> entered, absl::Time now, ByteBuffer* out);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_FUNNEL_ANSWER_H_
