// Files that break importers, from the shared data: each is read right, or refused with one line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/input/lead_reader.h"
#include "tests/client/run_command.h"
#include "tests/client/shared_data.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Reads files of csv_edge_cases with a mapping.
class CsvEdgeCasesTest : public ::testing::Test {
 protected:
  void Read(const std::string& name, const std::string& mapping,
            const std::string& separator = "") {
    const std::string path = SharedData("csv_edge_cases/" + name);
    BANTAM_SKIP_WITHOUT(path);
    const auto parsed = ParseMapping(mapping, "mapping.yaml");
    ASSERT_TRUE(parsed.ok()) << parsed.status().message();
    InputOptions options;
    options.mapping = &*parsed;
    options.separator = separator;
    auto reader = OpenLeads(path, options);
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    InputLead lead;
    while ((*reader)->Next(&lead)) {
      if (lead.error.empty()) {
        leads_.push_back(lead.lead);
      } else {
        bad_.push_back(absl::StrCat(lead.line, ": ", lead.error));
      }
    }
    notes_ = (*reader)->notes();
    read_ = true;
  }

  std::vector<std::string> Texts(const std::string& custom) const {
    std::vector<std::string> texts;
    for (const v1::Lead& lead : leads_) texts.push_back(lead.custom().at(custom).text());
    return texts;
  }

  std::vector<std::string> Times(const std::string& custom) const {
    std::vector<std::string> times;
    for (const v1::Lead& lead : leads_) {
      const int64_t seconds = lead.custom().at(custom).time().seconds();
      times.push_back(
          absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixSeconds(seconds), absl::UTCTimeZone()));
    }
    return times;
  }

  bool read_ = false;
  std::vector<v1::Lead> leads_;
  std::vector<std::string> bad_;
  std::vector<std::string> notes_;
};

constexpr char kThreeColumns[] =
    "columns: {custom.a: column1, custom.b: column2, custom.c: column3}\n";

// The same table in every encoding.
class ByteOrderMarkTest : public CsvEdgeCasesTest,
                          public ::testing::WithParamInterface<std::string> {};

