// The funnel: gates, and where a lead moves.
#ifndef BANTAM_TESTS_REFERENCE_GATES_H_
#define BANTAM_TESTS_REFERENCE_GATES_H_

#include <string>
#include <vector>

#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "tests/reference/picture.h"

namespace bantam {
namespace reference {

// Each condition of `gate`, and all together. Texts for people are left out.
v1::GateResult JudgeGate(const Case& subject, const Picture& picture, const v1::Gate& gate);

// Whether the conditions of the gate into "sql" about fit, required criteria and authority hold.
bool SqlGateQualifies(const Case& subject, const Picture& picture);

// Where the lead moves, why, and the gates that were looked at; no record. `override_by`: null or
// by a person.
v1::Advancement DecideMove(const Case& subject, const Picture& picture, bool as_far_as_possible,
                           const v1::StageOverride* override_by);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_GATES_H_
