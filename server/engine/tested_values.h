// What a simple test looks for, in short, for people.
#ifndef BANTAM_SERVER_ENGINE_TESTED_VALUES_H_
#define BANTAM_SERVER_ENGINE_TESTED_VALUES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "bantam/v1/icp.pb.h"
#include "server/engine/phrases/phrases.h"

namespace bantam {

// Values or ranges, and the phrase round them, if any.
struct TestedValues {
  std::string values;  // "DE, AT, CH", "50–999", "≥ 100000 EUR"; empty: the test is not simple.
  std::optional<Phrase> frame;
};

// Describes a test of words, or of a range or bands (those that earn points), by at most five of
// its values; "…" stands for the others. `currency` is the ICP's.
TestedValues DescribeTest(const v1::Test& test, absl::string_view currency);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_TESTED_VALUES_H_
