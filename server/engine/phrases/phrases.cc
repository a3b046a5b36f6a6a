#include "server/engine/phrases/phrases.h"

#include "server/engine/phrases/languages.h"

namespace bantam {
namespace {

absl::string_view EnglishText(Phrase phrase) {
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

absl::string_view PhraseText(Language language, Phrase phrase) {
  switch (language) {
    case Language::kGerman:
      return GermanText(phrase);
    case Language::kRomanian:
      return RomanianText(phrase);
    case Language::kEnglish:
      break;
  }
  return EnglishText(phrase);
}

}  // namespace bantam
