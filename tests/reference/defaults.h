#ifndef BANTAM_TESTS_REFERENCE_DEFAULTS_H_
#define BANTAM_TESTS_REFERENCE_DEFAULTS_H_

#include "bantam/v1/icp.pb.h"

namespace bantam {
namespace reference {

// `icp` with every default of product.md filled in, except texts and the playbook.
v1::Icp WithDefaults(v1::Icp icp);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_DEFAULTS_H_
