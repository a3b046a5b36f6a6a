// Criteria: tests of attributes in three-valued logic.
#ifndef BANTAM_SERVER_ENGINE_CRITERIA_H_
#define BANTAM_SERVER_ENGINE_CRITERIA_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "server/engine/aliases.h"
#include "server/engine/attributes.h"
#include "server/engine/instant.h"
#include "server/engine/money.h"
#include "server/engine/own_text.h"
#include "server/engine/points.h"
#include "server/engine/scratch_list.h"
#include "server/engine/tested_values.h"
#include "server/engine/text_table.h"
#include "server/engine/until.h"

namespace bantam {

// Kleene's three values, in an order in which all-of is the minimum and any-of the maximum.
enum class Truth : uint8_t { kMissed = 0, kUnknown = 1, kMatched = 2 };

// What the compiled tests share. Outlives them.
struct TestEnvironment {
  CurrencyTable currencies;
  AliasTables aliases;
  WordBits technologies;  // What all tests look for in them; empty: nothing, or too much.

  // The custom attributes that tests ask for, without "custom."; numbered in this order.
  std::vector<std::string> custom_names;
  TextTable custom_numbers;

  // Adds one.
  void AddCustom(const std::string& name) {
    const size_t number = custom_numbers.Add(name);
    if (number == custom_names.size()) custom_names.push_back(name);
  }

  // The aliases of an attribute; null: none.
  const AliasTable* AliasesOf(absl::string_view attribute) const {
    const auto it = aliases.find(attribute);
    return it == aliases.end() ? nullptr : &it->second;
  }
};

// The attribute whose words tests share.
inline constexpr absl::string_view kTechnologies = "company.technologies";

// A lead that is tested at an instant, and what more than one test asks about it. Tests note in
// `until` when time alone may change their outcomes.
struct TestedLead {
  // Finds out the latter once for all tests.
  TestedLead(const v1::Lead& lead, Instant now, const TestEnvironment& environment, Until* until)
      : TestedLead(lead, now, until) {
    if (!environment.technologies.empty() && lead.company().has_technologies()) {
      technologies = environment.technologies.In(lead.company().technologies().values());
    }
    if (!environment.custom_names.empty()) FindCustom(environment);
  }

  // Leaves that to each test.
  TestedLead(const v1::Lead& lead, Instant now, Until* until)
      : lead(lead),
        contacts(lead.contacts().data(), lead.contacts().size()),
        now(now),
        until(*until) {}

  const v1::Lead& lead;
  const absl::Span<const v1::Contact* const> contacts;
  const Instant now;
  Until& until;
  // Those that tests look for; none: not found out, or the lead's are not known.
  std::optional<uint64_t> technologies;

  // The custom attributes that tests ask for, by their numbers, null where the lead has none;
  // empty: not found out.
  ScratchList<const v1::AttributeValue*, 16> custom;

 private:
  void FindCustom(const TestEnvironment& environment);
};

// Paths of attributes; those of the compiled tests, which must outlive it.
using AttributeList = absl::InlinedVector<absl::string_view, 4>;

// What is known where a test is unknown.
enum class Knowledge : uint8_t {
  kNothing,
  kRange,      // A range of numbers or amounts, which does not settle it.
  kNoRate,     // An amount in no currency, or in one without an exchange rate.
  kWrongType,  // A custom value that the test cannot use.
  kPart,       // Of several tests or contacts some.
};

// Attributes whose values tests cannot use, by the reason; each once.
struct UnusableAttributes {
  AttributeList wrong_types;
  AttributeList without_rate;
};

// What a test makes of a lead.
struct TestOutcome {
  Truth truth = Truth::kUnknown;
  int32_t band_points = 0;  // Of the band, where the test has bands and is matched; else 0.
};

// One test, or a composition of tests. Immutable; safe for concurrent use. It takes one line of the
// processor's cache, with all that tests of words need: what an evaluation costs that shares the
// caches with many ICPs is the lines that it reads of its own.
class alignas(64) CompiledTest {
 public:
  using Outcome = TestOutcome;

  // `test` has passed Compile()'s checks. `environment` must outlive the result.
  CompiledTest(const v1::Test& test, const TestEnvironment* environment);
  CompiledTest(CompiledTest&& other) noexcept;
  ~CompiledTest();

  Outcome Evaluate(const TestedLead& tested) const { return judge_(*this, tested); }
  Outcome Evaluate(const v1::Lead& lead, Instant now) const {
    Until until;
    return Evaluate(TestedLead(lead, now, &until));
  }

  // Of in and not_in: what the test makes of a text.
  Truth JudgeWord(absl::string_view text) const {
    const int word = words_.Find(text);
    if (word == WordTable::kNoText) return Truth::kUnknown;
    return (word >= 0) == wanted_ ? Truth::kMatched : Truth::kMissed;
  }

