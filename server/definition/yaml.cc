#include "server/definition/yaml.h"

#include "absl/strings/str_cat.h"
#include "server/definition/found_issues.h"
#include "server/definition/parse_document.h"
#include "server/definition/source_text.h"

namespace bantam {

// Messages may quote the text, which may be long and have lines.
constexpr size_t kMaxMessageCharacters = 1000;

std::vector<v1::Issue> ParseYaml(absl::string_view text, absl::string_view file,
                                 google::protobuf::Message* message, SourceMap* positions,
                                 const YamlLimits& limits) {
  const SourceText source(text);
  FoundIssues issues(limits.max_issues);
  ParseDocument(source, limits.max_bytes, message, positions, &issues);
  return issues.Render(source, file);
}

v1::Issue LocateIssue(v1::IssueSeverity severity, absl::string_view field,
                      absl::string_view message, absl::string_view text, absl::string_view file,
                      const SourceMap& positions) {
  const SourceText source(text);
  FoundIssues issues(/*max_issues=*/1);
  issues.Add(positions.Find(field), severity, [&] {
    FoundIssue issue;
    issue.field = std::string(field);
    issue.message = Printable(message, kMaxMessageCharacters);
    return issue;
  });
  return issues.Render(source, file).front();
}

}  // namespace bantam
