// Evaluation cases: YAML files that hold an ICP, a lead, a time and the wanted answer.
//
//   file --LoadCase()--> LoadedCase --RunCase()--> CaseOutcome (what differs) --UpdatedText()-->
//   file
//
// Serves `bantam icp test` and Bantam's own tests alike. The form of a file is the message
// EvaluationCase (proto/bantam/v1/evaluation_case.proto).
#ifndef BANTAM_CLIENT_CASES_CASES_H_
#define BANTAM_CLIENT_CASES_CASES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/evaluation_case.pb.h"
#include "server/definition/yaml.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/time_zones.h"

namespace bantam {

// One case, ready to run. Copyable; safe for concurrent reading.
struct LoadedCase {
  std::string file;  // Path it was read from.
  std::string text;  // The file's content.

  // The content; `lead` includes the events of `event_series`.
  v1::EvaluationCase content;

  // Which paths were written, such as "want.score.total".
  SourceMap written;

  std::shared_ptr<const CompiledIcp> icp;
};

// One difference between the wanted and the given answer.
struct Difference {
  std::string path;  // Such as "want.qualification.gaps[0].points_at_stake".
  std::string want;  // In YAML's notation; "absent", "refused" … where there is no value.
  std::string got;
};

// What came of a case.
struct CaseOutcome {
  // Empty: the case passed. In the order of the answer's fields.
  std::vector<Difference> differences;

  // What the engine gave: `want` is filled with the answer, `want_violations` with the refused
  // fields.
  v1::EvaluationCase got;

  bool passed() const { return differences.empty(); }
};

// Reads the case at `path` and compiles its ICP. Errors: NOT_FOUND: no such file;
// INVALID_ARGUMENT: the case or its ICP has errors; the message holds all of them, rendered with
// file, line and column. Warnings are no obstacle.
absl::StatusOr<LoadedCase> LoadCase(const std::string& path, const TimeZones& zones);

// The same for a case whose text is at hand. `file` is the name that messages carry, and the place
// that `icp_file` is relative to.
absl::StatusOr<LoadedCase> ParseCase(absl::string_view text, const std::string& file,
                                     const TimeZones& zones);

// Whether `want` is written and names no value of the answer.
bool WantsNothing(const LoadedCase& loaded);

// Evaluates the case and compares what is written in `want`, or else `want_violations`. Where
// WantsNothing(), that is a difference, too.
CaseOutcome RunCase(const LoadedCase& loaded);

// The differences, two lines for each: the path with what was wanted, and below it what was given.
std::string RenderDifferences(const std::vector<Difference>& differences);

// The case's text with the values of `want` and `want_violations` replaced by what was given.
// Only paths that are written are touched, comments and layout stay; a list whose length changed is
// written anew, its elements with the keys that the old ones had. Where WantsNothing(), `want`
// becomes the verdict, the total, the label, the temperature and the stage, as far as there are
// any. INTERNAL: the text cannot be edited (which would be a defect).
absl::StatusOr<std::string> UpdatedText(const LoadedCase& loaded, const CaseOutcome& outcome);

// The cases among `paths`, sorted by path: files as they are, and of folders every *.yaml and *.yml
// below them, except behind a dot and in folders named "icps" (which hold the ICPs that cases refer
// to). NOT_FOUND: a path does not exist, or a folder holds no case. INVALID_ARGUMENT: something in
// a folder cannot be read, a line for each; cases may be missing.
absl::StatusOr<std::vector<std::string>> ListCases(const std::vector<std::string>& paths);

}  // namespace bantam

#endif  // BANTAM_CLIENT_CASES_CASES_H_
