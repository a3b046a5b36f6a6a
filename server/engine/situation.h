// Whether a rule of the playbook applies, and what set it off.
#ifndef BANTAM_SERVER_ENGINE_SITUATION_H_
#define BANTAM_SERVER_ENGINE_SITUATION_H_

#include "server/engine/actions.h"
#include "server/engine/instant.h"
#include "server/engine/playbook_rule.h"

namespace bantam {

// What set an action off. Events later than the evaluation time do not count.
struct Triggers {
  // The newest hand-raise.
  Instant hand_raise;

  // Whether neither an attempt of ours nor a conversation followed it.
  bool hand_raise_waits = false;

  // The newest inbound activity or conversation.
  Instant activity;
};

// The situation as rules ask about it.
struct Situation {
  // Stands for no kind of gap.
  static constexpr Bits kNoGap = BitOf(31);

  // `context` must outlive this.
  Situation(const ActionContext& context, const StageBits& stage_bits);

  const ActionContext& context;

  // A bit of each.
  Bits verdict;
  Bits temperature;
  Bits stage;

  bool is_disqualified;
  bool in_last_stage;       // "customer" or "disqualified".
  bool is_over;             // Either of them.
  Bits open_gaps = kNoGap;  // The kinds of all open gaps; never empty.
  Triggers triggers;
};

// Whether the filter names that the lead is disqualified or a customer.
bool NamesTheEnd(const RuleFilter& filter, const Situation& situation);

// Whether the lead passes the filter of a rule. Disqualified leads and customers get only what
// names them: a rule that says the verdict DISQUALIFIED, or the stage they are in ("customer",
// "disqualified").
inline bool Passes(const RuleFilter& filter, const Situation& situation) {
  return (filter.verdicts & situation.verdict) != 0 &&
         (filter.temperatures & situation.temperature) != 0 &&
         (filter.stages & situation.stage) != 0 && (filter.open_gaps & situation.open_gaps) != 0 &&
         (!situation.is_over || NamesTheEnd(filter, situation));
}

// Whether everything holds that a rule asks for beside its filter. A reply also needs a raised hand
// that waits.
bool HoldsInFull(const CompiledRule& rule, const Situation& situation);

// Whether the rule names the gap's criterion.
bool NamesCriterion(const CompiledRule& rule, const OpenGap& gap);

// Whether the rule works on this open gap.
inline bool WorksOn(const CompiledRule& rule, const OpenGap& gap) {
  return (rule.gap_kinds & GapKind(gap.dimension)) != 0 ||
         (!rule.gap_criteria.empty() && NamesCriterion(rule, gap));
}

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_SITUATION_H_
