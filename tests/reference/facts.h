// What a lead says about an attribute.
#ifndef BANTAM_TESTS_REFERENCE_FACTS_H_
#define BANTAM_TESTS_REFERENCE_FACTS_H_

#include <optional>
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "tests/reference/values.h"

namespace bantam {
namespace reference {

// One value, as far as it is known.
struct Value {
  enum Kind { kUnknown, kText, kNumber, kMoney, kFlag, kTime, kList };
  Kind kind = kUnknown;
  std::string text;
  std::optional<double> low, high;              // kNumber: equal for a plain number.
  std::optional<Amount> money_low, money_high;  // kMoney, in the ICP's currency.
  bool flag = false;
  Nanos time = 0;
  std::vector<std::string> list;
};

// The values of `attribute`, aliases applied: one, or one for each contact. `icp` has its defaults.
std::vector<Value> ValuesOf(const v1::Icp& icp, const v1::Lead& lead, const std::string& attribute);

// The value that the ICP's alias table for `attribute` gives for `text`, else `text`.
std::string Aliased(const v1::Icp& icp, const std::string& attribute, const std::string& text);

}  // namespace reference
}  // namespace bantam

#endif  // BANTAM_TESTS_REFERENCE_FACTS_H_
