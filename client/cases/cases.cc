#include "client/cases/cases.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "client/cases/compare.h"
#include "client/files/read_file.h"
#include "client/files/yaml_files.h"
#include "server/definition/load_icp.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/validate.h"

namespace bantam {
namespace {

namespace fs = std::filesystem;

// All errors of `issues`, rendered; empty if there are none.
std::string RenderErrors(const std::vector<v1::Issue>& issues) {
  std::vector<std::string> lines;
  for (const v1::Issue& issue : issues) {
    if (issue.severity() == v1::ISSUE_SEVERITY_ERROR) lines.push_back(issue.rendered());
  }
  return absl::StrJoin(lines, "\n");
}

// What EvaluationCase's comments require of a case.
std::vector<v1::Issue> CheckCase(const LoadedCase& loaded) {
  std::vector<v1::Issue> issues;
  const auto add = [&](absl::string_view field, absl::string_view message) {
    issues.push_back(LocateIssue(v1::ISSUE_SEVERITY_ERROR, field, message, loaded.text, loaded.file,
                                 loaded.written));
  };
  const v1::EvaluationCase& content = loaded.content;
  if (content.description().empty()) {
    add("", "'description' is missing: say in one sentence what the case shows");
  }
  if (content.has_icp() == !content.icp_file().empty()) {
    add(content.has_icp() ? "icp_file" : "", "give exactly one of 'icp' and 'icp_file'");
  }
  if (!content.has_evaluate_time()) {
    add("", "'evaluate_time' is missing: an answer depends on the instant it is given for");
  }
  const bool wants = loaded.written.Contains("want");
  if (wants == loaded.written.Contains("want_violations")) {
    add(wants ? "want_violations" : "", "give exactly one of 'want' and 'want_violations'");
  }
  for (int i = 0; i < content.event_series_size(); ++i) {
    const int count = content.event_series(i).count();
    if (count < 1 || count > 10000) {
      add(absl::StrCat("event_series[", i, "].count"), "must lie in [1, 10000]");
    }
  }
  return issues;
}

void ExpandEventSeries(v1::EvaluationCase* content) {
  for (const v1::EventSeries& series : content->event_series()) {
    const absl::Duration interval =
        absl::Seconds(series.interval().seconds()) + absl::Nanoseconds(series.interval().nanos());
    for (int i = 0; i < series.count(); ++i) {
      v1::Event* event = content->mutable_lead()->add_events();
      *event = series.event();
      if (!event->id().empty()) event->set_id(absl::StrCat(event->id(), "-", i));
      if (event->has_time()) SetTime(ToTime(event->time()) - i * interval, event->mutable_time());
    }
  }
}

// Compiles the ICP that stands in the case.
absl::Status CompileInline(const TimeZones& zones, LoadedCase* loaded) {
  CompileResult result = Compile(loaded->content.icp(), zones);
  std::vector<v1::Issue> issues;
  for (const Issue& issue : result.issues) {
    if (issue.severity != Issue::Severity::kError) continue;
    const std::string field = issue.field.empty() ? "icp" : absl::StrCat("icp.", issue.field);
    issues.push_back(LocateIssue(v1::ISSUE_SEVERITY_ERROR, field, issue.message, loaded->text,
                                 loaded->file, loaded->written));
  }
  if (!issues.empty()) return absl::InvalidArgumentError(RenderErrors(issues));
  loaded->icp = std::move(result.icp);
  return absl::OkStatus();
}

// Compiles the ICP that the case refers to.
absl::Status CompileFile(const TimeZones& zones, LoadedCase* loaded) {
  const std::string path =
      (fs::path(loaded->file).parent_path() / loaded->content.icp_file()).lexically_normal();
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) {
    const v1::Issue issue =
        LocateIssue(v1::ISSUE_SEVERITY_ERROR, "icp_file", text.status().message(), loaded->text,
                    loaded->file, loaded->written);
    return absl::InvalidArgumentError(issue.rendered());
  }
  LoadedIcp icp = LoadIcp(*text, path, zones);
  if (icp.icp == nullptr) return absl::InvalidArgumentError(RenderErrors(icp.issues));
  loaded->icp = std::move(icp.icp);
  return absl::OkStatus();
}

// The operation of a case; QUALIFY unless it says otherwise.
Operation OperationOf(const v1::EvaluationCase& content) {
  switch (content.operation()) {
    case v1::BULK_OPERATION_SCORE:
      return Operation::kScore;
    case v1::BULK_OPERATION_ADVANCE:
      return Operation::kAdvance;
    default:
      return Operation::kQualify;
  }
}

std::vector<Violation> Validate(const LoadedCase& loaded) {
  const v1::EvaluationCase& content = loaded.content;
  const v1::StageOverride* override_by = content.has_override() ? &content.override() : nullptr;
  std::vector<Violation> violations =
      ValidateLead(content.lead(), "lead", LeadBounds(), OperationOf(content));
  const auto append = [&violations](std::vector<Violation> more) {
    std::move(more.begin(), more.end(), std::back_inserter(violations));
  };
  if (override_by != nullptr) append(ValidateOverride(*override_by, "override"));
  append(ValidateForIcps({&loaded.icp, 1}, content.lead(), "lead", override_by, "override"));
  return violations;
}

void Evaluate(const LoadedCase& loaded, v1::Evaluation* evaluation) {
  const v1::EvaluationCase& content = loaded.content;
  EvaluateOptions options;
  options.operation = OperationOf(content);
  options.now = ToTime(content.evaluate_time());
  options.language_code = content.language_code();
  options.as_far_as_possible = content.mode() == v1::ADVANCE_MODE_AS_FAR_AS_POSSIBLE;
  options.override_by = content.has_override() ? &content.override() : nullptr;
  loaded.icp->Evaluate(content.lead(), options, evaluation);
}

// A case that says nothing of the answer would pass whatever the engine does.
Difference NothingWanted() {
  return {"want",
          "at least one value of the answer, such as {verdict: qualified, score: {total: 62.5}}; "
          "'bantam icp test --update-golden' writes the main ones",
          "no value to compare, so the case would always pass"};
}

}  // namespace

