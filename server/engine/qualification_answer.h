// Writes verdict, match, BANT assessment, gaps and next actions.
#ifndef BANTAM_SERVER_ENGINE_QUALIFICATION_ANSWER_H_
#define BANTAM_SERVER_ENGINE_QUALIFICATION_ANSWER_H_

#include <optional>
#include <string>
#include <vector>

#include "bantam/v1/evaluation.pb.h"
#include "server/engine/assessment.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/localization.h"

namespace bantam {

// Sets the verdict and all its reasons.
void WriteVerdict(const Profile& profile, const Assessment& assessment, const Texts& texts,
                  v1::Evaluation* evaluation);

// Where actions take place: the stage, which after a move of Advance is the new one.
struct ActionStage {
  absl::string_view stage;
  std::optional<absl::Time> entered;
};

// Fills `qualification`.
void WriteQualification(const Profile& profile, const Assessment& assessment, const EventLog& log,
                        const Texts& texts, const EvaluateOptions& options,
                        const ActionStage& action_stage, v1::Qualification* qualification);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_QUALIFICATION_ANSWER_H_
