#include "client/commands/icp_compare_command.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "client/commands/catalog_client.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
#include "client/commands/icp_file.h"
#include "client/commands/icp_operand.h"
#include "client/commands/option_checks.h"
#include "client/commands/question.h"
#include "client/compare/comparer.h"
#include "client/output/progress.h"
#include "client/output/result_writer.h"
#include "client/qualifier/local_qualifier.h"
#include "server/definition/load_icp.h"
#include "server/engine/protobuf_time.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

// One of the two definitions, and what is asked of it.
struct Side {
  client::ComparedIcp icp;
  std::shared_ptr<const CompiledIcp> compiled;
  std::unique_ptr<LocalQualifier> qualifier;
  Question question;
};

// One run of the command.
class CompareRun {
 public:
  explicit CompareRun(const CompareFlags& flags) : flags_(flags), client_(flags.server) {}

  int Run() {
    std::vector<std::string> files = flags_.leads.files;
    files.insert(files.end(), {flags_.before, flags_.after});
    if (!FindZone(flags_.leads, &zone_) || !StandardInputIsReadOnce(files)) return kExitUsage;
    if (!LoadBoth()) return exit_code_;
    if (!AddLeadFiles(flags_.leads, zone_, &mapping_, &leads_) || !SetQuestions()) {
      return kExitUsage;
    }
    Comparer comparer(static_cast<size_t>(flags_.changes), Stages());
    CompareLeads(&comparer);
    if (!leads_.status().ok()) {
      PrintError(leads_.status().message());
      return kExitUsage;
    }
    if (asked_ == 0) {
      PrintNoLeads(flags_.leads);
      return kExitUsage;
    }
    Show(comparer);
    return PrintFailedLeads(failed_, asked_) == 0 ? kExitOk : kExitSomeFailed;
  }

 private:
  // Problems of both are shown.
  bool LoadBoth() {
    IcpOperand before = ParseIcpOperand(flags_.before);
    IcpOperand after = ParseIcpOperand(flags_.after);
    for (IcpOperand* operand : {&before, &after}) {
      if (operand->is_file() || !operand->name.empty()) continue;
      operand->name = operand == &before ? after.name : before.name;
      if (!operand->name.empty()) continue;
      PrintNameless(*operand);
      exit_code_ = kExitUsage;
      return false;
    }
    const bool good = Load(before, &before_);
    return exit_code_ != kExitUnreachable && Load(after, &after_) && good;
  }

  bool Load(const IcpOperand& operand, Side* side) {
    std::string yaml;
    if (operand.is_file()) {
      absl::StatusOr<std::string> text = ReadInput(operand.file);
      if (!text.ok()) {
        PrintError(text.status().message());
        exit_code_ = kExitUsage;
        return false;
      }
      yaml = *std::move(text);
      side->icp.set_source(LabelOf(operand.file));
    } else {
      absl::StatusOr<v1::IcpRevision> revision = GetIcp(&client_, operand);
      if (!revision.ok()) {
        exit_code_ = PrintFailedCall(revision.status(), client_.server());
        return false;
      }
      side->icp.set_source(LabelOf(operand, *revision));
      yaml = std::move(*revision->mutable_yaml());
    }
    return Compile(yaml, side);
  }

  bool Compile(const std::string& yaml, Side* side) {
    const LoadedIcp loaded = LoadIcp(yaml, side->icp.source(), zones_);
    for (const v1::Issue& issue : loaded.issues) {
      if (issue.severity() == v1::ISSUE_SEVERITY_ERROR) std::cerr << issue.rendered() << "\n";
    }
    if (loaded.icp == nullptr) {
      exit_code_ = kExitUsage;
      return false;
    }
    side->icp.set_name(loaded.name);
    side->icp.set_revision(loaded.icp->revision());
    side->compiled = loaded.icp;
    IcpSet set;
    set.icps.emplace(loaded.name, loaded.icp);
    side->qualifier = std::make_unique<LocalQualifier>(std::move(set), &absl::Now);
    return true;
  }

