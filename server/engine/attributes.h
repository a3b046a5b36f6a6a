// The one table of what an ICP may ask about a lead. The reference page, "did you mean" and the
// evaluator all come from it.
#ifndef BANTAM_SERVER_ENGINE_ATTRIBUTES_H_
#define BANTAM_SERVER_ENGINE_ATTRIBUTES_H_

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "bantam/v1/lead.pb.h"
#include "server/engine/instant.h"

namespace bantam {

class CompiledTest;  // criteria.h
struct TestedLead;
struct TestOutcome;

// Judges one kind of test.
using TestJudge = TestOutcome (*)(const CompiledTest& test, const TestedLead& tested);

// The type of an attribute, and of a value of it.
enum class ValueType { kText, kNumber, kMoney, kBoolean, kTime, kTextList };

// One value of an attribute, as the lead gives it. Views into the lead. Only what belongs to its
// type is set, since a value is made for every test of every lead; the unions keep members from
// setting themselves.
struct Value {
  Value() {}  // NOLINT: sets nothing.

  ValueType type;
  union {
    absl::string_view text;  // kText: trimmed, not empty.
  };
  double min;                  // kNumber: equal to max unless only a range is known; infinite:
  double max;                  // open end.
  const v1::Money* min_money;  // kMoney: equal to max_money unless only a range is known; null:
  const v1::Money* max_money;  // from 0, and open end.
  bool boolean;                // kBoolean.
  union {
    Instant time;  // kTime.
  };
  const google::protobuf::RepeatedPtrField<std::string>* list;  // kTextList.
};

// One row of the table.
struct Attribute {
  absl::string_view path;  // Such as "company.industry".
  ValueType type;
  bool of_contact;                // Asked of each contact; else of the lead.
  absl::string_view description;  // One line for the reference page.
  // The words the value can take, comma-separated; empty: any.
  absl::string_view vocabulary;
  // Reads the value; false: absent. `contact` is null unless of_contact.
  bool (*read)(const v1::Lead& lead, const v1::Contact* contact, Value* value);
  // kText only, else null: the text as the lead gives it, not trimmed; empty: absent.
  absl::string_view (*text)(const v1::Lead& lead, const v1::Contact* contact);
  // Likewise: judges a test of words of it. One for each text, so that no call lies between.
  TestJudge judge_words;
  // kNumber and kMoney: valid leads have nothing below or above.
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

// Bounds of attributes, as lead.proto documents them.
inline constexpr double kMostEmployees = 10000000;
inline constexpr double kFirstYear = 1000;
inline constexpr double kLastYear = 2200;
inline constexpr double kMostRank = 10000000;

// All attributes but the custom ones, by path.
absl::Span<const Attribute> Attributes();

// The attribute at `path`; null if there is none.
const Attribute* FindAttribute(absl::string_view path);

// The paths of all attributes, for suggestions.
std::vector<std::string> AttributePaths();

// "custom.age" → "age"; nullopt if `path` is not of the form custom.[a-z][a-z0-9_]{0,63}.
std::optional<std::string> CustomName(absl::string_view path);

// Reads a custom attribute; false: absent (no such entry, no kind set, or empty text).
bool ReadCustom(const v1::Lead& lead, const std::string& name, Value* value);

// Reads the value of a custom attribute; false: absent.
bool ReadCustomValue(const v1::AttributeValue& custom, Value* value);

// "text", "number" … for messages.
absl::string_view TypeName(ValueType type);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_ATTRIBUTES_H_
