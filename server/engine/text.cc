#include "server/engine/text.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <cstdint>

#include "absl/strings/ascii.h"
#include "server/engine/words.h"

namespace bantam {
namespace {

// Trims the rarer white space beyond ASCII.
absl::string_view TrimUnicode(absl::string_view text) {
  const char* bytes = text.data();
  int32_t start = 0;
  int32_t end = static_cast<int32_t>(text.size());
  while (start < end) {
    int32_t next = start;
    UChar32 c;
    U8_NEXT(bytes, next, end, c);
    if (c < 0 || !u_isUWhiteSpace(c)) break;
    start = next;
  }
  while (start < end) {
    int32_t before = end;
    UChar32 c;
    U8_PREV(bytes, start, before, c);
    if (c < 0 || !u_isUWhiteSpace(c)) break;
    end = before;
  }
  return text.substr(start, end - start);
}

}  // namespace

absl::string_view TrimEnds(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  const auto high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (text.empty() || (!high(text.front()) && !high(text.back()))) return text;
  return TrimUnicode(text);
}

absl::string_view FoldInto(absl::string_view text, FoldBuffer* buffer) {
  text = Trim(text);
  char* const room = buffer->Reserve(text.size());
  if (LowerCaseAscii(text, room)) return absl::string_view(room, text.size());
  std::string* const folded = buffer->large();
  folded->clear();
  icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())))
      .foldCase()
      .toUTF8String(*folded);
  return *folded;
}

std::string Fold(absl::string_view text) {
  FoldBuffer buffer;
  return std::string(FoldInto(text, &buffer));
}

absl::string_view NormalizeRoleInto(absl::string_view role, FoldBuffer* buffer) {
  const absl::string_view folded = FoldInto(role, buffer);
  char* const start = const_cast<char*>(folded.data());  // The buffer's own: written over.
  char* end = start;
  bool gap = false;
  for (const char c : folded) {
    if (c == ' ' || c == '-' || c == '_') {
      gap = true;
      continue;
    }
    if (gap && end != start) *end++ = '_';
    gap = false;
    *end++ = c;
  }
  return absl::string_view(start, end - start);
}

std::string NormalizeRole(absl::string_view role) {
  FoldBuffer buffer;
  return std::string(NormalizeRoleInto(role, &buffer));
}

}  // namespace bantam
