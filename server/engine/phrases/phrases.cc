#include "server/engine/phrases/phrases.h"

#include "server/engine/phrases/languages.h"

namespace bantam {
namespace {

constexpr absl::string_view EnglishText(Phrase phrase) {
  switch (phrase) {
#define BANTAM_PHRASE(name, english) \
  case Phrase::k##name:              \
    return english;
#include "server/engine/phrases/phrase_list.inc"
#undef BANTAM_PHRASE
  }
  return "";
}

}  // namespace

constexpr PhraseTable kEnglishPhrases = MakePhraseTable(EnglishText);

const PhraseTable& PhrasesOf(Language language) {
  switch (language) {
    case Language::kGerman:
      return kGermanPhrases;
    case Language::kRomanian:
      return kRomanianPhrases;
    case Language::kEnglish:
      break;
  }
  return kEnglishPhrases;
}

}  // namespace bantam
