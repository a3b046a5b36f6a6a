#include "server/engine/criteria.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/base/attributes.h"
#include "absl/types/span.h"
#include "server/engine/bands.h"
#include "server/engine/criteria_rest.h"
#include "server/engine/text.h"
#include "server/engine/text_pattern.h"

namespace bantam {
namespace {

Truth MatchedIf(bool matched) { return matched ? Truth::kMatched : Truth::kMissed; }

// A range of values matches a band only if that one band holds all of it; it misses if all are
// outside; else it is unknown. `inside` and `outside` tell of a band, in this order.
template <typename Inside, typename Outside>
inline CompiledTest::Outcome TestBands(absl::Span<const CompiledBand> bands, const Inside& inside,
                                       const Outside& outside) {
  bool all_outside = true;
  for (const CompiledBand& band : bands) {
    if (inside(band)) return {Truth::kMatched, static_cast<int32_t>(band.points)};
    if (!outside(band)) all_outside = false;
  }
  return {all_outside ? Truth::kMissed : Truth::kUnknown, 0};
}

inline CompiledTest::Outcome TestNumber(absl::Span<const CompiledBand> bands, double min,
                                        double max) {
  return TestBands(
      bands, [=](const CompiledBand& band) { return min >= band.min && max <= band.max; },
      [=](const CompiledBand& band) { return max < band.min || min > band.max; });
}

void AddOnce(absl::string_view path, AttributeList* paths) {
  if (std::find(paths->begin(), paths->end(), path) == paths->end()) paths->push_back(path);
}

}  // namespace

// Of what is less, each is looked for or all are looked through.
void TestedLead::FindCustom(const TestEnvironment& environment) {
  const size_t count = environment.custom_names.size();
  custom.Resize(count);
  std::fill(custom.begin(), custom.end(), nullptr);
  const auto& given = lead.custom();
  if (given.size() <= 2 * count) {
    for (const auto& [name, value] : given) {
      const int number = environment.custom_numbers.Find(name);
      if (number >= 0) custom[number] = &value;
    }
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    const auto it = given.find(environment.custom_names[i]);
    if (it != given.end()) custom[i] = &it->second;
  }
}

CompiledTest::Outcome CompiledTest::JudgeAllOf(const CompiledTest& test, const TestedLead& tested) {
  Truth least = Truth::kMatched;
  for (const auto& child : test.rest_->children) {
    least = std::min(least, child.Evaluate(tested).truth);
    if (least == Truth::kMissed) break;
  }
  return {least, 0};
}

CompiledTest::Outcome CompiledTest::JudgeAnyOf(const CompiledTest& test, const TestedLead& tested) {
  Truth most = Truth::kMissed;
  for (const auto& child : test.rest_->children) {
    most = std::max(most, child.Evaluate(tested).truth);
    if (most == Truth::kMatched) break;
  }
  return {most, 0};
}

CompiledTest::Outcome CompiledTest::JudgeNot(const CompiledTest& test, const TestedLead& tested) {
  const Truth truth = test.rest_->children[0].Evaluate(tested).truth;
  if (truth == Truth::kUnknown) return {};
  return {MatchedIf(truth == Truth::kMissed), 0};
}

CompiledTest::Outcome CompiledTest::JudgePattern(const CompiledTest& test,
                                                 const TestedLead& tested) {
  return {test.TestPattern(test.attribute_->text(tested.lead, nullptr)), 0};
}

// A contact's attribute is an any-of over the contacts.
CompiledTest::Outcome CompiledTest::JudgeContactPattern(const CompiledTest& test,
                                                        const TestedLead& tested) {
  if (tested.contacts.empty()) return {};
  Truth most = Truth::kMissed;
  for (const v1::Contact* contact : tested.contacts) {
    most = std::max(most, test.TestPattern(test.attribute_->text(tested.lead, contact)));
    if (most == Truth::kMatched) break;
  }
  return {most, 0};
}

// The same for other kinds of test; bands take the best.
CompiledTest::Outcome CompiledTest::JudgeContacts(const CompiledTest& test,
                                                  const TestedLead& tested) {
  if (tested.contacts.empty()) return {};
  Outcome best{Truth::kMissed, 0};
  for (const v1::Contact* contact : tested.contacts) {
    Value value;
    Outcome outcome;
    if (test.attribute_->read(tested.lead, contact, &value))
      outcome = test.TestValue(value, tested);
    if (outcome.truth > best.truth ||
        (outcome.truth == best.truth && outcome.band_points > best.band_points)) {
      best = outcome;
    }
    if (best.truth == Truth::kMatched && test.kind_ != v1::Test::kBands) break;
  }
  return best;
}

CompiledTest::Outcome CompiledTest::JudgeAmount(const CompiledTest& test,
                                                const TestedLead& tested) {
  Value value;
  if (!test.Read(tested, &value)) return {};
  if (value.type == ValueType::kNumber) {
    return TestNumber(test.rest_->bands, value.min, value.max);
  }
  return test.CanUse(value.type) ? test.TestAmount(value) : Outcome();
}

CompiledTest::Outcome CompiledTest::JudgeValue(const CompiledTest& test, const TestedLead& tested) {
  Value value;
  if (!test.Read(tested, &value)) return {};
  return test.TestValue(value, tested);
}

CompiledTest::Outcome CompiledTest::JudgeTechnologies(const CompiledTest& test,
                                                      const TestedLead& tested) {
  const Rest& rest = *test.rest_;
  uint64_t found;
  if (tested.technologies.has_value()) {
    found = *tested.technologies;
  } else {
    const v1::Company& company = tested.lead.company();
    if (!company.has_technologies()) return {};
    found = rest.technologies->In(company.technologies().values());
  }
  found &= rest.bits;
  const bool matched = test.kind_ == v1::Test::kContainsAny ? found != 0 : found == rest.bits;
  return {MatchedIf(matched), 0};
}

// A value that is not a contact's.
bool CompiledTest::Read(const TestedLead& tested, Value* value) const {
  if (attribute_ != nullptr) return attribute_->read(tested.lead, nullptr, value);
  const int number = rest_->custom_number;
  if (number < 0 || tested.custom.empty()) {
    return ReadCustom(tested.lead, rest_->custom_name, value);
  }
  return tested.custom[number] != nullptr && ReadCustomValue(*tested.custom[number], value);
}

// A value of a type that the test cannot use (only custom values can be) is unknown.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline CompiledTest::Outcome CompiledTest::TestValue(
    const Value& value, const TestedLead& tested) const {
  if (!CanUse(value.type)) return {};
  switch (kind_) {
    case v1::Test::kPresent:
      return {IsWorthKnown(value, *rest_->currencies) ? Truth::kMatched : Truth::kUnknown, 0};
    case v1::Test::kIn:
    case v1::Test::kNotIn:
      return {JudgeWord(value.text), 0};
    case v1::Test::kMatches:
      return {TestPattern(value.text), 0};
    case v1::Test::kContainsAny:
      return {TestContainsAny(value), 0};
    case v1::Test::kContainsAll:
      return {TestContainsAll(value), 0};
    case v1::Test::kIs:
      return {MatchedIf(value.boolean == wanted_), 0};
    case v1::Test::kRange:
    case v1::Test::kBands:
      return TestAmount(value);
    default:
      return {TestTime(value.time, tested), 0};
  }
}

