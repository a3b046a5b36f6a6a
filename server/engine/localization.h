// Texts for people in the language an answer is given in.
#ifndef BANTAM_SERVER_ENGINE_LOCALIZATION_H_
#define BANTAM_SERVER_ENGINE_LOCALIZATION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bantam/v1/value.pb.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/phrases/phrases.h"

namespace bantam {

// The language part of a BCP 47 tag, lower-case: "de-AT" → "de"; empty → "en".
std::string LanguagePart(absl::string_view language_code);

// The text for `language`; else "en"; else the first in alphabetical order; empty if there is none.
absl::string_view PickText(const v1::LocalizedText& text, absl::string_view language);

// Built-in wording and ICP texts in one language. Cheap to make; safe for concurrent use.
class Texts {
 public:
  explicit Texts(absl::string_view language_code);

  // The built-in phrase, with $0, $1 … replaced (absl::Substitute).
  template <typename... Args>
  std::string Say(Phrase phrase, const Args&... args) const {
    return absl::Substitute(PhraseText(language_, phrase), args...);
  }

  // The ICP's own text, or `fallback` where it has none.
  std::string Own(const v1::LocalizedText& text, absl::string_view fallback) const;

  // The same, falling back to a built-in phrase.
  template <typename... Args>
  std::string OwnOr(const v1::LocalizedText& text, Phrase phrase, const Args&... args) const {
    return text.texts().empty() ? Say(phrase, args...) : Own(text, "");
  }

  // What people call an attribute: "company.industry" → "industry"; a custom one by its own name,
  // with spaces: "custom.household_income" → "household income".
  std::string AttributeName(absl::string_view attribute) const;

  // The built-in question that asks for these attributes (at least one).
  std::string AttributeQuestion(const std::vector<std::string>& attributes) const;

  // The built-in title of a standard stage, "nurture" or "disqualified"; else the id itself.
  std::string StageTitle(absl::string_view stage) const;

  // The language of the built-in texts.
  Language language() const { return language_; }

 private:
  std::string code_;
  Language language_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_LOCALIZATION_H_
