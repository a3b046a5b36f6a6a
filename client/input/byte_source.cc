#include "client/input/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

constexpr size_t kBlockBytes = size_t{64} << 10;

absl::Status CannotRead() {
  if (errno == ENOENT) return absl::NotFoundError("no such file");
  if (errno == EISDIR) return absl::InvalidArgumentError("is a folder, not a file");
  return absl::InvalidArgumentError(absl::StrCat("cannot be read: ", std::strerror(errno)));
}

// Reads into `bytes`, until they are full or there are no more; gives how many there were.
absl::StatusOr<size_t> ReadFully(int descriptor, char* bytes, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t count = read(descriptor, bytes + done, size - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotRead();
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  return done;
}

absl::StatusOr<std::string> ReadAll(int descriptor) {
  std::string bytes;
  for (size_t done = 0;;) {
    bytes.resize(std::max(kBlockBytes, done * 2));
    const absl::StatusOr<size_t> count = ReadFully(descriptor, &bytes[done], bytes.size() - done);
    if (!count.ok()) return count.status();
    done += *count;
    if (done == bytes.size()) continue;
    bytes.resize(done);
    return bytes;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> ByteSource::Open(const std::string& path) {
  const bool is_standard_input = path == "-";
  const int descriptor =
      is_standard_input ? STDIN_FILENO : open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return CannotRead();
  struct stat found;
  if (!is_standard_input && fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode)) {
    return std::unique_ptr<ByteSource>(new ByteSource(descriptor));
  }
  absl::StatusOr<std::string> bytes = ReadAll(descriptor);
  if (!is_standard_input) close(descriptor);
  if (!bytes.ok()) return bytes.status();
  return std::make_unique<ByteSource>(*std::move(bytes));
}

ByteSource::~ByteSource() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::StatusOr<absl::string_view> ByteSource::Next() {
  if (descriptor_ < 0) {
    const absl::string_view block = absl::string_view(bytes_).substr(offset_, kBlockBytes);
    offset_ += block.size();
    return block;
  }
  bytes_.resize(kBlockBytes);
  const absl::StatusOr<size_t> count = ReadFully(descriptor_, &bytes_[0], bytes_.size());
  if (!count.ok()) return count.status();
  return absl::string_view(bytes_).substr(0, *count);
}

void ByteSource::Rewind() {
  offset_ = 0;
  if (descriptor_ >= 0) lseek(descriptor_, 0, SEEK_SET);
}

}  // namespace bantam
