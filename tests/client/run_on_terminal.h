#ifndef BANTAM_TESTS_CLIENT_RUN_ON_TERMINAL_H_
#define BANTAM_TESTS_CLIENT_RUN_ON_TERMINAL_H_

#include <string>

#include "tests/client/run_command.h"

namespace bantam {

// Runs `bantam` with `arguments` (as a shell reads them) on a terminal of its own, on which
// `typed` is typed. `environment` is as env(1) reads it. What it shows, standard error included, is
// `out`, with plain line ends.
Finished RunBantamOnTerminal(const std::string& arguments, const std::string& typed,
                             const std::string& environment = "NO_COLOR=1");

}  // namespace bantam

#endif  // BANTAM_TESTS_CLIENT_RUN_ON_TERMINAL_H_
