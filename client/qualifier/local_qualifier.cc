#include "client/qualifier/local_qualifier.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/files/read_file.h"
#include "client/files/yaml_files.h"
#include "server/definition/load_icp.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/suggest.h"
#include "server/engine/validate.h"

namespace bantam {
namespace {

namespace fs = std::filesystem;

Operation ToOperation(v1::BulkOperation operation) {
  switch (operation) {
    case v1::BULK_OPERATION_SCORE:
      return Operation::kScore;
    case v1::BULK_OPERATION_ADVANCE:
      return Operation::kAdvance;
    default:
      return Operation::kQualify;
  }
}

absl::Status ToStatus(const std::vector<Violation>& violations) {
  if (violations.empty()) return absl::OkStatus();
  v1::BadRequest details;
  for (const Violation& violation : violations) {
    v1::BadRequestFieldViolation* field = details.add_field_violations();
    field->set_field(violation.field);
    field->set_description(violation.description);
  }
  return WithViolations(
      absl::InvalidArgumentError(absl::StrCat(
          violations.size(), violations.size() == 1 ? " invalid field" : " invalid fields")),
      details);
}

void AppendTo(std::vector<Violation>* all, std::vector<Violation> more) {
  std::move(more.begin(), more.end(), std::back_inserter(*all));
}

// Everything that is wrong with a lead, for all ICPs that are asked.
std::vector<Violation> Check(const v1::Lead& lead,
                             const std::vector<std::shared_ptr<const CompiledIcp>>& icps,
                             const EvaluateOptions& options) {
  std::vector<Violation> violations = ValidateLead(lead, "lead", LeadBounds(), options.operation);
  if (options.override_by != nullptr) {
    AppendTo(&violations, ValidateOverride(*options.override_by, "override"));
  }
  AppendTo(&violations, ValidateForIcps(icps, lead, "lead", options.override_by, "override"));
  return violations;
}

void SetError(const std::vector<Violation>& violations, v1::LeadError* error) {
  const absl::Status status = ToStatus(violations);
  error->set_code(static_cast<int>(status.code()));
  error->set_message(std::string(status.message()));
  for (const Violation& violation : violations) {
    v1::FieldViolation* field = error->add_violations();
    field->set_field(violation.field);
    field->set_description(violation.description);
  }
}

}  // namespace

absl::StatusOr<IcpSet> LoadIcps(const std::string& folder, const std::vector<std::string>& files,
                                const TimeZones& zones) {
  std::error_code error;
  YamlFiles found;
  if (!folder.empty()) {
    if (!fs::is_directory(folder, error)) {
      return absl::NotFoundError(absl::StrCat(folder, ": no such folder"));
    }
    found = ListYamlFiles(folder);
    if (found.files.empty() && found.problems.empty() && files.empty()) {
      return absl::NotFoundError(absl::StrCat(folder, ": holds no ICP (*.yaml)"));
    }
  }
  found.files.insert(found.files.end(), files.begin(), files.end());
  IcpSet set;
  std::vector<std::string> errors = std::move(found.problems);
  for (const std::string& path : found.files) {
    const absl::StatusOr<std::string> text = ReadFile(path);
    if (!text.ok()) {
      errors.emplace_back(text.status().message());
      continue;
    }
    LoadedIcp loaded = LoadIcp(*text, path, zones);
    for (const v1::Issue& issue : loaded.issues) {
      (issue.severity() == v1::ISSUE_SEVERITY_ERROR ? errors : set.warnings[loaded.name])
          .push_back(issue.rendered());
    }
    if (loaded.icp != nullptr && !set.icps.emplace(loaded.name, loaded.icp).second) {
      errors.push_back(absl::StrCat(path, ": the name '", loaded.name,
                                    "' is taken by another file; names must be unique"));
    }
  }
  if (!errors.empty()) return absl::InvalidArgumentError(absl::StrJoin(errors, "\n"));
  return set;
}

LocalQualifier::LocalQualifier(IcpSet icps, std::function<absl::Time()> clock)
    : icps_(std::move(icps)), clock_(std::move(clock)) {}

absl::StatusOr<v1::Evaluation> LocalQualifier::Ask(const v1::Lead& lead, const Question& question) {
  absl::StatusOr<Plan> plan = Prepare(question);
  if (!plan.ok()) return plan.status();
  if (question.override_by.has_value()) plan->options.override_by = &*question.override_by;
  if (absl::Status status = ToStatus(Check(lead, plan->icps, plan->options)); !status.ok()) {
    return status;
  }
  v1::Evaluation evaluation;
  EvaluateBest(plan->icps, lead, plan->options, &evaluation);
  return evaluation;
}

absl::Status LocalQualifier::AskMany(const Question& question, NextLead next, TakeResult take) {
  const absl::StatusOr<Plan> plan = Prepare(question);
  if (!plan.ok()) return plan.status();
  v1::Lead lead;
  for (int64_t index = 0; next(&lead); ++index) {
    v1::LeadResult result;
    result.set_index(static_cast<int32_t>(index));
    result.set_lead_id(lead.id());
    const std::vector<Violation> violations = Check(lead, plan->icps, plan->options);
    if (violations.empty()) {
      EvaluateBest(plan->icps, lead, plan->options, result.mutable_evaluation());
    } else {
      SetError(violations, result.mutable_error());
    }
    take(index, std::move(result));
  }
  return absl::OkStatus();
}

absl::StatusOr<LocalQualifier::Plan> LocalQualifier::Prepare(const Question& question) const {
  const v1::EvaluationSettings& settings = question.settings;
  Plan plan;
  plan.options.operation = ToOperation(question.operation);
  if (absl::Status status =
          ToStatus(ValidateSettings(settings, "settings", plan.options.operation));
      !status.ok()) {
    return status;
  }
  for (const v1::IcpReference& reference : settings.icps()) {
    absl::StatusOr<std::shared_ptr<const CompiledIcp>> icp = Find(reference);
    if (!icp.ok()) return icp.status();
    plan.icps.push_back(*std::move(icp));
  }
  if (!settings.all_icps_of().empty()) {
    const std::string prefix = absl::StrCat(settings.all_icps_of(), "/");
    for (const auto& [name, icp] : icps_.icps) {
      if (absl::StartsWith(name, prefix)) plan.icps.push_back(icp);
    }
    if (plan.icps.empty()) {
      return absl::NotFoundError(absl::StrCat("'", settings.all_icps_of(), "' has no ICPs here"));
    }
  }
  plan.options.now = settings.has_evaluate_time() ? ToTime(settings.evaluate_time()) : clock_();
  plan.options.language_code = settings.language_code();
  plan.options.omit_trace = settings.omit_trace();
  plan.options.omit_actions = settings.omit_actions();
  plan.options.omit_gaps = settings.omit_gaps();
  plan.options.as_far_as_possible = question.mode == v1::ADVANCE_MODE_AS_FAR_AS_POSSIBLE;
  return plan;
}

absl::StatusOr<std::shared_ptr<const CompiledIcp>> LocalQualifier::Find(
    const v1::IcpReference& reference) const {
  const auto found = icps_.icps.find(reference.name());
  if (found == icps_.icps.end()) {
    std::vector<std::string> names;
    for (const auto& [name, icp] : icps_.icps) names.push_back(name);
    return absl::NotFoundError(
        absl::StrCat("no ICP '", reference.name(), "'", DidYouMean(reference.name(), names)));
  }
  if (!reference.revision().empty() && reference.revision() != found->second->revision()) {
    return absl::NotFoundError(absl::StrCat("'", reference.name(), "' is not here in revision ",
                                            reference.revision(), "; it is in revision ",
                                            found->second->revision()));
  }
  return found->second;
}

}  // namespace bantam
