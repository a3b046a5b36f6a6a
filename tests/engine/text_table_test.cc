#include "server/engine/text_table.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

TEST(TextTableTest, AnEmptyOneHoldsNothing) {
  const TextTable table;
  EXPECT_EQ(table.Find(""), -1);
  EXPECT_FALSE(table.Contains("a"));
  EXPECT_EQ(table.size(), 0);
}

TEST(TextTableTest, NumbersTextsInTheOrderOfTheirFirstAddition) {
  TextTable table;
  EXPECT_EQ(table.Add("software"), 0);
  EXPECT_EQ(table.Add(""), 1);
  EXPECT_EQ(table.Add("software"), 0);
  EXPECT_EQ(table.Add("fintech"), 2);
  EXPECT_EQ(table.Find("software"), 0);
  EXPECT_EQ(table.Find(""), 1);
  EXPECT_EQ(table.Find("fintech"), 2);
  EXPECT_EQ(table.Find("Software"), -1);
  EXPECT_EQ(table.size(), 3);
}

// Texts of every length, some of which differ in a single byte, at any place.
TEST(TextTableTest, TellsSimilarTextsApart) {
  TextTable table;
  std::vector<std::string> texts;
  for (int length = 0; length < 40; ++length) {
    texts.push_back(std::string(length, 'x'));
    for (int place = 0; place < length; ++place) {
      texts.push_back(std::string(length, 'x'));
      texts.back()[place] = 'y';
    }
  }
  for (size_t i = 0; i < texts.size(); ++i) ASSERT_EQ(table.Add(texts[i]), i) << texts[i];
  for (size_t i = 0; i < texts.size(); ++i) ASSERT_EQ(table.Find(texts[i]), i) << texts[i];
  for (const std::string& text : texts) EXPECT_FALSE(table.Contains(absl::StrCat(text, "z")));
}

}  // namespace
}  // namespace bantam
