#include "server/engine/criteria.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "server/engine/text.h"

namespace bantam {
std::unique_ptr<CompiledTest> CompiledTest::Make(const v1::Test& test,
                                                 const TestEnvironment* environment) {
  std::unique_ptr<CompiledTest> result(new CompiledTest);
  result->kind_ = test.kind_case();
  const auto add = [&](const v1::Test& child) {
    result->children_.push_back(Make(child, environment));
    result->depends_on_time_ |= result->children_.back()->depends_on_time_;
    result->asks_for_custom_ |= result->children_.back()->asks_for_custom_;
  };
  switch (test.kind_case()) {
    case v1::Test::kAllOf:
      for (const v1::Test& child : test.all_of().tests()) add(child);
      return result;
    case v1::Test::kAnyOf:
      for (const v1::Test& child : test.any_of().tests()) add(child);
      return result;
    case v1::Test::kNot:
      add(test.not_());
      return result;
    default:
      break;
  }
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
  result->CompileLeaf(test);
  return result;
}

void CompiledTest::CompileLeaf(const v1::Test& test) {
  switch (test.kind_case()) {
    case v1::Test::kIn:
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
      pattern_ = std::make_unique<TextPattern>(test.matches());
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

CompiledTest::Outcome CompiledTest::Evaluate(const v1::Lead& lead, Instant now) const {
  return children_.empty() ? EvaluateLeaf(lead, now) : EvaluateComposition(lead, now);
}

CompiledTest::Outcome CompiledTest::EvaluateComposition(const v1::Lead& lead, Instant now) const {
  switch (kind_) {
    case v1::Test::kAllOf: {
      Truth least = Truth::kMatched;
      for (const auto& child : children_) {
        least = std::min(least, child->Evaluate(lead, now).truth);
        if (least == Truth::kMissed) break;
      }
      return {least, 0};
    }
    case v1::Test::kAnyOf: {
      Truth most = Truth::kMissed;
      for (const auto& child : children_) {
        most = std::max(most, child->Evaluate(lead, now).truth);
        if (most == Truth::kMatched) break;
      }
      return {most, 0};
    }
    default: {  // Not.
      const Truth truth = children_[0]->Evaluate(lead, now).truth;
      if (truth == Truth::kUnknown) return {Truth::kUnknown, 0};
      return {truth == Truth::kMatched ? Truth::kMissed : Truth::kMatched, 0};
    }
  }
}

bool CompiledTest::Read(const v1::Lead& lead, const v1::Contact* contact, Value* value) const {
  if (attribute_ != nullptr) return attribute_->read(lead, contact, value);
  return ReadCustom(lead, custom_name_, value);
}

CompiledTest::Outcome CompiledTest::EvaluateLeaf(const v1::Lead& lead, Instant now) const {
  if (of_contact_) return EvaluateContacts(lead, now);
  Value value;
  if (!Read(lead, nullptr, &value)) return {};
  return TestValue(value, now);
}

// A contact's attribute is an any-of over the contacts; bands take the best.
CompiledTest::Outcome CompiledTest::EvaluateContacts(const v1::Lead& lead, Instant now) const {
  if (lead.contacts().empty()) return {};
  Outcome best{Truth::kMissed, 0};
  for (const v1::Contact& contact : lead.contacts()) {
    Value value;
    Outcome outcome;
    if (attribute_->read(lead, &contact, &value)) outcome = TestValue(value, now);
    if (outcome.truth > best.truth ||
        (outcome.truth == best.truth && outcome.band_points > best.band_points)) {
      best = outcome;
    }
    if (best.truth == Truth::kMatched && kind_ != v1::Test::kBands) break;
  }
  return best;
}

// A value of a type that the test cannot use (only custom values can be) is unknown.
CompiledTest::Outcome CompiledTest::TestValue(const Value& value, Instant now) const {
  const auto typed = [&](ValueType type, auto&& test) -> Outcome {
    if (value.type != type) return {Truth::kUnknown, 0};
    return {test(), 0};
  };
  const auto truth = [](bool matched) { return matched ? Truth::kMatched : Truth::kMissed; };
  switch (kind_) {
    case v1::Test::kPresent:
      return {IsWorthKnown(value, *currencies_) ? Truth::kMatched : Truth::kUnknown, 0};
    case v1::Test::kIn:
    case v1::Test::kNotIn:
    case v1::Test::kMatches:
      return typed(ValueType::kText, [&] { return TestText(value.text); });
    case v1::Test::kContainsAny:
      return typed(ValueType::kTextList, [&] { return TestContainsAny(value); });
    case v1::Test::kContainsAll:
      return typed(ValueType::kTextList, [&] { return TestContainsAll(value); });
    case v1::Test::kBefore:
    case v1::Test::kAfter:
    case v1::Test::kWithinLast:
    case v1::Test::kWithinNext:
      return typed(ValueType::kTime, [&] { return TestTime(value.time, now); });
    case v1::Test::kIs:
      return typed(ValueType::kBoolean, [&] { return truth(value.boolean == wanted_); });
    case v1::Test::kRange:
    case v1::Test::kBands:
      if (value.type != ValueType::kNumber && value.type != ValueType::kMoney) return {};
      return TestBands(value);
    default:
      return {};
  }
}

Truth CompiledTest::TestText(absl::string_view text) const {
  bool matched = false;
  if (kind_ == v1::Test::kMatches) {
    matched = pattern_->Matches(aliases_ == nullptr ? text : aliases_->Resolve(text));
  } else {
    matched = (words_.Find(text) >= 0) == (kind_ == v1::Test::kIn);
  }
  return matched ? Truth::kMatched : Truth::kMissed;
}

Truth CompiledTest::TestContainsAny(const Value& value) const {
  for (const std::string& item : *value.list) {
    if (words_.Find(Trim(item)) >= 0) return Truth::kMatched;
  }
  return Truth::kMissed;
}

Truth CompiledTest::TestContainsAll(const Value& value) const {
  constexpr int kBits = 64;
  absl::InlinedVector<uint64_t, 4> found(words_.size() / kBits + 1);  // A bit for each word.
  int missing = words_.size();
  for (const std::string& item : *value.list) {
    const int word = words_.Find(Trim(item));
    if (word < 0) continue;
    const uint64_t bit = uint64_t{1} << (word % kBits);
    if ((found[word / kBits] & bit) != 0) continue;
    found[word / kBits] |= bit;
    if (--missing == 0) return Truth::kMatched;
  }
  return Truth::kMissed;
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
  return matched ? Truth::kMatched : Truth::kMissed;
}

// A range of values matches a band only if that one band holds all of it; it misses if no band
// touches it; else it is unknown.
CompiledTest::Outcome CompiledTest::TestBands(const Value& value) const {
  bool outside = true;
  for (const CompiledBand& band : bands_) {
    const BandPosition position = PositionOf(value, band, *currencies_);
    if (position.inside) return {Truth::kMatched, static_cast<int32_t>(band.points)};
    outside = outside && position.outside;
  }
  return {outside ? Truth::kMissed : Truth::kUnknown, 0};
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
  bool usable = false;
  switch (kind_) {
    case v1::Test::kIn:
    case v1::Test::kNotIn:
    case v1::Test::kMatches:
      usable = value.type == ValueType::kText;
      break;
    case v1::Test::kContainsAny:
    case v1::Test::kContainsAll:
      usable = value.type == ValueType::kTextList;
      break;
    case v1::Test::kIs:
      usable = value.type == ValueType::kBoolean;
      break;
    case v1::Test::kRange:
    case v1::Test::kBands:
      usable = value.type == ValueType::kNumber;
      break;
    default:
      usable = value.type == ValueType::kTime;
      break;
  }
  if (!usable && std::find(paths->begin(), paths->end(), path_) == paths->end()) {
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
  const Truth truth = EvaluateLeaf(lead, now).truth;
  if (truth != Truth::kUnknown) return (truth == Truth::kMatched) == matched;
  return matched || kind_ != v1::Test::kPresent;
}

void CompiledTest::VisitInstants(const v1::Lead& lead,
                                 absl::FunctionRef<void(Instant, TimeSpan)> visit) const {
  if (!depends_on_time_) return;
  for (const auto& child : children_) child->VisitInstants(lead, visit);
  if (!children_.empty()) return;
  const auto add = [&](const v1::Contact* contact) {
    Value value;
    if (!Read(lead, contact, &value) || value.type != ValueType::kTime) return;
    visit(value.time, TimeSpan());
    if (kind_ == v1::Test::kWithinLast) {
      visit(value.time, span_);
    } else {
      visit(Instant(value.time.nanos() - static_cast<int64_t>(span_.nanos())), TimeSpan());
    }
  };
  if (!of_contact_) {
    add(nullptr);
  } else {
    for (const v1::Contact& contact : lead.contacts()) add(&contact);
  }
}

CriterionOutcome EvaluateCriterion(const CompiledCriterion& criterion, const v1::Lead& lead,
                                   Instant now) {
  const CompiledTest::Outcome outcome = criterion.test->Evaluate(lead, now);
  switch (outcome.truth) {
    case Truth::kMatched:
      return {Truth::kMatched, criterion.has_bands ? outcome.band_points : criterion.if_matched};
    case Truth::kMissed:
      return {Truth::kMissed, criterion.if_missed};
    case Truth::kUnknown:
      break;
  }
  return {Truth::kUnknown, 0};
}

}  // namespace bantam
