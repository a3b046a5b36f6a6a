#include "client/watch/file_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

// How often a file is asked whether it has grown.
constexpr int kIntervalMilliseconds = 200;

}  // namespace

// One file that is open, and the line that is not complete yet.
class FileSource::Reader {
 public:
  explicit Reader(int descriptor) : descriptor_(descriptor) {}
  ~Reader() { Close(); }

  bool is_open() const { return descriptor_ >= 0; }

  void Open(const std::string& path) {
    Close();
    descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    offset_ = 0;
    line_.clear();
  }

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
  void Close() {
    if (descriptor_ > STDIN_FILENO) close(descriptor_);
    descriptor_ = -1;
  }

  int descriptor_;
  off_t offset_ = 0;
  std::string line_;
};

absl::Status FileSource::Follow(const TakeLine& take, const IsOver& is_over, const Note& note) {
  const bool is_standard_input = path_ == "-";
  Reader reader(is_standard_input ? STDIN_FILENO : -1);
  if (!is_standard_input) {
    reader.Open(path_);
    if (!reader.is_open()) {
      return absl::NotFoundError(
          absl::StrCat(path_, " cannot be opened: ", std::strerror(errno),
                       "; name the file that bantamd --decision_log writes"));
    }
    if (!from_start_) reader.SkipToEnd();
  }
  bool goes_on = true;
  while (goes_on && !is_over()) {
    if (is_standard_input) {
      pollfd input = {STDIN_FILENO, POLLIN, 0};
      if (poll(&input, 1, kIntervalMilliseconds) <= 0) continue;
    }
    const ssize_t count = reader.Read(take, &goes_on);
    if (count > 0) continue;
    if (count < 0 && errno != EINTR) {
      return absl::UnavailableError(absl::StrCat(path_, " cannot be read: ", std::strerror(errno)));
    }
    if (is_standard_input) {
      if (count == 0) return absl::OkStatus();
      continue;
    }
    if (reader.WasMoved(path_)) {
      // What was written to the old one last comes first.
      while (goes_on && reader.Read(take, &goes_on) > 0) {
      }
      reader.Open(path_);
      if (!reader.is_open()) {
        return absl::UnavailableError(
            absl::StrCat(path_, " cannot be opened any more: ", std::strerror(errno)));
      }
      continue;
    }
    reader.RewindIfEmptied();
    poll(nullptr, 0, kIntervalMilliseconds);
  }
  return absl::OkStatus();
}

}  // namespace bantam
