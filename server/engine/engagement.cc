#include "server/engine/engagement.h"

#include <algorithm>
#include <functional>

#include "server/engine/protobuf_time.h"

namespace bantam {
namespace {

Points Limit(Points points, Points cap) { return std::clamp(points, -cap, cap); }

// The times of one rule's events that are in its window.
using Times = absl::InlinedVector<absl::Time, 16>;

// Calls `visit(rule index, time)` for each rule and each event of it that happened by `until`.
template <typename Visit>
void ForEachMatch(const EngagementModel& model, const EventLog& log, absl::Time until,
                  Visit visit) {
  const auto match = [&](const EventFact& fact) {
    if (fact.type < 0) return;
    for (const int rule : model.rules_by_type[fact.type]) visit(rule, fact.time);
  };
  for (const EventFact& fact : log.past()) match(fact);
  for (const EventFact& fact : log.future()) {
    if (fact.time > until) break;
    match(fact);
  }
}

bool InWindow(const CompiledEngagementRule& rule, absl::Time event, absl::Time now) {
  return event <= now && (!rule.window.has_value() || now - event <= *rule.window);
}

// Keeps the newest max_count. Ties need no rule: events of equal time have equal points.
void KeepNewest(const CompiledEngagementRule& rule, Times* times) {
  if (!rule.max_count.has_value() || times->size() <= static_cast<size_t>(*rule.max_count)) return;
  std::nth_element(times->begin(), times->begin() + *rule.max_count, times->end(),
                   std::greater<absl::Time>());
  times->resize(*rule.max_count);
}

// The sum of the events' points at `now`; events after it count as if they were new.
Points SumAt(const CompiledEngagementRule& rule, const Times& times, absl::Time now) {
  Points sum = 0;
  for (const absl::Time time : times) {
    sum += rule.decay.Apply(rule.points, std::max(absl::ZeroDuration(), now - time));
  }
  return sum;
}

// Limits rules by their caps and adds them up by group. `sums` holds one sum for each rule.
template <typename GetSum>
Points AddUp(const EngagementModel& model, GetSum get_sum) {
  absl::InlinedVector<Points, 4> groups(model.groups.size(), 0);
  Points total = 0;
  for (size_t i = 0; i < model.rules.size(); ++i) {
    const CompiledEngagementRule& rule = model.rules[i];
    Points sum = get_sum(i);
    if (rule.cap.has_value()) sum = Limit(sum, *rule.cap);
    (rule.group < 0 ? total : groups[rule.group]) += sum;
  }
  for (size_t i = 0; i < groups.size(); ++i) total += Limit(groups[i], model.groups[i].cap);
  return total;
}

}  // namespace

EngagementModel::EngagementModel(const v1::EngagementProfile& profile, EventTypeTable* types) {
  for (const v1::EngagementGroup& group : profile.groups()) {
    groups.push_back({&group, FromWire(group.cap())});
  }
  for (const v1::EngagementRule& definition : profile.rules()) {
    CompiledEngagementRule rule;
    rule.definition = &definition;
    rule.points = FromWire(definition.points());
    rule.min_count = definition.min_count();
    if (definition.has_max_count()) rule.max_count = definition.max_count();
    if (definition.has_window()) rule.window = ToDuration(definition.window());
    if (definition.has_decay()) rule.decay = DecayCurve(definition.decay());
    if (definition.has_cap()) rule.cap = FromWire(definition.cap());
    for (size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].definition->id() == definition.group()) rule.group = static_cast<int>(i);
    }
    std::vector<int> indexes;
    for (const std::string& type : definition.event_types()) {
      indexes.push_back(types->IndexOf(type));
    }
    std::sort(indexes.begin(), indexes.end());
    indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
    rules_by_type.resize(types->index_count());
    for (const int index : indexes) rules_by_type[index].push_back(static_cast<int>(rules.size()));
    rules.push_back(std::move(rule));
  }
  rules_by_type.resize(types->index_count());
}

EngagementOutcome EvaluateEngagement(const EngagementModel& model, const EventLog& log,
                                     absl::Time time) {
  EngagementOutcome outcome;
  outcome.rules.resize(model.rules.size());
  outcome.group_sums.resize(model.groups.size());
  outcome.group_limited.resize(model.groups.size());
  absl::InlinedVector<Times, 4> kept(model.rules.size());  // Only for rules that decay.
  ForEachMatch(model, log, time, [&](int index, absl::Time event) {
    const CompiledEngagementRule& rule = model.rules[index];
    if (!InWindow(rule, event, time)) return;
    ++outcome.rules[index].in_window;
    if (rule.decay.decays()) kept[index].push_back(event);
  });
  for (size_t i = 0; i < model.rules.size(); ++i) {
    const CompiledEngagementRule& rule = model.rules[i];
    RuleOutcome& result = outcome.rules[i];
    if (result.in_window >= rule.min_count) {
      result.counted = rule.max_count.has_value() ? std::min(result.in_window, *rule.max_count)
                                                  : result.in_window;
      if (rule.decay.decays()) {
        KeepNewest(rule, &kept[i]);
        result.sum = SumAt(rule, kept[i], time);
      } else {
        result.sum = rule.points * result.counted;
      }
    }
    result.limited = rule.cap.has_value() ? Limit(result.sum, *rule.cap) : result.sum;
    (rule.group < 0 ? outcome.sum : outcome.group_sums[rule.group]) += result.limited;
  }
  for (size_t i = 0; i < model.groups.size(); ++i) {
    outcome.group_limited[i] = Limit(outcome.group_sums[i], model.groups[i].cap);
    outcome.sum += outcome.group_limited[i];
  }
  return outcome;
}

// Magnitudes: at most the newest of all events that are in the window at any time of the span, as
// old as at its start; at least the newest of those that are in the window throughout, as old as
// at its end (any newer event that joins them is worth no less).
EngagementBounds BoundEngagement(const EngagementModel& model, const EventLog& log, absl::Time from,
                                 absl::Time to) {
  absl::InlinedVector<Times, 4> any(model.rules.size());
  absl::InlinedVector<Times, 4> throughout(model.rules.size());
  ForEachMatch(model, log, to, [&](int index, absl::Time event) {
    const CompiledEngagementRule& rule = model.rules[index];
    if (rule.window.has_value() && from - event > *rule.window) return;
    any[index].push_back(event);
    if (event <= from && InWindow(rule, event, to)) throughout[index].push_back(event);
  });
  absl::InlinedVector<Points, 16> least(model.rules.size(), 0);
  absl::InlinedVector<Points, 16> most(model.rules.size(), 0);
  for (size_t i = 0; i < model.rules.size(); ++i) {
    const CompiledEngagementRule& rule = model.rules[i];
    const auto sum = [&](Times* times, absl::Time at) {
      if (times->size() < static_cast<size_t>(rule.min_count)) return Points{0};
      KeepNewest(rule, times);
      return SumAt(rule, *times, at);
    };
    const Points early = sum(&any[i], from);
    const Points late = sum(&throughout[i], to);
    least[i] = std::min(early, late);
    most[i] = std::max(early, late);
  }
  return {AddUp(model, [&](size_t i) { return least[i]; }),
          AddUp(model, [&](size_t i) { return most[i]; })};
}

}  // namespace bantam
