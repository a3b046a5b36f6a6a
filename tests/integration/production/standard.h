// The standard ICP and lead of the benchmarks, for tests that need work of an ordinary size.
#ifndef BANTAM_TESTS_INTEGRATION_PRODUCTION_STANDARD_H_
#define BANTAM_TESTS_INTEGRATION_PRODUCTION_STANDARD_H_

#include <string>

#include "bantam/v1/lead.pb.h"

namespace bantam {

inline constexpr char kStandardIcp[] = "tenants/bench/icps/standard";

// The definition as written.
std::string StandardIcpText();

v1::Lead StandardLead();

}  // namespace bantam

#endif  // BANTAM_TESTS_INTEGRATION_PRODUCTION_STANDARD_H_
