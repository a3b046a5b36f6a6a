#include <algorithm>

#include "server/engine/check.h"
#include "server/engine/funnel.h"
#include "server/engine/points.h"

namespace bantam {
namespace {

constexpr int kMostStages = 20;
constexpr int kMostConditions = 50;
constexpr int kDeepestAnyOf = 4;

bool IsKnownPart(v1::ScorePart part) {
  return v1::ScorePart_IsValid(part) && part != v1::SCORE_PART_UNSPECIFIED;
}

void CheckGateScore(const v1::GateScore& score, absl::string_view path, bool exit_allowed,
                    Issues* issues) {
  if (!IsKnownPart(score.part())) {
    issues->Error(path, "needs a 'part': fit, engagement, bant or total");
  }
  if (!score.has_enter_percent()) {
    issues->Error(path, "needs 'enter_percent', a share of the part's cap such as 50");
  } else {
    CheckPercent(score.enter_percent(), Path(path, "enter_percent"), issues);
  }
  if (!score.has_exit_percent()) return;
  const std::string place = Path(path, "exit_percent");
  CheckPercent(score.exit_percent(), place, issues);
  if (!exit_allowed) {
    issues->Error(place, "is only possible in the gate of a stage, and there not inside any_of");
  } else if (score.exit_percent() >= score.enter_percent()) {
    issues->Error(place, "must be below enter_percent, so that a lead does not move to and fro");
  }
}

void CheckGateBant(const v1::GateBant& bant, absl::string_view path, Issues* issues) {
  if (!v1::BantDimension_IsValid(bant.dimension()) ||
      bant.dimension() == v1::BANT_DIMENSION_UNSPECIFIED) {
    issues->Error(path, "needs a 'dimension': budget, authority, need or timeline");
  }
  if (bant.at_least() != v1::BANT_STATE_PARTIAL && bant.at_least() != v1::BANT_STATE_MET) {
    issues->Error(path, "needs 'at_least': partial or met");
  }
}

void CheckGate(const v1::Gate& gate, absl::string_view path, int depth, bool exit_allowed,
               Issues* issues) {
  if (depth > kDeepestAnyOf) {
    issues->Error(path, "any_of is nested more than ", kDeepestAnyOf, " deep");
    return;
  }
  if (gate.conditions().empty()) issues->Error(path, "must hold at least one condition");
  CheckCount(gate.conditions_size(), kMostConditions, path, issues);
  for (int i = 0; i < std::min(gate.conditions_size(), kMostConditions); ++i) {
    const v1::GateCondition& condition = gate.conditions(i);
    const std::string place = absl::StrCat(path, "[", i, "]");
    switch (condition.kind_case()) {
      case v1::GateCondition::kFact:
        if (!v1::GateFact_IsValid(condition.fact()) ||
            condition.fact() == v1::GATE_FACT_UNSPECIFIED) {
          issues->Error(Path(place, "fact"),
                        "names no known fact, such as interest or "
                        "conversation");
        }
        break;
      case v1::GateCondition::kScore:
        CheckGateScore(condition.score(), Path(place, "score"), exit_allowed && depth == 0, issues);
        break;
      case v1::GateCondition::kBant:
        CheckGateBant(condition.bant(), Path(place, "bant"), issues);
        break;
      case v1::GateCondition::kAnyOf:
        CheckGate(condition.any_of(), Path(place, "any_of"), depth + 1, false, issues);
        break;
      case v1::GateCondition::KIND_NOT_SET:
        issues->Error(place, "needs 'fact', 'score', 'bant' or 'any_of'");
    }
  }
}

// The name of a part's cap; empty: it has one above 0.
absl::string_view EmptyCap(v1::ScorePart part, const v1::PartCaps& caps) {
  if (part == v1::SCORE_PART_FIT && caps.fit() == 0) return "fit";
  if (part == v1::SCORE_PART_ENGAGEMENT && caps.engagement() == 0) return "engagement";
  if (part == v1::SCORE_PART_BANT && caps.bant() == 0) return "bant";
  return "";
}

// Warns of conditions that hold for every lead. The cap is to blame: the gate may be a default.
void WarnOfEmptyParts(const v1::Gate& gate, absl::string_view name, const v1::PartCaps& caps,
                      Issues* issues) {
  for (const v1::GateCondition& condition : gate.conditions()) {
    WarnOfEmptyParts(condition.any_of(), name, caps, issues);
    const absl::string_view cap = EmptyCap(condition.score().part(), caps);
    if (cap.empty()) continue;
    issues->Warning(Path("caps", cap), "is 0, so that ", cap, " ≥ ",
                    condition.score().enter_percent(), " % in the gate ", name,
                    " holds for every lead: 0 points are any share of 0; give the part a cap, or "
                    "write a gate that does not ask for its points");
  }
}

void CheckStage(const v1::Funnel& funnel, int i, Issues* issues) {
  const v1::FunnelStage& stage = funnel.stages(i);
  const std::string path = Path("funnel", "stages", i);
  const bool first = i == 0;
  const bool last = i + 1 == funnel.stages_size();
  CheckText(stage.title(), Path(path, "title"), issues);
  if (stage.id() == kNurtureStage || stage.id() == kDisqualifiedStage) {
    issues->Error(Path(path, "id"), "'", stage.id(),
                  "' stands beside the way forward and must "
                  "not be listed");
  }
  if (first && stage.has_gate()) {
    issues->Error(Path(path, "gate"), "the first stage has no gate in front of it");
  }
  if (!first && !stage.has_gate()) {
    issues->Error(path, "needs a 'gate': only mql, sql, opportunity and customer have a default");
  }
  if (stage.has_gate()) CheckGate(stage.gate(), Path(path, "gate"), 0, true, issues);
  if (!stage.has_quiet_after()) return;
  if (first || last) {
    issues->Error(Path(path, "quiet_after"), "the first and the last stage are never quiet");
  } else {
    CheckSpan(stage.quiet_after(), 0, Path(path, "quiet_after"), issues);
  }
}

}  // namespace

void CheckFunnel(const v1::Icp& icp, Issues* issues) {
  const v1::Funnel& funnel = icp.funnel();
  CheckCount(funnel.stages_size(), kMostStages, "funnel.stages", issues);
  std::set<std::string> ids;
  for (int i = 0; i < std::min(funnel.stages_size(), kMostStages); ++i) {
    CheckId(funnel.stages(i).id(), Path(Path("funnel", "stages", i), "id"), &ids, issues);
    CheckStage(funnel, i, issues);
    WarnOfEmptyParts(funnel.stages(i).gate(), absl::StrCat("into '", funnel.stages(i).id(), "'"),
                     icp.caps(), issues);
  }
  if (funnel.stages(0).id() != kLeadStage) {
    issues->Error("funnel.stages", "must start with the stage 'lead'");
  }
  if (funnel.stages(funnel.stages_size() - 1).id() != kCustomerStage || funnel.stages_size() == 1) {
    issues->Error("funnel.stages", "must end with the stage 'customer'");
  }
  if (ids.count(std::string(kSqlStage)) == 0) {
    issues->Error("funnel.stages",
                  "must contain the stage 'sql', whose gate decides who is "
                  "QUALIFIED");
  }
  CheckGate(funnel.nurture_exit(), "funnel.nurture_exit", 0, false, issues);
  WarnOfEmptyParts(funnel.nurture_exit(), "out of nurture", icp.caps(), issues);
}

}  // namespace bantam
