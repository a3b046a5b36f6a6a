#include "server/engine/text_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

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

// Texts whose lengths are a multiple of 64 apart, and folded look-ups of every length.
TEST(TextTableTest, FindsWhatATextFoldsTo) {
  TextTable table;
  for (int length = 1; length < 150; length += 2) table.Add(std::string(length, 'x'));
  for (int length = 1; length < 300; ++length) {
    const int number = length < 150 && length % 2 == 1 ? length / 2 : -1;
    EXPECT_EQ(table.FindFolded(std::string(length, 'X')), number) << length;
    EXPECT_EQ(table.Find(std::string(length, 'x')), number) << length;
    EXPECT_EQ(table.FindFolded(std::string(length, 'y')), -1) << length;
  }
  table.Add("k\xC3\xB6ln");
  EXPECT_EQ(table.FindFolded("K\xC3\x96LN"), 75);
  table.Add("xyzk");
  EXPECT_EQ(table.FindFolded("XYZ\xE2\x84\xAA"), 76);  // The Kelvin sign is longer than its fold.
}

// Every byte of ASCII at the first and the last place of short texts, in tables of every letter
// and of none.
TEST(TextTableTest, TakesOnlyLettersForTheirOtherCase) {
  for (const size_t length : {1, 2, 3, 5, 7, 8, 9, 13, 16}) {
    TextTable table;
    for (char c = ' '; c <= '~'; ++c) {
      const std::string text(length, c);
      if (c >= 'A' && c <= 'Z') continue;
      if (c != '`' && c != '{') table.Add(text);  // '@' and '[' with the bit of case.
    }
    for (char c = ' '; c <= '~'; ++c) {
      const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      EXPECT_EQ(table.FindFolded(std::string(length, c)), table.Find(std::string(length, lower)))
          << length << c;
    }
    EXPECT_EQ(table.FindFolded(std::string(length, '`')), -1);
    EXPECT_EQ(table.FindFolded(std::string(length, '{')), -1);
    EXPECT_GE(table.FindFolded(std::string(length, '@')), 0);
    EXPECT_EQ(table.FindFolded(std::string(length, '\0')), -1);
  }
}

// All have the same first and last words.
TEST(TextTableTest, TellsFoldedTextsApartByTheirMiddles) {
  TextTable table;
  std::vector<std::string> texts;
  for (const size_t length : {17, 18, 23, 24, 25, 40}) {
    for (size_t place = 8; place < length - 8; ++place) {
      texts.push_back(std::string(length, 'x'));
      texts.back()[place] = 'y';
    }
  }
  for (size_t i = 0; i < texts.size(); ++i) ASSERT_EQ(table.Add(texts[i]), i);
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(table.FindFolded(absl::AsciiStrToUpper(texts[i])), i);
    EXPECT_EQ(table.FindFolded(absl::StrCat("\t", texts[i], "\u2003")), i);
    EXPECT_EQ(table.FindFolded(absl::StrReplaceAll(texts[i], {{"y", "Z"}})), -1);
    EXPECT_EQ(table.FindFolded(absl::StrReplaceAll(texts[i], {{"y", "9"}})), -1);
  }
}

TEST(TextTableTest, LeavesOutWhiteSpaceAtTheEndsOfWhatIsFolded) {
  TextTable table;
  table.Add("software");
  for (const char* text : {" software", "Software\n", "\u00A0SOFTWARE\u2003"}) {
    EXPECT_EQ(table.FindFolded(text), 0) << text;
  }
  EXPECT_EQ(table.FindFolded(" hardware"), -1);
  for (const char* text : {"", " ", "\t\n", "\u00A0", "                        "}) {
    EXPECT_EQ(table.FindFolded(text), TextTable::kNoText) << '"' << text << '"';
    EXPECT_EQ(TextTable().FindFolded(text), TextTable::kNoText) << '"' << text << '"';
  }
}

TEST(TextTableTest, FindsFoldedTextsThatHaveOnePlace) {
  TextTable table;
  std::vector<std::string> texts;
  for (int i = 0; i < 500; ++i) texts.push_back(absl::StrCat("word ", i));
  texts.push_back("gr\xC3\xBCss");
  for (size_t i = 0; i < texts.size(); ++i) ASSERT_EQ(table.Add(texts[i]), i);
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(table.FindFolded(texts[i]), i);
    EXPECT_EQ(table.FindFolded(absl::StrCat("WORD ", i)), i);
    EXPECT_EQ(table.FindFolded(absl::StrCat("WORT ", i)), -1);
  }
  EXPECT_EQ(table.FindFolded("gr\xC3\xBCss"), 500);
  EXPECT_EQ(table.FindFolded("GR\xC3\x9C\xC3\x9F"), 500);
}

// Tables from those that every text has a place of its own in to those that are left as they are.
TEST(TextTableTest, FindsTheSameOnceItsTextsAreSpread) {
  for (int count = 0; count < 150; ++count) {
    TextTable table;
    for (int i = 0; i < count; ++i) table.Add(absl::StrCat("some word ", i * i));
    table.Spread();
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(table.Find(absl::StrCat("some word ", i * i)), i) << count;
      ASSERT_EQ(table.FindFolded(absl::StrCat("Some Word ", i * i)), i) << count;
      ASSERT_EQ(table.Find(absl::StrCat("some wood ", i * i)), -1) << count;
      ASSERT_EQ(table.FindFolded(absl::StrCat("Some Wood ", i * i)), -1) << count;
    }
    EXPECT_EQ(table.size(), count);
    EXPECT_EQ(table.numbers(), count);
  }
}

}  // namespace
}  // namespace bantam
