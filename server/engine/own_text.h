#ifndef BANTAM_SERVER_ENGINE_OWN_TEXT_H_
#define BANTAM_SERVER_ENGINE_OWN_TEXT_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/value.pb.h"

namespace bantam {

// A language that an ICP may have texts in, by its two letters, or none of these.
class LanguageCode {
 public:
  constexpr LanguageCode() = default;

  // "de"; a text of another length is none.
  constexpr explicit LanguageCode(absl::string_view code)
      : letters_(code.size() != 2 ? 0 : Letter(code[0]) << 8 | Letter(code[1])) {}

  friend constexpr bool operator==(LanguageCode a, LanguageCode b) {
    return a.letters_ == b.letters_;
  }

  // By the alphabet.
  friend constexpr bool operator<(LanguageCode a, LanguageCode b) {
    return a.letters_ < b.letters_;
  }

 private:
  static constexpr int Letter(char c) { return static_cast<unsigned char>(c); }

  uint16_t letters_ = 0;
};

// A text of an ICP in the languages it has, ready to pick from. Refers to the definition, which
// must outlive it, and whose languages are of two letters, as Compile() has checked. Immutable;
// safe for concurrent use.
class OwnText {
 public:
  OwnText() = default;
  OwnText(const v1::LocalizedText& text);  // NOLINT: the same in another form.

  bool empty() const { return entries_.empty(); }

  // The text for `language`; else "en"; else the first in alphabetical order; empty if there is
  // none.
  absl::string_view Pick(LanguageCode language) const {
    if (entries_.empty()) return absl::string_view();
    for (const Entry& entry : entries_) {
      if (entry.language == language) return entry.text();
    }
    return entries_.front().text();
  }

 private:
  struct Entry {
    LanguageCode language;
    uint32_t size;  // Of the text, which is far shorter than 4 GB.
    const char* data;

    absl::string_view text() const { return absl::string_view(data, size); }
  };

  // The first is the one to fall back to. Most texts are in one language: it lies here.
  absl::InlinedVector<Entry, 1> entries_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_OWN_TEXT_H_
