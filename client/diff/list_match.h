#ifndef BANTAM_CLIENT_DIFF_LIST_MATCH_H_
#define BANTAM_CLIENT_DIFF_LIST_MATCH_H_

#include <string>
#include <utility>
#include <vector>

namespace bantam {

// Which elements of two lists belong together.
struct ListMatch {
  // Index before and after, in the order after.
  std::vector<std::pair<int, int>> pairs;

  // Indexes after of those pairs that stand in another order than before: the fewest that explain
  // it.
  std::vector<int> moved;

  std::vector<int> removed;  // Indexes before, ascending.
  std::vector<int> added;    // Indexes after, ascending.
};

// Matches elements of equal keys; of several with one key the first with the first, and so on.
ListMatch MatchLists(const std::vector<std::string>& before, const std::vector<std::string>& after);

}  // namespace bantam

#endif  // BANTAM_CLIENT_DIFF_LIST_MATCH_H_
