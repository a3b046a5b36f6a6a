#include "server/engine/text.h"

#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "absl/strings/ascii.h"

namespace bantam {
namespace {

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

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

absl::string_view Trim(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  const auto high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (text.empty() || (!high(text.front()) && !high(text.back()))) return text;
  return TrimUnicode(text);
}

absl::string_view FoldInto(absl::string_view text, std::string* buffer) {
  text = Trim(text);
  buffer->clear();
  if (IsAscii(text)) {
    buffer->resize(text.size());
    std::transform(text.begin(), text.end(), buffer->begin(), absl::ascii_tolower);
  } else {
    icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())))
        .foldCase()
        .toUTF8String(*buffer);
  }
  return *buffer;
}

std::string Fold(absl::string_view text) {
  std::string folded;
  FoldInto(text, &folded);
  return folded;
}

std::string NormalizeRole(absl::string_view role) {
  std::string normal;
  bool gap = false;
  for (const char c : Fold(role)) {
    if (c == ' ' || c == '-' || c == '_') {
      gap = true;
      continue;
    }
    if (gap && !normal.empty()) normal.push_back('_');
    gap = false;
    normal.push_back(c);
  }
  return normal;
}

}  // namespace bantam
