#include "server/telemetry/json_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace bantam {
namespace {

// The bytes of the character of UTF-8 that `text`, which is not empty, begins with; 0: it begins
// with none.
size_t CharacterSize(absl::string_view text) {
  const auto byte = [text](size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const auto continues = [byte](size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || !continues(1)) return 0;
  if (first < 0xE0) return 2;
  if (!continues(2)) return 0;
  // Neither longer than need be, nor a surrogate, nor beyond U+10FFFF.
  if (first < 0xF0) {
    return (first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) ? 0 : 3;
  }
  return !continues(3) || (first == 0xF0 && byte(1) < 0x90) || (first == 0xF4 && byte(1) > 0x8F)
             ? 0
             : 4;
}

// Whether the character of two bytes that `text` begins with is a control character: U+0080 to
// U+009F.
bool IsControl(absl::string_view text) {
  return text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0;
}

void AppendEscape(unsigned code, std::string* json) {
  switch (code) {
    case '"':
    case '\\':
      json->push_back('\\');
      json->push_back(static_cast<char>(code));
      return;
    case '\n':
      json->append("\\n");
      return;
    case '\t':
      json->append("\\t");
      return;
  }
  char escaped[8];
  std::snprintf(escaped, sizeof(escaped), "\\u%04x", code);
  json->append(escaped);
}

}  // namespace

void AppendJsonString(absl::string_view text, std::string* json) {
  json->push_back('"');
  size_t copied = 0;
  for (size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
      ++i;
      continue;
    }
    const size_t size = CharacterSize(text.substr(i));
    if (size > 2 || (size == 2 && !IsControl(text.substr(i)))) {
      i += size;
      continue;
    }
    json->append(text.data() + copied, i - copied);
    if (size == 0) {
      json->append("\xEF\xBF\xBD");
    } else {
      AppendEscape(size == 1 ? c : static_cast<unsigned char>(text[i + 1]), json);
    }
    i += std::max<size_t>(size, 1);
    copied = i;
  }
  json->append(text.data() + copied, text.size() - copied);
  json->push_back('"');
}

}  // namespace bantam
