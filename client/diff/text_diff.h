#ifndef BANTAM_CLIENT_DIFF_TEXT_DIFF_H_
#define BANTAM_CLIENT_DIFF_TEXT_DIFF_H_

#include <string>

#include "absl/strings/string_view.h"
#include "client/output/terminal.h"

namespace bantam {

// The line by line difference of two texts in the unified format with three lines of context, as
// `diff -u` and `patch` know it. `before_name` and `after_name` stand in its head. Empty: the texts
// are equal.
std::string UnifiedDiff(absl::string_view before, absl::string_view after,
                        absl::string_view before_name, absl::string_view after_name,
                        const Style& style);

}  // namespace bantam

#endif  // BANTAM_CLIENT_DIFF_TEXT_DIFF_H_
