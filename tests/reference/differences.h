// Comparing the engine's answer with the reference's, and making a case that differs small.
#ifndef BANTAM_TESTS_REFERENCE_DIFFERENCES_H_
#define BANTAM_TESTS_REFERENCE_DIFFERENCES_H_

#include <functional>
#include <string>
#include <vector>

#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"

namespace bantam {
namespace reference {

// Every field, by path, in which `got` differs from `want`, as "path: want …, got …"; texts for
// people, notes, revisions and versions aside. Empty: the answers agree.
std::vector<std::string> Differences(const v1::Evaluation& want, const v1::Evaluation& got);

// ICPs and a lead.
struct Input {
  std::vector<v1::Icp> icps;
  v1::Lead lead;
};

// Removes parts of `input` one by one, as long as `still_differs` holds of what is left, until none
// can go.
Input Minimize(Input input, const std::function<bool(const Input&)>& still_differs);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_DIFFERENCES_H_
