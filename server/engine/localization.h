// Texts for people in the language an answer is given in.
#ifndef BANTAM_SERVER_ENGINE_LOCALIZATION_H_
#define BANTAM_SERVER_ENGINE_LOCALIZATION_H_

#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "bantam/v1/value.pb.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/own_text.h"
#include "server/engine/phrases/phrases.h"
#include "server/engine/wire_writer.h"

namespace bantam {

// The language part of a BCP 47 tag, lower-case: "de-AT" → "de"; empty → "en".
std::string LanguagePart(absl::string_view language_code);

// The text for `language`; else "en"; else the first in alphabetical order; empty if there is none.
absl::string_view PickText(const v1::LocalizedText& text, absl::string_view language);

// What takes the place of $0, $1 … in a phrase: a text, a number, or a function that appends to a
// ByteBuffer. Refers to what it was made from.
class Filling {
 public:
  template <typename Writer,
            std::enable_if_t<std::is_invocable_v<const Writer&, ByteBuffer*>, int> = 0>
  explicit Filling(const Writer& writer)
      : text_(""), writer_(&writer), write_([](const void* writer, ByteBuffer* out) {
          (*static_cast<const Writer*>(writer))(out);
        }) {}

  template <typename Value,
            std::enable_if_t<!std::is_invocable_v<const Value&, ByteBuffer*>, int> = 0>
  explicit Filling(const Value& value) : text_(value) {}

  void AppendTo(ByteBuffer* out) const {
    if (write_ != nullptr) {
      write_(writer_, out);
    } else {
      out->Append(text_.Piece());
    }
  }

 private:
  const absl::AlphaNum text_;
  const void* const writer_ = nullptr;
  void (*const write_)(const void* writer, ByteBuffer* out) = nullptr;
};

// Built-in wording and ICP texts in one language. Cheap to make; safe for concurrent use.
class Texts {
 public:
  explicit Texts(absl::string_view language_code);

  // The built-in phrase, which has nothing to fill in.
  absl::string_view Text(Phrase phrase) const { return PhraseText(language_, phrase); }

  // Appends the built-in phrase to `out`, with $0, $1 … replaced. An answer is written so, since it
  // makes no strings on the way.
  template <typename... Args>
  void Append(ByteBuffer* out, Phrase phrase, const Args&... args) const {
    const absl::string_view text = Text(phrase);
    if constexpr (sizeof...(args) == 0) {
      out->Append(text);
    } else {
      const Filling fillings[] = {Filling(args)...};
      AppendFilled(text, fillings, out);
    }
  }

  // The same as a string, for tests.
  template <typename... Args>
  std::string Say(Phrase phrase, const Args&... args) const {
    ByteBuffer text;
    Append(&text, phrase, args...);
    return std::string(text.view());
  }

  // The ICP's own text, or `fallback` where it has none.
  absl::string_view Own(const OwnText& text, absl::string_view fallback) const {
    return text.empty() ? fallback : text.Pick(code_);
  }

  // The same, falling back to a built-in phrase that has nothing to fill in.
  absl::string_view OwnOr(const OwnText& text, Phrase phrase) const {
    return text.empty() ? Text(phrase) : text.Pick(code_);
  }

  // Appends what people call an attribute: "company.industry" → "industry"; a custom one by its own
  // name, with spaces: "custom.household_income" → "household income".
  void AppendAttributeName(absl::string_view attribute, ByteBuffer* out) const;

  // The same for several, comma-separated.
  void AppendAttributeNames(absl::Span<const absl::string_view> attributes, ByteBuffer* out) const;

  // Appends the built-in question that asks for these attributes (at least one).
  void AppendAttributeQuestion(absl::Span<const absl::string_view> attributes,
                               ByteBuffer* out) const;

  // The built-in title of a standard stage, "nurture" or "disqualified"; else the id itself.
  absl::string_view StageTitle(absl::string_view stage) const;

  // The language of the built-in texts.
  Language language() const { return language_; }

 private:
  static void AppendFilled(absl::string_view phrase, absl::Span<const Filling> fillings,
                           ByteBuffer* out);

  std::string code_;
  Language language_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_LOCALIZATION_H_
