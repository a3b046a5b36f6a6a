// Leads that cannot be read have their row in every output for programs, at their place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bantam/v1/qualification_service.pb.h"
#include "server/definition/yaml.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kLocal[] =
    " --icp-file=client/samples/icps/fortune_5000.yaml --at=2026-06-01T10:00:00Z ";

// Line 2 cannot be read, line 4 is not valid, line 5 cannot be read.
constexpr char kLeads[] =
    "{\"id\":\"a\",\"company\":{\"revenue_rank\":77}}\n"
    "{\"id\":\"b\",\"company\":7}\n"
    "{\"id\":\"c\"}\n"
    "{\"id\":\"d\",\"company\":{\"revenue_rank\":0}}\n"
    "{\n";

std::vector<std::string> Lines(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

// "index id error" of each line of NDJSON, of errors the place only.
std::vector<std::string> Summaries(const std::string& text) {
  std::vector<std::string> summaries;
  for (const std::string& line : Lines(text)) {
    v1::LeadResult result;
    EXPECT_THAT(ParseYaml(line, "out", &result, nullptr), IsEmpty()) << line;
    const std::vector<std::string> error = absl::StrSplit(result.error().message(), ": ");
    summaries.push_back(absl::StrCat(result.index(), " ", result.lead_id(), " ", error[0]));
    EXPECT_NE(result.has_error(), result.has_evaluation());
  }
  return summaries;
}

class BadLeadsTest : public ::testing::Test {
 protected:
  const std::string file_ = WriteTempFile("leads.ndjson", kLeads);
};

TEST_F(BadLeadsTest, NdjsonHasALineForEach) {
  const Finished finished = RunBantam(absl::StrCat("qualify -o ndjson ", file_, kLocal));
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(Summaries(finished.out),
              ElementsAre("0 a ", absl::StrCat("1 b ", file_, ":2"), "2 c ",
                          absl::StrCat("3 d ", file_, ":4"), absl::StrCat("4  ", file_, ":5")));
  EXPECT_THAT(finished.err, HasSubstr("bantam: 3 of 5 leads failed\n"));
}

TEST_F(BadLeadsTest, CsvHasARowForEach) {
  const Finished finished = RunBantam(absl::StrCat("score -o csv ", file_, kLocal));
  const std::vector<std::string> rows = Lines(finished.out);
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_THAT(rows[1], StartsWith(absl::StrCat("a,", file_, ",1,tenants/")));
  EXPECT_THAT(rows[2], StartsWith(absl::StrCat("b,", file_, ",2,,")));
  EXPECT_THAT(rows[2], HasSubstr("column 21: "));
  EXPECT_THAT(rows[4], StartsWith(absl::StrCat("d,", file_, ",4,,")));
  EXPECT_THAT(rows[5], StartsWith(absl::StrCat(",", file_, ",5,,")));
}

TEST_F(BadLeadsTest, JsonYamlAndRankHaveThemToo) {
  for (const char* const command : {"qualify -o json ", "qualify -o yaml ", "rank -o json "}) {
    const Finished finished = RunBantam(absl::StrCat(command, file_, kLocal));
    EXPECT_EQ(finished.exit_code, 1) << command;
    for (const char* const line : {":2: ", ":4: ", ":5: "}) {
      EXPECT_THAT(finished.out, HasSubstr(absl::StrCat(file_, line))) << command;
    }
  }
  // The best first, and those without an answer last.
  EXPECT_THAT(Summaries(RunBantam(absl::StrCat("rank -o ndjson --top=3 ", file_, kLocal)).out),
              ElementsAre("0 a ", "2 c ", absl::StrCat("1 b ", file_, ":2")));
}

TEST_F(BadLeadsTest, PeopleFindThemListedAtTheEnd) {
  const Finished finished = RunBantam(absl::StrCat("score ", file_, kLocal));
  const std::vector<std::string> table = Lines(finished.out);
  ASSERT_EQ(table.size(), 4u) << finished.out;
  EXPECT_EQ(table.back(), "5 leads: 3 failed");
  const std::vector<std::string> errors = Lines(finished.err);
  ASSERT_EQ(errors.size(), 4u);
  EXPECT_THAT(errors[0], StartsWith(absl::StrCat(file_, ":2: column 21: ")));
  EXPECT_THAT(errors[1], StartsWith(absl::StrCat(file_, ":4: lead.company.revenue_rank: ")));
  EXPECT_THAT(errors[2], StartsWith(absl::StrCat(file_, ":5: ")));
}

TEST_F(BadLeadsTest, RowsOfTablesAndLeadsOfDocumentsAreTheSame) {
  const Finished table = RunBantam(absl::StrCat("score - --format=csv -o ndjson", kLocal),
                                   "id,company.revenue_rank\na,1\nb,many\nc\nd,4\n");
  EXPECT_THAT(Summaries(table.out),
              ElementsAre("0 a ", "1 b (standard input):3", "2  (standard input):4", "3 d "));
  const Finished document =
      RunBantam(absl::StrCat("score - -o ndjson", kLocal), "- id: a\n- idd: b\n- id: c\n");
  EXPECT_EQ(document.exit_code, 1);
  EXPECT_THAT(Summaries(document.out), ElementsAre("0 a ", "1  (standard input):2", "2 c "));
}

// A factor of 1000 must not depend on a guess.
TEST_F(BadLeadsTest, CellsThatMayBeThousandsAreRefusedUntilTheMappingSaysWhich) {
  constexpr char kTable[] =
      "id,company.annual_revenue,company.employee_count,custom.rate\n"
      "a,38.000 EUR,1.000,2.125\n"
      "b,38000 EUR,1000,0.125\n";
  const std::string score = absl::StrCat("score - --format=csv -o ndjson", kLocal);
  const Finished unclear = RunBantam(score, kTable);
  EXPECT_EQ(unclear.exit_code, 1);
  EXPECT_THAT(unclear.err, HasSubstr("bantam: 1 of 2 leads failed\n"));
  for (const char* const column :
       {"company.annual_revenue", "company.employee_count", "custom.rate"}) {
    EXPECT_THAT(unclear.err,
                HasSubstr(absl::StrCat("column '", column,
                                       "': is unclear with three decimals, which may be meant as "
                                       "thousands; write thousands without a separator (38000)")));
  }
  EXPECT_THAT(unclear.err, HasSubstr("formats.thousands_separator or formats.decimal_separator"));
  for (const char* const formats : {"decimal_separator: .", "thousands_separator: \"'\""}) {
    const std::string mapping =
        WriteTempFile("mapping.yaml", absl::StrCat("formats: {", formats, "}\n"));
    const Finished clear = RunBantam(absl::StrCat(score, "--mapping=", mapping), kTable);
    EXPECT_EQ(clear.exit_code, 0) << clear.err;
  }
}

TEST_F(BadLeadsTest, FilesOfNothingElseAreAnsweredToo) {
  const Finished finished =
      RunBantam(absl::StrCat("score - --format=ndjson -o ndjson", kLocal), "{\n{\n");
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(Summaries(finished.out),
              ElementsAre("0  (standard input):1", "1  (standard input):2"));
  EXPECT_THAT(finished.err, HasSubstr("bantam: 2 of 2 leads failed\n"));
}

}  // namespace
}  // namespace bantam
