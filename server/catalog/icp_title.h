#ifndef BANTAM_SERVER_CATALOG_ICP_TITLE_H_
#define BANTAM_SERVER_CATALOG_ICP_TITLE_H_

#include <string>

#include "server/engine/compiled_icp.h"

namespace bantam {

// What lists call an ICP: its English title, else the first in alphabetical order of languages,
// else its id.
std::string IcpTitle(const CompiledIcp& icp);

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_ICP_TITLE_H_
