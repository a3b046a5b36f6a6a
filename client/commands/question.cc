#include "client/commands/question.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/commands/catalog_client.h"
#include "client/commands/resource_names.h"
#include "client/commands/revision_choice.h"
#include "client/input/cell_values.h"
#include "client/qualifier/channel.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/validate.h"

namespace bantam {
namespace {

using Kind = EvaluateFlags::Kind;

constexpr size_t kMostIcpsShown = 10;

v1::BulkOperation OperationOf(Kind kind) {
  switch (kind) {
    case Kind::kScore:
      return v1::BULK_OPERATION_SCORE;
    case Kind::kAdvance:
      return v1::BULK_OPERATION_ADVANCE;
    default:
      return v1::BULK_OPERATION_QUALIFY;
  }
}

Operation EngineOperationOf(v1::BulkOperation operation) {
  switch (operation) {
    case v1::BULK_OPERATION_SCORE:
      return Operation::kScore;
    case v1::BULK_OPERATION_ADVANCE:
      return Operation::kAdvance;
    default:
      return Operation::kQualify;
  }
}

// "; here are a/b, a/c"; empty: none are known, for a server is asked.
std::string IcpsHere(const Connection& connection) {
  std::vector<std::string> names;
  for (const auto& [name, revision] : connection.revisions) {
    if (names.size() == kMostIcpsShown) break;
    names.push_back(ShortIcpName(name));
  }
  if (names.empty()) return "";
  const size_t more = connection.revisions.size() - names.size();
  return absl::StrCat("; here are ", absl::StrJoin(names, ", "),
                      more > 0 ? absl::StrCat(" and ", more, " more") : "");
}

absl::Status SetIcps(const EvaluateFlags& flags, const Connection& connection,
                     v1::EvaluationSettings* settings) {
  if (!flags.icps.empty() && !flags.all_icps_of.empty()) {
    return UsageError("--icp and --all-icps-of contradict each other; leave one out");
  }
  if (flags.kind == Kind::kAdvance && flags.icps.size() > 1) {
    return UsageError("--icp: advance takes exactly one; a lead moves through one funnel");
  }
  settings->set_all_icps_of(flags.all_icps_of);
  for (const std::string& name : flags.icps) settings->add_icps()->set_name(name);
  if (!flags.icps.empty() || !flags.all_icps_of.empty()) return absl::OkStatus();
  if (connection.revisions.size() == 1) {
    settings->add_icps()->set_name(connection.revisions.begin()->first);
    return absl::OkStatus();
  }
  return UsageError(
      absl::StrCat("say which ICP: --icp=tenants/TENANT/icps/ICP",
                   flags.kind == Kind::kAdvance ? "" : ", or --all-icps-of=tenants/TENANT",
                   IcpsHere(connection)));
}

absl::Status SetTimeAsked(const EvaluateFlags& flags, absl::TimeZone zone,
                          v1::EvaluationSettings* settings) {
  const std::string& text = flags.at;
  if (text == "now") {
    if (flags.shard.IsAll()) return absl::OkStatus();
    return UsageError(
        "--shard: all shards must be evaluated at one instant, or their answers do not fit "
        "together; name it with --at, such as --at=2026-01-31T00:00:00Z");
  }
  const absl::StatusOr<absl::Time> at = ParseAt(text, zone);
  if (!at.ok()) return at.status();
  SetTime(*at, settings->mutable_evaluate_time());
  return absl::OkStatus();
}

// The option that says what stands in a field of the request.
absl::string_view OptionOf(absl::string_view field) {
  constexpr std::pair<const char*, const char*> kOptions[] = {
      {"settings.icps", "--icp"},
      {"settings.all_icps_of", "--all-icps-of"},
      {"settings.evaluate_time", "--at"},
      {"settings.language_code", "--language"},
      {"override.stage", "--override-stage"},
      {"override.actor", "--actor"},
      {"override.reason", "--reason"},
  };
  for (const auto& [prefix, option] : kOptions) {
    if (absl::StartsWith(field, prefix)) return option;
  }
  return field;
}

}  // namespace

std::optional<absl::Time> ParseInstant(const std::string& text, absl::TimeZone zone) {
  return ParseTimeCell(text, CellFormats(client::Formats(), zone));
}

absl::StatusOr<absl::Time> ParseAt(const std::string& text, absl::TimeZone zone) {
  const std::optional<absl::Time> at = ParseInstant(text, zone);
  if (at.has_value()) return *at;
  return UsageError(absl::StrCat("--at: '", text,
                                 "' is no time; expected such as 2026-01-31 or "
                                 "2026-01-31T09:00:00+01:00"));
}

absl::Status CheckQuestion(const Question& question) {
  std::vector<Violation> violations =
      ValidateSettings(question.settings, "settings", EngineOperationOf(question.operation));
  if (question.override_by.has_value()) {
    for (Violation& violation : ValidateOverride(*question.override_by, "override")) {
      violations.push_back(std::move(violation));
    }
  }
  if (violations.empty()) return absl::OkStatus();
  return UsageError(absl::StrJoin(violations, "\n", [](std::string* out, const Violation& one) {
    absl::StrAppend(out, OptionOf(one.field), ": ", one.description);
  }));
}

absl::StatusOr<Question> MakeQuestion(const EvaluateFlags& flags, const Connection& connection,
                                      absl::TimeZone zone) {
  Question question;
  question.operation = OperationOf(flags.kind);
  v1::EvaluationSettings* settings = &question.settings;
  if (absl::Status icps = SetIcps(flags, connection, settings); !icps.ok()) return icps;
  if (!flags.revision.empty() && settings->icps_size() != 1) {
    return UsageError("--revision goes with exactly one --icp");
  }
  if (absl::Status time = SetTimeAsked(flags, zone, settings); !time.ok()) return time;
  settings->set_language_code(flags.language);
  if (const auto bound = flags.freshness.MaxStaleness(); bound.has_value()) {
    SetDuration(*bound, settings->mutable_max_staleness());
  }
  if (flags.as_far_as_possible) question.mode = v1::ADVANCE_MODE_AS_FAR_AS_POSSIBLE;
  if (!flags.override_stage.empty()) {
    v1::StageOverride& override_by = question.override_by.emplace();
    override_by.set_stage(flags.override_stage);
    override_by.set_actor(flags.actor);
    override_by.set_reason(flags.reason);
  }
  if (absl::Status bad = CheckQuestion(question); !bad.ok()) return bad;
  return question;
}

absl::Status PinRevision(const EvaluateFlags& flags, const Connection& connection,
                         Question* question) {
  const std::string& text = flags.revision;
  if (text.empty() || text == "current") return absl::OkStatus();
  v1::IcpReference* icp = question->settings.mutable_icps(0);
  if (IsRevision(text)) {
    icp->set_revision(text);
    return absl::OkStatus();
  }
  if (flags.qualifier.IsLocal()) {
    const auto here = connection.revisions.find(icp->name());
    if (here == connection.revisions.end()) return absl::OkStatus();  // Said by the qualifier.
    if (!IsShortRevision(text) || !absl::StartsWith(here->second, text)) {
      return UsageError(absl::StrCat("--revision: '", text, "': files have no history; '",
                                     icp->name(), "' is here in revision ", here->second));
    }
    icp->set_revision(here->second);
    return absl::OkStatus();
  }
  CatalogClient client(flags.qualifier.server);
  const absl::StatusOr<RevisionChoice> choice =
      ChooseRevision(&client, icp->name(), text, "--revision: ");
  if (!choice.ok()) return choice.status();
  icp->set_revision(choice->revision);
  if (choice->number == 0) return absl::OkStatus();
  const absl::StatusOr<v1::IcpRevision> chosen = GetChosen(&client, icp->name(), *choice);
  if (!chosen.ok()) return chosen.status();
  if (absl::Status status = CheckGood(*chosen); !status.ok()) return status;
  icp->set_revision(chosen->revision());
  return absl::OkStatus();
}

}  // namespace bantam