Truth CompiledTest::TestPattern(absl::string_view text) const {
  const int alias = rest_->aliases == nullptr ? -1 : rest_->aliases->Find(text);
  if (alias >= 0) return MatchedIf(rest_->aliases_matched[alias]);
  text = Trim(text);
  return text.empty() ? Truth::kUnknown : MatchedIf(rest_->pattern->Matches(text));
}

Truth CompiledTest::TestContainsAny(const Value& value) const {
  for (const std::string& item : *value.list) {
    if (words_.Find(item) >= 0) return Truth::kMatched;
  }
  return Truth::kMissed;
}

// So many words at a time as a bit set holds.
Truth CompiledTest::TestContainsAll(const Value& value) const {
  constexpr int kBits = 64;
  for (int first = 0; first < words_.size(); first += kBits) {
    uint64_t missing = ~uint64_t{0} >> (kBits - std::min(kBits, words_.size() - first));
    for (const std::string& item : *value.list) {
      const int word = words_.Find(item) - first;
      if (word < 0 || word >= kBits) continue;
      missing &= ~(uint64_t{1} << word);
      if (missing == 0) break;
    }
    if (missing != 0) return Truth::kMissed;
  }
  return Truth::kMatched;
}

Truth CompiledTest::TestTime(Instant time, const TestedLead& tested) const {
  const Instant now = tested.now;
  const TimeSpan span = rest_->span;
  bool matched = false;
  switch (kind_) {
    case v1::Test::kBefore:
      matched = time < rest_->time;
      break;
    case v1::Test::kAfter:
      matched = time > rest_->time;
      break;
    case v1::Test::kWithinLast:
      matched = time <= now && now - time <= span;
      if (time > now) tested.until.Begins(time);
      if (matched) tested.until.Ends(time, span);
      break;
    default:
      matched = time >= now && time - now <= span;
      if (matched) tested.until.Ends(time);
      if (!matched && time > now)
        tested.until.Begins(now, TimeSpan((time - now).nanos() - span.nanos()));
      break;
  }
  return MatchedIf(matched);
}

