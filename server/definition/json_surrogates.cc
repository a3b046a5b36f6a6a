#include "server/definition/json_surrogates.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace bantam {
namespace {

constexpr size_t kEscapeLength = 6;  // \uD83D
constexpr int kColumnsSaved = 2;     // Two escapes of 6 characters became one of 10.

// The code unit of an escape `\uXXXX` at the front of `text`; 0 if there is none.
uint32_t EscapedUnit(absl::string_view text) {
  uint32_t unit = 0;
  if (text.size() < kEscapeLength || text[0] != '\\' || text[1] != 'u') return 0;
  return absl::SimpleHexAtoi(text.substr(2, 4), &unit) ? unit : 0;
}

bool IsHigh(uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLow(uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

bool IsJson(absl::string_view text) {
  const absl::string_view stripped = absl::StripLeadingAsciiWhitespace(text);
  return !stripped.empty() && (stripped.front() == '{' || stripped.front() == '[');
}

}  // namespace

JoinedSurrogates::JoinedSurrogates(const SourceText& source) : source_(source) {
  const absl::string_view text = source.text();
  if (!IsJson(text) || (text.find("\\ud") == text.npos && text.find("\\uD") == text.npos)) return;
  SourcePosition position{1, 1};
  for (size_t i = 0; i < text.size();) {
    size_t length = 1;
    if (i == source.LineStart(position.line + 1)) position = {position.line + 1, 1};
    if (text[i] == '\\') {
      const uint32_t high = EscapedUnit(text.substr(i));
      const uint32_t low = IsHigh(high) ? EscapedUnit(text.substr(i + kEscapeLength)) : 0;
      if (IsLow(low)) {
        joined_at_.emplace_back(position.line, position.column);
        absl::StrAppendFormat(&joined_, "\\U%08X",
                              0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
        i += 2 * kEscapeLength;
        position.column += 2 * kEscapeLength - kColumnsSaved;
        continue;
      }
      // The escaped character may itself be a backslash.
      if (i + 1 < text.size() && text[i + 1] == '\\') length = 2;
    }
    joined_.append(text.data() + i, length);
    for (size_t j = i; j < i + length; ++j) {
      position.column += (text[j] & 0xC0) == 0x80 ? 0 : 1;  // Counts characters, not bytes.
    }
    i += length;
  }
}

SourcePosition JoinedSurrogates::ToSource(SourcePosition position) const {
  const auto first =
      std::lower_bound(joined_at_.begin(), joined_at_.end(), std::make_pair(position.line, 0));
  const auto last =
      std::lower_bound(first, joined_at_.end(), std::make_pair(position.line, position.column));
  position.column += kColumnsSaved * static_cast<int>(last - first);
  return position;
}

}  // namespace bantam
