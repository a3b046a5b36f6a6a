// Any text as a token file: its problems are told without quoting it, or only its tokens count.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "server/access/token_set.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using bantam::Require;
  // Stands in many seeds: a token in place of its hash.
  constexpr absl::string_view kSecret = "S3cr3tW0rd";
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const bantam::ParsedTokens parsed = bantam::ParseTokens(text, "tokens");
  Require(parsed.problems.empty() == (parsed.tokens != nullptr),
          "there are tokens unless there are problems");
  for (const std::string& problem : parsed.problems) {
    Require(absl::StartsWith(problem, "tokens:"), "a problem has a place");
    Require(!absl::StrContains(problem, kSecret), "a problem quotes nothing of the file");
  }
  if (parsed.tokens == nullptr) return 0;
  Require(parsed.tokens->size() <= bantam::TokenSet::kMaxTokens, "tokens are bounded");
  const auto found = parsed.tokens->Find(kSecret);
  Require(!found.has_value() || bantam::IsTokenName(found->name), "what is found has a name");
  Require(!parsed.tokens->Find("").has_value() && !parsed.tokens->Find("\n").has_value(),
          "the empty token never counts, though its hash stands there");
  return 0;
}
