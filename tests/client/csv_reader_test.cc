#include "client/input/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<CsvRow> ReadAll(absl::string_view text, char separator = ',') {
  CsvReader reader(text, separator);
  std::vector<CsvRow> rows;
  CsvRow row;
  while (reader.Next(&row)) rows.push_back(row);
  return rows;
}

TEST(CsvReaderTest, QuotesHoldSeparatorsQuotesAndNewlines) {
  const auto rows = ReadAll("a,\"b,\"\"c\"\"\nd\"\ne,f\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0].cells, ElementsAre("a", "b,\"c\"\nd"));
  EXPECT_THAT(rows[1].cells, ElementsAre("e", "f"));
}

TEST(CsvReaderTest, RowsKnowTheLineTheyStartIn) {
  const auto rows = ReadAll("a\n\n\"b\nb\n\nb\"\r\n\r\nc\n");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].line, 1);
  EXPECT_EQ(rows[1].line, 3);
  EXPECT_EQ(rows[2].line, 8);
  EXPECT_THAT(rows[1].cells, ElementsAre("b\nb\n\nb"));
}

TEST(CsvReaderTest, AllLineEndsServeAndTheLastIsNotNeeded) {
  for (const char* text : {"a,b\nc,d", "a,b\r\nc,d\r\n", "a,b\rc,d\r"}) {
    const auto rows = ReadAll(text);
    ASSERT_EQ(rows.size(), 2u) << text;
    EXPECT_THAT(rows[1].cells, ElementsAre("c", "d"));
    EXPECT_EQ(rows[1].line, 2);
  }
}

TEST(CsvReaderTest, EmptyCellsAreKeptAndSpacesTrimmed) {
  const auto rows = ReadAll(";  x ;\" y \";", ';');
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_THAT(rows[0].cells, ElementsAre("", "x", " y ", ""));
}

TEST(CsvReaderTest, TabsSeparate) {
  EXPECT_THAT(ReadAll("a\t\tb\n", '\t')[0].cells, ElementsAre("a", "", "b"));
}

TEST(CsvReaderTest, AStrayQuoteIsAnErrorOfItsRowOnly) {
  const auto rows = ReadAll("a,b\n5\" pipe,x\nc,d\n");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[1].line, 2);
  EXPECT_THAT(rows[1].cells, IsEmpty());
  EXPECT_THAT(rows[1].error, HasSubstr("a quote stands in the middle of a value"));
  EXPECT_THAT(rows[2].cells, ElementsAre("c", "d"));
  EXPECT_EQ(rows[2].line, 3);
}

TEST(CsvReaderTest, AQuoteThatNeverEndsIsReportedWhereItStarts) {
  const auto rows = ReadAll("a,b\nc,\"d\ne,f\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].line, 2);
  EXPECT_THAT(rows[1].error, HasSubstr("never ends"));
}

TEST(DetectSeparatorTest, TakesWhatGivesEveryRowTheSameCells) {
  EXPECT_EQ(DetectSeparator("a;b;c\n1,5;2;3\n4,5;5;6\n"), ';');
  EXPECT_EQ(DetectSeparator("a,b\n\"x;y;z\",2\n"), ',');
  EXPECT_EQ(DetectSeparator("a\tb\n1\t2\n"), '\t');
  EXPECT_EQ(DetectSeparator("a|b|c\n1|2|3\n"), '|');
  EXPECT_EQ(DetectSeparator("alone\n1\n"), ',');
}

TEST(SeparatorLineTest, NamesOneCharacter) {
  size_t size = 0;
  EXPECT_EQ(SeparatorLine("sep=;\r\na;b\r\n", &size), ';');
  EXPECT_EQ(size, 5u);
  EXPECT_EQ(SeparatorLine("SEP=,", nullptr), ',');
  EXPECT_EQ(SeparatorLine("\"sep=|\"\n", &size), '|');
  EXPECT_EQ(size, 7u);
  EXPECT_EQ(SeparatorLine("sep=\t\n", nullptr), '\t');
  EXPECT_EQ(SeparatorLine("sep=\\t\n", nullptr), '\t');
  for (const char* text :
       {"", "sep", "sep=", "sep=\n;", "sep=;;", "sep=\"", "\"sep=;", "a;sep=;"}) {
    EXPECT_EQ(SeparatorLine(text, nullptr), '\0') << text;
  }
}

}  // namespace
}  // namespace bantam
