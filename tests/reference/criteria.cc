#include "tests/reference/criteria.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "tests/reference/facts.h"

namespace bantam {
namespace reference {
namespace {

// What a test came to. `can_match` and `can_miss`: what an unknown one could still become.
struct TestOutcome {
  Truth truth = Truth::kUnknown;
  bool can_match = true;
  bool can_miss = true;
  std::vector<std::string> unknown_attributes;
};

Truth Known(bool matched) { return matched ? Truth::kMatched : Truth::kMissed; }

// Ranges: matched if the whole value lies in [min, max], missed if none of it does.
template <typename T>
Truth RangeTruth(const std::optional<T>& low, const std::optional<T>& high,
                 const std::optional<T>& min, const std::optional<T>& max) {
  const bool above_min = !min.has_value() || (low.has_value() && *low >= *min);
  const bool below_max = !max.has_value() || (high.has_value() && *high <= *max);
  if (above_min && below_max) return Truth::kMatched;
  const bool all_above = max.has_value() && low.has_value() && *low > *max;
  const bool all_below = min.has_value() && high.has_value() && *high < *min;
  return all_above || all_below ? Truth::kMissed : Truth::kUnknown;
}

template <typename BoundsMessage>
Truth InBounds(const Value& value, const BoundsMessage& bounds) {
  if (value.kind == Value::kNumber) {
    std::optional<double> min, max;
    if (bounds.has_min()) min = bounds.min();
    if (bounds.has_max()) max = bounds.max();
    return RangeTruth(value.low, value.high, min, max);
  }
  if (value.kind == Value::kMoney) {
    std::optional<Amount> min, max;
    if (bounds.has_min()) min = BoundAmount(bounds.min());
    if (bounds.has_max()) max = BoundAmount(bounds.max());
    return RangeTruth(value.money_low, value.money_high, min, max);
  }
  return Truth::kUnknown;
}

std::set<std::string> Folded(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::set<std::string> result;
  for (const std::string& text : texts) result.insert(Fold(text));
  return result;
}

bool PatternFound(const std::string& pattern, const std::string& text) {
  static thread_local std::map<std::string, std::unique_ptr<RE2>> compiled;
  std::unique_ptr<RE2>& regex = compiled[pattern];
  if (regex == nullptr) regex = std::make_unique<RE2>(pattern);
  return RE2::PartialMatch(text, *regex);
}

Truth Contains(const Value& value, const v1::TextList& wanted, bool all) {
  std::set<std::string> held;
  for (const std::string& text : value.list) held.insert(Fold(text));
  int found = 0;
  const std::set<std::string> folded = Folded(wanted.values());
  for (const std::string& text : folded) found += held.count(text);
  return Known(all ? found == static_cast<int>(folded.size()) : found > 0);
}

Truth Bands(const Value& value, const v1::BandList& bands, int64_t* points) {
  if (value.kind != Value::kNumber && value.kind != Value::kMoney) return Truth::kUnknown;
  Truth truth = Truth::kMissed;
  for (const v1::Band& band : bands.bands()) {
    const Truth one = InBounds(value, band);
    if (one == Truth::kMatched) {
      *points = Hundredths(band.points());
      return Truth::kMatched;
    }
    if (one == Truth::kUnknown) truth = Truth::kUnknown;
  }
  return truth;
}

// A value of the wrong type for the test is unknown.
Truth LeafTruth(const v1::Test& test, const Value& value, Nanos now, int64_t* band_points) {
  const bool is_text = value.kind == Value::kText;
  const bool is_time = value.kind == Value::kTime;
  const bool is_list = value.kind == Value::kList;
  switch (test.kind_case()) {
    case v1::Test::kIn:
      return is_text ? Known(Folded(test.in().values()).count(Fold(value.text)) > 0)
                     : Truth::kUnknown;
    case v1::Test::kNotIn:
      return is_text ? Known(Folded(test.not_in().values()).count(Fold(value.text)) == 0)
                     : Truth::kUnknown;
    case v1::Test::kRange:
      return InBounds(value, test.range());
    case v1::Test::kBands:
      return Bands(value, test.bands(), band_points);
    case v1::Test::kMatches:
      return is_text ? Known(PatternFound(test.matches(), value.text)) : Truth::kUnknown;
    case v1::Test::kContainsAny:
      return is_list ? Contains(value, test.contains_any(), false) : Truth::kUnknown;
    case v1::Test::kContainsAll:
      return is_list ? Contains(value, test.contains_all(), true) : Truth::kUnknown;
    case v1::Test::kPresent:
      return value.kind != Value::kUnknown ? Truth::kMatched : Truth::kUnknown;
    case v1::Test::kBefore:
      return is_time ? Known(value.time < ToNanos(test.before())) : Truth::kUnknown;
    case v1::Test::kAfter:
      return is_time ? Known(value.time > ToNanos(test.after())) : Truth::kUnknown;
    case v1::Test::kWithinLast:
      return is_time ? Known(value.time <= now && now - value.time <= ToNanos(test.within_last()))
                     : Truth::kUnknown;
    case v1::Test::kWithinNext:
      return is_time ? Known(value.time >= now && value.time - now <= ToNanos(test.within_next()))
                     : Truth::kUnknown;
    case v1::Test::kIs:
      return value.kind == Value::kFlag ? Known(value.flag == test.is()) : Truth::kUnknown;
    default:
      return Truth::kUnknown;
  }
}

// A test on a contact's attribute is any-of over the contacts; none: unknown.
TestOutcome Leaf(const v1::Icp& icp, const v1::Lead& lead, const v1::Test& test, Nanos now,
                 int64_t* band_points) {
  TestOutcome outcome;
  const std::vector<Value> values = ValuesOf(icp, lead, test.attribute());
  int matched = 0;
  int missed = 0;
  for (const Value& value : values) {
    const Truth truth = LeafTruth(test, value, now, band_points);
    matched += truth == Truth::kMatched;
    missed += truth == Truth::kMissed;
  }
  if (matched > 0) {
    outcome.truth = Truth::kMatched;
  } else if (!values.empty() && missed == static_cast<int>(values.size())) {
    outcome.truth = Truth::kMissed;
  } else {
    outcome.unknown_attributes.push_back(test.attribute());
  }
  const bool unknown = outcome.truth == Truth::kUnknown;
  outcome.can_match = unknown || outcome.truth == Truth::kMatched;
  outcome.can_miss = unknown ? test.kind_case() != v1::Test::kPresent  // `present` is never missed.
                             : outcome.truth == Truth::kMissed;
  return outcome;
}

TestOutcome JudgeTest(const v1::Icp& icp, const v1::Lead& lead, const v1::Test& test, Nanos now,
                      int64_t* band_points);

// Kleene's and, or. CHOICE: whether an unknown composite could be missed follows from what its
// unknown parts could become, its known parts staying as they are.
TestOutcome Composite(const v1::Icp& icp, const v1::Lead& lead, const v1::TestList& tests, bool all,
                      Nanos now) {
  int matched = 0;
  int missed = 0;
  bool every_can_match = true, every_can_miss = true, some_can_match = false, some_can_miss = false;
  TestOutcome outcome;
  for (const v1::Test& test : tests.tests()) {
    int64_t unused = 0;
    const TestOutcome child = JudgeTest(icp, lead, test, now, &unused);
    matched += child.truth == Truth::kMatched;
    missed += child.truth == Truth::kMissed;
    every_can_match = every_can_match && child.can_match;
    every_can_miss = every_can_miss && child.can_miss;
    some_can_match = some_can_match || child.can_match;
    some_can_miss = some_can_miss || child.can_miss;
    if (child.truth != Truth::kUnknown) continue;
    // CHOICE: an attribute is named once, at its first place.
    for (const std::string& attribute : child.unknown_attributes) {
      auto& names = outcome.unknown_attributes;
      if (std::find(names.begin(), names.end(), attribute) == names.end()) {
        names.push_back(attribute);
      }
    }
  }
  const int size = tests.tests_size();
  if (all) {
    outcome.truth = missed > 0        ? Truth::kMissed
                    : matched == size ? Truth::kMatched
                                      : Truth::kUnknown;
    outcome.can_match = every_can_match;
    outcome.can_miss = some_can_miss;
  } else {
    outcome.truth = matched > 0      ? Truth::kMatched
                    : missed == size ? Truth::kMissed
                                     : Truth::kUnknown;
    outcome.can_match = some_can_match;
    outcome.can_miss = every_can_miss;
  }
  if (outcome.truth != Truth::kUnknown) outcome.unknown_attributes.clear();
  return outcome;
}

TestOutcome JudgeTest(const v1::Icp& icp, const v1::Lead& lead, const v1::Test& test, Nanos now,
                      int64_t* band_points) {
  if (test.has_all_of()) return Composite(icp, lead, test.all_of(), true, now);
  if (test.has_any_of()) return Composite(icp, lead, test.any_of(), false, now);
  if (test.has_not_()) {
    TestOutcome outcome = JudgeTest(icp, lead, test.not_(), now, band_points);
    if (outcome.truth != Truth::kUnknown) {
      outcome.truth = Known(outcome.truth == Truth::kMissed);
    }
    std::swap(outcome.can_match, outcome.can_miss);
    return outcome;
  }
  return Leaf(icp, lead, test, now, band_points);
}

CriterionOutcome Judge(const v1::Icp& icp, const v1::Lead& lead, const v1::Criterion& criterion,
                       Nanos now) {
  CriterionOutcome outcome;
  int64_t matched = Hundredths(criterion.points());
  const int64_t missed = Hundredths(criterion.points_if_missed());
  const TestOutcome test = JudgeTest(icp, lead, criterion.test(), now, &matched);
  outcome.truth = test.truth;
  if (test.truth == Truth::kMatched) outcome.points = matched;
  if (test.truth == Truth::kMissed) outcome.points = missed;
  std::vector<int64_t> possible = {0, missed};
  if (criterion.test().has_bands()) {
    for (const v1::Band& band : criterion.test().bands().bands()) {
      possible.push_back(Hundredths(band.points()));
    }
  } else {
    possible.push_back(Hundredths(criterion.points()));
  }
  outcome.least = *std::min_element(possible.begin(), possible.end());
  outcome.most = *std::max_element(possible.begin(), possible.end());
  outcome.can_be_missed = test.can_miss;
  outcome.unknown_attributes = test.unknown_attributes;
  return outcome;
}

bool DependsOnTime(const v1::Test& test) {
  if (test.has_within_last() || test.has_within_next()) return true;
  if (test.has_not_()) return DependsOnTime(test.not_());
  for (const v1::Test& child : test.all_of().tests()) {
    if (DependsOnTime(child)) return true;
  }
  for (const v1::Test& child : test.any_of().tests()) {
    if (DependsOnTime(child)) return true;
  }
  return false;
}

}  // namespace

std::vector<CriterionOutcome> JudgeCriteria(const v1::Icp& icp, const v1::Lead& lead, Nanos now) {
  std::vector<CriterionOutcome> outcomes;
  for (const v1::Criterion& criterion : icp.fit().criteria()) {
    outcomes.push_back(Judge(icp, lead, criterion, now));
  }
  return outcomes;
}

bool CriteriaDependOnTime(const v1::Icp& icp) {
  for (const v1::Criterion& criterion : icp.fit().criteria()) {
    if (DependsOnTime(criterion.test())) return true;
  }
  return false;
}

}  // namespace reference
}  // namespace bantam
