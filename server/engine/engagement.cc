#include "server/engine/engagement.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/container/inlined_vector.h"
#include "server/engine/scratch_list.h"
#include "server/engine/words.h"

namespace bantam {
namespace {

Points Limit(Points points, Points cap) { return std::clamp(points, -cap, cap); }

// Calls `visit(rule index, time)` for each rule and each event of it that happened by `until`.
template <typename Visit>
void ForEachMatch(const EngagementModel& model, const EventLog& log, Instant until, Visit visit) {
  const int* const rules = model.rules_by_type.data();
  const auto match = [&](const EventFact& fact) {
    if (fact.rules < 0) return;
    const Instant time = fact.time;
    const int* rule = rules + fact.rules;  // Of at least one.
    do {
      visit(*rule, time);
    } while (*++rule >= 0);
  };
  for (const EventFact& fact : log.past()) match(fact);
  for (const EventFact& fact : log.future()) {
    if (fact.time > until) break;
    match(fact);
  }
}

// The events in their rules' windows: their number, and, of rules that decay, their ages, chained
// by rule in one list for all, so that usual leads need no heap.
class Matches {
 public:
  explicit Matches(const EngagementModel& model) : rules_(model.rules.data()) {
    found_.Resize(model.rules.size());
    std::fill(found_.begin(), found_.end(), Found());
  }
  Matches(const Matches&) = delete;
  Matches& operator=(const Matches&) = delete;

  // Adds an event to a rule.
  void Add(int rule, TimeSpan age) {
    Found& found = found_[rule];
    ++found.count;
    if (!rules_[rule].decay.decays()) return;
    ages_.Add({age.nanos(), found.ages_end});
    found.ages_end = static_cast<int>(ages_.size());
  }

  int count(size_t rule) const { return found_[rule].count; }

  // How many of them earn points: none if they are fewer than the minimum, else the newest.
  int CountedOf(size_t rule) const {
    const int count = found_[rule].count;
    if (count < rules_[rule].min_count) return 0;
    return std::min(count, rules_[rule].max_count);
  }

  // The sum of the points of the `counted` newest, before the rule's cap.
  Points SumOf(size_t index, int counted) const {
    const CompiledEngagementRule& rule = rules_[index];
    if (!rule.decay.decays()) return rule.points * counted;
    if (counted < found_[index].count) return SumOfNewest(index, counted);
    Points sum = 0;
    Visit(index, [&](TimeSpan age) { sum += rule.decay.Apply(rule.points, age); });
    return sum;
  }

 private:
  struct Found {
    int count = 0;
    int ages_end = 0;  // Index of its last age, plus one; 0: it has none.
  };

  struct Age {
    uint64_t nanos;
    int before_end;  // Index of the one before it of the same rule, plus one.
  };

  template <typename Visitor>
  void Visit(size_t rule, Visitor visitor) const {
    for (int end = found_[rule].ages_end; end != 0; end = ages_[end - 1].before_end) {
      visitor(TimeSpan(ages_[end - 1].nanos));
    }
  }

  // Of a rule that decays, and fewer than there are.
  Points SumOfNewest(size_t index, int counted) const {
    if (counted == 0) return 0;
    ScratchList<TimeSpan, 32> ages;
    ages.Reserve(found_[index].count);
    Visit(index, [&](TimeSpan age) { ages.Add(age); });
    // Ties need no rule: events of equal age have equal points.
    std::nth_element(ages.begin(), ages.begin() + counted, ages.end());
    const CompiledEngagementRule& rule = rules_[index];
    Points sum = 0;
    for (int i = 0; i < counted; ++i) sum += rule.decay.Apply(rule.points, ages[i]);
    return sum;
  }

  const CompiledEngagementRule* const rules_;
  ScratchList<Found, 16> found_;  // By rule.
  ScratchList<Age, 16> ages_;     // Of rules that decay.
};

// Limits rules by their caps and adds them up by group. `sums` holds one sum for each rule.
template <typename GetSum>
Points AddUp(const EngagementModel& model, GetSum get_sum) {
  absl::InlinedVector<Points, 4> groups(model.groups.size(), 0);
  Points total = 0;
  for (size_t i = 0; i < model.rules.size(); ++i) {
    const CompiledEngagementRule& rule = model.rules[i];
    const Points sum = Limit(get_sum(i), rule.cap);
    (rule.group < 0 ? total : groups[rule.group]) += sum;
  }
  for (size_t i = 0; i < groups.size(); ++i) total += Limit(groups[i], model.groups[i].cap);
  return total;
}

}  // namespace

EngagementModel::EngagementModel(const v1::EngagementProfile& profile, EventTypeTable* type_table) {
  std::map<std::string, std::set<int>> rules_of_types;
  for (const v1::EngagementGroup& group : profile.groups()) {
    groups.push_back({&group, FromWire(group.cap())});
  }
  for (const v1::EngagementRule& definition : profile.rules()) {
    CompiledEngagementRule rule;
    rule.definition = &definition;
    rule.points = FromWire(definition.points());
    rule.min_count = definition.min_count();
    if (definition.has_max_count()) rule.max_count = definition.max_count();
    if (definition.has_window()) rule.window = TimeSpan(definition.window());
    if (definition.has_decay()) rule.decay = DecayCurve(definition.decay());
    if (definition.has_cap()) rule.cap = FromWire(definition.cap());
    rule.title = OwnText(definition.title());
    for (size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].definition->id() == definition.group()) rule.group = static_cast<int>(i);
    }
    for (const std::string& type : definition.event_types()) {
      rules_of_types[type].insert(static_cast<int>(rules.size()));
    }
    rules.push_back(std::move(rule));
  }
  for (const auto& [type, indexes] : rules_of_types) {
    type_table->SetRules(type, static_cast<int>(rules_by_type.size()));
    rules_by_type.insert(rules_by_type.end(), indexes.begin(), indexes.end());
    rules_by_type.push_back(-1);
  }
}

