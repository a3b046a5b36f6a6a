#include "client/input/lead_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

struct ReadResult {
  std::vector<std::string> leads;  // "id@line".
  std::vector<std::string> bad;    // "line: message".
  std::vector<std::string> notes;
};

// Leads, good or bad, that are passed over.
size_t CountBySkipping(const std::string& text, const std::string& file,
                       const InputOptions& options) {
  auto reader = ReadLeads(text, file, options);
  size_t count = 0;
  while (reader.ok() && (*reader)->Skip()) ++count;
  return count;
}

ReadResult ReadAll(const std::string& text, const std::string& file,
                   const InputOptions& options = InputOptions()) {
  ReadResult result;
  auto reader = ReadLeads(text, file, options);
  EXPECT_TRUE(reader.ok()) << reader.status().message();
  if (!reader.ok()) return result;
  InputLead lead;
  while ((*reader)->Next(&lead)) {
    EXPECT_EQ(lead.file, file);
    if (lead.error.empty()) {
      result.leads.push_back(absl::StrCat(lead.lead.id(), "@", lead.line));
    } else {
      result.bad.push_back(absl::StrCat(lead.line, ": ", lead.error));
    }
  }
  EXPECT_TRUE((*reader)->status().ok()) << (*reader)->status();
  EXPECT_EQ(CountBySkipping(text, file, options), result.leads.size() + result.bad.size());
  result.notes = (*reader)->notes();
  return result;
}

std::string ErrorOf(const std::string& text, const std::string& file,
                    const InputOptions& options = InputOptions()) {
  return std::string(ReadLeads(text, file, options).status().message());
}

TEST(LeadReaderTest, YamlHoldsOneLeadOrAList) {
  EXPECT_THAT(ReadAll("id: a\ncompany: {country: DE}\n", "x.yaml").leads, ElementsAre("a@1"));
  EXPECT_THAT(ReadAll("# two\nleads:\n  - id: a\n  - id: b\n", "x.yaml").leads,
              ElementsAre("a@3", "b@4"));
  EXPECT_THAT(ReadAll("---\n- {id: a}\n- {id: b}\n", "x.yml").leads, ElementsAre("a@2", "b@3"));
}

TEST(LeadReaderTest, JsonHoldsOneLeadOrAList) {
  EXPECT_THAT(ReadAll("{\"id\": \"a\"}", "x.json").leads, ElementsAre("a@1"));
  EXPECT_THAT(ReadAll("[{\"id\": \"a\"},\n {\"id\": \"b\"}]", "x.json").leads,
              ElementsAre("a@1", "b@2"));
  EXPECT_THAT(ReadAll("{\"leads\": [{\"id\": \"a\"}]}", "x.json").leads, ElementsAre("a@1"));
}

TEST(LeadReaderTest, NdjsonReportsLinesAndGoesOn) {
  const ReadResult result =
      ReadAll("{\"id\":\"a\"}\n\n{\"id\":\n{\"idd\":\"c\"}\n{\"id\":\"d\"}", "x.ndjson");
  EXPECT_THAT(result.leads, ElementsAre("a@1", "d@5"));
  ASSERT_EQ(result.bad.size(), 2u);
  EXPECT_THAT(result.bad[0], HasSubstr("3: "));
  EXPECT_THAT(result.bad[1], HasSubstr("4: column 2: "));
}

// Places within a row are no lines of the file.
TEST(LeadReaderTest, NdjsonNamesNoLineWithinARow) {
  EXPECT_THAT(
      ReadAll("{\"id\":\"a\"}\n{\"id\":\"a\",\"id\":\"b\"}\n{\"company\":{\"employee_count\":1,"
              "\"employeeCount\":2}}\n",
              "x.ndjson")
          .bad,
      ElementsAre("2: column 11: duplicate key 'id'",
                  "3: column 32: duplicate key 'employeeCount'; it is the same as "
                  "'employee_count'"));
}

TEST(LeadReaderTest, NdjsonIsMadeOfJsonObjects) {
  InputOptions options;
  options.format = LeadFormat::kNdjson;
  const ReadResult result = ReadAll("id: a\n{\"id\":\"b\"}\n[{\"id\":\"c\"}]\n", "x.yaml", options);
  EXPECT_THAT(result.leads, ElementsAre("b@2"));
  EXPECT_THAT(result.bad, ElementsAre("1: expected a JSON object, from { to }, on each line",
                                      "3: expected a JSON object, from { to }, on each line"));
}

