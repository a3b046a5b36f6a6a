#include "client/watch/file_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

// How often a file is asked whether it has grown.
constexpr int kIntervalMilliseconds = 200;

// Files that are open at a time, while nothing is written to any but the first. Of more, those in
// between are left: a server does not write to a file that has been moved that often.
constexpr size_t kMaxFiles = 8;

int OpenFile(const std::string& path) { return open(path.c_str(), O_RDONLY | O_CLOEXEC); }

absl::Status CannotRead(const std::string& path) {
  return absl::UnavailableError(absl::StrCat(path, " cannot be read: ", std::strerror(errno)));
}

}  // namespace

// One file that is open, and the line that is not complete yet.
class FileSource::Reader {
 public:
  explicit Reader(int descriptor) : descriptor_(descriptor) {}
  ~Reader() {
    if (descriptor_ > STDIN_FILENO) close(descriptor_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  bool is_open() const { return descriptor_ >= 0; }

  void SkipToEnd() {
    const off_t end = lseek(descriptor_, 0, SEEK_END);
    offset_ = end < 0 ? 0 : end;
  }

  // Reads what is there: the number of bytes; 0: the end; negative: an error. `*goes_on`: whether
  // more lines are wanted.
  ssize_t Read(const TakeLine& take, bool* goes_on) {
    char bytes[64 << 10];
    const ssize_t count = read(descriptor_, bytes, sizeof(bytes));
    if (count <= 0) return count;
    offset_ += count;
    line_.append(bytes, static_cast<size_t>(count));
    size_t begin = 0;
    for (size_t end; *goes_on && (end = line_.find('\n', begin)) != std::string::npos;) {
      if (end > begin) *goes_on = take(line_.substr(begin, end - begin));
      begin = end + 1;
    }
    line_.erase(0, begin);
    return count;
  }

  // Whether another file has its name now.
  bool WasMoved(const std::string& path) const {
    struct stat opened;
    struct stat named;
    return fstat(descriptor_, &opened) == 0 && stat(path.c_str(), &named) == 0 &&
           (opened.st_dev != named.st_dev || opened.st_ino != named.st_ino);
  }

  bool IsEmpty() const {
    struct stat opened;
    return fstat(descriptor_, &opened) != 0 || opened.st_size == 0;
  }

  bool IsFolder() const {
    struct stat opened;
    return fstat(descriptor_, &opened) == 0 && S_ISDIR(opened.st_mode);
  }

  // Begins again with a file that has become shorter.
  void RewindIfEmptied() {
    struct stat opened;
    if (fstat(descriptor_, &opened) != 0 || !S_ISREG(opened.st_mode) || opened.st_size >= offset_) {
      return;
    }
    lseek(descriptor_, 0, SEEK_SET);
    offset_ = 0;
    line_.clear();
  }

 private:
  const int descriptor_;
  off_t offset_ = 0;
  std::string line_;
};

absl::Status FileSource::Follow(const TakeLine& take, const IsOver& is_over, const Note& note) {
  return path_ == "-" ? FollowStandardInput(take, is_over) : FollowFile(take, is_over);
}

absl::Status FileSource::FollowStandardInput(const TakeLine& take, const IsOver& is_over) {
  Reader reader(STDIN_FILENO);
  bool goes_on = true;
  while (goes_on && !is_over()) {
    pollfd input = {STDIN_FILENO, POLLIN, 0};
    if (poll(&input, 1, kIntervalMilliseconds) <= 0) continue;
    const ssize_t count = reader.Read(take, &goes_on);
    if (count == 0) break;
    if (count < 0 && errno != EINTR) return CannotRead(path_);
  }
  return absl::OkStatus();
}

absl::Status FileSource::FollowFile(const TakeLine& take, const IsOver& is_over) {
  // The one that is read, and those that took its name since, oldest first.
  std::deque<std::unique_ptr<Reader>> files;
  files.push_back(std::make_unique<Reader>(OpenFile(path_)));
  if (!files.front()->is_open()) {
    return absl::NotFoundError(absl::StrCat(path_, " cannot be opened: ", std::strerror(errno),
                                            "; name the file that bantamd --decision_log writes"));
  }
  if (files.front()->IsFolder()) {
    return absl::InvalidArgumentError(absl::StrCat(
        path_, " is a folder, not a file; name the file that bantamd --decision_log ", "writes"));
  }
  if (!from_start_) files.front()->SkipToEnd();
  bool goes_on = true;
  while (goes_on && !is_over()) {
    const ssize_t count = files.front()->Read(take, &goes_on);
    if (count > 0) continue;
    if (count < 0 && errno != EINTR) return CannotRead(path_);
    if (files.back()->WasMoved(path_)) {
      files.push_back(std::make_unique<Reader>(OpenFile(path_)));
      if (!files.back()->is_open()) {
        return absl::UnavailableError(
            absl::StrCat(path_, " cannot be opened any more: ", std::strerror(errno)));
      }
      if (files.size() > kMaxFiles) files.erase(files.begin() + 1);
    }
    // A server looks for its file once a second (server/telemetry/decision_log.cc) and writes to
    // the one that was moved until then. What it writes first to a newer one tells that it has gone
    // over; a time to wait could be too short for a disk that hangs.
    if (std::any_of(files.begin() + 1, files.end(),
                    [](const std::unique_ptr<Reader>& file) { return !file->IsEmpty(); })) {
      // What was written to the old one last comes first.
      while (goes_on && files.front()->Read(take, &goes_on) > 0) {
      }
      files.pop_front();
      continue;
    }
    files.front()->RewindIfEmptied();
    poll(nullptr, 0, kIntervalMilliseconds);
  }
  return absl::OkStatus();
}

}  // namespace bantam
