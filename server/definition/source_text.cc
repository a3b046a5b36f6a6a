#include "server/definition/source_text.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace bantam {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr absl::string_view kEllipsis = "…";
constexpr absl::string_view kReplacement = "\xEF\xBF\xBD";

// Characters shown of a line, and before the caret, where the line is longer.
constexpr size_t kShownCharacters = 120;
constexpr size_t kShownBeforeCaret = 60;

// Length of the line break at `i`, 0 if there is none: those of YAML 1.1, as libyaml counts.
size_t LineBreakLength(absl::string_view text, size_t i) {
  switch (text[i]) {
    case '\n':
      return 1;
    case '\r':
      return i + 1 < text.size() && text[i + 1] == '\n' ? 2 : 1;
    case '\xC2':
      return absl::StartsWith(text.substr(i), "\xC2\x85") ? 2 : 0;
    case '\xE2':
      return absl::StartsWith(text.substr(i), "\xE2\x80\xA8") ||
                     absl::StartsWith(text.substr(i), "\xE2\x80\xA9")
                 ? 3
                 : 0;
    default:
      return 0;
  }
}

// The character at `*i`, which is moved behind it; negative if the bytes are none.
int32_t NextCharacter(absl::string_view text, size_t* i) {
  int32_t character;
  U8_NEXT(reinterpret_cast<const uint8_t*>(text.data()), *i, text.size(), character);
  return character;
}

// Whether YAML allows it in a text.
bool IsAllowed(int32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0x7E) || c == 0x85 ||
         (c >= 0xA0 && c <= 0xFFFD && c != 0xFEFF) || c >= 0x10000;
}

// The offset in `line` of the character `count` characters behind offset `i`; the line's size if
// there are not so many.
size_t Skip(absl::string_view line, size_t i, size_t count) {
  for (; count > 0 && i < line.size(); --count) NextCharacter(line, &i);
  return i;
}

// The number of characters of `text`, or `most` if it has more.
size_t CountUpTo(size_t most, absl::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size() && count < most; ++count) NextCharacter(text, &i);
  return count;
}

}  // namespace

SourceText::SourceText(absl::string_view text) : text_(text) {
  absl::ConsumePrefix(&text_, kByteOrderMark);
  line_starts_.push_back(0);
  for (size_t i = 0; i < text_.size();) {
    const size_t length = LineBreakLength(text_, i);
    i += std::max<size_t>(length, 1);
    if (length > 0) line_starts_.push_back(i);
  }
}

size_t SourceText::LineStart(int number) const {
  if (number < 1 || static_cast<size_t>(number) > line_starts_.size()) return text_.size();
  return line_starts_[number - 1];
}

absl::string_view SourceText::Line(int number) const {
  const size_t start = LineStart(number);
  absl::string_view line = text_.substr(start, LineStart(number + 1) - start);
  for (const absl::string_view line_break :
       {"\n", "\r", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"}) {
    absl::ConsumeSuffix(&line, line_break);  // In this order, so that \r\n is taken off, too.
  }
  return line;
}

void SourceText::Render(v1::Issue* issue) const {
  std::string& rendered = *issue->mutable_rendered();
  rendered = issue->file();
  if (issue->line() > 0) absl::StrAppend(&rendered, ":", issue->line(), ":", issue->column());
  absl::StrAppend(&rendered,
                  issue->severity() == v1::ISSUE_SEVERITY_WARNING ? ": warning: " : ": error: ",
                  issue->message());
  if (issue->line() == 0) return;

  const absl::string_view line = Line(issue->line());
  if (absl::StripAsciiWhitespace(line).empty()) return;
  const size_t column = CountUpTo(std::max(issue->column(), 1) - 1, line);
  const size_t caret = Skip(line, 0, column);
  const size_t length = column + CountUpTo(kShownCharacters, line.substr(caret));
  size_t left_out = 0;  // Characters in front of what is shown.
  if (length > kShownCharacters && column > kShownBeforeCaret) {
    left_out = std::min(column - kShownBeforeCaret, length - kShownCharacters);
  }
  const size_t start = Skip(line, 0, left_out);
  std::string margin(left_out > 0 ? 1 : 0, ' ');
  for (size_t i = start; i < caret; NextCharacter(line, &i)) margin += line[i] == '\t' ? '\t' : ' ';
  absl::StrAppend(&rendered, "\n", left_out > 0 ? kEllipsis : "",
                  Printable(line.substr(start), kShownCharacters), "\n", margin, "^");
}

std::optional<BadCharacter> FindBadCharacter(const SourceText& source) {
  const absl::string_view text = source.text();
  if (absl::StartsWith(text, "\xFF\xFE") || absl::StartsWith(text, "\xFE\xFF")) {
    return BadCharacter{{1, 1}, "the text is in UTF-16; save it as UTF-8"};
  }
  SourcePosition position{1, 1};
  for (size_t i = 0; i < text.size();) {
    const size_t line_break = LineBreakLength(text, i);
    if (line_break > 0) {
      i += line_break;
      position = {position.line + 1, 1};
      continue;
    }
    const uint8_t byte = text[i];
    const int32_t character = NextCharacter(text, &i);
    if (character < 0) {
      return BadCharacter{
          position, absl::StrFormat("the byte 0x%02X is not valid UTF-8; save the text as UTF-8",
                                    static_cast<int>(byte))};
    }
    if (!IsAllowed(character)) {
      return BadCharacter{
          position, absl::StrFormat("the character U+%04X is not allowed here; remove it, or write "
                                    "it as \\u%04X in double quotes",
                                    character, character)};
    }
    ++position.column;
  }
  return std::nullopt;
}

std::string Printable(absl::string_view text, size_t max_characters) {
  std::string printable;
  size_t count = 0;
  for (size_t i = 0; i < text.size();) {
    if (count++ == max_characters) {
      absl::StrAppend(&printable, kEllipsis);
      break;
    }
    const size_t start = i;
    const int32_t c = NextCharacter(text, &i);
    const bool breaks_line = c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
    const bool shown = c >= 0 && IsAllowed(c) && !breaks_line;
    absl::StrAppend(&printable, shown ? text.substr(start, i - start) : kReplacement);
  }
  return printable;
}

std::string Quoted(absl::string_view text) {
  constexpr size_t kMaxCharacters = 40;
  return absl::StrCat("'", Printable(text, kMaxCharacters), "'");
}

}  // namespace bantam
