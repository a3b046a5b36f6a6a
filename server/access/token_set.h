#ifndef BANTAM_SERVER_ACCESS_TOKEN_SET_H_
#define BANTAM_SERVER_ACCESS_TOKEN_SET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "server/access/caller.h"

namespace bantam {

// The tokens of a token file. Immutable; safe for concurrent use.
//
// How long a look-up takes tells nothing of the tokens: they are found by a keyed hash, whose key
// is drawn anew for each set and never leaves the process, so that nobody can know which of two
// guesses comes nearer; and what is found is compared in constant time.
class TokenSet {
 public:
  // Most lines that name a token.
  static constexpr size_t kMaxTokens = 100000;

  explicit TokenSet(std::vector<Caller::Token> tokens);

  // The token whose text is `token`, if it is one of these.
  absl::optional<Caller::Token> Find(absl::string_view token) const;

  // Whether `token` is one of these, under the same name. Quick if Find() of this set gave it.
  bool Contains(const Caller::Token& token) const;

  // Whether a token has this name. Looks at all of them.
  bool HasName(absl::string_view name) const;

  size_t size() const { return tokens_.size(); }

 private:
  // The entry of a digest, or null.
  const Caller::Token* Look(const TokenDigest& digest) const;
  uint64_t KeyedHash(const TokenDigest& digest) const;

  const uint64_t id_;  // No other set of this process has it.
  const TokenDigest key_;
  std::vector<Caller::Token> tokens_;
  absl::flat_hash_map<uint64_t, std::vector<size_t>> by_hash_;
};

// A token file that was read.
struct ParsedTokens {
  // Null if and only if there are problems.
  std::shared_ptr<const TokenSet> tokens;

  // Every problem, in order, as `file:line: what`. They never quote the file.
  std::vector<std::string> problems;
};

// Reads the text of a token file: on each line a name and, in hexadecimal digits, the SHA-256 of
// the token; blank lines and lines that begin with # are skipped. A name may stand on several
// lines: each of its tokens counts, so that tokens can be exchanged without a gap. `file` is how
// problems call it.
ParsedTokens ParseTokens(absl::string_view text, absl::string_view file);

// Whether `name` is one that a token may have: at most 64 letters, digits, '_', '-' and '.'.
bool IsTokenName(absl::string_view name);

// SHA-256 of a token's text.
TokenDigest DigestOfToken(absl::string_view token);

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_TOKEN_SET_H_
