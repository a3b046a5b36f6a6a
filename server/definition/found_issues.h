// The problems found so far: as many as are shown, in order of line and column.
#ifndef BANTAM_SERVER_DEFINITION_FOUND_ISSUES_H_
#define BANTAM_SERVER_DEFINITION_FOUND_ISSUES_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/definition/source_text.h"
#include "server/definition/yaml.h"

namespace bantam {

// One problem, before it is rendered.
struct FoundIssue {
  v1::IssueSeverity severity = v1::ISSUE_SEVERITY_ERROR;
  std::string field;    // Path of the field it is about.
  std::string message;  // As v1::Issue says.

  // It is about an unknown key of the message at `field`; `meant` is the path of the field that was
  // probably meant, or empty.
  bool unknown_key = false;
  std::string meant;
};

// Keeps the first `max_issues` problems by position and counts the others, so that a text full of
// mistakes costs no more than it must. Not safe for concurrent use.
class FoundIssues {
 public:
  explicit FoundIssues(int max_issues) : max_issues_(max_issues) {}

  // Adds the problem that `make` describes; calls it only if the problem is kept.
  void Add(SourcePosition position, v1::IssueSeverity severity,
           absl::FunctionRef<FoundIssue()> make);

  // The same for an error at hand.
  void AddError(SourcePosition position, absl::string_view field, absl::string_view message);

  bool empty() const { return kept_.empty(); }

  // Whether some were only counted.
  bool overflowed() const { return more_ > 0; }

  // Those kept, in order of position, equal ones in the order of adding.
  const std::multimap<std::pair<int, int>, FoundIssue>& kept() const { return kept_; }

  // The same in their final form. What was only counted is told by a last one, an error if one of
  // those is.
  std::vector<v1::Issue> Render(const SourceText& source, absl::string_view file) const;

 private:
  const int max_issues_;
  std::multimap<std::pair<int, int>, FoundIssue> kept_;  // By line and column.
  int more_ = 0;
  bool more_errors_ = false;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_DEFINITION_FOUND_ISSUES_H_
