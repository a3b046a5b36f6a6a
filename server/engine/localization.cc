#include "server/engine/localization.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "server/engine/phrases/names.h"

namespace bantam {
namespace {

Language BuiltInLanguage(absl::string_view code) {
  if (code == "de") return Language::kGerman;
  if (code == "ro") return Language::kRomanian;
  return Language::kEnglish;
}

}  // namespace

std::string LanguagePart(absl::string_view language_code) {
  const absl::string_view part = language_code.substr(0, language_code.find_first_of("-_"));
  return part.empty() ? "en" : absl::AsciiStrToLower(part);
}

absl::string_view PickText(const v1::LocalizedText& text, absl::string_view language) {
  const std::string* english = nullptr;
  const std::string* first_code = nullptr;
  const std::string* first = nullptr;
  // A loop instead of a look-up: it makes no key, and there are few languages.
  for (const auto& [code, value] : text.texts()) {
    if (code == language) return value;
    if (code == "en") english = &value;
    if (first_code == nullptr || code < *first_code) {
      first_code = &code;
      first = &value;
    }
  }
  if (english != nullptr) return *english;
  return first != nullptr ? absl::string_view(*first) : absl::string_view();
}

Texts::Texts(absl::string_view language_code)
    : code_(LanguagePart(language_code)), language_(BuiltInLanguage(code_)) {}

std::string Texts::Own(const v1::LocalizedText& text, absl::string_view fallback) const {
  return std::string(text.texts().empty() ? fallback : PickText(text, code_));
}

std::string Texts::AttributeName(absl::string_view attribute) const {
  const std::optional<Phrase> phrase = AttributePhrase(attribute);
  if (phrase.has_value()) return Say(*phrase);
  return absl::StrReplaceAll(absl::StripPrefix(attribute, "custom."), {{"_", " "}});
}

std::string Texts::AttributeQuestion(const std::vector<std::string>& attributes) const {
  return Say(
      Phrase::kQuestionAttribute,
      absl::StrJoin(attributes, ", ", [this](std::string* out, const std::string& attribute) {
        out->append(AttributeName(attribute));
      }));
}

std::string Texts::StageTitle(absl::string_view stage) const {
  const std::optional<Phrase> phrase = bantam::StageTitle(stage);
  return phrase.has_value() ? Say(*phrase) : std::string(stage);
}

}  // namespace bantam
