// The tables of built-in phrases, one per language. Only PhrasesOf() picks among them.
#ifndef BANTAM_SERVER_ENGINE_PHRASES_LANGUAGES_H_
#define BANTAM_SERVER_ENGINE_PHRASES_LANGUAGES_H_

#include "absl/strings/string_view.h"
#include "server/engine/phrases/phrases.h"

namespace bantam {

// The texts of phrase_list.inc.
extern const PhraseTable kEnglishPhrases;

// Formal German ("Sie").
extern const PhraseTable kGermanPhrases;

// Formal Romanian ("dumneavoastră"). Numerals stand beside their nouns ("zile: 90"), since the form
// of the noun would depend on the number.
extern const PhraseTable kRomanianPhrases;

// Finds the placeholders of a text such as "$0 of $1". A lone dollar sign counts as one, too: a
// test finds those, and placeholders that are missing.
constexpr PhraseForm MakePhraseForm(absl::string_view text) {
  PhraseForm form = {text, 0, {}};
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '$') continue;
    const int number = text[i + 1] - '0';
    bool is_new = true;
    for (int j = 0; j < form.slot_count; ++j) is_new = is_new && form.slots[j].number != number;
    form.slots[is_new ? form.slot_count++ : PhraseForm::kMostSlots] = {
        static_cast<uint16_t>(i), static_cast<uint16_t>(number)};
  }
  return form;
}

// The table of a language. To be used at compile time, where it is an error (an index beyond the
// end) that a phrase is too long, has too many placeholders, or one of them twice.
constexpr PhraseTable MakePhraseTable(absl::string_view (*text_of)(Phrase)) {
  PhraseTable table = {};
  for (size_t i = 0; i < kPhraseCount; ++i) {
    const absl::string_view text = text_of(static_cast<Phrase>(i));
    table[text.size() <= kLongestPhrase ? i : kPhraseCount] = MakePhraseForm(text);
  }
  return table;
}

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_PHRASES_LANGUAGES_H_
