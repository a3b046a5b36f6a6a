#include "server/engine/criteria.h"

#include <algorithm>
#include <cstdint>

#include "server/engine/text.h"

namespace bantam {
namespace {

// The types of value that a kind of test can use, a bit for each.
uint32_t UsableTypes(v1::Test::KindCase kind) {
  const auto bit = [](ValueType type) { return 1u << static_cast<int>(type); };
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
      return ~0u;
    default:
      return bit(ValueType::kTime);
  }
}

Truth MatchedIf(bool matched) { return matched ? Truth::kMatched : Truth::kMissed; }

}  // namespace

std::unique_ptr<CompiledTest> CompiledTest::Make(const v1::Test& test,
                                                 const TestEnvironment* environment) {
  std::unique_ptr<CompiledTest> result(new CompiledTest);
  result->kind_ = test.kind_case();
  if (test.has_all_of() || test.has_any_of() || test.has_not_()) {
    result->CompileComposition(test, environment);
  } else {
    result->path_ = test.attribute();
    result->attribute_ = FindAttribute(test.attribute());
    if (result->attribute_ == nullptr) {
      result->custom_name_ = *CustomName(test.attribute());
      result->asks_for_custom_ = true;
    } else {
      result->of_contact_ = result->attribute_->of_contact;
    }
    result->currencies_ = &environment->currencies;
    result->aliases_ = environment->AliasesOf(test.attribute());
    result->usable_types_ = UsableTypes(result->kind_);
    result->CompileLeaf(test);
    result->ShareTechnologies(test, environment->technologies);
  }
  result->judge_ = result->ChooseJudge();
  return result;
}

void CompiledTest::CompileComposition(const v1::Test& test, const TestEnvironment* environment) {
  const auto add = [&](const v1::Test& child) {
    children_.push_back(Make(child, environment));
    depends_on_time_ |= children_.back()->depends_on_time_;
    asks_for_custom_ |= children_.back()->asks_for_custom_;
  };
  for (const v1::Test& child : test.all_of().tests()) add(child);
  for (const v1::Test& child : test.any_of().tests()) add(child);
  if (test.has_not_()) add(test.not_());
}

