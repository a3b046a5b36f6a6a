#include "server/access/token_set.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <random>
#include <utility>

namespace bantam {
namespace {

TokenDigest RandomKey() {
  std::random_device random;  // The system's: not to be guessed.
  TokenDigest key;
  for (size_t i = 0; i < key.size(); i += sizeof(uint32_t)) {
    const uint32_t number = random();
    std::memcpy(key.data() + i, &number, sizeof(number));
  }
  return key;
}

uint64_t NextId() {
  static std::atomic<uint64_t> last{0};
  return ++last;
}

bool Equal(const TokenDigest& a, const TokenDigest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

TokenDigest DigestOfToken(absl::string_view token) {
  TokenDigest digest;
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), digest.data());
  return digest;
}

TokenSet::TokenSet(std::vector<Caller::Token> tokens)
    : id_(NextId()), key_(RandomKey()), tokens_(std::move(tokens)) {
  for (size_t i = 0; i < tokens_.size(); ++i) {
    tokens_[i].set_id = id_;
    by_hash_[KeyedHash(tokens_[i].digest)].push_back(i);
  }
}

uint64_t TokenSet::KeyedHash(const TokenDigest& digest) const {
  TokenDigest mac;
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), digest.data(), digest.size(),
       mac.data(), nullptr);
  uint64_t hash;
  std::memcpy(&hash, mac.data(), sizeof(hash));
  return hash;
}

const Caller::Token* TokenSet::Look(const TokenDigest& digest) const {
  const auto it = by_hash_.find(KeyedHash(digest));
  if (it == by_hash_.end()) return nullptr;
  for (const size_t i : it->second) {
    if (Equal(tokens_[i].digest, digest)) return &tokens_[i];
  }
  return nullptr;
}

bool TokenSet::HasName(absl::string_view name) const {
  return std::any_of(tokens_.begin(), tokens_.end(),
                     [name](const Caller::Token& token) { return token.name == name; });
}

absl::optional<Caller::Token> TokenSet::Find(absl::string_view token) const {
  const Caller::Token* const found = Look(DigestOfToken(token));
  return found == nullptr ? absl::nullopt : absl::make_optional(*found);
}

bool TokenSet::Contains(const Caller::Token& token) const {
  if (token.set_id == id_) return true;
  const Caller::Token* const found = Look(token.digest);
  return found != nullptr && found->name == token.name;
}

}  // namespace bantam
