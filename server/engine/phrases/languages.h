// The tables of built-in phrases, one per language other than English (whose texts stand in
// phrase_list.inc). Only PhraseText() calls them.
#ifndef BANTAM_SERVER_ENGINE_PHRASES_LANGUAGES_H_
#define BANTAM_SERVER_ENGINE_PHRASES_LANGUAGES_H_

#include "absl/strings/string_view.h"
#include "server/engine/phrases/phrases.h"

namespace bantam {

// Formal German ("Sie").
absl::string_view GermanText(Phrase phrase);

// Formal Romanian ("dumneavoastră"). Numerals stand beside their nouns ("zile: 90"), since the form
// of the noun would depend on the number.
absl::string_view RomanianText(Phrase phrase);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_PHRASES_LANGUAGES_H_
