#include "tests/client/run_on_terminal.h"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace bantam {

Finished RunBantamOnTerminal(const std::string& arguments, const std::string& typed,
                             const std::string& environment) {
  const std::string command =
      absl::StrCat("cd '", BANTAM_SOURCE_DIR, "' && exec env -u BANTAM_SERVER ", environment, " '",
                   BANTAM_COMMAND, "' ", arguments);
  Finished finished;
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  EXPECT_GT(child, 0);
  EXPECT_EQ(write(terminal, typed.data(), typed.size()), static_cast<ssize_t>(typed.size()));
  char bytes[4096];
  for (ssize_t count; (count = read(terminal, bytes, sizeof(bytes))) > 0;) {
    finished.out.append(bytes, static_cast<size_t>(count));
  }
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  finished.out = absl::StrReplaceAll(finished.out, {{"\r\n", "\n"}});
  return finished;
}

}  // namespace bantam