bool WantsNothing(const LoadedCase& loaded) {
  const google::protobuf::Descriptor& answer = *v1::Evaluation::descriptor();
  for (int i = 0; i < answer.field_count(); ++i) {
    if (loaded.written.Contains(absl::StrCat("want.", answer.field(i)->name()))) return false;
  }
  return loaded.written.Contains("want");
}

absl::StatusOr<LoadedCase> LoadCase(const std::string& path, const TimeZones& zones) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) return text.status();
  return ParseCase(*text, path, zones);
}

absl::StatusOr<LoadedCase> ParseCase(absl::string_view text, const std::string& file,
                                     const TimeZones& zones) {
  LoadedCase loaded;
  loaded.file = file;
  loaded.text = std::string(text);
  std::string errors = RenderErrors(ParseYaml(loaded.text, file, &loaded.content, &loaded.written));
  if (errors.empty()) errors = RenderErrors(CheckCase(loaded));
  if (!errors.empty()) return absl::InvalidArgumentError(errors);
  ExpandEventSeries(&loaded.content);
  const absl::Status compiled =
      loaded.content.has_icp() ? CompileInline(zones, &loaded) : CompileFile(zones, &loaded);
  if (!compiled.ok()) return compiled;
  return loaded;
}

CaseOutcome RunCase(const LoadedCase& loaded) {
  CaseOutcome outcome;
  for (const Violation& violation : Validate(loaded)) {
    v1::FieldViolation* field = outcome.got.add_want_violations();
    field->set_field(violation.field);
    field->set_description(violation.description);
  }
  const bool wants_violations = loaded.written.Contains("want_violations");
  if (wants_violations) {
    // Only that one list is compared: everything else of the two messages is the case itself.
    v1::EvaluationCase want;
    *want.mutable_want_violations() = loaded.content.want_violations();
    SourceMap written;
    written.Add("case.want_violations", {});
    for (int i = 0; i < want.want_violations_size(); ++i) {
      for (absl::string_view field : {"field", "description"}) {
        const std::string path = absl::StrCat("want_violations[", i, "].", field);
        if (loaded.written.Contains(path)) written.Add(absl::StrCat("case.", path), {});
      }
    }
    Compare(want, outcome.got, "case", written, &outcome.differences);
    for (Difference& difference : outcome.differences) difference.path.erase(0, 5);
    return outcome;
  }
  if (outcome.got.want_violations_size() > 0) {
    for (const v1::FieldViolation& violation : outcome.got.want_violations()) {
      outcome.differences.push_back(
          {violation.field(), "a valid field", absl::StrCat("refused: ", violation.description())});
    }
    return outcome;
  }
  Evaluate(loaded, outcome.got.mutable_want());
  if (WantsNothing(loaded)) outcome.differences.push_back(NothingWanted());
  Compare(loaded.content.want(), outcome.got.want(), "want", loaded.written, &outcome.differences);
  return outcome;
}

std::string RenderDifferences(const std::vector<Difference>& differences) {
  std::string text;
  for (const Difference& difference : differences) {
    absl::StrAppend(&text, "  ", difference.path, "\n    want: ", difference.want,
                    "\n    got:  ", difference.got, "\n");
  }
  return text;
}

absl::StatusOr<std::vector<std::string>> ListCases(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::exists(path, error)) {
      return absl::NotFoundError(absl::StrCat(path, ": no such file or folder"));
    }
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    YamlFiles found = ListYamlFiles(path, /*except=*/"icps");
    if (!found.problems.empty()) {
      return absl::InvalidArgumentError(absl::StrJoin(found.problems, "\n"));
    }
    if (found.files.empty()) {
      return absl::NotFoundError(absl::StrCat(path, ": holds no case (*.yaml)"));
    }
    std::move(found.files.begin(), found.files.end(), std::back_inserter(files));
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

}  // namespace bantam
