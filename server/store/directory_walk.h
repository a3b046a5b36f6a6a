// The files and directories below a directory, as a reader of definitions wants them.
#ifndef BANTAM_SERVER_STORE_DIRECTORY_WALK_H_
#define BANTAM_SERVER_STORE_DIRECTORY_WALK_H_

#include <sys/types.h>

#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bantam {

// Tells a file or directory from every other one that exists at the same time.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;

  bool operator==(const FileIdentity& other) const {
    return device == other.device && inode == other.inode;
  }
  bool operator<(const FileIdentity& other) const {
    return std::tie(device, inode) < std::tie(other.device, other.inode);
  }
};

// What `error_number` (as in errno) says for a person, such as "Permission denied".
std::string ErrorText(int error_number);

struct DirectoryWalk {
  struct File {
    std::string path;  // Below the root, such as "eu/software.yaml".
    FileIdentity identity;
    std::string error;  // Why it cannot be looked at (a link that leads nowhere); empty: it can.
  };

  FileIdentity root;

  // Everything that is not a directory, by path (ascending).
  std::vector<File> files;

  // The root and the directories below it that were entered, with the root's path in front.
  std::vector<std::string> directories;

  // What could not be looked at, one line each. Empty: `files` is complete.
  std::vector<std::string> gaps;
};

// Whether a file is wanted, by its path below the root.
using FileFilter = bool (*)(absl::string_view path);

// Walks through everything below the directory `root`. Follows symbolic links; skips names that
// start with a dot, which is where editors and the kubelet keep what is not meant to be read (a
// ConfigMap's "x.yaml" leads through "..data" to a hidden directory). What can be reached on two
// ways is reported once: of directories the way that the walk takes first, of files the first path
// in order, among those that are `wanted` (null: all): a link of another name hides nothing. At
// most 100,000 entries, 16 levels deep; what is beyond them is a gap.
//
// Errors: NOT_FOUND: `root` is not there, or no directory; PERMISSION_DENIED; UNAVAILABLE.
absl::StatusOr<DirectoryWalk> WalkDirectory(const std::string& root, FileFilter wanted = nullptr);

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_DIRECTORY_WALK_H_
