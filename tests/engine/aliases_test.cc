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

TEST(WordTableTest, TrimsWhatALeadGives) {
  const WordTable table(Words({"Software", "a word of more than 16 bytes"}), nullptr);
  EXPECT_EQ(table.Find("SOFTWARE"), 0);
  EXPECT_EQ(table.Find(" Software\n"), 0);
  EXPECT_EQ(table.Find("\u00A0Software\u2003"), 0);
  EXPECT_EQ(table.Find("\ta word of more than 16 bytes "), 1);
  EXPECT_EQ(table.Find("hardware"), -1);
  EXPECT_EQ(table.Find(" hardware"), -1);
  for (const char* text : {"", " ", "\t\n", "\u00A0", "                        "}) {
    EXPECT_EQ(table.Find(text), WordTable::kNoText) << '"' << text << '"';
  }
}

TEST(WordBitsTest, HasABitForEachWord) {
  AliasTable aliases;
  aliases.Add("Amazon Web Services", "AWS");
  aliases.Add("HANA", "SAP");
  aliases.Add("sap", "erp");  // A word that is itself an alias …
  const WordBits words(Words({"aws", "SAP", "Azure", "Aws"}), &aliases);
  EXPECT_FALSE(words.empty());
  const uint64_t aws = words.Of(Words({"AWS"}));
  const uint64_t sap = words.Of(Words({"sap"}));
  const uint64_t azure = words.Of(Words({"azure"}));
  EXPECT_EQ(words.Of(Words({"SAP", "azure", "aws"})), aws | sap | azure);
  EXPECT_EQ(aws | sap | azure, 7);
  EXPECT_EQ(words.In(Words({" amazon web services ", "", "AZURE", "gcp"})), aws | azure);
  EXPECT_EQ(words.In(Words({"hana"})), sap);
  EXPECT_EQ(words.In(Words({"sap"})), 0);  // … stands for what is not named.
  EXPECT_EQ(words.In(Words({})), 0);
}

TEST(WordBitsTest, HasNoneOfMoreWordsThanBits) {
  google::protobuf::RepeatedPtrField<std::string> words;
  for (int i = 0; i < 64; ++i) *words.Add() = std::string(i + 1, 'x');
  EXPECT_EQ(WordBits(words, nullptr).Of(words), ~uint64_t{0});
  EXPECT_EQ(WordBits(words, nullptr).In(words), ~uint64_t{0});
  *words.Add() = "one more";
  EXPECT_TRUE(WordBits(words, nullptr).empty());
  EXPECT_TRUE(WordBits().empty());
}

TEST(AliasTableTest, ResolvesTextsAsTheyAreWritten) {
  AliasTable aliases;
  aliases.Add("Leiter IT", "it director");
  EXPECT_EQ(aliases.Resolve(" leiter it "), "it director");
  EXPECT_EQ(aliases.Resolve("Leiter"), "Leiter");
}

}  // namespace
}  // namespace bantam
