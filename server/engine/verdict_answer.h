// Writes the verdict and its reasons.
#ifndef BANTAM_SERVER_ENGINE_VERDICT_ANSWER_H_
#define BANTAM_SERVER_ENGINE_VERDICT_ANSWER_H_

#include "absl/container/inlined_vector.h"
#include "bantam/v1/evaluation.pb.h"
#include "server/engine/assessment.h"
#include "server/engine/localization.h"
#include "server/engine/profile.h"
#include "server/engine/wire_writer.h"

namespace bantam {

// The codes of a verdict's reasons, in the answer's order.
using ReasonCodes = absl::InlinedVector<v1::VerdictReasonCode, 8>;

// Writes the verdict and all its reasons, as fields of an Evaluation; returns their codes.
ReasonCodes WriteVerdict(const Profile& profile, const Assessment& assessment, const Texts& texts,
                         WireWriter* out);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_VERDICT_ANSWER_H_
