// The fit criteria, one by one.
#ifndef BANTAM_TESTS_REFERENCE_CRITERIA_H_
#define BANTAM_TESTS_REFERENCE_CRITERIA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "tests/reference/values.h"

namespace bantam {
namespace reference {

// Kleene's three values.
enum class Truth { kMissed, kUnknown, kMatched };

// One criterion's outcome. Points in hundredths.
struct CriterionOutcome {
  Truth truth = Truth::kUnknown;
  int64_t points = 0;
  int64_t least = 0;  // Over all outcomes, whatever is known.
  int64_t most = 0;
  bool can_be_missed = true;  // An unknown one could turn out to be missed.
  std::vector<std::string> unknown_attributes;
};

// The outcomes of all criteria of `icp`, which has its defaults filled in, in its order.
std::vector<CriterionOutcome> JudgeCriteria(const v1::Icp& icp, const v1::Lead& lead, Nanos now);

// Whether any test of `icp` depends on the evaluation time.
bool CriteriaDependOnTime(const v1::Icp& icp);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_CRITERIA_H_
