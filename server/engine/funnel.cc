#include "server/engine/funnel.h"

#include <algorithm>
#include <iterator>

#include "absl/base/attributes.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/engine/assessment.h"
#include "server/engine/profile.h"

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

v1::GateStatus JudgeScore(const Profile& profile, const Assessment& a,
                          const CompiledCondition& condition) {
  const Points cap = profile.caps[condition.part];
  if (Reaches(a.PointsOf(condition.part), condition.enter, cap)) return kMet;
  return Reaches(a.MostOf(condition.part), condition.enter, cap) ? kUnknown : kNotMet;
}

v1::GateStatus JudgeBant(const Assessment& a, const CompiledCondition& condition) {
  const v1::BantState state = a.bant[condition.dimension].state;
  if (state == v1::BANT_STATE_UNKNOWN || state == v1::BANT_STATE_STALE) return kUnknown;
  return MetIf(state >= condition.at_least);
}

// Rare, and not to make JudgeCondition() of the others heavier.
ABSL_ATTRIBUTE_NOINLINE v1::GateStatus JudgeAnyOf(const Profile& profile, const Assessment& a,
                                                  const CompiledCondition& any_of) {
  v1::GateStatus best = kNotMet;
  for (const CompiledCondition& condition : any_of.any_of) {
    const v1::GateStatus status = JudgeCondition(profile, a, condition);
    if (status == kMet) return kMet;
    if (status == kUnknown) best = kUnknown;
  }
  return best;
}