TEST(LeadReaderTest, OneBadLeadOfADocumentLeavesTheOthers) {
  ReadResult result = ReadAll(
      "- id: a\n"
      "- idd: b\n"
      "  company: {employee_count: many}\n"
      "- 7\n"
      "- id: d\n"
      "  id: e\n"
      "- id: f\n",
      "x.yaml");
  EXPECT_THAT(result.leads, ElementsAre("a@1", "f@7"));
  EXPECT_THAT(result.bad, ElementsAre(AllOf(StartsWith("2: column 3: unknown key 'idd'"),
                                            HasSubstr("; line 3, column 29: ")),
                                      StartsWith("4: column 3: "),
                                      StartsWith("5: line 6, column 3: duplicate key 'id'")));
  result = ReadAll("[{\"id\": \"a\"}, {\"id\": [1]}, {\"id\": \"c\"}]", "x.json");
  EXPECT_THAT(result.leads, ElementsAre("a@1", "c@1"));
  EXPECT_THAT(result.bad, ElementsAre(StartsWith("1: column 22: ")));
  result = ReadAll("leads:\n- {idd: a}\n- {id: b}\n", "x.yaml");
  EXPECT_THAT(result.leads, ElementsAre("b@3"));
  EXPECT_THAT(result.bad, ElementsAre(StartsWith("2: column 4: unknown key 'idd'")));
}

TEST(LeadReaderTest, WhatIsWrongWithADocumentAsAWholeIsNoLeadsError) {
  // Nobody knows what else there would have been.
  EXPECT_THAT(ErrorOf("- {id: a}\n- {id: b\n- {id: c}\n", "x.yaml"), StartsWith("x.yaml:"));
  EXPECT_THAT(ErrorOf("leads:\n- {id: a}\nnext: 7\n", "x.yaml"),
              HasSubstr("x.yaml:3:1: error: unknown key 'next'"));
  EXPECT_THAT(
      ErrorOf(absl::StrCat("[{\"id\": \"", std::string(17 << 20, 'x'), "\"}]"), "x.json"),
      HasSubstr("x.json: YAML and JSON of more than 16777216 bytes are not read; write it as "
                "NDJSON"));
}

TEST(LeadReaderTest, RecordsHaveABound) {
  const std::string large(17 << 20, 'x');
  ReadResult result = ReadAll(
      absl::StrCat("{\"id\":\"a\"}\n{\"id\":\"", large, "\"}\n{\"id\":\"c\"}\n"), "x.ndjson");
  EXPECT_THAT(result.leads, ElementsAre("a@1", "c@3"));
  EXPECT_THAT(result.bad, ElementsAre("2: the line has more than 16777216 bytes"));
  // A quote that never ends does not take the whole file.
  std::string table = "id,company.name\na,\"never\n";
  for (int i = 0; i < 17; ++i) absl::StrAppend(&table, std::string(1 << 20, 'x'), "\n");
  result = ReadAll(absl::StrCat(table, "b,c\n", large, ",d\r\ne,f\r\n"), "x.csv");
  EXPECT_THAT(result.leads, ElementsAre("b@20", "e@22"));
  ASSERT_EQ(result.bad.size(), 3u);
  EXPECT_THAT(result.bad[0], StartsWith("2: the row has more than 16777216 bytes"));
  EXPECT_THAT(result.bad[1], StartsWith("19: has 1 cell where the header has"));
  EXPECT_THAT(result.bad[2], StartsWith("21: the row has more than 16777216 bytes"));
}

// Blocks are of 64 KiB, and end anywhere in a line or its end.
TEST(LeadReaderTest, LinesAreWholeWhereverBlocksEnd) {
  for (size_t padding = 65536 - 30; padding < 65536 + 5; ++padding) {
    const std::string name(padding, 'x');
    EXPECT_THAT(ReadAll(absl::StrCat("id,company.name\r\na,", name, "\r\nb,c\rd,e"), "x.csv").leads,
                ElementsAre("a@2", "b@3", "d@4"))
        << padding;
    EXPECT_THAT(ReadAll(absl::StrCat("{\"id\":\"a\",\"company\":{\"name\":\"", name,
                                     "\"}}\r\n{\"id\":\"b\"}"),
                        "x.ndjson")
                    .leads,
                ElementsAre("a@1", "b@2"))
        << padding;
  }
}

// For the progress bar, which is never to go beyond its end.
TEST(LeadReaderTest, AnnouncesAsManyLeadsAsItGivesWhateverEndsLines) {
  for (const absl::string_view end : {"\n", "\r\n", "\r"}) {
    // Ends stand at the borders of blocks too.
    for (size_t padding = 65536 - 20; padding < 65536; ++padding) {
      const std::string text =
          absl::StrJoin({std::string("id"), std::string(padding, 'x'), std::string("b")}, end);
      const auto reader = ReadLeads(text, "x.csv", InputOptions());
      ASSERT_TRUE(reader.ok()) << reader.status();
      EXPECT_EQ((*reader)->ExpectedCount(), 2) << padding << " " << absl::CEscape(end);
    }
  }
}

