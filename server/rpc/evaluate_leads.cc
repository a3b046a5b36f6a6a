#include "server/rpc/evaluate_leads.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/rpc/data_age.h"
#include "server/rpc/parse.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

void Append(std::vector<Violation> more, std::vector<Violation>* violations) {
  for (Violation& violation : more) violations->push_back(std::move(violation));
}

// Puts the id of a lead into `result`, if it can stand in an answer. `parsed`: the lead is not
// broken, so that its texts are UTF-8.
void SetLeadId(const std::string& id, bool parsed, rpc::RawLeadResult* result) {
  if (id.size() <= static_cast<size_t>(LeadBounds().max_id_bytes) && (parsed || IsUtf8(id))) {
    result->set_lead_id(id);
  }
}

}  // namespace

EvaluateOptions MakeOptions(const v1::EvaluationSettings& settings, Operation operation,
                            v1::AdvanceMode mode, const Clock& clock) {
  EvaluateOptions options;
  options.operation = operation;
  options.now = settings.has_evaluate_time()
                    ? absl::FromUnixSeconds(settings.evaluate_time().seconds()) +
                          absl::Nanoseconds(settings.evaluate_time().nanos())
                    : clock();
  options.language_code = settings.language_code();
  options.omit_trace = settings.omit_trace();
  options.omit_actions = settings.omit_actions();
  options.omit_gaps = settings.omit_gaps();
  options.as_far_as_possible = mode == v1::ADVANCE_MODE_AS_FAR_AS_POSSIBLE;
  return options;
}

void CheckSettings(bool has_settings, const v1::EvaluationSettings& settings, v1::AdvanceMode mode,
                   Operation operation, absl::string_view prefix,
                   std::vector<Violation>* violations) {
  const std::string path = absl::StrCat(prefix, "settings");
  if (has_settings) {
    Append(ValidateSettings(settings, path, operation), violations);
    if (settings.has_max_staleness()) {
      CheckMaxStaleness(settings.max_staleness(), absl::StrCat(path, ".max_staleness"), violations);
    }
  } else {
    violations->push_back({path, "must be set: it names the ICPs to evaluate against"});
  }
  if (!v1::AdvanceMode_IsValid(mode)) {
    violations->push_back(
        {absl::StrCat(prefix, "mode"),
         "must be ADVANCE_MODE_ONE_STEP (the default) or ADVANCE_MODE_AS_FAR_AS_POSSIBLE"});
  }
}

void CheckLead(bool has_lead, const v1::Lead& lead, const v1::StageOverride* override_by,
               Operation operation, absl::string_view prefix, std::vector<Violation>* violations) {
  const std::string path = absl::StrCat(prefix, "lead");
  if (has_lead) {
    Append(ValidateLead(lead, path, LeadBounds(), operation), violations);
  } else {
    violations->push_back({path, operation == Operation::kAdvance
                                     ? "must be set, with an id"
                                     : "must be set; it may be empty"});
  }
  if (override_by != nullptr) {
    Append(ValidateOverride(*override_by, absl::StrCat(prefix, "override")), violations);
  }
}

void CheckForIcps(const IcpList& icps, const v1::Lead& lead, absl::string_view lead_path,
                  const v1::StageOverride* override_by, absl::string_view override_path,
                  std::vector<Violation>* violations) {
  Append(ValidateForIcps(icps, lead, lead_path, override_by, override_path), violations);
}

EvaluationSummary EvaluateAndTell(const IcpList& icps, const v1::Lead& lead,
                                  const EvaluateOptions& options, const ObservedCall& call,
                                  std::string* bytes) {
  const EvaluationSummary summary = EvaluateBest(icps, lead, options, bytes);
  call.observer->OnDecision(*call.info,
                            {lead, options.operation, options.now, summary, options.override_by});
  return summary;
}

LeadEvaluator::LeadEvaluator(IcpList icps, EvaluateOptions options, ObservedCall call)
    : icps_(std::move(icps)), options_(std::move(options)), call_(call) {}

absl::optional<EvaluationSummary> LeadEvaluator::EvaluateLead(const std::string& bytes,
                                                              const std::string& path,
                                                              v1::Lead* lead,
                                                              rpc::RawLeadResult* result) const {
  const bool parsed = lead->ParseFromString(bytes);
  SetLeadId(lead->id(), parsed, result);
  std::vector<Violation> violations;
  if (parsed) {
    violations = ValidateLead(*lead, path, LeadBounds(), options_.operation);
    CheckForIcps(icps_, *lead, path, nullptr, "", &violations);
  } else {
    violations = ExplainParseFailure(bytes, *v1::Lead::descriptor(), path);
  }
  return Evaluate(*lead, nullptr, violations, result);
}

absl::optional<EvaluationSummary> LeadEvaluator::EvaluateItem(const std::string& bytes,
                                                              const std::string& path,
                                                              v1::AdvanceItem* item,
                                                              rpc::RawLeadResult* result) const {
  const bool parsed = item->ParseFromString(bytes);
  SetLeadId(item->lead().id(), parsed, result);
  const v1::StageOverride* const override_by = item->has_override() ? &item->override() : nullptr;
  std::vector<Violation> violations;
  if (parsed) {
    CheckLead(item->has_lead(), item->lead(), override_by, options_.operation,
              absl::StrCat(path, "."), &violations);
    CheckForIcps(icps_, item->lead(), absl::StrCat(path, ".lead"), override_by,
                 absl::StrCat(path, ".override"), &violations);
  } else {
    violations = ExplainParseFailure(bytes, *v1::AdvanceItem::descriptor(), path);
  }
  return Evaluate(item->lead(), override_by, violations, result);
}

absl::optional<EvaluationSummary> LeadEvaluator::Evaluate(const v1::Lead& lead,
                                                          const v1::StageOverride* override_by,
                                                          const std::vector<Violation>& violations,
                                                          rpc::RawLeadResult* result) const {
  if (!violations.empty()) {
    *result->mutable_error() = ToLeadError(violations);
    call_.observer->OnLeadError(*call_.info);
    return absl::nullopt;
  }
  if (override_by == nullptr) {
    return EvaluateAndTell(icps_, lead, options_, call_, result->mutable_evaluation());
  }
  EvaluateOptions options = options_;
  options.override_by = override_by;
  return EvaluateAndTell(icps_, lead, options, call_, result->mutable_evaluation());
}

}  // namespace bantam