void CompiledTest::CompileLeaf(const v1::Test& test) {
  switch (test.kind_case()) {
    case v1::Test::kIn:
      wanted_ = true;
      words_ = WordTable(test.in().values(), aliases_);
      break;
    case v1::Test::kNotIn:
      words_ = WordTable(test.not_in().values(), aliases_);
      break;
    case v1::Test::kContainsAny:
      words_ = WordTable(test.contains_any().values(), aliases_);
      break;
    case v1::Test::kContainsAll:
      words_ = WordTable(test.contains_all().values(), aliases_);
      break;
    case v1::Test::kRange: {
      v1::Band band;
      if (test.range().has_min()) band.set_min(test.range().min());
      if (test.range().has_max()) band.set_max(test.range().max());
      bands_.push_back(MakeBand(band));
      break;
    }
    case v1::Test::kBands:
      for (const v1::Band& band : test.bands().bands()) bands_.push_back(MakeBand(band));
      break;
    case v1::Test::kMatches:
      CompilePattern(test.matches());
      break;
    case v1::Test::kBefore:
      time_ = Instant(test.before());
      break;
    case v1::Test::kAfter:
      time_ = Instant(test.after());
      break;
    case v1::Test::kWithinLast:
      span_ = TimeSpan(test.within_last());
      depends_on_time_ = true;
      break;
    case v1::Test::kWithinNext:
      span_ = TimeSpan(test.within_next());
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
  if (path_ != kTechnologies || technologies.empty()) return;
  if (!test.has_contains_any() && !test.has_contains_all()) return;
  technologies_ = &technologies;
  bits_ = technologies.Of(test.has_contains_any() ? test.contains_any().values()
                                                  : test.contains_all().values());
}

// What an alias stands for is known already, and so is whether it matches.
void CompiledTest::CompilePattern(const std::string& pattern) {
  pattern_ = std::make_unique<TextPattern>(pattern);
  if (aliases_ == nullptr) return;
  for (int i = 0; i < aliases_->size(); ++i) {
    aliases_matched_.push_back(pattern_->Matches(aliases_->value(i)));
  }
}

CompiledTest::Judge CompiledTest::ChooseJudge() const {
  switch (kind_) {
    case v1::Test::kAllOf:
      return JudgeAllOf;
    case v1::Test::kAnyOf:
      return JudgeAnyOf;
    case v1::Test::kNot:
      return JudgeNot;
    case v1::Test::kIn:
    case v1::Test::kNotIn:
    case v1::Test::kMatches:
      if (attribute_ == nullptr) return JudgeValue;
      return of_contact_ ? JudgeContactText : JudgeText;
    default:
      if (technologies_ != nullptr) return JudgeTechnologies;
      return of_contact_ ? JudgeContacts : JudgeValue;
  }
}

CompiledTest::Outcome CompiledTest::JudgeAllOf(const CompiledTest& test, const TestedLead& tested,
                                               Instant now) {
  Truth least = Truth::kMatched;
  for (const auto& child : test.children_) {
    least = std::min(least, child->Evaluate(tested, now).truth);
    if (least == Truth::kMissed) break;
  }
  return {least, 0};
}

CompiledTest::Outcome CompiledTest::JudgeAnyOf(const CompiledTest& test, const TestedLead& tested,
                                               Instant now) {
  Truth most = Truth::kMissed;
  for (const auto& child : test.children_) {
    most = std::max(most, child->Evaluate(tested, now).truth);
    if (most == Truth::kMatched) break;
  }
  return {most, 0};
}

CompiledTest::Outcome CompiledTest::JudgeNot(const CompiledTest& test, const TestedLead& tested,
                                             Instant now) {
  const Truth truth = test.children_[0]->Evaluate(tested, now).truth;
  if (truth == Truth::kUnknown) return {};
  return {MatchedIf(truth == Truth::kMissed), 0};
}

CompiledTest::Outcome CompiledTest::JudgeText(const CompiledTest& test, const TestedLead& tested,
                                              Instant) {
  return {test.TestText(test.attribute_->text(tested.lead, nullptr)), 0};
}

// A contact's attribute is an any-of over the contacts.
CompiledTest::Outcome CompiledTest::JudgeContactText(const CompiledTest& test,
                                                     const TestedLead& tested, Instant) {
  if (tested.lead.contacts().empty()) return {};
  Truth most = Truth::kMissed;
  for (const v1::Contact& contact : tested.lead.contacts()) {
    most = std::max(most, test.TestText(test.attribute_->text(tested.lead, &contact)));
    if (most == Truth::kMatched) break;
  }
  return {most, 0};
}

// The same for other types; bands take the best.
CompiledTest::Outcome CompiledTest::JudgeContacts(const CompiledTest& test,
                                                  const TestedLead& tested, Instant now) {
  if (tested.lead.contacts().empty()) return {};
  Outcome best{Truth::kMissed, 0};
  for (const v1::Contact& contact : tested.lead.contacts()) {
    Value value;
    Outcome outcome;
    if (test.attribute_->read(tested.lead, &contact, &value)) outcome = test.TestValue(value, now);
    if (outcome.truth > best.truth ||
        (outcome.truth == best.truth && outcome.band_points > best.band_points)) {
      best = outcome;
    }
    if (best.truth == Truth::kMatched && test.kind_ != v1::Test::kBands) break;
  }
  return best;
}

CompiledTest::Outcome CompiledTest::JudgeValue(const CompiledTest& test, const TestedLead& tested,
                                               Instant now) {
  Value value;
  if (!test.Read(tested.lead, nullptr, &value)) return {};
  return test.TestValue(value, now);
}

CompiledTest::Outcome CompiledTest::JudgeTechnologies(const CompiledTest& test,
                                                      const TestedLead& tested, Instant) {
  const v1::Company& company = tested.lead.company();
  if (!company.has_technologies()) return {};
  const uint64_t found =
      test.bits_ &
      (tested.technologies.has_value() ? *tested.technologies
                                       : test.technologies_->In(company.technologies().values()));
  return {MatchedIf(test.kind_ == v1::Test::kContainsAny ? found != 0 : found == test.bits_), 0};
}

bool CompiledTest::Read(const v1::Lead& lead, const v1::Contact* contact, Value* value) const {
  if (attribute_ != nullptr) return attribute_->read(lead, contact, value);
  return ReadCustom(lead, custom_name_, value);
}

// A value of a type that the test cannot use (only custom values can be) is unknown.
CompiledTest::Outcome CompiledTest::TestValue(const Value& value, Instant now) const {
  if (!CanUse(value.type)) return {};
  switch (kind_) {
    case v1::Test::kPresent:
      return {IsWorthKnown(value, *currencies_) ? Truth::kMatched : Truth::kUnknown, 0};
    case v1::Test::kIn:
    case v1::Test::kNotIn:
    case v1::Test::kMatches:
      return {TestTrimmed(value.text), 0};
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
      return {TestTime(value.time, now), 0};
  }
}

Truth CompiledTest::TestText(absl::string_view text) const {
  text = Trim(text);
  return text.empty() ? Truth::kUnknown : TestTrimmed(text);
}

Truth CompiledTest::TestTrimmed(absl::string_view text) const {
  if (kind_ == v1::Test::kMatches) return TestPattern(text);
  return MatchedIf(words_.Contains(text) == wanted_);
}

Truth CompiledTest::TestPattern(absl::string_view text) const {
  const int alias = aliases_ == nullptr ? -1 : aliases_->Find(text);
  return MatchedIf(alias >= 0 ? aliases_matched_[alias] : pattern_->Matches(text));
}

Truth CompiledTest::TestContainsAny(const Value& value) const {
  for (const std::string& item : *value.list) {
    if (words_.Contains(Trim(item))) return Truth::kMatched;
  }
  return Truth::kMissed;
}

// So many words at a time as a bit set holds.
Truth CompiledTest::TestContainsAll(const Value& value) const {
  constexpr int kBits = 64;
  for (int first = 0; first < words_.size(); first += kBits) {
    uint64_t missing = ~uint64_t{0} >> (kBits - std::min(kBits, words_.size() - first));
    for (const std::string& item : *value.list) {
      const int word = words_.Find(Trim(item)) - first;
      if (word < 0 || word >= kBits) continue;
      missing &= ~(uint64_t{1} << word);
      if (missing == 0) break;
    }
    if (missing != 0) return Truth::kMissed;
  }
  return Truth::kMatched;
}

Truth CompiledTest::TestTime(Instant time, Instant now) const {
  bool matched = false;
  switch (kind_) {
    case v1::Test::kBefore:
      matched = time < time_;
      break;
    case v1::Test::kAfter:
      matched = time > time_;
      break;
    case v1::Test::kWithinLast:
      matched = time <= now && now - time <= span_;
      break;
    default:
      matched = time >= now && time - now <= span_;
      break;
  }
  return MatchedIf(matched);
}

// A range of values matches a band only if that one band holds all of it; it misses if no band
// touches it; else it is unknown.
template <typename PositionIn>
CompiledTest::Outcome CompiledTest::TestBands(const PositionIn& position_in) const {
  bool outside = true;
  for (const CompiledBand& band : bands_) {
    const BandPosition position = position_in(band);
    if (position.inside) return {Truth::kMatched, static_cast<int32_t>(band.points)};
    outside = outside && position.outside;
  }
  return {outside ? Truth::kMissed : Truth::kUnknown, 0};
}

CompiledTest::Outcome CompiledTest::TestAmount(const Value& value) const {
  if (value.type == ValueType::kMoney) {
    return TestBands(
        [&](const CompiledBand& band) { return PositionOfMoney(value, band, *currencies_); });
  }
  return TestBands([&](const CompiledBand& band) { return PositionOfNumber(value, band); });
}

void CompiledTest::CollectUnknown(const v1::Lead& lead, Instant now, AttributeList* paths) const {
  if (children_.empty()) {
    if (std::find(paths->begin(), paths->end(), path_) == paths->end()) paths->push_back(path_);
    return;
  }
  for (const auto& child : children_) {
    if (child->Evaluate(lead, now).truth == Truth::kUnknown) {
      child->CollectUnknown(lead, now, paths);
    }
  }
}

void CompiledTest::CollectWrongTypes(const v1::Lead& lead, AttributeList* paths) const {
  if (!asks_for_custom_) return;
  for (const auto& child : children_) child->CollectWrongTypes(lead, paths);
  if (!children_.empty() || attribute_ != nullptr || kind_ == v1::Test::kPresent) return;
  Value value;
  if (!ReadCustom(lead, custom_name_, &value)) return;
  if (!CanUse(value.type) && std::find(paths->begin(), paths->end(), path_) == paths->end()) {
    paths->push_back(path_);
  }
}

bool CompiledTest::CanBe(bool matched, const v1::Lead& lead, Instant now) const {
  const auto child_can = [&](bool want) {
    return [&lead, now, want](const auto& child) { return child->CanBe(want, lead, now); };
  };
  switch (kind_) {
    case v1::Test::kAllOf:
      return matched ? std::all_of(children_.begin(), children_.end(), child_can(true))
                     : std::any_of(children_.begin(), children_.end(), child_can(false));
    case v1::Test::kAnyOf:
      return matched ? std::any_of(children_.begin(), children_.end(), child_can(true))
                     : std::all_of(children_.begin(), children_.end(), child_can(false));
    case v1::Test::kNot:
      return children_[0]->CanBe(!matched, lead, now);
    default:
      break;
  }
  const Truth truth = Evaluate(lead, now).truth;
  if (truth != Truth::kUnknown) return (truth == Truth::kMatched) == matched;
  return matched || kind_ != v1::Test::kPresent;
}

void CompiledTest::AddInstants(const v1::Lead& lead, Checkpoints* checkpoints) const {
  if (!depends_on_time_) return;
  for (const auto& child : children_) child->AddInstants(lead, checkpoints);
  if (!children_.empty()) return;
  const auto add = [&](const v1::Contact* contact) {
    Value value;
    if (!Read(lead, contact, &value) || value.type != ValueType::kTime) return;
    checkpoints->Add(value.time, TimeSpan(), kCriteriaChange);
    if (kind_ == v1::Test::kWithinLast) {
      checkpoints->Add(value.time, span_, kCriteriaChange);
    } else {
      const Instant opens(value.time.nanos() - static_cast<int64_t>(span_.nanos()));
      checkpoints->Add(opens, TimeSpan(), kCriteriaChange);
    }
  };
  if (!of_contact_) {
    add(nullptr);
  } else {
    for (const v1::Contact& contact : lead.contacts()) add(&contact);
  }
}

}  // namespace bantam
