#ifndef BANTAM_TESTS_CLIENT_RUN_COMMAND_H_
#define BANTAM_TESTS_CLIENT_RUN_COMMAND_H_

#include <string>

namespace bantam {

// What a run of `bantam` came to.
struct Finished {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// Runs `bantam` with `arguments` (as a shell reads them) in the project's root, with `input` on
// standard input. `environment` precedes the command, such as "NO_COLOR=1".
Finished RunBantam(const std::string& arguments, const std::string& input = "",
                   const std::string& environment = "");

// A file in the test's temporary folder with this name and content; its path.
std::string WriteTempFile(const std::string& name, const std::string& content);

// A file's content.
std::string ReadTextFile(const std::string& path);

}  // namespace bantam

#endif  // BANTAM_TESTS_CLIENT_RUN_COMMAND_H_
