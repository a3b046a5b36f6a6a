#include "server/engine/playbook_rule.h"

#include <algorithm>

#include "server/engine/phrases/names.h"

namespace bantam {
namespace {

constexpr Bits kCriteria = GapKind(v1::BANT_DIMENSION_UNSPECIFIED);
constexpr Bits kBudgetGap = GapKind(v1::BANT_DIMENSION_BUDGET);
constexpr Bits kAuthorityGap = GapKind(v1::BANT_DIMENSION_AUTHORITY);
constexpr Bits kNeedGap = GapKind(v1::BANT_DIMENSION_NEED);
constexpr Bits kTimelineGap = GapKind(v1::BANT_DIMENSION_TIMELINE);

// The gaps that an action of this kind works on where its rule names no gaps.
Bits UsualGaps(v1::ActionKind kind) {
  switch (kind) {
    case v1::ACTION_KIND_REPLY:
    case v1::ACTION_KIND_DISCOVERY_CALL:
      return kBudgetGap | kAuthorityGap | kNeedGap | kTimelineGap;
    case v1::ACTION_KIND_FIND_DECISION_MAKER:
      return kAuthorityGap;
    case v1::ACTION_KIND_ROI_CALCULATOR:
      return kBudgetGap | kNeedGap;
    case v1::ACTION_KIND_ATTRIBUTE_FORM:
      return kCriteria;
    default:
      return 0;
  }
}

// The kind of gap that a name in Situation.gaps means; 0: a single criterion. No criterion has one
// of these ids.
Bits GapKindOf(absl::string_view name) {
  if (name == "criteria") return kCriteria;
  if (name == "budget") return kBudgetGap;
  if (name == "authority") return kAuthorityGap;
  if (name == "need") return kNeedGap;
  return name == "timeline" ? kTimelineGap : 0;
}

// A list of enum values as bits; an empty one means any.
template <typename List>
Bits AnyOrBits(const List& values) {
  if (values.empty()) return kAllBits;
  Bits bits = 0;
  for (const int value : values) bits |= BitOf(value);
  return bits;
}

std::optional<Share> ShareOf(bool is_set, double percent) {
  return is_set ? std::optional<Share>(FromWire(percent)) : std::nullopt;
}

}  // namespace

CompiledRule::CompiledRule(const v1::PlaybookRule& definition, StageBits* stage_bits)
    : priority(definition.priority()),
      id(definition.id()),
      kind(definition.action().kind()),
      channel(definition.action().channel()),
      asset(definition.action().asset()),
      title(definition.action().title()),
      script(definition.action().script()),
      usual_title(ActionTitle(kind, asset)),
      usual_script(ActionScript(kind)) {
  const v1::Situation& when = definition.when();
  for (const v1::PartRange& range : when.parts()) {
    parts.push_back({range.part(), ShareOf(range.has_min_percent(), range.min_percent()),
                     ShareOf(range.has_max_percent(), range.max_percent())});
  }
  if (when.has_hand_raised_within()) hand_raised_within = TimeSpan(when.hand_raised_within());
  answers_hand_raise = kind == v1::ACTION_KIND_REPLY || hand_raised_within.has_value();
  needs_gap = !when.gaps().empty();
  if (!needs_gap) gap_kinds = UsualGaps(kind);
  for (const std::string& name : when.gaps()) {
    gap_kinds |= GapKindOf(name);
    if (GapKindOf(name) == 0) gap_criteria.push_back(name);
  }
  if (definition.action().has_sla()) sla = BusinessTime(definition.action().sla());

  filter.verdicts = AnyOrBits(when.verdicts());
  filter.temperatures = AnyOrBits(when.temperatures());
  if (!when.stages().empty()) filter.stages = 0;
  for (const std::string& stage : when.stages()) filter.stages |= stage_bits->Add(stage);
  if (needs_gap && gap_criteria.empty()) filter.open_gaps = gap_kinds;
  filter.has_more = !parts.empty() || answers_hand_raise || !gap_criteria.empty();
}

std::vector<CompiledRule> CompileRules(const v1::Playbook& playbook, StageBits* stage_bits) {
  std::vector<CompiledRule> rules;
  std::vector<absl::string_view> ids;
  for (const v1::PlaybookRule& rule : playbook.rules()) {
    rules.emplace_back(rule, stage_bits);
    ids.push_back(rule.id());
  }
  std::sort(ids.begin(), ids.end());
  for (CompiledRule& rule : rules) {
    rule.id_rank =
        static_cast<int>(std::lower_bound(ids.begin(), ids.end(), rule.id) - ids.begin());
  }
  return rules;
}

}  // namespace bantam
