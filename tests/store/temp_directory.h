#ifndef BANTAM_TESTS_STORE_TEMP_DIRECTORY_H_
#define BANTAM_TESTS_STORE_TEMP_DIRECTORY_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bantam {

// A new directory that is deleted at the end, with the means to change it as people and programs
// do. Paths are relative to it. Failing to do so fails the test.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();

  // The path of `relative` (empty: of the directory), absolute.
  std::string Path(absl::string_view relative = "") const;

  // Writes in place, as `echo > file` does. Makes the directories above it.
  void Write(absl::string_view path, absl::string_view text) const;

  // Adds to what is there.
  void Append(absl::string_view path, absl::string_view text) const;

  // Writes beside it, then renames over it, as editors do.
  void Replace(absl::string_view path, absl::string_view text) const;

  void MakeDirectory(absl::string_view path) const;
  void Rename(absl::string_view from, absl::string_view to) const;

  // Makes the symbolic link `path` with the text `target`.
  void Link(absl::string_view target, absl::string_view path) const;

  // Deletes a file, a link, or a directory with all that is in it.
  void Delete(absl::string_view path) const;

 private:
  std::string root_;
};

// A mounted ConfigMap, changed by the steps of the kubelet (its AtomicWriter).
class ConfigMapVolume {
 public:
  // `mount` is the mount point, relative to `directory`, which must outlive this.
  ConfigMapVolume(const TempDirectory* directory, absl::string_view mount);

  // Makes this what the ConfigMap holds: texts by path ("a.yaml", "eu/a.yaml").
  void Update(const std::map<std::string, std::string>& texts);

 private:
  std::string In(absl::string_view path) const;

  const TempDirectory* const directory_;
  const std::string mount_;
  int updates_ = 0;
  std::vector<std::string> visible_;  // The links at the top.
};

}  // namespace bantam

#endif  // BANTAM_TESTS_STORE_TEMP_DIRECTORY_H_
