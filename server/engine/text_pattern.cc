#include "server/engine/text_pattern.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/engine/words.h"

namespace bantam {
namespace {

// Whether every character stands for itself.
bool IsPlain(absl::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == ' ' || c == '-' || c == '_';
  });
}

// The words of "(?i)(one|two)" or "(?i)one|two"; none if the pattern is anything else.
std::vector<std::string> WordsOf(absl::string_view pattern) {
  if (!absl::ConsumePrefix(&pattern, "(?i)")) return {};
  if (absl::EndsWith(pattern, ")") &&
      (absl::ConsumePrefix(&pattern, "(?:") || absl::ConsumePrefix(&pattern, "("))) {
    pattern.remove_suffix(1);
  }
  std::vector<std::string> words;
  for (const absl::string_view word : absl::StrSplit(pattern, '|')) {
    if (!IsPlain(word)) return {};
    words.push_back(absl::AsciiStrToLower(word));
  }
  return words;
}

}  // namespace

TextPattern::TextPattern(const std::string& pattern)
    : pattern_(pattern, RE2::Quiet), words_(WordsOf(pattern)) {
  for (const std::string& word : words_) first_bytes_[static_cast<unsigned char>(word[0])] = true;
}

bool TextPattern::Matches(absl::string_view text) const {
  constexpr size_t kRoom = 128;
  char lower_case[kRoom + kWordBytes];
  // Letters beyond ASCII can be other cases of ASCII ones, which is left to RE2.
  if (!words_.empty() && text.size() <= kRoom && LowerCaseAscii(text, lower_case)) {
    return MatchesWord(absl::string_view(lower_case, text.size()));
  }
  return pattern_.Match(re2::StringPiece(text.data(), text.size()), 0, text.size(), RE2::UNANCHORED,
                        nullptr, 0);
}

bool TextPattern::MatchesWord(absl::string_view lower_case) const {
  for (; !lower_case.empty(); lower_case.remove_prefix(1)) {
    if (!first_bytes_[static_cast<unsigned char>(lower_case.front())]) continue;
    for (const std::string& word : words_) {
      if (absl::StartsWith(lower_case, word)) return true;
    }
  }
  return false;
}

}  // namespace bantam
