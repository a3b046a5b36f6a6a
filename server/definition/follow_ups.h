// Which problems of an ICP only follow from mistakes in its text.
#ifndef BANTAM_SERVER_DEFINITION_FOLLOW_UPS_H_
#define BANTAM_SERVER_DEFINITION_FOLLOW_UPS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/definition/found_issues.h"

namespace bantam {

// Tells, by field paths, whether what Compile() says about an ICP merely echoes a mistake found
// when its text was parsed: the field that could not be read is missing, or its default collides
// with something. Immutable.
class FollowUps {
 public:
  explicit FollowUps(const FoundIssues& parse_issues);

  // Whether an issue about `compiled_field` would echo one of the parse issues: it is about the
  // same field or one that encloses it or lies within it, or it refers to the ids of a list that
  // could not be read in full.
  bool Echoes(absl::string_view compiled_field) const;

 private:
  // Paths without the fields that short forms leave out.
  std::vector<std::string> bad_fields_;    // Values that were not read.
  std::vector<std::string> bad_messages_;  // Messages with an unknown key.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_FOLLOW_UPS_H_
