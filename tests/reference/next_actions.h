// What to do next: the playbook's rules that apply, filtered by consent, ranked, with due times.
#ifndef BANTAM_TESTS_REFERENCE_NEXT_ACTIONS_H_
#define BANTAM_TESTS_REFERENCE_NEXT_ACTIONS_H_

#include <optional>
#include <string>

#include "bantam/v1/evaluation.pb.h"
#include "tests/reference/picture.h"
#include "tests/reference/values.h"

namespace bantam {
namespace reference {

// Fills `actions` and `withheld_actions` of `qualification`, whose gaps are there, without texts
// for people. `subject.icp` has a playbook and all fields of its business hours.
//
// `stage` is the current one, in Advance that after the move, and `entered` when it was entered.
void FillActions(const Case& subject, const Picture& picture, const std::string& stage,
                 const std::optional<Nanos>& entered, v1::Qualification* qualification);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_NEXT_ACTIONS_H_
