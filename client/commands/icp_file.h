// ICPs as files: read, checked, put under another tenant.
#ifndef BANTAM_CLIENT_COMMANDS_ICP_FILE_H_
#define BANTAM_CLIENT_COMMANDS_ICP_FILE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/diff/icp_diff.h"
#include "client/files/yaml_files.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/time_zones.h"

namespace bantam {

// One good definition.
struct IcpFile {
  std::string path;
  std::string yaml;
  std::string name;
  std::string revision;
  IcpVersion version;
};

// What came of reading files.
struct IcpFiles {
  std::vector<IcpFile> files;  // The good ones, in order.
  int unreadable = 0;
  int warnings = 0;  // Of all of them, shown or not.
  int bad = 0;       // Definitions with errors, and those of a name that another file has.
};

// How files are read.
struct ReadOptions {
  std::string tenant;  // `tenants/{tenant}`, in place of those in the names; empty: they stay.
  bool show_warnings = false;  // Errors always are shown.
};

// Reads and checks every file ("-": standard input), and prints every problem of all of them to
// standard error.
IcpFiles ReadIcpFiles(const std::vector<std::string>& paths, const ReadOptions& options,
                      const TimeZones& zones);

// False: "-" stands among `paths` more than once, which is printed.
bool StandardInputIsReadOnce(const std::vector<std::string>& paths);

// `yaml` with the tenant of its name replaced; all else stays, byte by byte. INVALID_ARGUMENT: the
// name is not written on one line, or is none; the message starts with `path`.
absl::StatusOr<std::string> UnderTenant(const std::string& yaml, const std::string& path,
                                        const std::string& tenant);

// The files among `paths`: files as they are, and of folders what ListYamlFiles() finds. Among the
// problems are paths that do not exist, and folders that hold no such file.
YamlFiles ListIcpFiles(const std::vector<std::string>& paths);

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_ICP_FILE_H_
