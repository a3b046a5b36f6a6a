#include "server/definition/found_issues.h"

#include <iterator>

#include "absl/strings/str_cat.h"

namespace bantam {

void FoundIssues::Add(SourcePosition position, v1::IssueSeverity severity,
                      absl::FunctionRef<FoundIssue()> make) {
  const std::pair<int, int> key(position.line, position.column);
  if (kept_.size() >= static_cast<size_t>(max_issues_)) {
    ++more_;
    const bool is_last = kept_.empty() || key >= kept_.rbegin()->first;
    const auto dropped = is_last ? kept_.end() : std::prev(kept_.end());
    const v1::IssueSeverity least = is_last ? severity : dropped->second.severity;
    more_errors_ = more_errors_ || least == v1::ISSUE_SEVERITY_ERROR;
    if (is_last) return;
    kept_.erase(dropped);
  }
  FoundIssue issue = make();
  issue.severity = severity;
  kept_.emplace(key, std::move(issue));
}

void FoundIssues::AddError(SourcePosition position, absl::string_view field,
                           absl::string_view message) {
  Add(position, v1::ISSUE_SEVERITY_ERROR, [&] {
    FoundIssue issue;
    issue.field = std::string(field);
    issue.message = std::string(message);
    return issue;
  });
}

std::vector<v1::Issue> FoundIssues::Render(const SourceText& source, absl::string_view file) const {
  constexpr size_t kMaxFileCharacters = 4096;
  const std::string shown_file = Printable(file, kMaxFileCharacters);
  std::vector<v1::Issue> issues;
  for (const auto& [position, found] : kept_) {
    v1::Issue& issue = issues.emplace_back();
    issue.set_severity(found.severity);
    issue.set_field(found.field);
    issue.set_message(found.message);
    issue.set_file(shown_file);
    issue.set_line(position.first);
    issue.set_column(position.second);
    source.Render(&issue);
  }
  if (more_ > 0) {
    v1::Issue& issue = issues.emplace_back();
    issue.set_severity(more_errors_ ? v1::ISSUE_SEVERITY_ERROR : v1::ISSUE_SEVERITY_WARNING);
    issue.set_message(absl::StrCat("and ", more_, " more, not shown"));
    issue.set_file(shown_file);
    source.Render(&issue);
  }
  return issues;
}

}  // namespace bantam
