// Points for events.
#ifndef BANTAM_TESTS_REFERENCE_ENGAGEMENT_H_
#define BANTAM_TESTS_REFERENCE_ENGAGEMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "tests/reference/activity.h"
#include "tests/reference/values.h"

namespace bantam {
namespace reference {

// One line of the engagement's trace. Points in hundredths.
struct EngagementLine {
  std::string id;  // Of the rule, or of the group for a group's limit.
  bool limit = false;
  bool matched = false;
  int64_t points = 0;
};

// The rules, each followed by its cap's limit if that took effect, then the groups' limits.
// Steps 2 and 4 to 9 of the order of operations.
std::vector<EngagementLine> EngagementLines(const v1::Icp& icp,
                                            const std::vector<Happening>& events, Nanos now);

// The sum of the lines.
int64_t EngagementSum(const v1::Icp& icp, const std::vector<Happening>& events, Nanos now);

// The points of one event of `age`, rounded to hundredths.
int64_t DecayedPoints(const v1::EngagementRule& rule, Nanos age);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_ENGAGEMENT_H_
