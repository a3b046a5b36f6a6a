// Character encodings of input files → UTF-8.
#ifndef BANTAM_CLIENT_INPUT_ENCODING_H_
#define BANTAM_CLIENT_INPUT_ENCODING_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bantam {

// Text in UTF-8, without a byte-order mark.
struct DecodedText {
  std::string text;

  // What it was decoded from, such as "UTF-16LE".
  std::string encoding;

  // Neither the caller nor a byte-order mark named the encoding, and it is not UTF-8.
  bool guessed = false;
};

// Decodes `bytes`. `encoding` is any name that ICU knows (case does not matter); empty: told by the
// byte-order mark, else by the zero bytes of UTF-16 and UTF-32, else UTF-8 if that is valid, else
// Windows-1252.
//
// INVALID_ARGUMENT: an unheard-of encoding, bytes that are not valid in it, or no text at all (such
// as a spreadsheet); the message says what to do, and starts with no file name.
absl::StatusOr<DecodedText> DecodeText(std::string bytes, absl::string_view encoding);

}  // namespace bantam

#endif  // BANTAM_CLIENT_INPUT_ENCODING_H_
