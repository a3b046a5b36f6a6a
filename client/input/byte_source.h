#ifndef BANTAM_CLIENT_INPUT_BYTE_SOURCE_H_
#define BANTAM_CLIENT_INPUT_BYTE_SOURCE_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bantam {

// The bytes of a file, block by block, as often as wanted. A regular file is read from where it is;
// what can be read only once (standard input, pipes) is held in memory as a whole. Not thread-safe.
class ByteSource {
 public:
  // "-": the standard input. NOT_FOUND: no such file. INVALID_ARGUMENT: it cannot be read. Messages
  // do not name the file.
  static absl::StatusOr<std::unique_ptr<ByteSource>> Open(const std::string& path);

  // Bytes at hand.
  explicit ByteSource(std::string bytes) : bytes_(std::move(bytes)) {}

  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  // The next 64 KiB, or what is left; empty: the end. Valid until the next call.
  absl::StatusOr<absl::string_view> Next();

  // Begins again.
  void Rewind();

 private:
  explicit ByteSource(int descriptor) : descriptor_(descriptor) {}

  const int descriptor_ = -1;  // Of a regular file; negative: all are in `bytes_`.
  std::string bytes_;          // All of them, or those of one block.
  size_t offset_ = 0;          // Of the next one.
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_BYTE_SOURCE_H_
