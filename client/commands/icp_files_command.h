// icp check, icp test: offline work on ICP files and their cases.
#ifndef BANTAM_CLIENT_COMMANDS_ICP_FILES_COMMAND_H_
#define BANTAM_CLIENT_COMMANDS_ICP_FILES_COMMAND_H_

#include <string>
#include <vector>

namespace bantam {

// Checks the ICP files among `paths` (files, folders, "-"); prints every problem with line, column
// and caret, and a summary. A name that an earlier file has is an error. Exit code 1: there are
// errors (warnings are none); 2: something cannot be read, or a folder holds no such file, while
// the others are checked all the same; or "-" stands more than once, and nothing is checked.
int RunIcpCheck(const std::vector<std::string>& paths);

// Runs the cases in `paths` (files and folders); prints what differs, and a summary. With
// `update_golden` the wanted values are rewritten instead. Exit code 1: a case failed; 2: a path
// does not exist, or a folder holds no case, or cannot be read as a whole.
int RunIcpTest(const std::vector<std::string>& paths, bool update_golden, bool verbose);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_ICP_FILES_COMMAND_H_
