#ifndef BANTAM_SERVER_ENGINE_PLAYBOOK_H_
#define BANTAM_SERVER_ENGINE_PLAYBOOK_H_

#include "bantam/v1/icp.pb.h"

namespace bantam {

// What to do next where an ICP has no playbook of its own. Titles and scripts are left out, so
// that the built-in ones are given in the answer's language.
v1::Playbook DefaultPlaybook();

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_PLAYBOOK_H_
