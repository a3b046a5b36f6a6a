// JSON escapes characters beyond U+FFFF as two surrogates (`\uD83D\uDE00`), which YAML does not
// know.
#ifndef BANTAM_SERVER_DEFINITION_JSON_SURROGATES_H_
#define BANTAM_SERVER_DEFINITION_JSON_SURROGATES_H_

#include <string>
#include <utility>
#include <vector>

#include "server/definition/source_text.h"
#include "server/definition/yaml.h"

namespace bantam {

// A text whose surrogate pairs are joined into YAML's own escape (`\U0001F600`).
class JoinedSurrogates {
 public:
  // Joins those of `source` if it is in JSON, that is, begins with a brace or bracket. `source`
  // must outlive it.
  explicit JoinedSurrogates(const SourceText& source);

  // The text with the pairs joined.
  absl::string_view text() const { return joined_at_.empty() ? source_.text() : joined_; }

  // Where what stands at `position` of text() stands in the source.
  SourcePosition ToSource(SourcePosition position) const;

 private:
  const SourceText& source_;
  std::string joined_;
  std::vector<std::pair<int, int>> joined_at_;  // Line and column in text(), ascending.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_JSON_SURROGATES_H_
