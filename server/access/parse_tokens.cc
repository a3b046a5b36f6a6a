#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "server/access/token_set.h"

namespace bantam {
namespace {

constexpr size_t kDigestDigits = 64;
constexpr size_t kMaxProblems = 100;
constexpr size_t kMaxTokenName = 64;

bool IsDigest(absl::string_view word) {
  return word.size() == kDigestDigits &&
         std::all_of(word.begin(), word.end(), absl::ascii_isxdigit);
}

// Reads the lines of one file.
class TokenParser {
 public:
  explicit TokenParser(absl::string_view file) : file_(file) {}

  ParsedTokens Parse(absl::string_view text) {
    absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      ++line_;
      const absl::string_view stripped = absl::StripAsciiWhitespace(line);
      if (!stripped.empty() && stripped[0] != '#') ParseLine(stripped);
    }
    if (tokens_.size() > TokenSet::kMaxTokens) {
      problems_.push_back(absl::StrCat(file_, ": has ", tokens_.size(), " tokens; at most ",
                                       TokenSet::kMaxTokens, " are allowed"));
    }
    ParsedTokens parsed;
    if (problems_.empty()) parsed.tokens = std::make_shared<const TokenSet>(std::move(tokens_));
    parsed.problems = std::move(problems_);
    return parsed;
  }

 private:
  void Add(absl::string_view problem) {
    if (problems_.size() < kMaxProblems) {
      problems_.push_back(absl::StrCat(file_, ":", line_, ": ", problem));
    }
  }

  void ParseLine(absl::string_view line) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (IsDigest(words[0])) {
      Add("the name must come first, then the SHA-256 of the token; what else sha256sum prints is "
          "left out");
    } else if (words.size() != 2) {
      Add(
          absl::StrCat("expected two words, a name and the SHA-256 of the token in hexadecimal "
                       "digits, not ",
                       words.size()));
    } else if (!IsTokenName(words[0])) {
      Add("the name must be of at most 64 letters, digits, '_', '-' and '.'");
    } else if (!IsDigest(words[1])) {
      Add("the second word must be the SHA-256 of the token, 64 hexadecimal digits; make it by: "
          "printf %s \"$TOKEN\" | sha256sum");
    } else {
      AddToken(words[0], words[1]);
    }
  }

  void AddToken(absl::string_view name, absl::string_view digits) {
    const std::string bytes = absl::HexStringToBytes(digits);
    Caller::Token token;
    token.name = std::string(name);
    std::copy(bytes.begin(), bytes.end(), token.digest.begin());
    if (token.digest == DigestOfToken("") || token.digest == DigestOfToken("\n")) {
      Add("this is the SHA-256 of an empty token; was the variable not set?");
      return;
    }
    const auto [first, is_new] = lines_.emplace(token.digest, line_);
    if (!is_new) {
      Add(absl::StrCat("this token stands on line ", first->second, " already"));
      return;
    }
    tokens_.push_back(std::move(token));
  }

  const absl::string_view file_;
  int line_ = 0;
  std::vector<Caller::Token> tokens_;
  std::map<TokenDigest, int> lines_;  // Where each token stands.
  std::vector<std::string> problems_;
};

}  // namespace

bool IsTokenName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxTokenName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
         });
}

ParsedTokens ParseTokens(absl::string_view text, absl::string_view file) {
  return TokenParser(file).Parse(text);
}

}  // namespace bantam
