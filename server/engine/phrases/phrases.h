// All built-in wording, per language. Nothing else of the engine holds text for people.
#ifndef BANTAM_SERVER_ENGINE_PHRASES_PHRASES_H_
#define BANTAM_SERVER_ENGINE_PHRASES_PHRASES_H_

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

// The phrase in `language`, with $0, $1 … for what is filled in.
absl::string_view PhraseText(Language language, Phrase phrase);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_PHRASES_PHRASES_H_
