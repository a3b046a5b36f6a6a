#include "client/input/lead_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct ReadResult {
  std::vector<std::string> leads;  // "id@line".
  std::vector<std::string> bad;    // "line: message".
  std::vector<std::string> notes;
};

ReadResult ReadAll(const std::string& text, const std::string& file,
                   const InputOptions& options = InputOptions()) {
  ReadResult result;
  auto reader = ReadLeads(text, file, options);
  EXPECT_TRUE(reader.ok()) << reader.status().message();
  if (!reader.ok()) return result;
  InputLead lead;
  while ((*reader)->Next(&lead)) {
    result.leads.push_back(absl::StrCat(lead.lead.id(), "@", lead.line));
  }
  for (const BadRow& row : (*reader)->bad_rows()) {
    result.bad.push_back(absl::StrCat(row.line, ": ", row.message));
  }
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

TEST(LeadReaderTest, OneLineSaysWhatToDo) {
  EXPECT_EQ(ErrorOf("", "x.yaml"), "x.yaml: is empty");
  EXPECT_EQ(ErrorOf(" \n", "x.csv"), "x.csv: is empty");
  EXPECT_EQ(ErrorOf("id,company.city\n1,Cluj\n", "x.yaml"),
            "x.yaml: looks like CSV, not like YAML or JSON; read it with --format=csv");
  EXPECT_THAT(ErrorOf("Name,City\nx,y\n", "x.csv"),
              HasSubstr("x.csv: no column is called like an attribute"));
  EXPECT_THAT(ErrorOf("id!company.city\nx!y\n", "x.csv"),
              HasSubstr("the whole header is one column; if that is wrong, name the separator with "
                        "--separator"));
  EXPECT_THAT(ErrorOf("leads: []\n", "x.yaml"), HasSubstr("x.yaml: holds no leads"));
  EXPECT_THAT(ErrorOf("idd: a\n", "x.yaml"), HasSubstr("x.yaml:1:1: error: "));
  EXPECT_THAT(OpenLeads("no/such.csv", InputOptions()).status().message(),
              HasSubstr("no/such.csv: no such file"));
  EXPECT_THAT(OpenLeads(BANTAM_SOURCE_DIR, InputOptions()).status().message(),
              HasSubstr("is a folder, not a file"));
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
