// How texts of leads and ICPs are compared.
#ifndef BANTAM_SERVER_ENGINE_TEXT_H_
#define BANTAM_SERVER_ENGINE_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace bantam {

// Trim() for texts that may have white space at their ends.
absl::string_view TrimEnds(absl::string_view text);

// `text` without white space (ASCII and Unicode's White_Space) at its ends.
inline absl::string_view Trim(absl::string_view text) {
  const auto plain = [](unsigned char c) { return c > ' ' && c < 0x80; };
  if (text.empty() || (plain(text.front()) && plain(text.back()))) return text;
  return TrimEnds(text);
}

// The trimmed text in Unicode full case folding ("Straße" and "STRASSE" are equal). `text` must
// be UTF-8; malformed bytes fold to U+FFFD.
std::string Fold(absl::string_view text);

// Where a folded text is put. Texts of usual length need no heap.
class FoldBuffer {
 public:
  // Bytes that may be written beyond the room asked for.
  static constexpr size_t kSlack = 8;

  // Room for `size` bytes, valid until the next call.
  char* Reserve(size_t size) {
    if (size + kSlack <= sizeof(small_)) return small_;
    large_.resize(size + kSlack);
    return &large_[0];
  }

  // For texts whose folded length is not known in advance.
  std::string* large() { return &large_; }

 private:
  char small_[128 + kSlack];
  std::string large_;
};

// The same into `buffer`; returns a view of it.
absl::string_view FoldInto(absl::string_view text, FoldBuffer* buffer);

// A role's text as rules name it: folded, with runs of spaces, hyphens and underscores as one
// underscore ("Decision-Maker" → "decision_maker").
std::string NormalizeRole(absl::string_view role);

// The same into `buffer`; returns a view of it.
absl::string_view NormalizeRoleInto(absl::string_view role, FoldBuffer* buffer);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_TEXT_H_
