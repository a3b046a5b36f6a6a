// All built-in wording, per language. Nothing else of the engine holds text for people.
#ifndef BANTAM_SERVER_ENGINE_PHRASES_PHRASES_H_
#define BANTAM_SERVER_ENGINE_PHRASES_PHRASES_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "server/engine/compiled_icp.h"

namespace bantam {

// Every phrase, listed once in phrase_list.inc with its English text; the other languages' tables
// have one entry for each (checked by a test, and by the compiler's -Wswitch).
enum class Phrase {
#define BANTAM_PHRASE(name, english) k##name,
#include "server/engine/phrases/phrase_list.inc"
#undef BANTAM_PHRASE
};

// How many there are.
inline constexpr size_t kPhraseCount = 0
#define BANTAM_PHRASE(name, english) +1
#include "server/engine/phrases/phrase_list.inc"
#undef BANTAM_PHRASE
    ;

// Bytes of the longest phrase, in any language, at most.
inline constexpr size_t kLongestPhrase = 200;

// A phrase with its placeholders, which were found when the program was compiled.
struct PhraseForm {
  static constexpr int kMostSlots = 4;
  static constexpr int kSlotSize = 2;  // Bytes of a placeholder.

  // A placeholder: "$0" has number 0.
  struct Slot {
    uint16_t position;
    uint16_t number;
  };

  absl::string_view text;  // With $0, $1 … for what is filled in.
  int slot_count;
  Slot slots[kMostSlots];  // In the text's order, each number once.
};

// The phrases of a language, by Phrase.
using PhraseTable = std::array<PhraseForm, kPhraseCount>;

// The table of `language`. It lasts as long as the program.
const PhraseTable& PhrasesOf(Language language);

// The phrase in `language`, with $0, $1 … for what is filled in.
inline absl::string_view PhraseText(Language language, Phrase phrase) {
  return PhrasesOf(language)[static_cast<size_t>(phrase)].text;
}

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_PHRASES_PHRASES_H_