TEST_P(ByteOrderMarkTest, GivesTheSameRows) {
  Read(GetParam() + ".csv", kThreeColumns);
  if (!read_) return;
  EXPECT_THAT(Texts("a"), ElementsAre("row1-1", "row2-1"));
  EXPECT_THAT(Texts("b"), ElementsAre("row1-2", "row2-2"));
  EXPECT_THAT(Texts("c"), ElementsAre("row1-3", "row2-3"));
  EXPECT_THAT(bad_, IsEmpty());
  // The files of UTF-32 have the byte-order mark of UTF-16, and not even in their own order.
  if (absl::StrContains(GetParam(), "UTF32")) {
    EXPECT_THAT(notes_, ElementsAre(HasSubstr("read as UTF-32")));
  } else {
    EXPECT_THAT(notes_, IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Files, ByteOrderMarkTest,
                         ::testing::Values("csvtext", "csvtext_BOM_UTF8", "csvtext_BOM_UTF16BE",
                                           "csvtext_BOM_UTF16LE", "csvtext_BOM_UTF32BE",
                                           "csvtext_BOM_UTF32LE"),
                         [](const auto& info) { return info.param; });

TEST_F(CsvEdgeCasesTest, EscapedQuotes) {
  Read("csvEscapedQuotes.csv", "columns: {custom.a: column1, custom.b: column2}\n");
  if (!read_) return;
  EXPECT_THAT(Texts("a"), ElementsAre("\"The Best\" Account", "The \"Best\" Account"));
  EXPECT_THAT(Texts("b"), ElementsAre("bla", "bla"));
  EXPECT_THAT(bad_, IsEmpty());
}

TEST_F(CsvEdgeCasesTest, SeparatorIsAComma) {
  Read("csvSeparator.csv",
       "columns: {custom.a: column1, custom.b: \"column2!some\", custom.c: column3}\n");
  if (!read_) return;
  EXPECT_THAT(Texts("b"), ElementsAre("col12!somev1", "col22!somev2"));
  EXPECT_THAT(bad_, IsEmpty());
}

TEST_F(CsvEdgeCasesTest, SeparatorIsAnExclamationMark) {
  Read("csvSeparator.csv", "columns: {custom.a: \"column1,column2\", custom.b: \"some,column3\"}\n",
       "!");
  if (!read_) return;
  EXPECT_THAT(Texts("a"), ElementsAre("col11,col12", "col21,col22"));
  EXPECT_THAT(Texts("b"), ElementsAre("somev1,col13", "somev2,col23"));
}

constexpr char kAccounts[] = R"(
id: {column: ORACLE_ID__C}
columns: {company.name: NAME, company.domain: WEBSITE}
attributes:
  company.annual_revenue: {column: ANNUALREVENUE, currency: {constant: USD}}
)";

TEST_F(CsvEdgeCasesTest, DateEndingInZ) {
  Read("dateEndingInZ.csv", absl::StrCat(kAccounts,
                                         "  custom.date: {column: DATE, type: time}\n"
                                         "  custom.day: {column: DATE_ONLY, type: time}\n"));
  if (!read_) return;
  EXPECT_THAT(Times("date"), ElementsAre("2010-10-14 12:00"));
  EXPECT_THAT(Times("day"), ElementsAre("2010-10-14 12:00"));
  EXPECT_THAT(bad_, IsEmpty());
}

TEST_F(CsvEdgeCasesTest, DateOnlyWithTimeZone) {
  Read("dateOnlyWithTimeZone.csv",
       absl::StrCat("formats: {time_zone: America/Los_Angeles}", kAccounts,
                    "  custom.day: {column: DATE_ONLY, type: time}\n"));
  if (!read_) return;
  // The first names its zone, the second is in the file's.
  EXPECT_THAT(Times("day"), ElementsAre("2010-10-14 00:00", "2010-10-14 07:00"));
  EXPECT_THAT(bad_, IsEmpty());
}

constexpr char kDate[] =
    "  custom.date: {column: DATE, type: time}\n"
    "  custom.day: {column: DATE_ONLY, type: time}\n";

TEST_F(CsvEdgeCasesTest, DateWithTwoZonesIsRefusedByLine) {
  Read("dateWithTimeZone.csv", absl::StrCat(kAccounts, kDate));
  if (!read_) return;
  EXPECT_THAT(leads_, IsEmpty());
  EXPECT_THAT(bad_, ElementsAre(HasSubstr("2: column 'DATE': expected a time in ISO 8601"),
                                HasSubstr("3: column 'DATE': expected a time in ISO 8601")));
}

TEST_F(CsvEdgeCasesTest, DateWithTwoZonesIsReadByAFormat) {
  Read("dateWithTimeZone.csv",
       absl::StrCat("formats: {time_formats: [\"%Y-%m-%dT%H:%M:%E*SZ%z\"]}", kAccounts, kDate));
  if (!read_) return;
  EXPECT_THAT(Times("date"), ElementsAre("2010-10-14 15:00", "2010-10-14 15:00"));
  EXPECT_THAT(Times("day"), ElementsAre("2010-10-14 12:00", "2010-10-14 00:00"));
}

constexpr char kDates[] =
    "columns: {company.name: Name}\n"
    "attributes: {custom.date: {column: Date, type: time}}\n";

TEST_F(CsvEdgeCasesTest, TimeZoneFormats) {
  Read("timeZoneFormatTesting.csv",
       absl::StrCat("formats: {time_formats: [\"%m/%d/%Y %H:%M:%S%z\", \"%m/%d/%YT%H:%M:%S%z\"]}\n",
                    kDates));
  if (!read_) return;
  EXPECT_THAT(bad_, IsEmpty());
  EXPECT_THAT(
      Times("date"),
      ElementsAre("2009-07-14 18:14", "2009-07-14 06:14", "2009-07-14 12:14", "2009-07-14 14:14",
                  "2009-07-14 10:14", "2009-07-14 12:14", "2009-07-14 18:14", "2009-07-14 06:14",
                  "2009-07-14 12:14", "2009-07-14 14:14", "2009-07-14 10:14", "2009-07-14 12:14"));
}

TEST_F(CsvEdgeCasesTest, MonthFirstIsNotGuessed) {
  Read("timeZoneFormatTesting.csv", kDates);
  if (!read_) return;
  EXPECT_EQ(leads_.size(), 6u);
  EXPECT_EQ(bad_.size(), 6u);
  EXPECT_THAT(bad_[0], HasSubstr("2: column 'Date': expected a time in ISO 8601"));
}

TEST_F(CsvEdgeCasesTest, Windows1252Accounts) {
  Read("accounts_cp1252.csv", R"(
id: {column: ID}
columns:
  company.name: NAME
  company.city: BILLINGCITY
  company.country: BILLINGCOUNTRY
  company.industry: INDUSTRY
  company.employee_count: NUMBEROFEMPLOYEES
  company.ownership: OWNERSHIP
attributes:
  company.annual_revenue: {column: ANNUALREVENUE, currency: {constant: USD}}
  custom.created: {column: CREATEDDATE, type: time}
)");
  if (!read_) return;
  EXPECT_EQ(leads_.size(), 423u);
  EXPECT_THAT(bad_, IsEmpty());
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("is not UTF-8; read as windows-1252"),
                                  HasSubstr("columns not used: ISDELETED, ")));
  int accents = 0;
  int64_t revenue = 0;
  for (const v1::Lead& lead : leads_) {
    accents += absl::StrContains(lead.company().city(), "é") ||
                       absl::StrContains(lead.company().name(), "é")
                   ? 1
                   : 0;
    revenue = std::max<int64_t>(revenue, lead.company().annual_revenue().units());
  }
  EXPECT_EQ(revenue, 84800000000);  // "8.48E10".
  EXPECT_GT(accents, 0);
}

