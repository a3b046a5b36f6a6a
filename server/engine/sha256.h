#ifndef BANTAM_SERVER_ENGINE_SHA256_H_
#define BANTAM_SERVER_ENGINE_SHA256_H_

#include <string>

#include "absl/strings/string_view.h"

namespace bantam {

// The first 16 bytes of the SHA-256 of `text`, as 32 lower-case hexadecimal digits.
std::string Sha256Prefix(absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_SHA256_H_
