#ifndef BANTAM_SERVER_ENGINE_SUGGEST_H_
#define BANTAM_SERVER_ENGINE_SUGGEST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bantam {

// The candidate nearest to `word` by edit distance (insert, delete, replace, swap of neighbours;
// case-insensitive), if it is near enough to be a likely typing error (at most a third of the
// length, at least 1); else empty. Of equally near ones the first.
std::string Nearest(absl::string_view word, const std::vector<std::string>& candidates);

// "; did you mean 'x'?" for the nearest candidate, else empty.
std::string DidYouMean(absl::string_view word, const std::vector<std::string>& candidates);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_SUGGEST_H_
