#include "server/engine/situation.h"

#include <algorithm>

#include "server/engine/funnel.h"

namespace bantam {
namespace {

Triggers FindTriggers(const ActionContext& context) {
  constexpr EventRoles kTriggers =
      kRoleHandRaise | kRoleInboundActivity | kRoleConversation | kRoleAttempt;
  Instant hand_raise;
  Instant activity;
  Instant answer;
  for (const EventFact& fact : context.events) {
    if ((fact.roles & kTriggers) == 0 || fact.time > context.now) continue;
    if ((fact.roles & kRoleHandRaise) != 0) hand_raise = std::max(hand_raise, fact.time);
    if ((fact.roles & (kRoleInboundActivity | kRoleConversation)) != 0) {
      activity = std::max(activity, fact.time);
    }
    if ((fact.roles & (kRoleAttempt | kRoleConversation)) != 0) {
      answer = std::max(answer, fact.time);
    }
  }
  return {hand_raise, hand_raise.has_value() && answer <= hand_raise, activity};
}

// Exact: share ≥ percent is points × 10000 ≥ hundredths of a percent × cap. Of a cap of 0 every
// share is 0.
bool IsWithin(const PartBounds& bounds, const ActionContext& context) {
  const Points cap = std::max<Points>(context.caps[bounds.part], 1);
  const int64_t share = context.points[bounds.part] * kWholeShare;
  if (bounds.least.has_value() && share < *bounds.least * cap) return false;
  return !bounds.most.has_value() || share <= *bounds.most * cap;
}

bool HandIsRaised(const CompiledRule& rule, const Situation& situation) {
  const Triggers& triggers = situation.triggers;
  if (rule.kind == v1::ACTION_KIND_REPLY && !triggers.hand_raise_waits) return false;
  return !rule.hand_raised_within.has_value() ||
         (triggers.hand_raise.has_value() &&
          situation.context.now - triggers.hand_raise <= *rule.hand_raised_within);
}

bool NamesOpenGap(const CompiledRule& rule, absl::Span<const OpenGap> gaps) {
  return std::any_of(gaps.begin(), gaps.end(),
                     [&](const OpenGap& gap) { return WorksOn(rule, gap); });
}

}  // namespace

Situation::Situation(const ActionContext& context, const StageBits& stage_bits)
    : context(context),
      verdict(BitOf(context.verdict)),
      temperature(BitOf(context.temperature)),
      stage(stage_bits.Find(context.stage)),
      is_disqualified(context.verdict == v1::VERDICT_DISQUALIFIED),
      in_last_stage(context.stage == kCustomerStage || context.stage == kDisqualifiedStage),
      is_over(is_disqualified || in_last_stage),
      triggers(FindTriggers(context)) {
  for (const OpenGap& gap : context.gaps) open_gaps |= GapKind(gap.dimension);
}

// The lead passes the rest of the filter: what that names, the lead is.
bool NamesTheEnd(const RuleFilter& filter, const Situation& situation) {
  return (situation.is_disqualified && filter.verdicts != kAllBits) ||
         (situation.in_last_stage && filter.stages != kAllBits);
}

bool HoldsInFull(const CompiledRule& rule, const Situation& situation) {
  const ActionContext& context = situation.context;
  if (rule.answers_hand_raise && !HandIsRaised(rule, situation)) return false;
  if (rule.needs_gap && !NamesOpenGap(rule, context.gaps)) return false;
  return std::all_of(rule.parts.begin(), rule.parts.end(),
                     [&](const PartBounds& bounds) { return IsWithin(bounds, context); });
}

bool NamesCriterion(const CompiledRule& rule, const OpenGap& gap) {
  return std::find(rule.gap_criteria.begin(), rule.gap_criteria.end(), gap.id) !=
         rule.gap_criteria.end();
}

}  // namespace bantam