  // Both are asked to advance, which holds everything else, at one instant. Prints what is wrong.
  bool SetQuestions() {
    absl::StatusOr<absl::Time> at = absl::Now();
    if (flags_.at != "now") at = ParseAt(flags_.at, zone_);
    absl::Status status = at.status();
    for (Side* side : {&before_, &after_}) {
      if (!status.ok()) break;
      side->question.operation = v1::BULK_OPERATION_ADVANCE;
      v1::EvaluationSettings* settings = &side->question.settings;
      settings->add_icps()->set_name(side->icp.name());
      SetTime(*at, settings->mutable_evaluate_time());
      settings->set_omit_trace(true);
      settings->set_omit_actions(true);
      settings->set_omit_gaps(true);
      status = CheckQuestion(side->question);
    }
    if (!status.ok()) PrintError(status.message());
    return status.ok();
  }

  // Of the definition after, then those that only the one before has.
  std::vector<std::string> Stages() const {
    std::vector<std::string> stages;
    for (const Side* side : {&after_, &before_}) {
      for (const v1::FunnelStage& stage : side->compiled->definition().funnel().stages()) {
        if (std::find(stages.begin(), stages.end(), stage.id()) == stages.end()) {
          stages.push_back(stage.id());
        }
      }
    }
    return stages;
  }

  void CompareLeads(Comparer* comparer) {
    const bool shows_progress = StandardErrorIsTerminal() && ShowsControls();
    Progress progress(shows_progress ? &std::cerr : nullptr, leads_.ExpectedCount(), &absl::Now);
    InputLead lead;
    while (leads_.Next(&lead)) {
      ++asked_;
      CompareLead(&lead, comparer);
      progress.Add(1);
    }
  }

  void CompareLead(InputLead* lead, Comparer* comparer) {
    client::LeadChange place;
    place.set_lead_id(lead->lead.id());
    place.set_file(lead->file);
    place.set_line(lead->line);
    // An id is asked for since the transition's id is built from it, which is not looked at here.
    if (lead->lead.id().empty()) lead->lead.set_id(absl::StrCat(lead->index));
    absl::StatusOr<v1::Evaluation> before, after;
    std::string problem = lead->error;
    if (problem.empty()) {
      before = before_.qualifier->Ask(lead->lead, before_.question);
      after = after_.qualifier->Ask(lead->lead, after_.question);
      problem = DescribeProblems(before.status(), after.status());
    }
    if (problem.empty()) {
      comparer->Add(std::move(place), *before, *after);
      return;
    }
    comparer->AddFailed();
    failed_.push_back(absl::StrCat(lead->file, ":", lead->line, ": ", problem));
  }

  // Why there are not two answers; empty: there are. What both refuse is said once.
  std::string DescribeProblems(const absl::Status& before, const absl::Status& after) const {
    const auto describe = [](const absl::Status& status) {
      return status.ok() ? "" : DescribeLeadError(ToLeadError(status));
    };
    const std::string text_before = describe(before);
    const std::string text_after = describe(after);
    if (text_before == text_after) return text_before;
    std::vector<std::string> problems;
    if (!before.ok()) problems.push_back(absl::StrCat(before_.icp.source(), ": ", text_before));
    if (!after.ok()) problems.push_back(absl::StrCat(after_.icp.source(), ": ", text_after));
    return absl::StrJoin(problems, "; ");
  }

  void Show(const Comparer& comparer) const {
    client::Comparison comparison;
    comparer.WriteTo(&comparison);
    *comparison.mutable_before() = before_.icp;
    *comparison.mutable_after() = after_.icp;
    *comparison.mutable_evaluate_time() = after_.question.settings.evaluate_time();
    if (flags_.output == CompareOutput::kJson) {
      std::cout << ToJson(comparison, /*pretty=*/true) << std::flush;
    } else {
      std::cout << RenderComparison(comparison, StandardOutputStyle(flags_.color), zone_)
                << std::flush;
    }
  }

  const CompareFlags& flags_;
  const SystemTimeZones zones_;
  CatalogClient client_;
  absl::TimeZone zone_ = absl::UTCTimeZone();
  LoadedMapping mapping_;
  LeadQueue leads_;
  Side before_;
  Side after_;
  size_t asked_ = 0;
  std::vector<std::string> failed_;  // "file:line: what was wrong".
  int exit_code_ = kExitOk;
};

}  // namespace

int RunIcpCompare(const CompareFlags& flags) { return CompareRun(flags).Run(); }

}  // namespace bantam