  // Adds the attributes whose absence makes it unknown, in the test's order, each once. Call it
  // only where Evaluate() gave kUnknown.
  void CollectUnknown(const v1::Lead& lead, Instant now, AttributeList* paths) const;

  // What is known all the same. Call it only where Evaluate() gave kUnknown.
  Knowledge KnownOf(const v1::Lead& lead, Instant now) const;

  // Adds attributes that have values which the test cannot use.
  void CollectUnusable(const v1::Lead& lead, UnusableAttributes* unusable) const;

  // Whether it asks for any attribute whose values can be unusable: custom ones and amounts.
  bool can_be_unusable() const { return can_be_unusable_; }

  // The attribute's path; empty: it is a composition.
  absl::string_view path() const;

  // Whether the test could still turn out missed (matched) if what is unknown about `lead` became
  // known. A test of presence is never missed.
  bool CanMiss(const v1::Lead& lead, Instant now) const { return CanBe(false, lead, now); }
  bool CanMatch(const v1::Lead& lead, Instant now) const { return CanBe(true, lead, now); }

  // Whether the outcome depends on the evaluation time.
  bool depends_on_time() const { return depends_on_time_; }

 private:
  // What other tests than of words ask for.
  struct Rest;

  void CompileComposition(const v1::Test& test, const TestEnvironment* environment);
  void CompileLeaf(const v1::Test& test);
  void ShareTechnologies(const v1::Test& test, const WordBits& technologies);
  void CompilePattern(const std::string& pattern);
  TestJudge ChooseJudge() const;

  static Outcome JudgeAllOf(const CompiledTest& test, const TestedLead& tested);
  static Outcome JudgeAnyOf(const CompiledTest& test, const TestedLead& tested);
  static Outcome JudgeNot(const CompiledTest& test, const TestedLead& tested);
  static Outcome JudgePattern(const CompiledTest& test, const TestedLead& tested);
  static Outcome JudgeContactPattern(const CompiledTest& test, const TestedLead& tested);
  static Outcome JudgeAmount(const CompiledTest& test, const TestedLead& tested);
  static Outcome JudgeContacts(const CompiledTest& test, const TestedLead& tested);
  static Outcome JudgeTechnologies(const CompiledTest& test, const TestedLead& tested);
  static Outcome JudgeValue(const CompiledTest& test, const TestedLead& tested);

  bool Read(const TestedLead& tested, Value* value) const;
  Outcome TestValue(const Value& value, const TestedLead& tested) const;
  Truth TestPattern(absl::string_view text) const;
  Truth TestContainsAny(const Value& value) const;
  Truth TestContainsAll(const Value& value) const;
  Truth TestTime(Instant time, const TestedLead& tested) const;
  Outcome TestAmount(const Value& value) const;
  bool CanUse(ValueType type) const { return (usable_types_ >> static_cast<int>(type) & 1) != 0; }
  bool of_contact() const { return attribute_ != nullptr && attribute_->of_contact; }
  Knowledge KnownFrom(const v1::Lead& lead, const v1::Contact* contact, Instant now) const;
  bool CanBe(bool matched, const v1::Lead& lead, Instant now) const;

  TestJudge judge_ = nullptr;             // Chosen when the test is compiled.
  const Attribute* attribute_ = nullptr;  // Null: custom, or a composition.
  v1::Test::KindCase kind_;
  uint8_t usable_types_ = 0;  // A bit for each ValueType.
  bool wanted_ = false;       // is; in and not_in: whether a word shall be listed.
  bool depends_on_time_ = false;
  bool can_be_unusable_ = false;
  WordTable words_;  // in, not_in, contains_*.
  std::unique_ptr<Rest> rest_;
};

// One criterion. Immutable; safe for concurrent use. What evaluations read comes first.
struct CompiledCriterion {
  explicit CompiledCriterion(CompiledTest compiled) : test(std::move(compiled)) {}

  CompiledTest test;
  std::array<int32_t, 3> points = {};  // By Truth; if matched, beside those of the band.
  bool required = false;
  bool has_bands = false;
  Points least = 0;  // Over all outcomes: {0, matched (each band), missed}.
  Points most = 0;
  std::string id;  // A copy: most lie here, and answers need not read the definition.
  OwnText title;
  OwnText question;
  TestedValues tested;  // For criteria without a title.
};

// What one criterion makes of a lead.
struct CriterionOutcome {
  CriterionOutcome() {}  // NOLINT: sets nothing; all of a list are made, then set.
  CriterionOutcome(Truth truth, int32_t points) : truth(truth), points(points) {}

  Truth truth;
  int32_t points;  // In hundredths, as Points.
};

// Evaluates one criterion.
inline void EvaluateCriterion(const CompiledCriterion& criterion, const TestedLead& tested,
                              CriterionOutcome* outcome) {
  const CompiledTest::Outcome test = criterion.test.Evaluate(tested);
  outcome->truth = test.truth;
  outcome->points = criterion.points[static_cast<int>(test.truth)] + test.band_points;
}

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_CRITERIA_H_
