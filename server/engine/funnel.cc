#include "server/engine/funnel.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/engine/assessment.h"
#include "server/engine/profile.h"
#include "server/engine/protobuf_time.h"

namespace bantam {
namespace {

constexpr v1::GateStatus kMet = v1::GATE_STATUS_MET;
constexpr v1::GateStatus kNotMet = v1::GATE_STATUS_NOT_MET;
constexpr v1::GateStatus kUnknown = v1::GATE_STATUS_UNKNOWN;

v1::GateStatus MetIf(bool condition) { return condition ? kMet : kNotMet; }

v1::GateStatus JudgeFact(const Assessment& a, v1::GateFact fact) {
  switch (fact) {
    case v1::GATE_FACT_NOT_DISQUALIFIED:
      return MetIf(a.verdict != v1::VERDICT_DISQUALIFIED);
    case v1::GATE_FACT_INTEREST:
      return MetIf(a.interest);
    case v1::GATE_FACT_INTEREST_AFTER_ENTRY:
      if (!a.interest) return kNotMet;
      return a.entered.has_value() ? MetIf(a.interest_after_entry) : kUnknown;
    case v1::GATE_FACT_CONVERSATION:
      return MetIf(a.conversation);
    case v1::GATE_FACT_REQUIRED_CRITERIA_KNOWN:
      if (a.required_missed) return kNotMet;
      return a.required_unknown ? kUnknown : kMet;
    case v1::GATE_FACT_VERDICT_QUALIFIED:
      if (a.verdict == v1::VERDICT_OPEN) return kUnknown;
      return MetIf(a.verdict == v1::VERDICT_QUALIFIED);
    case v1::GATE_FACT_ACCEPTED_BY_SALES:
      return !a.accepted && !a.rejected ? kUnknown : MetIf(a.accepted);
    case v1::GATE_FACT_NOT_REJECTED_BY_SALES:
      return MetIf(!a.rejected);
    case v1::GATE_FACT_CLOSED_WON:
      return MetIf(a.closed_won);
    default:
      return kUnknown;
  }
}

v1::GateStatus JudgeScore(const Profile& profile, const Assessment& a, const v1::GateScore& score) {
  const Share enter = FromWire(score.enter_percent());
  const Points cap = profile.caps[score.part()];
  if (Reaches(a.PointsOf(score.part()), enter, cap)) return kMet;
  return Reaches(a.MostOf(score.part()), enter, cap) ? kUnknown : kNotMet;
}

v1::GateStatus JudgeBant(const Assessment& a, const v1::GateBant& bant) {
  const v1::BantState state = a.bant[bant.dimension() - v1::BANT_DIMENSION_BUDGET].state;
  if (state == v1::BANT_STATE_UNKNOWN || state == v1::BANT_STATE_STALE) return kUnknown;
  return MetIf(state >= bant.at_least());
}

v1::GateStatus JudgeAnyOf(const Profile& profile, const Assessment& a, const v1::Gate& any_of) {
  v1::GateStatus best = kNotMet;
  for (const v1::GateCondition& condition : any_of.conditions()) {
    const v1::GateStatus status = JudgeCondition(profile, a, condition);
    if (status == kMet) return kMet;
    if (status == kUnknown) best = kUnknown;
  }
  return best;
}

// Whether the highest possible points are below the exit of a condition of the gate.
bool FellBelowExit(const Profile& profile, const Assessment& a, const v1::Gate& gate) {
  return std::any_of(gate.conditions().begin(), gate.conditions().end(),
                     [&](const v1::GateCondition& condition) {
                       const v1::GateScore& score = condition.score();
                       return score.has_exit_percent() &&
                              !Reaches(a.MostOf(score.part()), FromWire(score.exit_percent()),
                                       profile.caps[score.part()]);
                     });
}

// Moves forward through open gates.
void MoveForward(const Profile& profile, const Assessment& a, bool as_far_as_possible, Move* move) {
  while (true) {
    const Funnel::NextGate next = profile.funnel.Next(move->to_stage);
    if (next.gate == nullptr) return;
    const bool moved = move->reason == v1::ADVANCE_REASON_MOVED_FORWARD;
    if (moved && !as_far_as_possible) return;
    move->gates.push_back({next.gate, move->to_stage, next.to_stage});
    if (JudgeGate(profile, a, *next.gate) != kMet) return;
    move->to_stage = next.to_stage;
    move->reason = v1::ADVANCE_REASON_MOVED_FORWARD;
  }
}

}  // namespace

Funnel::Funnel(const v1::Funnel& definition) : definition_(&definition) {}

int Funnel::IndexOf(absl::string_view stage) const {
  for (int i = 0; i < definition_->stages_size(); ++i) {
    if (definition_->stages(i).id() == stage) return i;
  }
  return -1;
}

bool Funnel::Has(absl::string_view stage) const {
  return stage == kNurtureStage || stage == kDisqualifiedStage || IndexOf(stage) >= 0;
}

std::string Funnel::StageNames() const {
  std::string names;
  for (const v1::FunnelStage& stage : definition_->stages()) {
    absl::StrAppend(&names, stage.id(), ", ");
  }
  return absl::StrCat(names, kNurtureStage, ", ", kDisqualifiedStage);
}

const v1::Gate& Funnel::sql_gate() const { return definition_->stages(IndexOf(kSqlStage)).gate(); }

std::optional<absl::Duration> Funnel::QuietAfter(absl::string_view stage) const {
  const int index = IndexOf(stage);
  if (index <= 0 || index == definition_->stages_size() - 1) return std::nullopt;
  const absl::Duration limit = ToDuration(definition_->stages(index).quiet_after());
  if (limit == absl::ZeroDuration()) return std::nullopt;
  return limit;
}

Funnel::NextGate Funnel::Next(absl::string_view stage) const {
  if (stage == kNurtureStage) {
    const int mql = IndexOf(kMqlStage);
    return {&definition_->nurture_exit(), definition_->stages(mql >= 0 ? mql : 1).id()};
  }
  const int index = IndexOf(stage);
  if (index < 0 || index + 1 >= definition_->stages_size()) return {};
  const v1::FunnelStage& next = definition_->stages(index + 1);
  return {&next.gate(), next.id()};
}

v1::GateStatus JudgeCondition(const Profile& profile, const Assessment& assessment,
                              const v1::GateCondition& condition) {
  switch (condition.kind_case()) {
    case v1::GateCondition::kFact:
      return JudgeFact(assessment, condition.fact());
    case v1::GateCondition::kScore:
      return JudgeScore(profile, assessment, condition.score());
    case v1::GateCondition::kBant:
      return JudgeBant(assessment, condition.bant());
    case v1::GateCondition::kAnyOf:
      return JudgeAnyOf(profile, assessment, condition.any_of());
    case v1::GateCondition::KIND_NOT_SET:
      break;
  }
  return kUnknown;
}

v1::GateStatus JudgeGate(const Profile& profile, const Assessment& assessment,
                         const v1::Gate& gate) {
  v1::GateStatus all = kMet;
  for (const v1::GateCondition& condition : gate.conditions()) {
    const v1::GateStatus status = JudgeCondition(profile, assessment, condition);
    if (status == kNotMet) return kNotMet;
    if (status == kUnknown) all = kUnknown;
  }
  return all;
}

Move DecideMove(const Profile& profile, const Assessment& a, bool as_far_as_possible) {
  Move move;
  move.to_stage = a.stage;
  const auto lead_to = [&](absl::string_view stage, v1::AdvanceReason reason) {
    if (a.stage == stage) return;
    move.to_stage = std::string(stage);
    move.reason = reason;
  };
  const int index = profile.funnel.IndexOf(a.stage);
  const int last = profile.funnel.definition().stages_size() - 1;
  if (a.closed_won) {
    lead_to(kCustomerStage, v1::ADVANCE_REASON_CLOSED);
    return move;
  }
  if (index == last || a.stage == kDisqualifiedStage) return move;
  if (a.closed_lost || a.rejected_for_good) {
    lead_to(kDisqualifiedStage, v1::ADVANCE_REASON_CLOSED);
    return move;
  }
  if (a.verdict == v1::VERDICT_DISQUALIFIED) {
    lead_to(kDisqualifiedStage, v1::ADVANCE_REASON_DISQUALIFIED);
    return move;
  }
  if (a.verdict == v1::VERDICT_NURTURE && index != 0) {
    lead_to(kNurtureStage, v1::ADVANCE_REASON_RECYCLED);
    return move;
  }
  if (index > 0) {
    const v1::FunnelStage& current = profile.funnel.definition().stages(index);
    const std::string& before = profile.funnel.definition().stages(index - 1).id();
    if (FellBelowExit(profile, a, current.gate())) {
      move.gates.push_back({&current.gate(), before, current.id()});
      lead_to(before, v1::ADVANCE_REASON_MOVED_BACK);
      return move;
    }
  }
  MoveForward(profile, a, as_far_as_possible, &move);
  return move;
}

bool AsksForEngagement(const v1::Gate& gate) {
  return std::any_of(gate.conditions().begin(), gate.conditions().end(),
                     [](const v1::GateCondition& condition) {
                       if (condition.has_any_of()) return AsksForEngagement(condition.any_of());
                       return condition.score().part() == v1::SCORE_PART_ENGAGEMENT ||
                              condition.score().part() == v1::SCORE_PART_TOTAL;
                     });
}

}  // namespace bantam
