#ifndef BANTAM_CLIENT_FILES_YAML_FILES_H_
#define BANTAM_CLIENT_FILES_YAML_FILES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bantam {

// What was found below a folder.
struct YamlFiles {
  std::vector<std::string> files;
  // What could not be looked at, so that files may be missing: "PATH: cannot be read: REASON".
  std::vector<std::string> problems;
};

// Every *.yaml and *.yml below `folder`, both lists sorted. What cannot be read keeps nothing else
// from being found. Left out are entries behind a dot, and folders called `except` (empty: none).
// Links to files count as files; links to folders are not followed.
YamlFiles ListYamlFiles(const std::string& folder, absl::string_view except = "");

}  // namespace bantam

#endif  // BANTAM_CLIENT_FILES_YAML_FILES_H_
