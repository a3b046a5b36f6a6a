// Criteria: tests of attributes in three-valued logic.
#ifndef BANTAM_SERVER_ENGINE_CRITERIA_H_
#define BANTAM_SERVER_ENGINE_CRITERIA_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "re2/re2.h"
#include "server/engine/attributes.h"
#include "server/engine/bands.h"
#include "server/engine/money.h"
#include "server/engine/own_text.h"
#include "server/engine/points.h"
#include "server/engine/text.h"
#include "server/engine/text_table.h"

namespace bantam {

// Kleene's three values, in an order in which all-of is the minimum and any-of the maximum.
enum class Truth { kMissed = 0, kUnknown = 1, kMatched = 2 };

// Aliases of one attribute's values.
class AliasTable {
 public:
  // `value` is what the tests name; `alias` another spelling of it.
  void Add(absl::string_view alias, absl::string_view value);

  // The value that `text` stands for, if it is an alias; else `text` itself.
  absl::string_view Resolve(absl::string_view text) const;

  // The same, and folded. `folded` is the text before it.
  absl::string_view ResolveFolded(absl::string_view folded) const {
    const int number = spellings_.Find(folded);
    return number < 0 ? folded : absl::string_view(values_[number].folded);
  }

 private:
  struct Value {
    std::string text;
    std::string folded;
  };

  TextTable spellings_;        // Folded.
  std::vector<Value> values_;  // By the number of the spelling.
};

// What the compiled tests share. Outlives them.
struct TestEnvironment {
  CurrencyTable currencies;
  absl::flat_hash_map<std::string, AliasTable> aliases;  // By attribute path.

  // The aliases of an attribute; null: none.
  const AliasTable* AliasesOf(absl::string_view attribute) const {
    const auto it = aliases.find(attribute);
    return it == aliases.end() ? nullptr : &it->second;
  }
};

// `text` folded, after its alias (null: there are none) was resolved, once.
absl::string_view FoldResolved(const AliasTable* aliases, absl::string_view text,
                               FoldBuffer* buffer);

// Paths of attributes; those of the compiled tests, which must outlive it.
using AttributeList = absl::InlinedVector<absl::string_view, 4>;

// One test, or a composition of tests. Immutable; safe for concurrent use.
class CompiledTest {
 public:
  // What a test makes of a lead.
  struct Outcome {
    Truth truth = Truth::kUnknown;
    Points band_points = 0;  // Of the band, where the test has bands and is matched.
  };

  // `test` has passed Compile()'s checks. `environment` must outlive the result.
  static std::unique_ptr<CompiledTest> Make(const v1::Test& test,
                                            const TestEnvironment* environment);

  Outcome Evaluate(const v1::Lead& lead, absl::Time now) const;

  // Adds the attributes whose absence makes it unknown, in the test's order, each once. Call it
  // only where Evaluate() gave kUnknown.
  void CollectUnknown(const v1::Lead& lead, absl::Time now, AttributeList* paths) const;

  // Adds custom attributes whose value is of a type that the test cannot use, each once.
  void CollectWrongTypes(const v1::Lead& lead, AttributeList* paths) const;

  // Whether it asks for any custom attribute whose value can be of a wrong type.
  bool asks_for_custom() const { return asks_for_custom_; }

  // Whether the test could still turn out missed (matched) if what is unknown about `lead` became
  // known. A test of presence is never missed.
  bool CanMiss(const v1::Lead& lead, absl::Time now) const { return CanBe(false, lead, now); }
  bool CanMatch(const v1::Lead& lead, absl::Time now) const { return CanBe(true, lead, now); }

  // Whether the outcome depends on the evaluation time.
  bool depends_on_time() const { return depends_on_time_; }

  // Calls `visit` with instants at which time alone changes the outcome.
  void VisitInstants(const v1::Lead& lead, absl::FunctionRef<void(absl::Time)> visit) const;

 private:
  CompiledTest() = default;

  void CompileLeaf(const v1::Test& test);
  bool Read(const v1::Lead& lead, const v1::Contact* contact, Value* value) const;
  Outcome EvaluateLeaf(const v1::Lead& lead, absl::Time now) const;
  Outcome TestValue(const Value& value, absl::Time now) const;
  Truth TestText(absl::string_view text) const;
  Truth TestList(const Value& value) const;
  Truth TestTime(absl::Time time, absl::Time now) const;
  Outcome TestBands(const Value& value) const;
  bool CanBe(bool matched, const v1::Lead& lead, absl::Time now) const;

  v1::Test::KindCase kind_ = v1::Test::KIND_NOT_SET;
  std::vector<std::unique_ptr<CompiledTest>> children_;

  // Leaves only.
  std::string path_;
  const Attribute* attribute_ = nullptr;  // Null: custom.
  std::string custom_name_;
  const CurrencyTable* currencies_ = nullptr;
  const AliasTable* aliases_ = nullptr;  // Null: none for this attribute.
  TextTable words_;                      // in, not_in, contains_*: folded.
  std::vector<CompiledBand> bands_;      // bands; range has one.
  std::unique_ptr<RE2> pattern_;         // matches.
  absl::Time time_;                      // before, after.
  absl::Duration span_;                  // within_last, within_next.
  bool wanted_ = false;                  // is.
  bool depends_on_time_ = false;
  bool asks_for_custom_ = false;
};

// One criterion. Immutable; safe for concurrent use.
struct CompiledCriterion {
  const v1::Criterion* definition = nullptr;  // Owned by the profile.
  OwnText title;
  OwnText question;
  std::unique_ptr<CompiledTest> test;
  Points if_matched = 0;  // Unused where the test has bands.
  Points if_missed = 0;
  Points least = 0;  // Over all outcomes: {0, matched (each band), missed}.
  Points most = 0;
  bool required = false;
  bool has_bands = false;
};

// What one criterion makes of a lead.
struct CriterionOutcome {
  Truth truth = Truth::kUnknown;
  Points points = 0;
};

// Evaluates one criterion.
CriterionOutcome EvaluateCriterion(const CompiledCriterion& criterion, const v1::Lead& lead,
                                   absl::Time now);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_CRITERIA_H_
