// Tests are compiled: which judge takes them, and all that it will need.
#include <cstdint>
#include <memory>
#include <string>

#include "server/engine/bands.h"
#include "server/engine/criteria.h"
#include "server/engine/criteria_rest.h"
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

}  // namespace

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

}  // namespace bantam