TEST(LeadReaderTest, ReadsFilesOfManyBlocks) {
  std::string text = "id,company.name\n";
  for (int i = 0; i < 200000; ++i) absl::StrAppend(&text, i, ",company ", i, "\n");
  const std::string path = WriteTempFile("many.csv", text);
  const auto reader = OpenLeads(path, InputOptions());
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ((*reader)->ExpectedCount(), 200000);
  InputLead lead;
  for (int i = 0; i < 200000; ++i) {
    ASSERT_TRUE(i % 2 == 0 ? (*reader)->Next(&lead) : (*reader)->Skip());
    ASSERT_EQ(lead.lead.id(), absl::StrCat(i - i % 2));
  }
  EXPECT_FALSE((*reader)->Next(&lead));
}

TEST(LeadReaderTest, OptionsForTablesAreNotSilentlyIgnored) {
  const auto mapping = ParseMapping("columns: {company.city: City}", "mapping.yaml");
  ASSERT_TRUE(mapping.ok());
  InputOptions options;
  options.mapping = &*mapping;
  options.separator = ";";
  EXPECT_THAT(ReadAll("{id: a}", "x.yaml", options).notes,
              ElementsAre("x.yaml: is no table; --mapping is not used for it",
                          "x.yaml: is no table; --separator is not used for it"));
  options.mapping = nullptr;
  EXPECT_THAT(ReadAll("{\"id\":\"a\"}", "x.ndjson", options).notes,
              ElementsAre("x.ndjson: is no table; --separator is not used for it"));
}

TEST(LeadReaderTest, AnUnknownEncodingIsOneOfTheMappingsMistakes) {
  const auto mapping =
      ParseMapping("formats: {encoding: foo}\ncolumns: {company.city: Town}", "mapping.yaml");
  ASSERT_TRUE(mapping.ok());
  InputOptions options;
  options.mapping = &*mapping;
  EXPECT_THAT(ErrorOf("City\nCluj\n", "x.csv", options),
              AllOf(StartsWith("mapping.yaml:1:21: error: unknown encoding 'foo'; try utf-8"),
                    HasSubstr("mapping.yaml:2:25: error: the file has no column 'Town'")));
  options.encoding = "bar";
  EXPECT_THAT(ErrorOf("City\nCluj\n", "x.csv", options),
              StartsWith("x.csv: unknown encoding 'bar'"));
}

TEST(LeadReaderTest, AColumnThatStandsTwiceIsToldByFileAndLine) {
  EXPECT_THAT(ErrorOf("\nid,company.city,company.city\n1,2,3\n", "dup.csv"),
              StartsWith("dup.csv:2: column 'company.city' stands more than once in the header"));
}

TEST(LeadReaderTest, WhatAHeaderHoldsDoesNotDriveTheTerminal) {
  std::string header = "\x1b[2J";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&header, ",", std::string(1000, 'n'), i);
  const std::string error = ErrorOf(header + "\n", "x.csv");
  EXPECT_THAT(error, AllOf(Not(HasSubstr("\x1b")), HasSubstr("and 81 more")));
  EXPECT_LT(error.size(), 2000u);
  const ReadResult result = ReadAll(absl::StrCat("id,", header, "\n"), "x.csv");
  ASSERT_EQ(result.notes.size(), 1u);
  EXPECT_THAT(result.notes[0], AllOf(Not(HasSubstr("\x1b")), HasSubstr("and 81 more")));
  const auto mapping = ParseMapping("columns: {company.city: Zzz}", "mapping.yaml");
  ASSERT_TRUE(mapping.ok());
  InputOptions options;
  options.mapping = &*mapping;
  EXPECT_THAT(
      ErrorOf(header + "\n", "x.csv", options),
      AllOf(Not(HasSubstr("\x1b")), HasSubstr("the header has "), HasSubstr("and 81 more")));
  EXPECT_EQ(ErrorOf(std::string(1000, '\0'), "x.csv"),
            "x.csv: is not text; expected YAML, JSON, NDJSON or CSV");
}

TEST(LeadReaderTest, TablesReportRowsByTheLineTheyStartInAndGoOn) {
  const ReadResult result = ReadAll(
      "id,company.name,company.employee_count\n"
      "a,\"two\nlines\",5\n"
      "b,x\n"
      ",,\n"
      "c,x,many\n"
      "d,5\" pipe,1\n"
      "e,y,6\n",
      "x.csv");
  EXPECT_THAT(result.leads, ElementsAre("a@2", "e@8"));
  EXPECT_THAT(result.bad,
              ElementsAre(HasSubstr("4: has 2 cells where the header has 3"),
                          HasSubstr("6: column 'company.employee_count': expected a number"),
                          HasSubstr("7: a quote stands in the middle")));
}

