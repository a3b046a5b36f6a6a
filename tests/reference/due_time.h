// Due times in business hours, day by day.
#ifndef BANTAM_TESTS_REFERENCE_DUE_TIME_H_
#define BANTAM_TESTS_REFERENCE_DUE_TIME_H_

#include "absl/time/time.h"
#include "bantam/v1/icp.pb.h"

namespace bantam {
namespace reference {

// `start` plus `sla` in `hours`, whose fields are all set, in the time zone `zone`.
absl::Time DueTime(const v1::BusinessHours& hours, absl::TimeZone zone, absl::Time start,
                   const v1::Sla& sla);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_DUE_TIME_H_
