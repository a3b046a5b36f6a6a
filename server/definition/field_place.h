// Where in the message and in the text the parser is.
#ifndef BANTAM_SERVER_DEFINITION_FIELD_PLACE_H_
#define BANTAM_SERVER_DEFINITION_FIELD_PLACE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "server/definition/yaml.h"

namespace bantam {

// One segment of a field path, linked to the one that encloses it. Paths are put together only when
// an issue needs one. Lives on the stack; `segment` must outlive it.
struct FieldPlace {
  // Not entered in the source map, nor anything below it.
  static constexpr int kNoEntry = -1;

  const FieldPlace* parent = nullptr;  // Null for the document.
  absl::string_view segment;           // "criteria", "[2]", "[USD]"; empty for the document.
  int entry = kNoEntry;                // In the source map.
  bool implied = false;                // By a short form: it is not written in the text.

  // "fit.criteria[2].test"; without what a short form implies, as the author wrote it.
  std::string Path() const;

  // What the author calls it: "'criteria[2]'", "the document".
  std::string Label() const;
};

// What the author calls the field at `path`: "fit.criteria[2]" → "'criteria[2]'", "" → "the
// document".
std::string LabelOf(absl::string_view path);

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_FIELD_PLACE_H_
