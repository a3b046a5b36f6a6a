#include "client/diff/text_diff.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

std::string Diff(const std::string& before, const std::string& after) {
  return UnifiedDiff(before, after, "a", "b", Style());
}

// "1\n2\n" … up to `last`.
std::string Lines(int last) {
  std::string text;
  for (int i = 1; i <= last; ++i) absl::StrAppend(&text, i, "\n");
  return text;
}

TEST(UnifiedDiffTest, EqualTextsGiveNothing) {
  EXPECT_EQ(Diff("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(Diff("", ""), "");
}

TEST(UnifiedDiffTest, ShowsThreeLinesOfContext) {
  std::string after = Lines(10);
  after.replace(after.find("5\n"), 2, "five\n");
  EXPECT_EQ(Diff(Lines(10), after),
            "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(UnifiedDiffTest, ChangesNearEachOtherShareAHunkOthersDoNot) {
  std::string near = Lines(20);
  near.replace(near.find("3\n"), 2, "x\n");
  near.replace(near.find("10\n"), 3, "y\n");
  EXPECT_EQ(Diff(Lines(20), near),
            "--- a\n+++ b\n@@ -1,13 +1,13 @@\n 1\n 2\n-3\n+x\n 4\n 5\n 6\n 7\n 8\n 9\n-10\n+y\n "
            "11\n 12\n 13\n");
  std::string far = Lines(20);
  far.replace(far.find("3\n"), 2, "");
  far.replace(far.find("11\n"), 3, "y\nz\n");
  EXPECT_EQ(Diff(Lines(20), far),
            "--- a\n+++ b\n@@ -1,6 +1,5 @@\n 1\n 2\n-3\n 4\n 5\n 6\n@@ -8,7 +7,8 @@\n 8\n 9\n "
            "10\n-11\n+y\n+z\n 12\n 13\n 14\n");
}

TEST(UnifiedDiffTest, WhatIsGoneStandsBeforeWhatIsNew) {
  EXPECT_EQ(Diff("a\nb\n", "c\nd\n"), "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-a\n-b\n+c\n+d\n");
}

TEST(UnifiedDiffTest, EmptyTextsAndMissingLineEnds) {
  EXPECT_EQ(Diff("", "a\n"), "--- a\n+++ b\n@@ -0,0 +1 @@\n+a\n");
  EXPECT_EQ(Diff("a\n", ""), "--- a\n+++ b\n@@ -1 +0,0 @@\n-a\n");
  EXPECT_EQ(Diff("a", "a\n"), "--- a\n+++ b\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
}

TEST(UnifiedDiffTest, ColoursOnRequest) {
  Style style;
  style.color = true;
  EXPECT_EQ(UnifiedDiff("a\n", "b\n", "a", "b", style),
            "\x1b[1m--- a\x1b[0m\n\x1b[1m+++ b\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n"
            "\x1b[31m-a\x1b[0m\n\x1b[32m+b\x1b[0m\n");
}

// As large as an ICP may be, with nothing in common.
TEST(UnifiedDiffTest, LargeTextsThatDifferInEveryLine) {
  std::string before;
  std::string after;
  for (int i = 0; i < 20000; ++i) {
    absl::StrAppend(&before, "before ", i, "\n");
    absl::StrAppend(&after, "after ", i, "\n");
  }
  const std::string diff = Diff(before, after);
  EXPECT_EQ(diff.find("@@ -1,20000 +1,20000 @@\n-before 0\n"),
            std::string("--- a\n+++ b\n").size());
  EXPECT_EQ(diff.rfind("+after 19999\n"), diff.size() - std::string("+after 19999\n").size());
}

}  // namespace
}  // namespace bantam