TEST(LeadReaderTest, FormatIsToldByContentWhereTheNameDoesNot) {
  EXPECT_THAT(ReadAll("id;company.city\na;b\n", "-").leads, ElementsAre("a@2"));
  EXPECT_THAT(ReadAll("{\"id\":\"a\"}\n{\"id\":\"b\"}\n", "-").leads, ElementsAre("a@1", "b@2"));
  EXPECT_THAT(ReadAll("{\"id\":\"a\",\n\"stage\":\"sql\"}\n", "-").leads, ElementsAre("a@1"));
  EXPECT_THAT(ReadAll("id: a\n", "-").leads, ElementsAre("a@1"));
  InputOptions options;
  options.format = LeadFormat::kTsv;
  EXPECT_THAT(ReadAll("id\tstage\na\tsql\n", "x.txt", options).leads, ElementsAre("a@2"));
}

TEST(LeadReaderTest, NotesWhatItGuessedAndDidNotUse) {
  EXPECT_THAT(
      ReadAll("id,Name\na,M\xFCller\n", "x.csv").notes,
      ElementsAre("x.csv: is not UTF-8; read as windows-1252 (if that is wrong, name it with "
                  "--encoding)",
                  "x.csv: columns not used: Name"));
  EXPECT_THAT(ReadAll("id\na\n", "x.csv").notes, IsEmpty());
}

// CRMs write "Id", and spreadsheets capitalize.
TEST(LeadReaderTest, HeadersMeanThePathsInCapitalLettersToo) {
  const auto read = [](const std::string& text) {
    auto reader = ReadLeads(text, "x.csv", InputOptions());
    EXPECT_TRUE(reader.ok()) << reader.status().message();
    InputLead lead;
    EXPECT_TRUE((*reader)->Next(&lead));
    EXPECT_EQ(lead.error, "");
    return std::make_pair(lead.lead, (*reader)->notes());
  };
  auto [lead, notes] = read("ID,Company.Country,CONTACT.TITLE,Custom.Age,STAGE\na,DE,CTO,7,sql\n");
  EXPECT_EQ(lead.id(), "a");
  EXPECT_EQ(lead.company().country(), "DE");
  EXPECT_EQ(lead.contacts(0).title(), "CTO");
  EXPECT_EQ(lead.custom().count("age"), 1u);
  EXPECT_EQ(lead.stage(), "sql");
  EXPECT_THAT(notes, IsEmpty());
  // The one in small letters is meant; without it, which one is not known.
  std::tie(lead, notes) = read("Id,id,Stage,STAGE\nx,a,y,z\n");
  EXPECT_EQ(lead.id(), "a");
  EXPECT_EQ(lead.stage(), "");
  EXPECT_THAT(notes, ElementsAre("x.csv: columns not used: Id, Stage, STAGE"));
}

TEST(LeadReaderTest, OneLineSaysWhatToDo) {
  EXPECT_EQ(ErrorOf("", "x.yaml"), "x.yaml: is empty");
  EXPECT_EQ(ErrorOf(" \n", "x.csv"), "x.csv: is empty");
  EXPECT_EQ(ErrorOf("id,company.city\n1,Cluj\n", "x.yaml"),
            "x.yaml: looks like CSV, not like YAML or JSON; read it with --format=csv");
  EXPECT_THAT(ErrorOf("Name,City\nx,y\n", "x.csv"),
              HasSubstr("x.csv:1: no column is called like an attribute"));
  EXPECT_THAT(ErrorOf("id!company.city\nx!y\n", "x.csv"),
              HasSubstr("the whole header is one column; if that is wrong, name the separator with "
                        "--separator"));
  EXPECT_THAT(ErrorOf("leads: []\n", "x.yaml"), HasSubstr("x.yaml: holds no leads"));
  EXPECT_THAT(ErrorOf("idd: a\n", "x.yaml"), HasSubstr("x.yaml:1:1: error: "));
  EXPECT_THAT(OpenLeads("no/such.csv", InputOptions()).status().message(),
              HasSubstr("no/such.csv: no such file"));
  EXPECT_THAT(OpenLeads(BANTAM_SOURCE_DIR, InputOptions()).status().message(),
              HasSubstr("is a folder, not a file"));
  EXPECT_THAT(OpenLeads(BANTAM_SOURCE_DIR "/README.md/x.csv", InputOptions()).status().message(),
              HasSubstr("x.csv: cannot be read: Not a directory"));
}

TEST(LeadReaderTest, ReadsOtherEncodingsAndSeparators) {
  InputOptions options;
  options.separator = "!";
  EXPECT_THAT(ReadAll("id!stage\na!sql\n", "x.csv", options).leads, ElementsAre("a@2"));
  options.separator = "tab";
  options.encoding = "utf-16le";
  const std::string text("i\0d\0\n\0a\0\n\0", 10);
  EXPECT_THAT(ReadAll(text, "x.csv", options).leads, ElementsAre("a@2"));
}

}  // namespace
}  // namespace bantam
