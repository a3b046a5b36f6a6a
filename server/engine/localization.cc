#include "server/engine/localization.h"

#include <optional>

#include "absl/strings/ascii.h"
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
  return OwnText(text).Pick(language);
}

Texts::Texts(absl::string_view language_code)
    : code_(LanguagePart(language_code)), language_(BuiltInLanguage(code_)) {}

void Texts::AppendFilled(absl::string_view phrase, absl::Span<const Filling> fillings,
                         ByteBuffer* out) {
  while (true) {
    const size_t mark = phrase.find('$');
    if (mark == absl::string_view::npos) break;
    out->Append(phrase.substr(0, mark));
    fillings[phrase[mark + 1] - '0'].AppendTo(out);
    phrase.remove_prefix(mark + 2);
  }
  out->Append(phrase);
}

void Texts::AppendAttributeName(absl::string_view attribute, ByteBuffer* out) const {
  const std::optional<Phrase> phrase = AttributePhrase(attribute);
  if (phrase.has_value()) return Append(out, *phrase);
  for (const char c : absl::StripPrefix(attribute, "custom.")) out->Append(c == '_' ? ' ' : c);
}

void Texts::AppendAttributeNames(absl::Span<const absl::string_view> attributes,
                                 ByteBuffer* out) const {
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (i > 0) out->Append(", ");
    AppendAttributeName(attributes[i], out);
  }
}

void Texts::AppendAttributeQuestion(absl::Span<const absl::string_view> attributes,
                                    ByteBuffer* out) const {
  Append(out, Phrase::kQuestionAttribute,
         [&](ByteBuffer* names) { AppendAttributeNames(attributes, names); });
}

absl::string_view Texts::StageTitle(absl::string_view stage) const {
  const std::optional<Phrase> phrase = bantam::StageTitle(stage);
  return phrase.has_value() ? Text(*phrase) : stage;
}

}  // namespace bantam
