#include "client/diff/list_match.h"

#include <algorithm>
#include <deque>
#include <map>

namespace bantam {
namespace {

// Which of `values` lie outside their longest ascending subsequence; the values are all different.
std::vector<size_t> OutOfOrder(const std::vector<int>& values) {
  std::vector<size_t> ends;  // Of the best subsequence of each length.
  std::vector<size_t> before(values.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const auto place = std::lower_bound(ends.begin(), ends.end(), i, [&values](size_t a, size_t b) {
      return values[a] < values[b];
    });
    if (place != ends.begin()) before[i] = *(place - 1);
    if (place == ends.end()) {
      ends.push_back(i);
    } else {
      *place = i;
    }
  }
  std::vector<bool> in_order(values.size(), false);
  for (size_t i = ends.empty() ? values.size() : ends.back(); i < values.size(); i = before[i]) {
    in_order[i] = true;
  }
  std::vector<size_t> others;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!in_order[i]) others.push_back(i);
  }
  return others;
}

}  // namespace

ListMatch MatchLists(const std::vector<std::string>& before,
                     const std::vector<std::string>& after) {
  std::map<std::string, std::deque<int>> unmatched;
  for (size_t i = 0; i < before.size(); ++i) unmatched[before[i]].push_back(static_cast<int>(i));
  ListMatch match;
  std::vector<int> places;
  for (size_t i = 0; i < after.size(); ++i) {
    std::deque<int>& candidates = unmatched[after[i]];
    if (candidates.empty()) {
      match.added.push_back(static_cast<int>(i));
      continue;
    }
    match.pairs.emplace_back(candidates.front(), static_cast<int>(i));
    places.push_back(candidates.front());
    candidates.pop_front();
  }
  for (const size_t i : OutOfOrder(places)) match.moved.push_back(match.pairs[i].second);
  for (const auto& [key, rest] : unmatched) {
    match.removed.insert(match.removed.end(), rest.begin(), rest.end());
  }
  std::sort(match.removed.begin(), match.removed.end());
  return match;
}

}  // namespace bantam
