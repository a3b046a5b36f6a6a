#ifndef BANTAM_SERVER_ENGINE_SHA256_H_
#define BANTAM_SERVER_ENGINE_SHA256_H_

#include <array>

#include "absl/strings/string_view.h"

namespace bantam {

// Lower-case hexadecimal digits.
using Sha256Digits = std::array<char, 32>;

// The first 16 bytes of the SHA-256 of `text`.
Sha256Digits Sha256Prefix(absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_SHA256_H_
