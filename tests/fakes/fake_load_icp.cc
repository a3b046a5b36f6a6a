#include "tests/fakes/fake_load_icp.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace bantam {
namespace {

class NoTimeZones : public TimeZones {
 public:
  std::optional<absl::TimeZone> Find(absl::string_view name) const override {
    return absl::UTCTimeZone();
  }
  std::string version() const override { return "none"; }
};

class FakeParser {
 public:
  FakeParser(absl::string_view yaml, absl::string_view file) : file_(file) {
    for (const absl::string_view line : absl::StrSplit(yaml, '\n')) {
      ++line_;
      ParseLine(line);
    }
  }

  LoadedIcp Finish() {
    loaded_.name = icp_.name();
    if (icp_.name().empty()) AddIssue(v1::ISSUE_SEVERITY_ERROR, "name is missing");
    if (failed_) return std::move(loaded_);
    const CompileResult result = Compile(icp_, NoTimeZones());
    for (const Issue& issue : result.issues) {
      if (issue.severity == Issue::Severity::kError) {
        AddIssue(v1::ISSUE_SEVERITY_ERROR, issue.message);
      }
    }
    loaded_.icp = result.icp;
    return std::move(loaded_);
  }

 private:
  void ParseLine(absl::string_view line) {
    if (line.empty() || absl::StartsWith(line, "#")) return;
    if (absl::ConsumePrefix(&line, "name: ")) {
      icp_.set_name(std::string(line));
    } else if (absl::ConsumePrefix(&line, "title: ")) {
      (*icp_.mutable_title()->mutable_texts())["en"] = std::string(line);
    } else if (absl::ConsumePrefix(&line, "warning: ")) {
      AddIssue(v1::ISSUE_SEVERITY_WARNING, line);
    } else if (absl::ConsumePrefix(&line, "error: ")) {
      AddIssue(v1::ISSUE_SEVERITY_ERROR, line);
    } else {
      AddIssue(v1::ISSUE_SEVERITY_ERROR, "cannot be understood");
    }
  }

  void AddIssue(v1::IssueSeverity severity, absl::string_view message) {
    const bool is_error = severity == v1::ISSUE_SEVERITY_ERROR;
    failed_ = failed_ || is_error;
    v1::Issue issue;
    issue.set_severity(severity);
    issue.set_message(std::string(message));
    issue.set_file(file_);
    issue.set_line(line_);
    issue.set_column(1);
    issue.set_rendered(
        absl::StrCat(file_, ":", line_, ":1: ", is_error ? "error: " : "warning: ", message));
    loaded_.issues.push_back(std::move(issue));
  }

  const std::string file_;
  int line_ = 0;
  bool failed_ = false;
  v1::Icp icp_;
  LoadedIcp loaded_;
};

}  // namespace

LoadedIcp FakeLoadIcp(absl::string_view yaml, absl::string_view file) {
  return FakeParser(yaml, file).Finish();
}

std::string FakeIcp(absl::string_view tenant, absl::string_view icp, absl::string_view title) {
  return absl::StrCat("name: tenants/", tenant, "/icps/", icp, "\ntitle: ", title, "\n");
}

}  // namespace bantam
