// A naive reading of product.md: slow, obvious, in tests only, and sharing nothing with the engine
// but the generated messages. The engine must give the same answers.
//
// Where product.md and the contract leave something open, a comment that begins with CHOICE says
// what was chosen.
#ifndef BANTAM_TESTS_REFERENCE_REFERENCE_EVALUATOR_H_
#define BANTAM_TESTS_REFERENCE_REFERENCE_EVALUATOR_H_

#include <vector>

#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace bantam {
namespace reference {

// What is asked, beside ICP and lead.
struct Question {
  v1::BulkOperation operation = v1::BULK_OPERATION_QUALIFY;
  google::protobuf::Timestamp now;
  bool as_far_as_possible = false;                 // Advance only.
  const v1::StageOverride* override_by = nullptr;  // Advance only; null: none.
  bool with_actions = false;                       // The ICPs must have a playbook then.
};

// The answer, without texts for people, notes, revision, engine and time zone version. `icp` comes
// without its defaults filled in.
v1::Evaluation Evaluate(const v1::Icp& icp, const v1::Lead& lead, const Question& question);

// The same for the ICP that fits best (at least one is given), the others beside it.
v1::Evaluation EvaluateBest(const std::vector<v1::Icp>& icps, const v1::Lead& lead,
                            const Question& question);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_REFERENCE_EVALUATOR_H_
