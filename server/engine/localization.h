// Texts for people in the language an answer is given in.
#ifndef BANTAM_SERVER_ENGINE_LOCALIZATION_H_
#define BANTAM_SERVER_ENGINE_LOCALIZATION_H_

#include <cassert>
#include <cstdint>
#include <string>
#include <type_traits>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "bantam/v1/value.pb.h"
#include "server/engine/decimal.h"
#include "server/engine/instant.h"
#include "server/engine/own_text.h"
#include "server/engine/phrases/phrases.h"
#include "server/engine/wire_writer.h"

namespace bantam {

// The language part of a BCP 47 tag, lower-case: "de-AT" → "de"; empty → "en".
std::string LanguagePart(absl::string_view language_code);

// The text for `language`; else "en"; else the first in alphabetical order; empty if there is none.
absl::string_view PickText(const v1::LocalizedText& text, absl::string_view language);

// What takes the place of $0, $1 … in a phrase: a text, which it refers to, or a number.
class Filling {
 public:
  explicit Filling(absl::string_view text) : text_(text) {}

  // Counts are far below 2^63.
  template <typename Integer, std::enable_if_t<std::is_integral_v<Integer>, int> = 0>
  explicit Filling(Integer number) : text_(WriteInteger(static_cast<int64_t>(number), digits_)) {}

  Filling(const Filling&) = delete;  // It may refer to its own digits.
  Filling& operator=(const Filling&) = delete;

  absl::string_view text() const { return text_; }

 private:
  char digits_[kLongestInteger];
  absl::string_view text_;
};

// The same, or a function that appends to a ByteBuffer. Refers to what it was made from.
class WrittenFilling {
 public:
  template <typename Writer,
            std::enable_if_t<std::is_invocable_v<const Writer&, ByteBuffer*>, int> = 0>
  explicit WrittenFilling(const Writer& writer)
      : filling_(absl::string_view()),
        writer_(&writer),
        write_([](const void* writer, ByteBuffer* out) {
          (*static_cast<const Writer*>(writer))(out);
        }) {}

  template <typename Value,
            std::enable_if_t<!std::is_invocable_v<const Value&, ByteBuffer*>, int> = 0>
  explicit WrittenFilling(const Value& value) : filling_(value) {}

  void AppendTo(ByteBuffer* out) const {
    if (write_ != nullptr) {
      write_(writer_, out);
    } else {
      out->Append(filling_.text());
    }
  }

 private:
  const Filling filling_;
  const void* const writer_ = nullptr;
  void (*const write_)(const void* writer, ByteBuffer* out) = nullptr;
};

// Built-in wording and ICP texts in one language. Cheap to make; safe for concurrent use.
class Texts {
 public:
  explicit Texts(absl::string_view language_code);

  // The built-in phrase, which has nothing to fill in.
  absl::string_view Text(Phrase phrase) const { return Form(phrase).text; }

  // Writes the built-in phrase to `out`, with $0, $1 … replaced by texts and numbers; returns the
  // end of what it wrote: kLongestPhrase, the texts, and kLongestInteger for each number at most.
  template <typename... Args>
  char* Write(char* out, Phrase phrase, const Args&... args) const {
    if constexpr (sizeof...(args) == 0) {
      return PutBytes(Text(phrase), out);
    } else if constexpr (sizeof...(args) == 1 &&
                         (std::is_convertible_v<Args, absl::string_view> && ...)) {
      return WriteAround(Form(phrase), args..., out);
    } else {
      const Filling fillings[] = {Filling(args)...};
      return WriteFilled(Form(phrase), fillings, out);
    }
  }

  // Appends the built-in phrase to `out`, with $0, $1 … replaced by texts, numbers, or what
  // functions append. An answer is written so, since it makes no strings on the way.
  template <typename... Args>
  void Append(ByteBuffer* out, Phrase phrase, const Args&... args) const {
    if constexpr (sizeof...(args) == 0) {
      out->Append(Text(phrase));
    } else if constexpr ((!std::is_invocable_v<const Args&, ByteBuffer*> && ...)) {
      // Room for the phrase with its placeholders, hence for more than what is left of it.
      const Filling fillings[] = {Filling(args)...};
      size_t most = Text(phrase).size();
      for (const Filling& filling : fillings) most += filling.text().size();
      char* const room = out->Reserve(most);
      char* const end = WriteFilled(Form(phrase), fillings, room);
      assert(end <= room + most);
      out->AdvanceTo(end);
    } else {
      const WrittenFilling fillings[] = {WrittenFilling(args)...};
      AppendFilled(Form(phrase), fillings, out);
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

 private:
  static char* WriteAround(const PhraseForm& form, absl::string_view filling, char* out);
  static char* WriteFilled(const PhraseForm& form, const Filling* fillings, char* out);
  static void AppendFilled(const PhraseForm& form, const WrittenFilling* fillings, ByteBuffer* out);

  const PhraseForm& Form(Phrase phrase) const { return phrases_[static_cast<size_t>(phrase)]; }

  const LanguageCode code_;
  const PhraseTable& phrases_;
};

// A length of time as text: "90 days", "12 hours"; rounded down to the largest unit of which it has
// two.
class SpanText {
 public:
  // Bytes it has at most.
  static constexpr size_t kLongest = kLongestPhrase + kLongestInteger;

  SpanText(const Texts& texts, TimeSpan span);
  SpanText(const SpanText&) = delete;  // It refers to its own bytes.
  SpanText& operator=(const SpanText&) = delete;

  operator absl::string_view() const { return text_; }  // NOLINT: the same in another form.

 private:
  char bytes_[kLongest];
  absl::string_view text_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_LOCALIZATION_H_
