#include "tests/reference/engagement.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

namespace bantam {
namespace reference {
namespace {

// The ages of the events that count for `rule`, youngest first. Ties need no order: equal ages
// earn equal points.
std::vector<Nanos> CountedAges(const v1::EngagementRule& rule, const std::vector<Happening>& events,
                               Nanos now) {
  std::vector<Nanos> ages;
  for (const Happening& event : events) {
    const auto& types = rule.event_types();
    if (std::find(types.begin(), types.end(), event.type) == types.end()) continue;
    const Nanos age = now - event.time;
    if (age < 0) continue;
    if (rule.has_window() && age > ToNanos(rule.window())) continue;
    ages.push_back(age);
  }
  std::sort(ages.begin(), ages.end());
  const size_t least = rule.has_min_count() ? rule.min_count() : 1;
  if (ages.size() < least) return {};
  if (rule.has_max_count() && ages.size() > static_cast<size_t>(rule.max_count())) {
    ages.resize(rule.max_count());
  }
  return ages;
}

int64_t Limited(int64_t points, int64_t cap) { return std::min(std::max(points, -cap), cap); }

}  // namespace

int64_t DecayedPoints(const v1::EngagementRule& rule, Nanos age) {
  const int64_t points = Hundredths(rule.points());
  if (rule.decay().has_stepwise()) {
    const v1::StepwiseDecay& decay = rule.decay().stepwise();
    const Nanos steps = age / ToNanos(decay.interval());
    const Nanos left = std::max<Nanos>(0, 10000 - steps * Hundredths(decay.rate_percent()));
    return RoundedQuotient(points * left, 10000);
  }
  if (rule.decay().has_exponential()) {
    const long double half_lives =
        static_cast<long double>(age) /
        static_cast<long double>(ToNanos(rule.decay().exponential().half_life()));
    return std::llroundl(static_cast<long double>(points) * std::exp2l(-half_lives));
  }
  return points;
}

std::vector<EngagementLine> EngagementLines(const v1::Icp& icp,
                                            const std::vector<Happening>& events, Nanos now) {
  std::vector<EngagementLine> lines;
  std::map<std::string, int64_t> group_sums;
  for (const v1::EngagementRule& rule : icp.engagement().rules()) {
    const std::vector<Nanos> ages = CountedAges(rule, events, now);
    EngagementLine line;
    line.id = rule.id();
    line.matched = !ages.empty();
    for (const Nanos age : ages) line.points += DecayedPoints(rule, age);
    lines.push_back(line);
    int64_t sum = line.points;
    if (rule.has_cap()) {
      sum = Limited(sum, Hundredths(rule.cap()));
      if (sum != line.points) lines.push_back({rule.id(), true, false, sum - line.points});
    }
    if (!rule.group().empty()) group_sums[rule.group()] += sum;
  }
  for (const v1::EngagementGroup& group : icp.engagement().groups()) {
    const int64_t sum = group_sums[group.id()];
    const int64_t limited = Limited(sum, Hundredths(group.cap()));
    if (limited != sum) lines.push_back({group.id(), true, false, limited - sum});
  }
  return lines;
}

int64_t EngagementSum(const v1::Icp& icp, const std::vector<Happening>& events, Nanos now) {
  int64_t sum = 0;
  for (const EngagementLine& line : EngagementLines(icp, events, now)) sum += line.points;
  return sum;
}

}  // namespace reference
}  // namespace bantam
