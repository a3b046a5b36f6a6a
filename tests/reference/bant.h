// The BANT questions: Budget, Authority, Need, Timeline.
#ifndef BANTAM_TESTS_REFERENCE_BANT_H_
#define BANTAM_TESTS_REFERENCE_BANT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "tests/reference/activity.h"
#include "tests/reference/values.h"

namespace bantam {
namespace reference {

// What is known about one dimension.
struct BantOutcome {
  v1::BantDimension dimension = v1::BANT_DIMENSION_UNSPECIFIED;
  v1::BantState state = v1::BANT_STATE_UNKNOWN;
  int64_t full_points = 0;  // In hundredths, as `points`.
  int64_t points = 0;
  std::string contact_id;
  std::string source;
  std::optional<Nanos> observed;
  std::optional<Nanos> expires;
  bool conflict = false;

  bool known() const { return state != v1::BANT_STATE_UNKNOWN && state != v1::BANT_STATE_STALE; }
};

// Budget, authority, need and timeline, in this order. `icp` has its defaults filled in.
std::vector<BantOutcome> JudgeBant(const v1::Icp& icp, const v1::Lead& lead,
                                   const std::vector<Happening>& events, Nanos now);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_BANT_H_