TEST_F(CsvEdgeCasesTest, WithoutAMappingOneLineSaysWhatToDo) {
  const std::string path = SharedData("csv_edge_cases/csvtext.csv");
  BANTAM_SKIP_WITHOUT(path);
  const Finished finished =
      RunBantam("score --icp-file=client/samples/icps/consumer.yaml '" + path + "'");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err,
              HasSubstr("csvtext.csv:1: no column is called like an attribute (id, "
                        "company.industry, contact.title, custom.age …); say with "
                        "--mapping=FILE which column is what. The header has column1, "
                        "column2, column3\n"));
}

// The ids and lines of the leads that the command reads from `table`.
std::string Score(const std::string& table, const std::string& options) {
  const Finished finished =
      RunBantam(absl::StrCat("score - --icp-file=client/samples/icps/fortune_5000.yaml "
                             "--at=2026-06-01T10:00:00Z -o csv ",
                             options),
                table);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  std::string leads;
  std::vector<std::string> rows = absl::StrSplit(finished.out, '\n', absl::SkipEmpty());
  for (size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string> cells = absl::StrSplit(rows[i], ',');
    absl::StrAppend(&leads, cells[0], "@", cells[2], " ");
  }
  return leads;
}

TEST(SeparatorLineOfFilesTest, IsPassedOverAndHeeded) {
  constexpr char kMapping[] = "formats: {separator: '|'}\nid: {column: id}\n";
  const std::string mapping = WriteTempFile("separator.yaml", kMapping);
  EXPECT_EQ(Score("sep=;\r\nid;company.country\r\na;DE\r\n", ""), "a@3 ");
  EXPECT_EQ(Score("\xEF\xBB\xBFsep=,\nid,company.country\na,DE\n", ""), "a@3 ");
  EXPECT_EQ(Score("sep=\t\nid\tcompany.country\na\tDE\n", ""), "a@3 ");
  EXPECT_EQ(Score("sep=!\nid!company.country\na!DE\n", ""), "a@3 ");
  EXPECT_EQ(Score("sep=!\nid!company.country\na!DE\n", "--mapping=" + mapping), "a@3 ");
  // The option goes before the line.
  EXPECT_EQ(Score("sep=;\nid|company.country\na|DE\n", "--separator='|'"), "a@3 ");
}

}  // namespace
}  // namespace bantam