// Whether the highest possible points are below the exit of a condition of the gate.
bool FellBelowExit(const Profile& profile, const Assessment& a, const CompiledGate& gate) {
  return std::any_of(
      gate.conditions.begin(), gate.conditions.end(), [&](const CompiledCondition& condition) {
        if (!condition.exit.has_value()) return false;
        return !Reaches(a.MostOf(condition.part), *condition.exit, profile.caps[condition.part]);
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

// Whether a condition of the gate into SQL is about fit, required criteria or authority: those
// decide who is QUALIFIED. An any_of is, if all of it is.
bool DecidesQualified(const CompiledCondition& condition) {
  const v1::GateCondition& definition = *condition.definition;
  switch (definition.kind_case()) {
    case v1::GateCondition::kFact:
      return definition.fact() == v1::GATE_FACT_REQUIRED_CRITERIA_KNOWN;
    case v1::GateCondition::kScore:
      return definition.score().part() == v1::SCORE_PART_FIT;
    case v1::GateCondition::kBant:
      return definition.bant().dimension() == v1::BANT_DIMENSION_AUTHORITY;
    case v1::GateCondition::kAnyOf:
      return std::all_of(condition.any_of.begin(), condition.any_of.end(), DecidesQualified);
    case v1::GateCondition::KIND_NOT_SET:
      return false;
  }
  return false;
}

// Whether any condition asks for points of engagement or the total.
bool AskForEngagement(const std::vector<CompiledCondition>& conditions) {
  return std::any_of(conditions.begin(), conditions.end(), [](const CompiledCondition& condition) {
    const v1::ScorePart part = condition.definition->score().part();
    return part == v1::SCORE_PART_ENGAGEMENT || part == v1::SCORE_PART_TOTAL ||
           AskForEngagement(condition.any_of);
  });
}

// The same of conditions whose exit leads back.
bool ExitsAskForEngagement(const std::vector<CompiledCondition>& conditions) {
  return std::any_of(conditions.begin(), conditions.end(), [](const CompiledCondition& condition) {
    const v1::ScorePart part = condition.definition->score().part();
    return condition.exit.has_value() &&
           (part == v1::SCORE_PART_ENGAGEMENT || part == v1::SCORE_PART_TOTAL);
  });
}

// "interest", "budget", "partial": an enum value's name without its prefix.
std::string ShortName(absl::string_view name, absl::string_view prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

std::string ConditionId(const v1::GateCondition& condition) {
  switch (condition.kind_case()) {
    case v1::GateCondition::kFact:
      return ShortName(v1::GateFact_Name(condition.fact()), "GATE_FACT_");
    case v1::GateCondition::kScore:
      return absl::StrCat(ShortName(v1::ScorePart_Name(condition.score().part()), "SCORE_PART_"),
                          ">=", FormatPoints(FromWire(condition.score().enter_percent())), "%");
    case v1::GateCondition::kBant:
      return absl::StrCat(
          ShortName(v1::BantDimension_Name(condition.bant().dimension()), "BANT_DIMENSION_"),
          ">=", ShortName(v1::BantState_Name(condition.bant().at_least()), "BANT_STATE_"));
    case v1::GateCondition::kAnyOf:
      return "any_of";
    case v1::GateCondition::KIND_NOT_SET:
      break;
  }
  return "";
}

}  // namespace

CompiledCondition::CompiledCondition(const v1::GateCondition& definition)
    : definition(&definition),
      id(ConditionId(definition)),
      kind(definition.kind_case()),
      fact(definition.fact()),
      part(definition.score().part()),
      dimension(definition.bant().dimension() - v1::BANT_DIMENSION_BUDGET),
      at_least(definition.bant().at_least()) {
  enter = FromWire(definition.score().enter_percent());
  if (definition.score().has_exit_percent()) exit = FromWire(definition.score().exit_percent());
  for (const v1::GateCondition& child : definition.any_of().conditions()) {
    any_of.emplace_back(child);
  }
}

CompiledGate::CompiledGate(const v1::Gate& definition) {
  for (const v1::GateCondition& condition : definition.conditions()) {
    conditions.emplace_back(condition);
  }
}

Funnel::Funnel(const v1::Funnel& definition) : nurture_exit_(definition.nurture_exit()) {
  for (const v1::FunnelStage& stage : definition.stages()) {
    indexes_.Add(stage.id());
    stages_.push_back({stage.id(), CompiledGate(stage.gate()), TimeSpan::Unlimited(), false,
                       OwnText(stage.title())});
    const TimeSpan quiet(stage.quiet_after());
    if (quiet > TimeSpan()) stages_.back().quiet_after = quiet;
  }
  bool later_ones_ask = false;
  for (auto stage = stages_.rbegin(); stage != stages_.rend(); ++stage) {
    const std::vector<CompiledCondition>& conditions = stage->gate.conditions;
    stage->asks_for_engagement = later_ones_ask || ExitsAskForEngagement(conditions);
    later_ones_ask = later_ones_ask || AskForEngagement(conditions);
  }
  // Leads and customers are never quiet.
  stages_.front().quiet_after = stages_.back().quiet_after = TimeSpan::Unlimited();
  const int mql = IndexOf(kMqlStage);
  if (mql >= 0) after_nurture_ = mql;
  const std::vector<CompiledCondition>& sql = stages_[IndexOf(kSqlStage)].gate.conditions;
  std::copy_if(sql.begin(), sql.end(), std::back_inserter(qualifying_), DecidesQualified);
}

bool Funnel::Has(absl::string_view stage) const {
  return stage == kNurtureStage || stage == kDisqualifiedStage || IndexOf(stage) >= 0;
}

std::string Funnel::StageNames() const {
  std::string names;
  for (const Stage& stage : stages_) absl::StrAppend(&names, stage.id, ", ");
  return absl::StrCat(names, kNurtureStage, ", ", kDisqualifiedStage);
}

Funnel::NextGate Funnel::Next(absl::string_view stage) const {
  if (stage == kNurtureStage) return {&nurture_exit_, stages_[after_nurture_].id};
  const int index = IndexOf(stage);
  if (index < 0 || index >= last()) return {};
  return {&stages_[index + 1].gate, stages_[index + 1].id};
}

bool Funnel::AsksForEngagement(absl::string_view stage) const {
  if (stage == kNurtureStage) {
    return AskForEngagement(nurture_exit_.conditions) ||
           stages_[after_nurture_].asks_for_engagement;
  }
  const int index = IndexOf(stage);
  return index >= 0 && stages_[index].asks_for_engagement;
}

v1::GateStatus JudgeCondition(const Profile& profile, const Assessment& assessment,
                              const CompiledCondition& condition) {
  switch (condition.kind) {
    case v1::GateCondition::kFact:
      return JudgeFact(assessment, condition.fact);
    case v1::GateCondition::kScore:
      return JudgeScore(profile, assessment, condition);
    case v1::GateCondition::kBant:
      return JudgeBant(assessment, condition);
    case v1::GateCondition::kAnyOf:
      return JudgeAnyOf(profile, assessment, condition);
    case v1::GateCondition::KIND_NOT_SET:
      break;
  }
  return kUnknown;
}

v1::GateStatus JudgeGate(const Profile& profile, const Assessment& assessment,
                         const CompiledGate& gate) {
  v1::GateStatus all = kMet;
  for (const CompiledCondition& condition : gate.conditions) {
    const v1::GateStatus status = JudgeCondition(profile, assessment, condition);
    if (status == kNotMet) return kNotMet;
    if (status == kUnknown) all = kUnknown;
  }
  return all;
}

Move DecideMove(const Profile& profile, const Assessment& a, bool as_far_as_possible) {
  const Funnel& funnel = profile.funnel;
  Move move;
  move.to_stage = a.stage;
  const auto lead_to = [&](absl::string_view stage, v1::AdvanceReason reason) {
    if (a.stage == stage) return;
    move.to_stage = stage;
    move.reason = reason;
  };
  const int index = a.stage_index;
  if (a.closed_won) {
    lead_to(kCustomerStage, v1::ADVANCE_REASON_CLOSED);
    return move;
  }
  if (index == funnel.last() || a.stage == kDisqualifiedStage) return move;
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
    // In nurture it stays whatever the gate says, which is shown all the same.
    if (a.stage == kNurtureStage) {
      const Funnel::NextGate next = funnel.Next(a.stage);
      move.gates.push_back({next.gate, a.stage, next.to_stage});
    }
    return move;
  }
  if (index > 0 && FellBelowExit(profile, a, funnel.gate(index))) {
    const absl::string_view before = funnel.stage(index - 1);
    move.gates.push_back({&funnel.gate(index), before, funnel.stage(index)});
    lead_to(before, v1::ADVANCE_REASON_MOVED_BACK);
    return move;
  }
  MoveForward(profile, a, as_far_as_possible, &move);
  return move;
}

}  // namespace bantam
