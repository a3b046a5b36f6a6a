#ifndef BANTAM_SERVER_ENGINE_DEFAULTS_H_
#define BANTAM_SERVER_ENGINE_DEFAULTS_H_

#include "bantam/v1/icp.pb.h"

namespace bantam {

// `icp` with every default of the contract written out, so that two definitions that mean the same
// have the same revision. Absent parts stay absent where absence is the meaning (a rule without a
// window, a criterion without a title).
v1::Icp WithDefaults(const v1::Icp& icp);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_DEFAULTS_H_
