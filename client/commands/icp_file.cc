#include "client/commands/icp_file.h"

#include <filesystem>
#include <iostream>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

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

YamlFiles ListIcpFiles(const std::vector<std::string>& paths) {
  YamlFiles all;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      if (path == "-" || fs::exists(path, error)) {
        all.files.push_back(path);
      } else {
        all.problems.push_back(absl::StrCat(path, ": no such file or folder"));
      }
      continue;
    }
    YamlFiles found = ListYamlFiles(path);
    if (found.files.empty() && found.problems.empty()) {
      all.problems.push_back(absl::StrCat(path, ": holds no file *.yaml or *.yml"));
    }
    std::move(found.files.begin(), found.files.end(), std::back_inserter(all.files));
    std::move(found.problems.begin(), found.problems.end(), std::back_inserter(all.problems));
  }
  return all;
}

}  // namespace bantam
