#include "client/files/yaml_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

namespace fs = std::filesystem;

class Walk {
 public:
  explicit Walk(absl::string_view except) : except_(except) {}

  // Its own iterator for each folder: one over all would end at the first that cannot be read.
  void Enter(const fs::path& folder) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      Look(*it);
    }
    if (error) AddProblem(folder, error);
  }

  YamlFiles Finish() {
    std::sort(found_.files.begin(), found_.files.end());
    std::sort(found_.problems.begin(), found_.problems.end());
    return std::move(found_);
  }

 private:
  void Look(const fs::directory_entry& entry) {
    const fs::path& path = entry.path();
    const std::string name = path.filename().string();
    if (absl::StartsWith(name, ".")) return;
    std::error_code error;
    const fs::file_status itself = entry.symlink_status(error);
    if (error) return AddProblem(path, error);
    if (fs::is_directory(itself)) {
      if (name != except_) Enter(path);
      return;
    }
    if (!absl::EndsWith(name, ".yaml") && !absl::EndsWith(name, ".yml")) return;
    const bool is_file = entry.is_regular_file(error);
    if (error) return AddProblem(path, error);
    if (is_file) found_.files.push_back(path.string());
  }

  void AddProblem(const fs::path& path, const std::error_code& error) {
    found_.problems.push_back(absl::StrCat(path.string(), ": cannot be read: ", error.message()));
  }

  const absl::string_view except_;
  YamlFiles found_;
};

}  // namespace

YamlFiles ListYamlFiles(const std::string& folder, absl::string_view except) {
  Walk walk(except);
  walk.Enter(folder);
  return walk.Finish();
}

}  // namespace bantam
