#include "server/engine/criteria.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/types/span.h"
#include "server/engine/bands.h"
#include "server/engine/text.h"
#include "server/engine/text_pattern.h"

namespace bantam {
namespace {

// The types of value that a kind of test can use, a bit for each.
uint8_t UsableTypes(v1::Test::KindCase kind) {
  const auto bit = [](ValueType type) {
    return static_cast<uint8_t>(1u << static_cast<int>(type));
  };
  switch (kind) {
    case v1::Test::kIn:
    case v1::Test::kNotIn:
    case v1::Test::kMatches:
      return bit(ValueType::kText);
    case v1::Test::kContainsAny:
    case v1::Test::kContainsAll:
      return bit(ValueType::kTextList);
    case v1::Test::kIs:
      return bit(ValueType::kBoolean);
    case v1::Test::kRange:
    case v1::Test::kBands:
      return bit(ValueType::kNumber) | bit(ValueType::kMoney);
    case v1::Test::kPresent:
      return 0xFF;
    default:
      return bit(ValueType::kTime);
  }
}

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

struct CompiledTest::Rest {
  // The most usual first, a band or a range in this very place.
  const CurrencyTable* currencies = nullptr;
  absl::Span<const CompiledBand> bands;            // bands; range has one …
  absl::InlinedVector<CompiledBand, 1> own_bands;  // … and where they are.
  Instant time;                                    // before, after.
  TimeSpan span;                                   // within_last, within_next.
  const WordBits* technologies = nullptr;          // contains_*, where they are shared …
  uint64_t bits = 0;                               // … and those it names.
  int custom_number = -1;                          // As the environment numbers it …
  std::string custom_name;                         // … its name, without "custom.".
  std::vector<CompiledTest> children;              // Of a composition.
  std::unique_ptr<TextPattern> pattern;            // matches.
  const AliasTable* aliases = nullptr;             // Null: none for this attribute.
  std::vector<bool> aliases_matched;               // matches: what it gives for each alias.
  std::string custom_path;
};

CompiledTest::CompiledTest(const v1::Test& test, const TestEnvironment* environment)
    : kind_(test.kind_case()), rest_(std::make_unique<Rest>()) {
  if (test.has_all_of() || test.has_any_of() || test.has_not_()) {
    CompileComposition(test, environment);
  } else {
    attribute_ = FindAttribute(test.attribute());
    if (attribute_ == nullptr) {
      rest_->custom_path = test.attribute();
      rest_->custom_name = *CustomName(test.attribute());
      rest_->custom_number = environment->custom_numbers.Find(rest_->custom_name);
    }
    can_be_unusable_ = attribute_ == nullptr || attribute_->type == ValueType::kMoney;
    rest_->currencies = &environment->currencies;
    rest_->aliases = environment->AliasesOf(test.attribute());
    usable_types_ = UsableTypes(kind_);
    CompileLeaf(test);
    rest_->bands = rest_->own_bands;
    ShareTechnologies(test, environment->technologies);
  }
  judge_ = ChooseJudge();
}

CompiledTest::CompiledTest(CompiledTest&& other) noexcept = default;
CompiledTest::~CompiledTest() = default;

void CompiledTest::CompileComposition(const v1::Test& test, const TestEnvironment* environment) {
  const auto add = [&](const v1::Test& child) {
    const CompiledTest& added = rest_->children.emplace_back(child, environment);
    depends_on_time_ |= added.depends_on_time_;
    can_be_unusable_ |= added.can_be_unusable_;
  };
  for (const v1::Test& child : test.all_of().tests()) add(child);
  for (const v1::Test& child : test.any_of().tests()) add(child);
  if (test.has_not_()) add(test.not_());
}

void CompiledTest::CompileLeaf(const v1::Test& test) {
  switch (test.kind_case()) {
    case v1::Test::kIn:
      wanted_ = true;
      words_ = WordTable(test.in().values(), rest_->aliases);
      break;
    case v1::Test::kNotIn:
      words_ = WordTable(test.not_in().values(), rest_->aliases);
      break;
    case v1::Test::kContainsAny:
      words_ = WordTable(test.contains_any().values(), rest_->aliases);
      break;
    case v1::Test::kContainsAll:
      words_ = WordTable(test.contains_all().values(), rest_->aliases);
      break;
    case v1::Test::kRange: {
      v1::Band band;
      if (test.range().has_min()) band.set_min(test.range().min());
      if (test.range().has_max()) band.set_max(test.range().max());
      rest_->own_bands.push_back(MakeBand(band));
      break;
    }
    case v1::Test::kBands:
      for (const v1::Band& band : test.bands().bands()) rest_->own_bands.push_back(MakeBand(band));
      break;
    case v1::Test::kMatches:
      CompilePattern(test.matches());
      break;
    case v1::Test::kBefore:
      rest_->time = Instant(test.before());
      break;
    case v1::Test::kAfter:
      rest_->time = Instant(test.after());
      break;
    case v1::Test::kWithinLast:
      rest_->span = TimeSpan(test.within_last());
      depends_on_time_ = true;
      break;
    case v1::Test::kWithinNext:
      rest_->span = TimeSpan(test.within_next());
      depends_on_time_ = true;
      break;
    case v1::Test::kIs:
      wanted_ = test.is();
      break;
    default:
      break;
  }
}

void CompiledTest::ShareTechnologies(const v1::Test& test, const WordBits& technologies) {
  if (test.attribute() != kTechnologies || technologies.empty()) return;
  if (!test.has_contains_any() && !test.has_contains_all()) return;
  rest_->technologies = &technologies;
  rest_->bits = technologies.Of(test.has_contains_any() ? test.contains_any().values()
                                                        : test.contains_all().values());
}

// What an alias stands for is known already, and so is whether it matches.
void CompiledTest::CompilePattern(const std::string& pattern) {
  rest_->pattern = std::make_unique<TextPattern>(pattern);
  if (rest_->aliases == nullptr) return;
  for (int i = 0; i < rest_->aliases->size(); ++i) {
    rest_->aliases_matched.push_back(rest_->pattern->Matches(rest_->aliases->value(i)));
  }
}

TestJudge CompiledTest::ChooseJudge() const {
  switch (kind_) {
    case v1::Test::kAllOf:
      return JudgeAllOf;
    case v1::Test::kAnyOf:
      return JudgeAnyOf;
    case v1::Test::kNot:
      return JudgeNot;
    case v1::Test::kIn:
    case v1::Test::kNotIn:
      return attribute_ == nullptr ? JudgeValue : attribute_->judge_words;
    case v1::Test::kMatches:
      if (attribute_ == nullptr) return JudgeValue;
      return of_contact() ? JudgeContactPattern : JudgePattern;
    case v1::Test::kRange:
    case v1::Test::kBands:
      return of_contact() ? JudgeContacts : JudgeAmount;
    default:
      if (rest_->technologies != nullptr) return JudgeTechnologies;
      return of_contact() ? JudgeContacts : JudgeValue;
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