namespace {

// What one rule makes of `counted` of its events, which are worth `points`.
inline void SetRule(const CompiledEngagementRule& rule, int index, int in_window, int counted,
                    Points points, RuleOutcome* result, EngagementOutcome* outcome) {
  result->rule = index;
  result->in_window = in_window;
  result->counted = counted;
  result->sum = points;
  result->limited = Limit(points, rule.cap);
  Points& sum = rule.group < 0 ? outcome->sum : outcome->groups[rule.group].sum;
  sum += result->limited;
}

// The short way, for usual leads; false: has done nothing, since there are too many rules or events
// or, for a rule that decays, more events than count.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline bool AddUpFew(const EngagementModel& model, const EventLog& log,
                                                  Instant time, EngagementOutcome* outcome) {
  constexpr size_t kMostRules = 64;
  constexpr size_t kMostEvents = 64;  // Of the past and the future, so that a byte can count them.
  const size_t events = log.past().size() + log.future().size();
  if (model.rules.size() > kMostRules || events > kMostEvents) return false;
  uint8_t counts[kMostRules] = {};
  Points sums[kMostRules];  // NOLINT: of those that count; set by the first.
  size_t rules_with_events = 0;
  constexpr size_t kTooMany = 1000;  // Of events that count: more than there are rules.
  const CompiledEngagementRule* const rules = model.rules.data();
  ForEachMatch(model, log, time, [&](int index, Instant event) {
    const CompiledEngagementRule& rule = rules[index];
    const TimeSpan age = time - event;
    if (age > rule.window) return;
    const Points points = rule.decay.Apply(rule.points, age);
    const int count = ++counts[index];
    if (count == 1) {  // It counts in any case.
      sums[index] = points;
      ++rules_with_events;
    } else if (count <= rule.max_count) {
      sums[index] += points;
    } else if (rule.decay.decays()) {
      rules_with_events = kTooMany;  // Only the newest count.
    }
  });
  if (rules_with_events >= kTooMany) return false;
  outcome->rules.Resize(rules_with_events);
  const uint8_t* count = counts;
  for (RuleOutcome& result : outcome->rules) {
    while (*count == 0) ++count;
    const int index = static_cast<int>(count - counts);
    const CompiledEngagementRule& rule = rules[index];
    const int in_window = *count++;
    if (in_window < rule.min_count) {
      SetRule(rule, index, in_window, 0, 0, &result, outcome);
    } else {
      const int counted = std::min(in_window, rule.max_count);
      SetRule(rule, index, in_window, counted, sums[index], &result, outcome);
    }
  }
  return true;
}

// The same for any lead, in lists by rule.
ABSL_ATTRIBUTE_NOINLINE void AddUpMany(const EngagementModel& model, const EventLog& log,
                                       Instant time, EngagementOutcome* outcome) {
  Matches matches(model);
  ForEachMatch(model, log, time, [&](int rule, Instant event) {
    const TimeSpan age = time - event;
    if (age <= model.rules[rule].window) matches.Add(rule, age);
  });
  for (int i = 0; i < static_cast<int>(model.rules.size()); ++i) {
    if (matches.count(i) == 0) continue;
    const int counted = matches.CountedOf(i);
    RuleOutcome result;
    SetRule(model.rules[i], i, matches.count(i), counted, matches.SumOf(i, counted), &result,
            outcome);
    outcome->rules.Add(result);
  }
}

}  // namespace

void EvaluateEngagement(const EngagementModel& model, const EventLog& log, Instant time,
                        EngagementOutcome* outcome) {
  outcome->sum = 0;
  outcome->rules.Shrink(0);
  outcome->groups.Resize(model.groups.size());
  for (GroupOutcome& group : outcome->groups) group = GroupOutcome();
  if (!AddUpFew(model, log, time, outcome)) AddUpMany(model, log, time, outcome);
  const CompiledEngagementGroup* definition = model.groups.data();
  for (GroupOutcome& group : outcome->groups) {
    group.limited = Limit(group.sum, definition++->cap);
    outcome->sum += group.limited;
  }
}

// Magnitudes: at most the newest of all events that are in the window at any time of the span, as
// old as at its start (later ones as if they were new); at least the newest of those that are in
// the window throughout, as old as at its end (any newer event that joins them is worth no less).
EngagementBounds BoundEngagement(const EngagementModel& model, const EventLog& log, Instant from,
                                 Instant to) {
  Matches any(model);
  Matches throughout(model);
  ForEachMatch(model, log, to, [&](int rule, Instant event) {
    const TimeSpan window = model.rules[rule].window;
    const TimeSpan age = event <= from ? from - event : TimeSpan();
    if (age > window) return;
    any.Add(rule, age);
    const TimeSpan age_at_end = to - event;
    if (event <= from && age_at_end <= window) throughout.Add(rule, age_at_end);
  });
  absl::InlinedVector<Points, 16> least(model.rules.size(), 0);
  absl::InlinedVector<Points, 16> most(model.rules.size(), 0);
  for (size_t i = 0; i < model.rules.size(); ++i) {
    const Points early = any.SumOf(i, any.CountedOf(i));
    const Points late = throughout.SumOf(i, throughout.CountedOf(i));
    least[i] = std::min(early, late);
    most[i] = std::max(early, late);
  }
  return {AddUp(model, [&](size_t i) { return least[i]; }),
          AddUp(model, [&](size_t i) { return most[i]; })};
}

}  // namespace bantam