CompiledTest::Outcome CompiledTest::TestAmount(const Value& value) const {
  const Rest& rest = *rest_;
  if (value.type == ValueType::kNumber) return TestNumber(rest.bands, value.min, value.max);
  BandPosition position;
  return TestBands(
      rest.bands,
      [&](const CompiledBand& band) {
        position = PositionOfMoney(value, band, *rest.currencies);
        return position.inside;
      },
      [&](const CompiledBand&) { return position.outside; });
}

absl::string_view CompiledTest::path() const {
  return attribute_ != nullptr ? attribute_->path : rest_->custom_path;
}

void CompiledTest::CollectUnknown(const v1::Lead& lead, Instant now, AttributeList* paths) const {
  if (rest_->children.empty()) {
    AddOnce(path(), paths);
    return;
  }
  for (const auto& child : rest_->children) {
    if (child.Evaluate(lead, now).truth == Truth::kUnknown) {
      child.CollectUnknown(lead, now, paths);
    }
  }
}

// Of several children or contacts what all have in common; some that are known are a part.
Knowledge CompiledTest::KnownOf(const v1::Lead& lead, Instant now) const {
  std::optional<Knowledge> common;
  const auto add = [&](Knowledge one) {
    common = !common.has_value() || *common == one ? one : Knowledge::kPart;
  };
  for (const auto& child : rest_->children) {
    const bool unknown = child.Evaluate(lead, now).truth == Truth::kUnknown;
    add(unknown ? child.KnownOf(lead, now) : Knowledge::kPart);
  }
  if (of_contact()) {
    for (const v1::Contact& contact : lead.contacts()) add(KnownFrom(lead, &contact, now));
  } else if (rest_->children.empty()) {
    add(KnownFrom(lead, nullptr, now));
  }
  return common.value_or(Knowledge::kNothing);
}

Knowledge CompiledTest::KnownFrom(const v1::Lead& lead, const v1::Contact* contact,
                                  Instant now) const {
  Until until;
  const TestedLead tested(lead, now, &until);
  Value value;
  const bool is_there =
      contact != nullptr ? attribute_->read(lead, contact, &value) : Read(tested, &value);
  if (!is_there) return Knowledge::kNothing;
  if (!CanUse(value.type)) return Knowledge::kWrongType;
  if (TestValue(value, tested).truth != Truth::kUnknown) return Knowledge::kPart;
  return IsWorthKnown(value, *rest_->currencies) ? Knowledge::kRange : Knowledge::kNoRate;
}

void CompiledTest::CollectUnusable(const v1::Lead& lead, UnusableAttributes* unusable) const {
  if (!can_be_unusable_) return;
  for (const auto& child : rest_->children) child.CollectUnusable(lead, unusable);
  if (!rest_->children.empty()) return;
  Until until;
  Value value;
  if (!Read(TestedLead(lead, Instant(), &until), &value)) return;
  if (!CanUse(value.type)) {
    AddOnce(path(), &unusable->wrong_types);
  } else if (!IsWorthKnown(value, *rest_->currencies)) {
    AddOnce(path(), &unusable->without_rate);
  }
}

bool CompiledTest::CanBe(bool matched, const v1::Lead& lead, Instant now) const {
  const auto child_can = [&](bool want) {
    return [&lead, now, want](const auto& child) { return child.CanBe(want, lead, now); };
  };
  switch (kind_) {
    case v1::Test::kAllOf:
      return matched
                 ? std::all_of(rest_->children.begin(), rest_->children.end(), child_can(true))
                 : std::any_of(rest_->children.begin(), rest_->children.end(), child_can(false));
    case v1::Test::kAnyOf:
      return matched
                 ? std::any_of(rest_->children.begin(), rest_->children.end(), child_can(true))
                 : std::all_of(rest_->children.begin(), rest_->children.end(), child_can(false));
    case v1::Test::kNot:
      return rest_->children[0].CanBe(!matched, lead, now);
    default:
      break;
  }
  const Truth truth = Evaluate(lead, now).truth;
  if (truth != Truth::kUnknown) return (truth == Truth::kMatched) == matched;
  return matched || kind_ != v1::Test::kPresent;
}

}  // namespace bantam
