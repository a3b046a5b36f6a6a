// Character encodings of input files → UTF-8.
#ifndef BANTAM_CLIENT_INPUT_ENCODING_H_
#define BANTAM_CLIENT_INPUT_ENCODING_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/input/byte_source.h"

struct UConverter;

namespace bantam {

// What a file is written in.
struct FoundEncoding {
  std::string name;        // Such as "UTF-16LE".
  size_t mark_length = 0;  // Bytes of the byte-order mark that told it.

  // Neither the caller nor a byte-order mark named the encoding, and it is not UTF-8.
  bool guessed = false;
};

// Which encoding `bytes` are in, from their start: `encoding`; if that is empty, what the
// byte-order mark tells, else the zero bytes of UTF-16 and UTF-32, else UTF-8 if all bytes are
// valid, else Windows-1252. Reads them to the end where it must.
//
// INVALID_ARGUMENT: no text at all, such as a spreadsheet; the message names no file.
absl::StatusOr<FoundEncoding> FindEncoding(absl::string_view encoding, ByteSource* bytes);

// Decodes a text that comes in pieces, which may end within a character. Not thread-safe.
class Decoder {
 public:
  // For any name that ICU knows; case does not matter. INVALID_ARGUMENT: an unheard-of encoding.
  static absl::StatusOr<std::unique_ptr<Decoder>> Create(const std::string& encoding);

  // Appends the text of the next piece to `text`. INVALID_ARGUMENT: bytes that are not valid, or
  // the last piece ends within a character; the message says where, and what to do.
  absl::Status Decode(absl::string_view bytes, bool is_last, std::string* text);

 private:
  using Converter = std::unique_ptr<UConverter, void (*)(UConverter*)>;

  Decoder(std::string encoding, Converter converter);
  absl::Status InvalidAt(absl::string_view bytes, size_t offset) const;

  const std::string encoding_;
  const bool is_utf8_;
  Converter converter_;
  bool within_character_ = false;
  size_t offset_ = 0;  // Of the piece in all bytes,
  int64_t lines_ = 0;  // and line ends before it.
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_ENCODING_H_
