// The text of a document, by lines, and the form in which a problem in it is shown.
#ifndef BANTAM_SERVER_DEFINITION_SOURCE_TEXT_H_
#define BANTAM_SERVER_DEFINITION_SOURCE_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/definition/yaml.h"

namespace bantam {

// A view of a text with an index of its lines, as YAML counts them. The text must outlive it.
class SourceText {
 public:
  // A byte-order mark at the start of `text` is left out.
  explicit SourceText(absl::string_view text);

  absl::string_view text() const { return text_; }

  // Line `number`, from 1, without its line break; empty if there is none.
  absl::string_view Line(int number) const;

  // Where line `number` starts in text(); the text's size if there is none.
  size_t LineStart(int number) const;

  // Fills in `rendered` of an issue whose other fields are set. A blank line is not shown.
  void Render(v1::Issue* issue) const;

 private:
  absl::string_view text_;
  std::vector<size_t> line_starts_;
};

// A character that YAML does not allow, or bytes that are no character.
struct BadCharacter {
  SourcePosition position;
  std::string message;  // What it is and what to do.
};

// The first one of the text, if any.
std::optional<BadCharacter> FindBadCharacter(const SourceText& source);

// `text` as valid UTF-8 of at most `max_characters`, with control characters and bytes that are no
// characters replaced, and an ellipsis where it was cut.
std::string Printable(absl::string_view text, size_t max_characters);

// The same in single quotes, for messages; 40 characters at most.
std::string Quoted(absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_SOURCE_TEXT_H_
