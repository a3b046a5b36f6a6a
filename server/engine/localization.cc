#include "server/engine/localization.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "server/engine/phrases/names.h"

namespace bantam {
namespace {

const PhraseTable& PhrasesIn(LanguageCode code) {
  if (code == LanguageCode("de")) return PhrasesOf(Language::kGerman);
  if (code == LanguageCode("ro")) return PhrasesOf(Language::kRomanian);
  return PhrasesOf(Language::kEnglish);
}

}  // namespace

std::string LanguagePart(absl::string_view language_code) {
  std::string part;
  for (const char c : language_code) {
    if (c == '-' || c == '_') break;
    part.push_back(absl::ascii_tolower(c));
  }
  if (part.empty()) part = "en";
  return part;
}

absl::string_view PickText(const v1::LocalizedText& text, absl::string_view language) {
  return OwnText(text).Pick(LanguageCode(language));
}

Texts::Texts(absl::string_view language_code)
    : code_(LanguagePart(language_code)), phrases_(PhrasesIn(code_)) {}

// Most phrases have one placeholder.
char* Texts::WriteAround(const PhraseForm& form, absl::string_view filling, char* out) {
  const char* rest = form.text.data();
  for (int i = 0; i < form.slot_count; ++i) {
    const char* const mark = form.text.data() + form.slots[i].position;
    if (mark != rest) out = PutBytes(absl::string_view(rest, mark - rest), out);
    out = PutBytes(filling, out);
    rest = mark + PhraseForm::kSlotSize;
  }
  const char* const end = form.text.data() + form.text.size();
  return PutBytes(absl::string_view(rest, end - rest), out);
}

char* Texts::WriteFilled(const PhraseForm& form, const Filling* fillings, char* out) {
  const char* rest = form.text.data();
  for (int i = 0; i < form.slot_count; ++i) {
    const PhraseForm::Slot slot = form.slots[i];
    const char* const mark = form.text.data() + slot.position;
    out = PutBytes(absl::string_view(rest, mark - rest), out);
    out = PutBytes(fillings[slot.number].text(), out);
    rest = mark + PhraseForm::kSlotSize;
  }
  const char* const end = form.text.data() + form.text.size();
  return PutBytes(absl::string_view(rest, end - rest), out);
}

void Texts::AppendFilled(const PhraseForm& form, const WrittenFilling* fillings, ByteBuffer* out) {
  size_t position = 0;
  for (int i = 0; i < form.slot_count; ++i) {
    const PhraseForm::Slot slot = form.slots[i];
    out->Append(form.text.substr(position, slot.position - position));
    fillings[slot.number].AppendTo(out);
    position = slot.position + PhraseForm::kSlotSize;
  }
  out->Append(form.text.substr(position));
}

void Texts::AppendAttributeName(absl::string_view attribute, ByteBuffer* out) const {
  const std::optional<Phrase> phrase = AttributePhrase(attribute);
  if (phrase.has_value()) return out->Append(Text(*phrase));
  const absl::string_view name = absl::StripPrefix(attribute, "custom.");
  char* end = out->Reserve(name.size());
  for (const char c : name) *end++ = c == '_' ? ' ' : c;
  out->AdvanceTo(end);
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
  if (attributes.size() == 1) {
    const std::optional<Phrase> name = AttributePhrase(attributes[0]);
    if (name.has_value()) return Append(out, Phrase::kQuestionAttribute, Text(*name));
  }
  ByteBuffer names;
  AppendAttributeNames(attributes, &names);
  Append(out, Phrase::kQuestionAttribute, names.view());
}

SpanText::SpanText(const Texts& texts, TimeSpan span) {
  struct Unit {
    Phrase phrase;
    uint64_t seconds;
  };
  constexpr Unit kUnits[] = {
      {Phrase::kSpanDays, 86400}, {Phrase::kSpanHours, 3600}, {Phrase::kSpanMinutes, 60}};
  const uint64_t seconds = span.nanos() / kNanosPerSecond;
  Unit chosen = {Phrase::kSpanSeconds, 1};
  for (const Unit& unit : kUnits) {
    if (seconds < 2 * unit.seconds) continue;
    chosen = unit;
    break;
  }
  const char* const end = texts.Write(bytes_, chosen.phrase, seconds / chosen.seconds);
  text_ = absl::string_view(bytes_, end - bytes_);
}

absl::string_view Texts::StageTitle(absl::string_view stage) const {
  const std::optional<Phrase> phrase = bantam::StageTitle(stage);
  return phrase.has_value() ? Text(*phrase) : stage;
}

}  // namespace bantam
