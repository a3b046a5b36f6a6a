#include "server/engine/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bantam {
namespace {

TEST(FoldTest, FoldsFullyAndTrims) {
  EXPECT_EQ(Fold("  FinTech "), "fintech");
  EXPECT_EQ(Fold("Straße"), Fold("STRASSE"));
  EXPECT_EQ(Fold("ΣΊΣΥΦΟΣ"), Fold("σίσυφος"));
  EXPECT_EQ(Fold("ﬁne"), Fold("FINE"));
}

TEST(FoldTest, MakesMalformedTextComparable) {
  EXPECT_EQ(Fold("caf\xE9"), Fold("CAF\xE9"));
  EXPECT_NE(Fold("caf\xE9"), Fold("cafe"));
}

// TextTable relies on it: a text that is one of its folded texts is found without folding it.
TEST(FoldTest, FoldsNoFoldedCharacterAnyFurther) {
  constexpr uint32_t kEnd = 0x110000;
  for (uint32_t c = 1; c < kEnd; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;  // Halves of characters of UTF-16.
    std::string text;
    if (c < 0x80) {
      text = {static_cast<char>(c)};
    } else if (c < 0x800) {
      text = {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
    } else if (c < 0x10000) {
      text = {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)),
              static_cast<char>(0x80 | (c & 0x3F))};
    } else {
      text = {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 0x3F)),
              static_cast<char>(0x80 | (c >> 6 & 0x3F)), static_cast<char>(0x80 | (c & 0x3F))};
    }
    const std::string folded = Fold(text);
    ASSERT_EQ(Fold(folded), folded) << c;
  }
}

TEST(FoldTest, ReusesTheBuffer) {
  FoldBuffer buffer;
  EXPECT_EQ(FoldInto("ABC", &buffer), "abc");
  EXPECT_EQ(FoldInto("", &buffer), "");
  const std::string longer(500, 'X');
  EXPECT_EQ(FoldInto(longer, &buffer), std::string(500, 'x'));
  EXPECT_EQ(FoldInto("\u00C4rger", &buffer), "\u00E4rger");
  EXPECT_EQ(FoldInto("DE", &buffer), "de");
}

TEST(FoldTest, LowersEveryLetterOfAsciiAndNothingElse) {
  std::string all;
  std::string lower;
  for (char c = '!'; c <= '~'; ++c) {
    all.push_back(c);
    lower.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
  }
  EXPECT_EQ(Fold(all), lower);
}

TEST(TrimTest, TrimsUnicodeWhiteSpace) {
  EXPECT_EQ(Trim("\t a b \n"), "a b");
  EXPECT_EQ(Trim("\u00A0\u2003x\u3000"), "x");
  EXPECT_EQ(Trim("\u00A0\u2003"), "");
  EXPECT_EQ(Trim("é"), "é");
}

TEST(NormalizeRoleTest, TakesSpacesAndHyphensAsUnderscores) {
  EXPECT_EQ(NormalizeRole(" Decision-Maker "), "decision_maker");
  EXPECT_EQ(NormalizeRole("ECONOMIC  buyer"), "economic_buyer");
  EXPECT_EQ(NormalizeRole("-user-"), "user");
  EXPECT_EQ(NormalizeRole(""), "");
}

}  // namespace
}  // namespace bantam
