// The engine's ranking of a batch against counting, for each result, how many are better.
#include <gtest/gtest.h>

#include <iostream>
#include <vector>

#include "bantam/v1/qualification_service.pb.h"
#include "server/engine/compiled_icp.h"
#include "tests/reference/random_input.h"
#include "tests/reference/seed.h"

namespace bantam {
namespace reference {
namespace {

constexpr int kBatches = 2000;

// 0: scored; 1: restricted; 2: an error.
int KindOf(const v1::LeadResult& result) {
  if (result.has_error()) return 2;
  return result.evaluation().has_score() ? 0 : 1;
}

// Total, then fit, then request order; restricted leads, then those with an error, last.
bool IsBetter(const v1::LeadResult& a, const v1::LeadResult& b) {
  if (KindOf(a) != KindOf(b)) return KindOf(a) < KindOf(b);
  const v1::Score& x = a.evaluation().score();
  const v1::Score& y = b.evaluation().score();
  if (KindOf(a) == 0 && x.total() != y.total()) return x.total() > y.total();
  if (KindOf(a) == 0 && x.fit().points() != y.fit().points()) {
    return x.fit().points() > y.fit().points();
  }
  return a.index() < b.index();
}

v1::LeadResult RandomResult(int index, Dice* dice) {
  v1::LeadResult result;
  result.set_index(index);
  if (dice->Chance(15)) {
    result.mutable_error()->set_code(3);
    return result;
  }
  if (dice->Chance(15)) {
    result.mutable_evaluation()->set_verdict(v1::VERDICT_RESTRICTED);
    return result;
  }
  v1::Score* score = result.mutable_evaluation()->mutable_score();
  score->set_total(FromHundredths(dice->Roll(4)));
  score->mutable_fit()->set_points(FromHundredths(dice->Roll(3)));
  return result;
}

TEST(RankTest, EngineAgreesWithCounting) {
  const uint64_t seed = Seed();
  std::cout << "BANTAM_SEED=" << seed << "\n";
  Dice dice(seed);
  for (int i = 0; i < kBatches; ++i) {
    std::vector<v1::LeadResult> results;
    const int size = 1 + dice.Roll(12);
    for (int j = 0; j < size; ++j) results.push_back(RandomResult(j, &dice));
    std::vector<v1::LeadResult*> ranked;
    for (v1::LeadResult& result : results) {
      ranked.insert(ranked.begin() + dice.Roll(static_cast<int>(ranked.size()) + 1), &result);
    }
    Rank(&ranked);
    ASSERT_EQ(ranked.size(), results.size());
    for (const v1::LeadResult& result : results) {
      int better = 0;
      for (const v1::LeadResult& other : results) better += IsBetter(other, result);
      ASSERT_EQ(ranked[better], &result) << "BANTAM_SEED=" << seed << ", batch " << i;
    }
  }
}

}  // namespace
}  // namespace reference
}  // namespace bantam
