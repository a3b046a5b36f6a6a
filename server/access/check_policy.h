#ifndef BANTAM_SERVER_ACCESS_CHECK_POLICY_H_
#define BANTAM_SERVER_ACCESS_CHECK_POLICY_H_

#include <string>
#include <vector>

#include "server/access/policy.pb.h"

namespace bantam {

// What is wrong with a policy.
struct PolicyProblem {
  std::string field;    // Such as "grants[0].methods[1]".
  std::string message;  // As in v1::Issue.
};

// Every problem of `policy`, by field; none: AccessPolicy can be made of it.
std::vector<PolicyProblem> CheckPolicy(const access::Policy& policy);

// What is wrong with an identity of a grant, as what is to follow its name ("must be …"); empty:
// nothing.
std::string CheckIdentity(const std::string& identity);

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_CHECK_POLICY_H_
