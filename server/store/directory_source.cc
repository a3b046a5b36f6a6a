#include "server/store/directory_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/store/file_descriptor.h"

namespace bantam {
namespace {

bool IsDefinitionFile(absl::string_view path) {
  return absl::EndsWith(path, ".yaml") || absl::EndsWith(path, ".yml");
}

bool IsUtf8(absl::string_view text) {
  const uint8_t* const bytes = reinterpret_cast<const uint8_t*>(text.data());
  const int32_t size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    UChar32 character;
    U8_NEXT(bytes, at, size, character);
    if (character < 0) return false;
  }
  return true;
}

// Paths may hold any bytes; ids stand in messages and log lines.
std::string DocumentId(const std::string& path) {
  const bool printable = std::none_of(path.begin(), path.end(), absl::ascii_iscntrl);
  return printable && IsUtf8(path) ? path : absl::CHexEscape(path);
}

bool SameVersion(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

// Reads up to `max_bytes` + 1 bytes; returns 0 or errno.
int ReadBytes(int descriptor, size_t max_bytes, std::string* text) {
  char buffer[65536];
  while (text->size() <= max_bytes) {
    const size_t want = std::min(sizeof(buffer), max_bytes + 1 - text->size());
    const ssize_t got = read(descriptor, buffer, want);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) break;
    text->append(buffer, static_cast<size_t>(got));
  }
  return 0;
}

std::string CannotRead(int error_number) {
  return absl::StrCat("cannot be read: ", ErrorText(error_number));
}

// Fills in the text of `document`, or the error. False: there is no such file any more.
bool ReadFile(const std::string& path, size_t max_bytes, IcpDocument* document) {
  // Not blocking: a pipe of that name must not stop us.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat before;
  struct stat after;
  if (!file.valid() || fstat(file.get(), &before) != 0) {
    const int error = errno;
    if (error == ENOENT && lstat(path.c_str(), &before) != 0) return false;
    document->error = CannotRead(error);
    return true;
  }
  if (!S_ISREG(before.st_mode)) {
    document->error = "is not a file";
    return true;
  }
  if (static_cast<size_t>(before.st_size) > max_bytes) {
    document->error =
        absl::StrCat("is ", before.st_size, " bytes long; at most ", max_bytes, " are read");
    return true;
  }
  std::string text;
  if (const int error = ReadBytes(file.get(), max_bytes, &text); error != 0) {
    document->error = CannotRead(error);
  } else if (fstat(file.get(), &after) != 0 || !SameVersion(before, after)) {
    document->error = "was being written while it was read";
  } else if (text.size() > max_bytes) {
    document->error = absl::StrCat("is longer than ", max_bytes, " bytes");
  } else {
    document->yaml = std::move(text);
  }
  return true;
}

}  // namespace

DirectorySource::DirectorySource(std::string directory, FileWatcher* watcher,
                                 const DirectorySourceOptions& options)
    : directory_(std::move(directory)), watcher_(watcher), options_(options) {}

absl::StatusOr<IcpSnapshot> DirectorySource::Read() {
  absl::StatusOr<DirectoryWalk> walk = WalkDirectory(directory_, IsDefinitionFile);
  if (!walk.ok()) return walk.status();
  std::vector<DirectoryWalk::File>& files = walk->files;
  if (absl::Status status = CheckRoot(walk->root, files.size()); !status.ok()) return status;

  IcpSnapshot snapshot;
  snapshot.gaps = std::move(walk->gaps);
  const size_t max_files = static_cast<size_t>(options_.max_files);
  if (files.size() > max_files) {
    snapshot.gaps.push_back(absl::StrCat("there are ", files.size(), " definition files; at most ",
                                         max_files, " are read: from '",
                                         DocumentId(files[max_files].path), "' on they are not"));
    files.resize(max_files);
  }
  snapshot.documents = ReadDocuments(files);
  return snapshot;
}

std::vector<IcpDocument> DirectorySource::ReadDocuments(
    const std::vector<DirectoryWalk::File>& files) const {
  std::vector<IcpDocument> documents;
  size_t total_bytes = 0;
  for (const DirectoryWalk::File& file : files) {
    IcpDocument document;
    document.id = DocumentId(file.path);
    if (!file.error.empty()) {
      document.error = absl::StrCat("cannot be read: ", file.error);
    } else if (!ReadFile(absl::StrCat(directory_, "/", file.path), options_.max_file_bytes,
                         &document)) {
      continue;
    }
    total_bytes += document.yaml.size();
    if (total_bytes > options_.max_total_bytes) {
      document.yaml.clear();
      document.error = absl::StrCat("is not read: it and the files before it have more than ",
                                    options_.max_total_bytes, " bytes together");
    }
    documents.push_back(std::move(document));
  }
  // An escaped id may stand elsewhere than its path.
  std::sort(documents.begin(), documents.end(),
            [](const IcpDocument& a, const IcpDocument& b) { return a.id < b.id; });
  return documents;
}

absl::Status DirectorySource::CheckRoot(FileIdentity root, size_t found) {
  MutexLock lock(mutex_);
  if (found > 0) {
    filled_root_ = root;
    filled_files_ = found;
    return absl::OkStatus();
  }
  if (filled_files_ == 0 || root == filled_root_) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("directory '", directory_, "' is empty, and is not the one that held ",
                   filled_files_, filled_files_ == 1 ? " definition file" : " definition files",
                   " before: is its volume mounted? Restart if it is meant to be empty"));
}

void DirectorySource::Watch(std::function<void()> on_change) {
  watch_ = watcher_->Watch(directory_, std::move(on_change));
}

}  // namespace bantam
