#include "server/store/directory_walk.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

constexpr int kMaxEntries = 100000;
constexpr int kMaxDepth = 16;

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

// The names in a directory that do not start with a dot, ascending, at most `max_names` of them;
// false if they cannot be read (errno says why).
bool ListNames(const std::string& path, int max_names, std::vector<std::string>* names) {
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(path.c_str()));
  if (directory == nullptr) return false;
  while (static_cast<int>(names->size()) < max_names) {
    errno = 0;
    const dirent* entry = readdir(directory.get());
    if (entry == nullptr && errno != 0) return false;
    if (entry == nullptr) break;
    if (entry->d_name[0] != '.') names->push_back(entry->d_name);
  }
  std::sort(names->begin(), names->end());
  return true;
}

absl::Status RootError(const std::string& root, int error_number) {
  const std::string message =
      absl::StrCat("cannot read directory '", root, "': ", ErrorText(error_number));
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
    case ELOOP:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(message);
    default:
      return absl::UnavailableError(message);
  }
}

class Walker {
 public:
  Walker(const std::string& root, FileFilter wanted) : root_(root), wanted_(wanted) {}

  absl::StatusOr<DirectoryWalk> Walk() {
    struct stat info;
    if (stat(root_.c_str(), &info) != 0) return RootError(root_, errno);
    if (!S_ISDIR(info.st_mode)) return RootError(root_, ENOTDIR);
    walk_.root = {info.st_dev, info.st_ino};
    entered_.insert(walk_.root);
    if (const int error = Enter("", 0); error != 0) return RootError(root_, error);
    if (entries_ >= kMaxEntries) {
      walk_.gaps.push_back(absl::StrCat("there are more than ", kMaxEntries,
                                        " files and directories; the rest is not read"));
    }
    KeepFirstWays();
    return std::move(walk_);
  }

 private:
  // Walks through the directory at `path` ("" or ending in a slash). Returns 0, or errno if it
  // cannot be read.
  int Enter(const std::string& path, int depth) {
    std::vector<std::string> names;
    const std::string full = absl::StrCat(root_, "/", path);
    if (!ListNames(full, kMaxEntries - entries_, &names)) return errno;
    entries_ += static_cast<int>(names.size());
    walk_.directories.push_back(full);
    for (const std::string& name : names) Visit(absl::StrCat(path, name), depth);
    return 0;
  }

  void Visit(const std::string& path, int depth) {
    const std::string full = absl::StrCat(root_, "/", path);
    struct stat info;
    if (stat(full.c_str(), &info) != 0) {
      const int error = errno;
      if (lstat(full.c_str(), &info) != 0) return;  // It is gone since it was listed.
      AddFile(path, info, ErrorText(error));
    } else if (!S_ISDIR(info.st_mode)) {
      AddFile(path, info, "");
    } else if (entered_.insert({info.st_dev, info.st_ino}).second) {
      VisitDirectory(absl::StrCat(path, "/"), depth + 1);
    }
  }

  void AddFile(const std::string& path, const struct stat& info, std::string error) {
    if (wanted_ != nullptr && !wanted_(path)) return;
    walk_.files.push_back({path, {info.st_dev, info.st_ino}, std::move(error)});
  }

  void VisitDirectory(const std::string& path, int depth) {
    if (depth > kMaxDepth) {
      walk_.gaps.push_back(
          absl::StrCat(path, ": is more than ", kMaxDepth, " levels deep; not read"));
      return;
    }
    const int error = Enter(path, depth);
    if (error == 0 || error == ENOENT) return;
    walk_.gaps.push_back(absl::StrCat(path, ": cannot be read: ", ErrorText(error)));
  }

  void KeepFirstWays() {
    std::vector<DirectoryWalk::File>& files = walk_.files;
    std::sort(
        files.begin(), files.end(),
        [](const DirectoryWalk::File& a, const DirectoryWalk::File& b) { return a.path < b.path; });
    std::set<FileIdentity> seen;
    files.erase(std::remove_if(files.begin(), files.end(),
                               [&seen](const DirectoryWalk::File& file) {
                                 return !seen.insert(file.identity).second;
                               }),
                files.end());
  }

  const std::string& root_;
  const FileFilter wanted_;
  DirectoryWalk walk_;
  std::set<FileIdentity> entered_;
  int entries_ = 0;
};

}  // namespace

std::string ErrorText(int error_number) {
  return std::error_code(error_number, std::generic_category()).message();
}

absl::StatusOr<DirectoryWalk> WalkDirectory(const std::string& root, FileFilter wanted) {
  return Walker(root, wanted).Walk();
}

}  // namespace bantam
