#include "server/definition/load_icp.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "bantam/v1/icp.pb.h"
#include "server/definition/field_place.h"
#include "server/definition/follow_ups.h"
#include "server/definition/found_issues.h"
#include "server/definition/parse_document.h"
#include "server/definition/source_text.h"
#include "server/definition/yaml.h"

namespace bantam {
namespace {

v1::IssueSeverity ToSeverity(Issue::Severity severity) {
  return severity == Issue::Severity::kWarning ? v1::ISSUE_SEVERITY_WARNING
                                               : v1::ISSUE_SEVERITY_ERROR;
}

// The message of an issue that Compile() found. Those that begin with a verb speak of the field,
// which is named in front of them, as in the messages about the text. Texts that a message quotes
// may be long and have lines.
std::string MessageOf(const Issue& issue) {
  constexpr size_t kMaxCharacters = 1000;
  const std::string message = Printable(issue.message, kMaxCharacters);
  const std::string label = LabelOf(issue.field);
  if (absl::StrContains(message, label)) return message;
  for (const absl::string_view verb : {"must ", "needs ", "is ", "has ", "names "}) {
    if (absl::StartsWith(message, verb)) return absl::StrCat(label, " ", message);
  }
  return message;
}

}  // namespace

LoadedIcp LoadIcp(absl::string_view yaml, absl::string_view file, const TimeZones& zones) {
  const SourceText source(yaml);
  FoundIssues issues(YamlLimits().max_issues);
  v1::Icp icp;
  SourceMap positions;
  const bool read = ParseDocument(source, kMaxIcpBytes, &icp, &positions, &issues);
  LoadedIcp loaded;
  loaded.name = icp.name();
  // With more mistakes than are shown it could not be told what follows from them.
  if (read && !issues.overflowed()) {
    const bool parsed_well = issues.empty();
    const FollowUps follow_ups(issues);
    CompileResult result = Compile(icp, zones);
    for (const Issue& issue : result.issues) {
      if (follow_ups.Echoes(issue.field)) continue;
      issues.Add(positions.Find(issue.field), ToSeverity(issue.severity), [&] {
        FoundIssue found;
        found.field = issue.field;
        found.message = MessageOf(issue);
        return found;
      });
    }
    if (parsed_well) loaded.icp = std::move(result.icp);
  }
  loaded.issues = issues.Render(source, file);
  return loaded;
}

}  // namespace bantam
