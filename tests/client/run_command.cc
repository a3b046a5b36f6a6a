#include "tests/client/run_command.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

// A folder of this process, deleted when it ends: tests run side by side.
class ProcessFolder {
 public:
  ProcessFolder() : path_(absl::StrCat(::testing::TempDir(), "/bantam-XXXXXX")) {
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~ProcessFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace

Finished RunBantam(const std::string& arguments, const std::string& input,
                   const std::string& environment) {
  const std::string in = WriteTempFile("stdin", input);
  const std::string out = WriteTempFile("stdout", "");
  const std::string err = WriteTempFile("stderr", "");
  const std::string command = absl::StrCat(
      "cd '", BANTAM_SOURCE_DIR, "' && env -u BANTAM_SERVER -u COLUMNS ", environment, " '",
      BANTAM_COMMAND, "' ", arguments, " <'", in, "' >'", out, "' 2>'", err, "'");
  const int status = std::system(command.c_str());
  Finished finished;
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  finished.out = ReadTextFile(out);
  finished.err = ReadTextFile(err);
  return finished;
}

std::string WriteTempFile(const std::string& name, const std::string& content) {
  static const ProcessFolder folder;
  const std::string path = absl::StrCat(folder.path(), "/", name);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  return path;
}

std::string ReadTextFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace bantam
