#include "server/engine/scratch_list.h"

#include "gtest/gtest.h"

namespace bantam {
namespace {

TEST(ScratchListTest, KeepsItsElementsWhenItOutgrowsItsOwnRoom) {
  ScratchList<int, 4> list;
  EXPECT_TRUE(list.empty());
  for (int i = 0; i < 100; ++i) {
    list.Add(i);
    ASSERT_EQ(list.size(), static_cast<size_t>(i + 1));
    for (int at = 0; at <= i; ++at) ASSERT_EQ(list[at], at);
  }
  EXPECT_EQ(*list.begin(), 0);
  EXPECT_EQ(*(list.end() - 1), 99);
}

TEST(ScratchListTest, GoesOnFromWhereItWasShrunkTo) {
  ScratchList<int, 4> list;
  for (int i = 0; i < 6; ++i) list.Add(i);
  list.Shrink(3);
  list.Add(7);
  EXPECT_EQ(list.size(), 4u);
  EXPECT_EQ(list[2], 2);
  EXPECT_EQ(list[3], 7);
}

}  // namespace
}  // namespace bantam
