// Writes match, BANT assessment, gaps and next actions.
#ifndef BANTAM_SERVER_ENGINE_QUALIFICATION_ANSWER_H_
#define BANTAM_SERVER_ENGINE_QUALIFICATION_ANSWER_H_

#include <optional>

#include "bantam/v1/evaluation.pb.h"
#include "server/engine/assessment.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/localization.h"

namespace bantam {

// Where actions take place: the stage, which after a move of Advance is the new one.
struct ActionStage {
  absl::string_view stage;
  std::optional<absl::Time> entered;
};

// Writes the fields of a Qualification. Returns the due time of the first action that has one;
// nullopt: there is none, or actions were not asked for.
std::optional<absl::Time> WriteQualification(const Profile& profile, const Assessment& assessment,
                                             const EventLog& log, const Texts& texts,
                                             const EvaluateOptions& options,
                                             const ActionStage& action_stage, WireWriter* out);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_QUALIFICATION_ANSWER_H_
