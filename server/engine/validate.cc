#include "server/engine/validate.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/engine/validate_values.h"

namespace bantam {
namespace {

constexpr int kMostIcps = 100;
constexpr int kMostActorBytes = 256;
constexpr int kMostReasonBytes = 1024;
constexpr size_t kRevisionDigits = 32;

// [a-z0-9][a-z0-9-]{0,62}
bool IsResourceId(absl::string_view id) {
  if (id.empty() || id.size() > 63 || id[0] == '-') return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
  });
}

// A BCP 47 tag by its form: a language of letters, then further parts of letters and digits.
bool IsLanguageTag(absl::string_view tag) {
  constexpr size_t kMostTagBytes = 64;
  if (tag.size() > kMostTagBytes) return false;
  size_t part = 0;
  bool first = true;
  for (const char c : tag) {
    if (c == '-') {
      if (part == 0) return false;
      part = 0;
      first = false;
    } else if (first ? !absl::ascii_isalpha(c) : !absl::ascii_isalnum(c)) {
      return false;
    } else if (++part > 8) {
      return false;
    }
  }
  return part > 0;
}

void CheckIcps(const v1::EvaluationSettings& settings, const FieldPath& path, Operation operation,
               ValueChecker* check) {
  const FieldPath icps(path, "icps");
  if (operation == Operation::kAdvance) {
    if (settings.icps_size() != 1) check->Add(icps, "must name exactly one ICP for Advance");
  } else if (settings.all_icps_of().empty()) {
    if (settings.icps().empty()) {
      check->Add(icps, "must name at least one ICP, or set all_icps_of instead");
    }
  } else if (!settings.icps().empty()) {
    check->Add(icps, "must be empty if all_icps_of is set; keep one of the two");
  }
  if (!check->Size(icps, settings.icps_size(), kMostIcps)) return;
  for (int i = 0; i < settings.icps_size(); ++i) {
    const v1::IcpReference& reference = settings.icps(i);
    const FieldPath reference_path(icps, i);
    if (reference.name().empty()) {
      check->Add(FieldPath(reference_path, "name"),
                 "must be set: the ICP's name, tenants/{tenant}/icps/{icp}");
    } else if (!IsIcpName(reference.name())) {
      check->Add(FieldPath(reference_path, "name"),
                 "must be of the form tenants/{tenant}/icps/{icp}; ids have lower-case letters, "
                 "digits and hyphens");
    }
    if (!reference.revision().empty() && !IsRevision(reference.revision())) {
      check->Add(FieldPath(reference_path, "revision"),
                 "must be 32 lower-case hexadecimal digits; leave it out for the current revision");
    }
  }
}

}  // namespace

std::vector<Violation> ValidateSettings(const v1::EvaluationSettings& settings,
                                        absl::string_view path, Operation operation) {
  std::vector<Violation> violations;
  ValueChecker check(&violations);
  const FieldPath root(path);
  CheckIcps(settings, root, operation, &check);
  if (!settings.all_icps_of().empty()) {
    const FieldPath all(root, "all_icps_of");
    if (operation == Operation::kAdvance) {
      check.Add(all, "must not be set for Advance; name exactly one ICP in icps");
    } else if (!IsTenantName(settings.all_icps_of())) {
      check.Add(all,
                "must be of the form tenants/{tenant}; ids have lower-case letters, digits and "
                "hyphens");
    }
  }
  if (settings.has_evaluate_time()) {
    check.Time(root, "evaluate_time", settings.evaluate_time());
  }
  if (!settings.language_code().empty() && !IsLanguageTag(settings.language_code())) {
    check.Add(FieldPath(root, "language_code"), "must be a BCP 47 tag such as en or de-AT");
  }
  return violations;
}

std::vector<Violation> ValidateOverride(const v1::StageOverride& override_by,
                                        absl::string_view path) {
  std::vector<Violation> violations;
  ValueChecker check(&violations);
  const FieldPath root(path);
  check.RequiredText(root, "stage", override_by.stage(), kMostActorBytes, "the stage to move to");
  check.RequiredText(root, "actor", override_by.actor(), kMostActorBytes, "who moves the lead");
  check.RequiredText(root, "reason", override_by.reason(), kMostReasonBytes,
                     "why the lead is moved");
  return violations;
}

std::vector<Violation> ValidateForIcps(absl::Span<const std::shared_ptr<const CompiledIcp>> icps,
                                       const v1::Lead& lead, absl::string_view lead_path,
                                       const v1::StageOverride* override_by,
                                       absl::string_view override_path) {
  std::vector<Violation> violations;
  const auto check_stage = [&](absl::string_view path, absl::string_view stage) {
    const auto has_stage = [stage](const auto& icp) { return icp->HasStage(stage); };
    if (stage.empty() || std::any_of(icps.begin(), icps.end(), has_stage)) return;
    const CompiledIcp& first = *icps.front();
    violations.push_back(
        {absl::StrCat(path, ".stage"),
         icps.size() == 1
             ? absl::StrCat("must be a stage of ", first.name(), ": one of ", first.StageNames())
             : absl::StrCat("must be a stage of at least one of the ", icps.size(),
                            " ICPs; those of ", first.name(), " are ", first.StageNames())});
  };
  check_stage(lead_path, lead.stage());
  if (override_by != nullptr) check_stage(override_path, override_by->stage());
  return violations;
}

bool IsIcpName(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, "tenants/")) return false;
  const size_t slash = name.find('/');
  if (slash == absl::string_view::npos || !IsResourceId(name.substr(0, slash))) return false;
  name.remove_prefix(slash);
  return absl::ConsumePrefix(&name, "/icps/") && IsResourceId(name);
}

bool IsTenantName(absl::string_view parent) {
  return absl::ConsumePrefix(&parent, "tenants/") && IsResourceId(parent);
}

bool IsRevision(absl::string_view revision) {
  return revision.size() == kRevisionDigits &&
         std::all_of(revision.begin(), revision.end(),
                     [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

}  // namespace bantam
