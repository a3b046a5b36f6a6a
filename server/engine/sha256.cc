#include "server/engine/sha256.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"

namespace bantam {

std::string Sha256Prefix(absl::string_view text) {
  constexpr size_t kPrefixBytes = 16;
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), kPrefixBytes));
}

}  // namespace bantam
