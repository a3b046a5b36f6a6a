#include "server/engine/situation.h"

#include <algorithm>

namespace bantam {
namespace {

template <typename List, typename Value>
bool Contains(const List& list, const Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool AnyGap(const v1::Situation& when, const ActionContext& context) {
  for (const std::string& name : when.gaps()) {
    for (const OpenGap& gap : context.gaps) {
      if (NamesGap(name, gap)) return true;
    }
  }
  return false;
}

// Exact: share ≥ percent is points × 10000 ≥ hundredths of a percent × cap. Of a cap of 0 every
// share is 0.
bool InRange(const v1::PartRange& range, const ActionContext& context) {
  constexpr int64_t kWhole = 10000;  // 100 % in hundredths.
  const int64_t cap = std::max<int64_t>(context.caps[range.part()], 1);
  const int64_t share = context.points[range.part()] * kWhole;
  if (range.has_min_percent() && share < FromWire(range.min_percent()) * cap) return false;
  return !range.has_max_percent() || share <= FromWire(range.max_percent()) * cap;
}

bool InParts(const v1::Situation& when, const ActionContext& context) {
  return std::all_of(when.parts().begin(), when.parts().end(),
                     [&](const v1::PartRange& range) { return InRange(range, context); });
}

}  // namespace

Triggers FindTriggers(const ActionContext& context) {
  const Instant now = context.now;
  Instant hand_raise;
  Instant activity;
  Instant answer;
  for (const EventFact& fact : context.events) {
    if (fact.time > now) continue;
    if ((fact.roles & kRoleHandRaise) != 0) hand_raise = std::max(hand_raise, fact.time);
    if ((fact.roles & (kRoleInboundActivity | kRoleConversation)) != 0) {
      activity = std::max(activity, fact.time);
    }
    if ((fact.roles & (kRoleAttempt | kRoleConversation)) != 0) {
      answer = std::max(answer, fact.time);
    }
  }
  return {hand_raise.ToOptional(), hand_raise.has_value() && answer <= hand_raise,
          activity.ToOptional()};
}

bool Applies(const CompiledRule& rule, const ActionContext& context, const Triggers& triggers) {
  const bool names_verdict = (rule.verdicts & 1u << context.verdict) != 0;
  if (rule.verdicts != 0 && !names_verdict) return false;
  if (rule.temperatures != 0 && (rule.temperatures & 1u << context.temperature) == 0) return false;
  const v1::Situation& when = rule.definition->when();
  const bool names_stage = Contains(when.stages(), context.stage);
  if (!when.stages().empty() && !names_stage) return false;
  const bool is_final_stage = context.stage == "customer" || context.stage == "disqualified";
  const bool is_disqualified = context.verdict == v1::VERDICT_DISQUALIFIED;
  if ((is_final_stage || is_disqualified) && !(is_final_stage && names_stage) &&
      !(is_disqualified && names_verdict)) {
    return false;
  }
  if (rule.definition->action().kind() == v1::ACTION_KIND_REPLY && !triggers.hand_raise_waits)
    return false;
  if (rule.hand_raised_within.has_value() &&
      (!triggers.hand_raise.has_value() ||
       context.now - *triggers.hand_raise > *rule.hand_raised_within)) {
    return false;
  }
  return InParts(when, context) && (when.gaps().empty() || AnyGap(when, context));
}

bool NamesGap(absl::string_view name, const OpenGap& gap) {
  return name == gap.id || (name == "criteria" && gap.dimension == v1::BANT_DIMENSION_UNSPECIFIED);
}

}  // namespace bantam
