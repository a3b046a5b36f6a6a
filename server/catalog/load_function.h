#ifndef BANTAM_SERVER_CATALOG_LOAD_FUNCTION_H_
#define BANTAM_SERVER_CATALOG_LOAD_FUNCTION_H_

#include <functional>

#include "absl/strings/string_view.h"
#include "server/definition/load_icp.h"

namespace bantam {

// Parses and compiles one definition: LoadIcp() with the time zones bound. `file` is the name that
// issues carry. Safe for concurrent use.
using LoadFunction = std::function<LoadedIcp(absl::string_view yaml, absl::string_view file)>;

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_LOAD_FUNCTION_H_
