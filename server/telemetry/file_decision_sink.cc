#include "server/telemetry/file_decision_sink.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/catalog/steady_time.h"

namespace bantam {
namespace {

// Bytes that are written to a file at a time.
constexpr size_t kMaxBytes = 1 << 20;

absl::Status FileError(absl::string_view what, const std::string& path, int error) {
  const std::string text = absl::StrCat(path.empty() ? "the standard output" : path, " ", what,
                                        ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(text);
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(text);
    case EISDIR:
      return absl::InvalidArgumentError(text);
    default:
      return absl::UnavailableError(text);
  }
}

// What is open at last, whether it is a file on a disk, and whether its last line has no end.
struct Opened {
  std::unique_ptr<FileDescriptor> file;
  bool is_regular;
  bool owes_line_end;
};

bool IsRegular(int descriptor) {
  struct stat found;
  return fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode);
}

// Whether the last line of a file has no end, since whoever wrote it ended before.
bool EndsWithinLine(int descriptor, const std::string& path) {
  struct stat found;
  if (fstat(descriptor, &found) != 0 || found.st_size == 0) return false;
  const FileDescriptor reader(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char last = '\n';
  return reader.valid() && pread(reader.get(), &last, 1, found.st_size - 1) == 1 && last != '\n';
}

absl::StatusOr<Opened> OpenFile(const std::string& path) {
  // Not waiting: a named pipe that nobody reads is an error.
  Opened opened;
  opened.file = std::make_unique<FileDescriptor>(
      open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0640));
  if (!opened.file->valid()) return FileError("cannot be opened for writing", path, errno);
  opened.is_regular = IsRegular(opened.file->get());
  opened.owes_line_end = opened.is_regular && EndsWithinLine(opened.file->get(), path);
  return opened;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileDecisionSink>> FileDecisionSink::Open(const std::string& path) {
  absl::StatusOr<Opened> opened = OpenFile(path);
  if (!opened.ok()) return opened.status();
  auto sink = std::unique_ptr<FileDecisionSink>(
      new FileDecisionSink(path, std::move(opened->file), opened->is_regular));
  sink->owes_line_end_ = opened->owes_line_end;
  return sink;
}

std::unique_ptr<FileDecisionSink> FileDecisionSink::StandardOutput() {
  auto file = std::make_unique<FileDescriptor>(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
  const bool is_regular = IsRegular(file->get());
  return std::unique_ptr<FileDecisionSink>(new FileDecisionSink("", std::move(file), is_regular));
}

absl::Status FileDecisionSink::Write(absl::Span<const absl::string_view> lines,
                                     absl::Duration limit, size_t* written) {
  const absl::Time deadline = SteadyNow() + limit;
  *written = 0;
  if (owes_line_end_) {
    size_t done = 0;
    const absl::Status status = WriteBytes("\n", deadline, &done);
    if (!status.ok()) return status;
    owes_line_end_ = false;
  }
  while (*written < lines.size()) {
    // As many lines as are written together: to a pipe no more than it takes as one piece, so that
    // what others write there does not come in between.
    const size_t most = is_regular_ ? kMaxBytes : PIPE_BUF;
    std::string bytes;
    size_t count = 0;
    for (const absl::string_view line : lines.subspan(*written)) {
      if (count > 0 && bytes.size() + line.size() + 1 > most) break;
      absl::StrAppend(&bytes, line, "\n");
      ++count;
    }
    size_t done = 0;
    const absl::Status status =
        WriteBytes(absl::string_view(bytes).substr(begun_bytes_), deadline, &done);
    done += begun_bytes_;
    for (; count > 0 && done >= lines[*written].size() + 1; --count) {
      done -= lines[*written].size() + 1;
      ++*written;
    }
    begun_bytes_ = done;
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status FileDecisionSink::WriteBytes(absl::string_view bytes, absl::Time deadline,
                                          size_t* count) {
  *count = 0;
  while (*count < bytes.size()) {
    absl::string_view rest = bytes.substr(*count);
    if (!is_regular_) {
      // A pipe that can be written takes so much without waiting.
      const absl::Status ready = AwaitReader(deadline);
      if (!ready.ok()) return ready;
      rest = rest.substr(0, PIPE_BUF);
    }
    const ssize_t size = write(file_->get(), rest.data(), rest.size());
    if (size >= 0) {
      *count += static_cast<size_t>(size);
    } else if (errno != EINTR && errno != EAGAIN) {
      return FileError("cannot be written", path_, errno);
    }
  }
  return absl::OkStatus();
}

absl::Status FileDecisionSink::AwaitReader(absl::Time deadline) {
  pollfd descriptor = {file_->get(), POLLOUT, 0};
  while (true) {
    const int64_t wait = absl::ToInt64Milliseconds(deadline - SteadyNow());
    const int ready = poll(&descriptor, 1, static_cast<int>(std::max<int64_t>(wait, 0)));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return FileError("cannot be written", path_, errno);
    if (SteadyNow() >= deadline) {
      return absl::UnavailableError(absl::StrCat(path_.empty() ? "the standard output" : path_,
                                                 " is not read: it takes nothing any more"));
    }
  }
}

bool FileDecisionSink::IsAtItsName() const {
  struct stat opened;
  struct stat named;
  return fstat(file_->get(), &opened) == 0 && stat(path_.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

absl::Status FileDecisionSink::Refresh() {
  if (path_.empty() || IsAtItsName()) return absl::OkStatus();
  absl::StatusOr<Opened> opened = OpenFile(path_);
  if (!opened.ok()) return opened.status();
  // A line that was begun is written as a whole to the new file.
  begun_bytes_ = 0;
  file_ = std::move(opened->file);
  is_regular_ = opened->is_regular;
  owes_line_end_ = opened->owes_line_end;
  return absl::OkStatus();
}

}  // namespace bantam
