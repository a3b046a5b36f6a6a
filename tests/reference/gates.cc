#include "tests/reference/gates.h"

#include <cstdio>

#include "absl/strings/ascii.h"

namespace bantam {
namespace reference {
namespace {

v1::GateStatus MetIf(bool met) { return met ? v1::GATE_STATUS_MET : v1::GATE_STATUS_NOT_MET; }

v1::GateStatus RequiredCriteriaStatus(const Case& subject, const Picture& picture) {
  bool unknown = false;
  for (int i = 0; i < subject.icp.fit().criteria_size(); ++i) {
    if (!subject.icp.fit().criteria(i).required()) continue;
    if (picture.criteria[i].truth == Truth::kMissed) return v1::GATE_STATUS_NOT_MET;
    unknown = unknown || picture.criteria[i].truth == Truth::kUnknown;
  }
  return unknown ? v1::GATE_STATUS_UNKNOWN : v1::GATE_STATUS_MET;
}

// CHOICE: a referral without a time is not after a known entry; in a move over several stages the
// entry stays that of the request.
v1::GateStatus InterestAfterEntryStatus(const Case& subject, const Picture& picture) {
  const v1::Lead& lead = subject.lead;
  const bool known =
      lead.has_stage_entered_time() && ToNanos(lead.stage_entered_time()) <= picture.now;
  if (known) {
    return MetIf(InterestAfter(subject.icp, lead, subject.events, picture.now,
                               ToNanos(lead.stage_entered_time())));
  }
  return picture.activity.interest ? v1::GATE_STATUS_UNKNOWN : v1::GATE_STATUS_NOT_MET;
}

v1::GateStatus AcceptedStatus(v1::SalesDecisionKind decision) {
  if (decision == v1::SALES_DECISION_KIND_UNSPECIFIED) return v1::GATE_STATUS_UNKNOWN;
  return MetIf(decision == v1::SALES_DECISION_KIND_ACCEPTED);
}

v1::GateStatus FactStatus(const Case& subject, const Picture& picture, v1::GateFact fact) {
  const v1::Lead& lead = subject.lead;
  const v1::SalesDecisionKind decision = DecisionOfSales(lead, picture.now);
  switch (fact) {
    case v1::GATE_FACT_NOT_DISQUALIFIED:
      return MetIf(picture.verdict != v1::VERDICT_DISQUALIFIED);
    case v1::GATE_FACT_INTEREST:
      return MetIf(picture.activity.interest);
    case v1::GATE_FACT_INTEREST_AFTER_ENTRY:
      return InterestAfterEntryStatus(subject, picture);
    case v1::GATE_FACT_CONVERSATION:
      return MetIf(picture.activity.conversation);
    case v1::GATE_FACT_REQUIRED_CRITERIA_KNOWN:
      return RequiredCriteriaStatus(subject, picture);
    case v1::GATE_FACT_VERDICT_QUALIFIED:
      if (picture.verdict == v1::VERDICT_OPEN) return v1::GATE_STATUS_UNKNOWN;
      return MetIf(picture.verdict == v1::VERDICT_QUALIFIED);
    case v1::GATE_FACT_ACCEPTED_BY_SALES:
      return AcceptedStatus(decision);
    case v1::GATE_FACT_NOT_REJECTED_BY_SALES:
      return MetIf(decision != v1::SALES_DECISION_KIND_REJECTED);
    case v1::GATE_FACT_CLOSED_WON:
      return MetIf(InForce(lead.has_closed_won(), lead.closed_won(), picture.now));
    default:
      return v1::GATE_STATUS_UNSPECIFIED;
  }
}

v1::GateStatus ScoreStatus(const Picture& picture, const v1::GateScore& score) {
  const Part& part = picture.part(score.part());
  const int64_t enter = Hundredths(score.enter_percent());
  if (ReachesShare(part.points, enter, part.cap)) return v1::GATE_STATUS_MET;
  return ReachesShare(part.highest, enter, part.cap) ? v1::GATE_STATUS_UNKNOWN
                                                     : v1::GATE_STATUS_NOT_MET;
}

v1::GateStatus BantStatus(const Picture& picture, const v1::GateBant& bant) {
  const BantOutcome& outcome = picture.bant[bant.dimension() - 1];
  if (!outcome.known()) return v1::GATE_STATUS_UNKNOWN;
  return MetIf(outcome.state >= bant.at_least());
}

std::string Percent(double percent) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", percent);
  std::string result = text;
  while (result.back() == '0') result.pop_back();
  if (result.back() == '.') result.pop_back();
  return result;
}

std::string LowerTail(const std::string& name, const std::string& prefix) {
  return absl::AsciiStrToLower(name.substr(prefix.size()));
}

v1::GateConditionResult JudgeCondition(const Case& subject, const Picture& picture,
                                       const v1::GateCondition& condition) {
  v1::GateConditionResult result;
  if (condition.has_score()) {
    const v1::GateScore& score = condition.score();
    result.set_condition(LowerTail(v1::ScorePart_Name(score.part()), "SCORE_PART_") +
                         ">=" + Percent(score.enter_percent()) + "%");
    result.set_status(ScoreStatus(picture, score));
  } else if (condition.has_bant()) {
    const v1::GateBant& bant = condition.bant();
    result.set_condition(LowerTail(v1::BantDimension_Name(bant.dimension()), "BANT_DIMENSION_") +
                         ">=" + LowerTail(v1::BantState_Name(bant.at_least()), "BANT_STATE_"));
    result.set_status(BantStatus(picture, bant));
  } else if (condition.has_any_of()) {
    result.set_condition("any_of");
    bool met = false;
    bool all_not_met = true;
    for (const v1::GateCondition& child : condition.any_of().conditions()) {
      *result.add_any_of() = JudgeCondition(subject, picture, child);
      const v1::GateStatus status = result.any_of(result.any_of_size() - 1).status();
      met = met || status == v1::GATE_STATUS_MET;
      all_not_met = all_not_met && status == v1::GATE_STATUS_NOT_MET;
    }
    result.set_status(met           ? v1::GATE_STATUS_MET
                      : all_not_met ? v1::GATE_STATUS_NOT_MET
                                    : v1::GATE_STATUS_UNKNOWN);
  } else {
    result.set_condition(LowerTail(v1::GateFact_Name(condition.fact()), "GATE_FACT_"));
    result.set_status(FactStatus(subject, picture, condition.fact()));
  }
  return result;
}

// Whether a condition is about fit, required criteria or authority and nothing else. CHOICE: an
// any_of is if all its conditions are.
bool IsAboutQualification(const v1::GateCondition& condition) {
  if (condition.has_score()) return condition.score().part() == v1::SCORE_PART_FIT;
  if (condition.has_bant()) return condition.bant().dimension() == v1::BANT_DIMENSION_AUTHORITY;
  if (condition.has_any_of()) {
    for (const v1::GateCondition& child : condition.any_of().conditions()) {
      if (!IsAboutQualification(child)) return false;
    }
    return true;
  }
  return condition.fact() == v1::GATE_FACT_REQUIRED_CRITERIA_KNOWN;
}

// Back one stage when the highest possible is below `exit` of the gate into the current stage.
bool FallsBack(const Picture& picture, const v1::Gate& gate) {
  for (const v1::GateCondition& condition : gate.conditions()) {
    if (!condition.has_score() || !condition.score().has_exit_percent()) continue;
    const Part& part = picture.part(condition.score().part());
    if (!ReachesShare(part.highest, Hundredths(condition.score().exit_percent()), part.cap)) {
      return true;
    }
  }
  return false;
}

v1::Advancement Decided(const std::string& from, const std::string& to, v1::AdvanceReason reason) {
  v1::Advancement result;
  result.set_from_stage(from);
  result.set_to_stage(to);
  result.set_reason(reason);
  return result;
}

// Looks at one gate; whether it is open.
bool TryGate(const Case& subject, const Picture& picture, const std::string& to,
             const v1::Gate& gate, v1::Advancement* result) {
  v1::GateResult judged = JudgeGate(subject, picture, gate);
  judged.set_from_stage(result->to_stage());
  judged.set_to_stage(to);
  *result->add_gates() = judged;
  if (judged.status() != v1::GATE_STATUS_MET) return false;
  result->set_to_stage(to);
  result->set_reason(v1::ADVANCE_REASON_MOVED_FORWARD);
  return true;
}

v1::Advancement MoveForward(const Case& subject, const Picture& picture, bool far) {
  const v1::Funnel& funnel = subject.icp.funnel();
  v1::Advancement result = Decided(subject.stage(), subject.stage(), v1::ADVANCE_REASON_STAYED);
  bool again = true;
  if (subject.stage() == "nurture") {
    const int mql = StageIndex(subject.icp, "mql");
    const std::string& back_in = funnel.stages(mql > 0 ? mql : 1).id();
    again = TryGate(subject, picture, back_in, funnel.nurture_exit(), &result) && far;
  }
  while (again) {
    const int next = StageIndex(subject.icp, result.to_stage()) + 1;
    if (next >= funnel.stages_size()) break;
    const v1::FunnelStage& stage = funnel.stages(next);
    again = TryGate(subject, picture, stage.id(), stage.gate(), &result) && far;
  }
  return result;
}

}  // namespace

v1::GateResult JudgeGate(const Case& subject, const Picture& picture, const v1::Gate& gate) {
  v1::GateResult result;
  bool not_met = false;
  bool all_met = true;
  for (const v1::GateCondition& condition : gate.conditions()) {
    *result.add_conditions() = JudgeCondition(subject, picture, condition);
    const v1::GateStatus status = result.conditions(result.conditions_size() - 1).status();
    not_met = not_met || status == v1::GATE_STATUS_NOT_MET;
    all_met = all_met && status == v1::GATE_STATUS_MET;
  }
  result.set_status(not_met   ? v1::GATE_STATUS_NOT_MET
                    : all_met ? v1::GATE_STATUS_MET
                              : v1::GATE_STATUS_UNKNOWN);
  return result;
}

bool SqlGateQualifies(const Case& subject, const Picture& picture) {
  const int sql = StageIndex(subject.icp, "sql");
  for (const v1::GateCondition& condition : subject.icp.funnel().stages(sql).gate().conditions()) {
    if (!IsAboutQualification(condition)) continue;
    if (JudgeCondition(subject, picture, condition).status() != v1::GATE_STATUS_MET) return false;
  }
  return true;
}

// The first that applies: override, restriction, closed facts, disqualification, recycling, moving
// back, moving forward. CHOICE: only moving forward and back, and staying in nurture, look at
// gates; a stage that is final stays, whatever is closed; won goes before rejected for good.
v1::Advancement DecideMove(const Case& subject, const Picture& picture, bool as_far_as_possible,
                           const v1::StageOverride* override_by) {
  const v1::Lead& lead = subject.lead;
  const std::string from = subject.stage();
  const std::string last = subject.icp.funnel().stages().rbegin()->id();
  if (override_by != nullptr) {
    return Decided(from, override_by->stage(), v1::ADVANCE_REASON_OVERRIDE);
  }
  if (picture.verdict == v1::VERDICT_RESTRICTED || from == last) {
    return Decided(from, from, v1::ADVANCE_REASON_STAYED);
  }
  if (InForce(lead.has_closed_won(), lead.closed_won(), picture.now)) {
    return Decided(from, last, v1::ADVANCE_REASON_CLOSED);
  }
  if (from == "disqualified") return Decided(from, from, v1::ADVANCE_REASON_STAYED);
  const bool rejected = DecisionOfSales(lead, picture.now) == v1::SALES_DECISION_KIND_REJECTED &&
                        lead.sales_decision().final();
  if (rejected || InForce(lead.has_closed_lost(), lead.closed_lost(), picture.now)) {
    return Decided(from, "disqualified", v1::ADVANCE_REASON_CLOSED);
  }
  if (picture.verdict == v1::VERDICT_DISQUALIFIED) {
    return Decided(from, "disqualified", v1::ADVANCE_REASON_DISQUALIFIED);
  }
  const int index = StageIndex(subject.icp, from);
  if (picture.verdict == v1::VERDICT_NURTURE && from == "nurture") {
    // CHOICE: the gate that would lead out is looked at, though it does not decide.
    v1::Advancement stays = MoveForward(subject, picture, false);
    stays.set_to_stage(from);
    stays.set_reason(v1::ADVANCE_REASON_STAYED);
    return stays;
  }
  if (picture.verdict == v1::VERDICT_NURTURE && index > 0) {
    return Decided(from, "nurture", v1::ADVANCE_REASON_RECYCLED);
  }
  if (index > 0 && FallsBack(picture, subject.icp.funnel().stages(index).gate())) {
    v1::Advancement back =
        Decided(from, subject.icp.funnel().stages(index - 1).id(), v1::ADVANCE_REASON_MOVED_BACK);
    *back.add_gates() = JudgeGate(subject, picture, subject.icp.funnel().stages(index).gate());
    back.mutable_gates(0)->set_from_stage(back.to_stage());
    back.mutable_gates(0)->set_to_stage(from);
    return back;
  }
  return MoveForward(subject, picture, as_far_as_possible);
}

}  // namespace reference
}  // namespace bantam
