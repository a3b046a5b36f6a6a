#ifndef BANTAM_CLIENT_INPUT_TEXT_SOURCE_H_
#define BANTAM_CLIENT_INPUT_TEXT_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/input/byte_source.h"
#include "client/input/encoding.h"

namespace bantam {

// A file as text in UTF-8, without a byte-order mark, piece by piece. Not thread-safe.
class TextSource {
 public:
  // Looks through the file once or twice, so that what is wrong with it is known before anything is
  // made of it. `encoding`: as FindEncoding(). INVALID_ARGUMENT: it is no text, or not in that
  // encoding; the message names no file.
  static absl::StatusOr<std::unique_ptr<TextSource>> Open(std::unique_ptr<ByteSource> bytes,
                                                          absl::string_view encoding);

  const FoundEncoding& encoding() const { return encoding_; }

  // Whether it is nothing but white space.
  bool is_blank() const { return is_blank_; }

  // Its lines, which end as with LineEnds::kAny; one without an end counts.
  int64_t line_count() const { return line_count_; }

  // The next piece, about 64 KiB; empty: the end. Valid until the next call.
  absl::StatusOr<absl::string_view> Next();

 private:
  TextSource(std::unique_ptr<ByteSource> bytes, FoundEncoding encoding)
      : bytes_(std::move(bytes)), encoding_(std::move(encoding)) {}

  // Goes to the start.
  absl::Status Rewind();
  absl::Status LookThrough();

  const std::unique_ptr<ByteSource> bytes_;
  const FoundEncoding encoding_;
  bool is_blank_ = true;
  int64_t line_count_ = 0;

  std::unique_ptr<Decoder> decoder_;
  size_t mark_left_ = 0;  // Bytes of the byte-order mark to be passed over.
  bool begun_ = false;    // There was a piece.
  bool ended_ = false;
  std::string piece_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_TEXT_SOURCE_H_
