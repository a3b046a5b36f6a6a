#include "client/commands/icp_file.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "bantam/v1/icp.pb.h"
#include "client/commands/failure.h"
#include "client/input/lead_reader.h"
#include "server/definition/load_icp.h"
#include "server/definition/yaml.h"
#include "server/engine/validate.h"

namespace bantam {
namespace {

namespace fs = std::filesystem;

// Reads and checks one file; prints what is wrong.
bool ReadIcpFile(const std::string& path, const ReadOptions& options, const TimeZones& zones,
                 IcpFiles* files) {
  absl::StatusOr<std::string> text = ReadInput(path);
  if (!text.ok()) {
    PrintError(text.status().message());
    ++files->unreadable;
    return false;
  }
  if (!options.tenant.empty()) text = UnderTenant(*text, path, options.tenant);
  if (!text.ok()) {
    PrintError(text.status().message());
    ++files->bad;
    return false;
  }
  const LoadedIcp loaded = LoadIcp(*text, path, zones);
  for (const v1::Issue& issue : loaded.issues) {
    const bool is_error = issue.severity() == v1::ISSUE_SEVERITY_ERROR;
    if (!is_error) ++files->warnings;
    if (is_error || options.show_warnings) {
      std::cerr << issue.rendered() << "\n";
    }
  }
  if (loaded.icp == nullptr) {
    ++files->bad;
    return false;
  }
  IcpFile file;
  file.path = path;
  file.name = loaded.name;
  file.revision = loaded.icp->revision();
  file.version.full = loaded.icp->definition();
  ParseYaml(*text, path, &file.version.written, nullptr);
  file.yaml = *std::move(text);
  files->files.push_back(std::move(file));
  return true;
}

// Where the line of this number (from 1) begins.
size_t LineStart(const std::string& text, int line) {
  size_t start = 0;
  for (int i = 1; i < line; ++i) start = text.find('\n', start) + 1;
  return start;
}

bool IsHidden(const fs::path& path) { return absl::StartsWith(path.filename().string(), "."); }

void ListBelow(const fs::path& folder, std::vector<std::string>* files) {
  for (fs::recursive_directory_iterator it(folder), end; it != end; ++it) {
    if (IsHidden(it->path())) {
      it.disable_recursion_pending();
      continue;
    }
    const std::string extension = it->path().extension().string();
    if (it->is_regular_file() && (extension == ".yaml" || extension == ".yml")) {
      files->push_back(it->path().string());
    }
  }
}

}  // namespace

IcpFiles ReadIcpFiles(const std::vector<std::string>& paths, const ReadOptions& options,
                      const TimeZones& zones) {
  IcpFiles files;
  std::map<std::string, std::string> path_of;
  for (const std::string& path : paths) {
    if (!ReadIcpFile(path, options, zones, &files)) continue;
    const auto [other, is_new] = path_of.emplace(files.files.back().name, path);
    if (is_new) continue;
    PrintError(absl::StrCat(path, ": is called ", other->first, ", as is ", other->second,
                            "; leave one out or rename it"));
    files.files.pop_back();
    ++files.bad;
  }
  return files;
}

absl::StatusOr<std::string> UnderTenant(const std::string& yaml, const std::string& path,
                                        const std::string& tenant) {
  v1::Icp icp;
  SourceMap positions;
  ParseYaml(yaml, path, &icp, &positions);
  if (!IsIcpName(icp.name())) return yaml;  // Said when it is checked.
  const size_t line = LineStart(yaml, positions.Find("name").line);
  const size_t end = std::min(yaml.find('\n', line), yaml.size());
  const size_t place = yaml.find(icp.name(), line);
  if (place == std::string::npos || place + icp.name().size() > end) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": its name cannot be replaced; write it on one line, such as\n",
                     "  name: ", icp.name()));
  }
  const std::string id = icp.name().substr(icp.name().rfind('/') + 1);
  return absl::StrCat(yaml.substr(0, place), tenant, "/icps/", id,
                      yaml.substr(place + icp.name().size()));
}

absl::StatusOr<std::vector<std::string>> ListIcpFiles(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      if (path != "-" && !fs::exists(path, error)) {
        return absl::NotFoundError(absl::StrCat(path, ": no such file or folder"));
      }
      files.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    ListBelow(path, &found);
    if (found.empty()) {
      return absl::NotFoundError(absl::StrCat(path, ": holds no file *.yaml or *.yml"));
    }
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

}  // namespace bantam
