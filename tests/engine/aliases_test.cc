#include "server/engine/aliases.h"

#include <initializer_list>
#include <string>

#include "gtest/gtest.h"

namespace bantam {
namespace {

google::protobuf::RepeatedPtrField<std::string> Words(std::initializer_list<const char*> words) {
  google::protobuf::RepeatedPtrField<std::string> list;
  for (const char* word : words) *list.Add() = word;
  return list;
}

TEST(WordTableTest, FindsWordsInAnyCase) {
  const WordTable table(Words({"Software", "STRASSE", "a word of more than 16 bytes"}), nullptr);
  EXPECT_EQ(table.size(), 3);
  EXPECT_EQ(table.Find("sOFTWARE"), 0);
  EXPECT_EQ(table.Find("Stra\xC3\x9F"
                       "e"),
            1);
  EXPECT_EQ(table.Find("A Word of More than 16 Bytes"), 2);
  EXPECT_EQ(table.Find("hardware"), -1);
  EXPECT_EQ(table.Find(""), -1);
}

TEST(WordTableTest, CountsWordsThatDifferInCaseOnce) {
  EXPECT_EQ(WordTable(Words({"SAP", "sap", "AWS"}), nullptr).size(), 2);
}

TEST(WordTableTest, ResolvesAliasesOnce) {
  AliasTable aliases;
  aliases.Add("Deutschland", "DE");
  aliases.Add("Germany", "deutschland");  // Not resolved a second time.
  aliases.Add("FR", "France");            // A word that is itself an alias …
  const WordTable table(Words({"de", "fr", "Germany"}), &aliases);
  EXPECT_EQ(table.size(), 3);
  EXPECT_EQ(table.Find("DEUTSCHLAND"), 0);
  EXPECT_EQ(table.Find("de"), 0);
  EXPECT_EQ(table.Find("fr"), -1);  // … stands for what is not named.
  EXPECT_EQ(table.Find("germany"), -1);
}

TEST(AliasTableTest, ResolvesTextsAsTheyAreWritten) {
  AliasTable aliases;
  aliases.Add("Leiter IT", "it director");
  EXPECT_EQ(aliases.Resolve(" leiter it "), "it director");
  EXPECT_EQ(aliases.Resolve("Leiter"), "Leiter");
}

}  // namespace
}  // namespace bantam
