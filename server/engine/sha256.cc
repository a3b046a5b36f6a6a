// Its newer functions look up the algorithm by name and allocate, which takes longer than the hash
// of a short text.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "server/engine/sha256.h"

#include <openssl/sha.h>

namespace bantam {

Sha256Digits Sha256Prefix(absl::string_view text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, text.data(), text.size());
  SHA256_Final(digest, &context);
  Sha256Digits digits;
  for (size_t i = 0; i < digits.size(); ++i) {
    const int shift = i % 2 == 0 ? 4 : 0;
    digits[i] = "0123456789abcdef"[(digest[i / 2] >> shift) & 0xf];
  }
  return digits;
}

}  // namespace bantam
