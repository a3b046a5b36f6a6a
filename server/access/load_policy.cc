#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/access/access_policy.h"
#include "server/access/check_policy.h"
#include "server/definition/field_place.h"
#include "server/definition/follow_ups.h"
#include "server/definition/found_issues.h"
#include "server/definition/parse_document.h"
#include "server/definition/source_text.h"
#include "server/definition/yaml.h"

namespace bantam {
namespace {

constexpr size_t kMaxPolicyBytes = size_t{4} << 20;

// Those that begin with a verb speak of the field, which is named in front of them.
std::string MessageOf(const PolicyProblem& problem) {
  if (!absl::StartsWith(problem.message, "must ")) return problem.message;
  return absl::StrCat(LabelOf(problem.field), " ", problem.message);
}

// Where a PEM file begins; line 0: `text` is none. Its lines are not to be shown: it may be a key.
SourcePosition FindPem(absl::string_view text) {
  const size_t begin = text.find("-----BEGIN ");
  if (begin == absl::string_view::npos) return {0, 0};
  const absl::string_view before = text.substr(0, begin);
  const bool at_line_start = before.empty() || before.back() == '\n';
  return {at_line_start ? 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')) : 0,
          1};
}

}  // namespace

LoadedPolicy LoadAccessPolicy(absl::string_view yaml, absl::string_view file) {
  const SourceText source(yaml);
  FoundIssues issues(YamlLimits().max_issues);
  access::Policy policy;
  SourceMap positions;
  const SourcePosition pem = FindPem(yaml);
  if (pem.line > 0) {
    issues.AddError(
        pem, "",
        "this is a PEM file, as certificates and keys are; expected an access policy in "
        "YAML (server/access/README.md)");
  }
  const bool read =
      pem.line == 0 && ParseDocument(source, kMaxPolicyBytes, &policy, &positions, &issues);
  if (read && !issues.overflowed()) {
    // What only follows from a mistake that was found before is not told.
    const FollowUps follow_ups(issues);
    for (const PolicyProblem& problem : CheckPolicy(policy)) {
      if (follow_ups.Echoes(problem.field)) continue;
      issues.AddError(positions.Find(problem.field), problem.field, MessageOf(problem));
    }
  }
  LoadedPolicy loaded;
  if (read && issues.empty()) loaded.policy = std::make_shared<const AccessPolicy>(policy);
  loaded.issues = issues.Render(source, file);
  return loaded;
}

}  // namespace bantam
