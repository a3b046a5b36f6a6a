// icp compare: what is counted and listed, what it exits with, and what it says of mistakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bantam/v1/value.pb.h"
#include "client/comparison.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/client/fake_catalog_server.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kIcp[] = R"(name: tenants/acme/icps/software
business_hours: {time_zone: UTC}
bant: {need: {solved_problems: [x]}}
fit:
  criteria:
    - {id: size, points: 30, test: {attribute: company.employee_count, range: {min: 100}}}
    - {id: country, points: 10, required: true, test: {attribute: company.country, in: [DE]}}
)";

// The same with Austria, and more employees asked for.
std::string Changed() {
  return absl::StrReplaceAll(kIcp, {{"in: [DE]", "in: [DE, AT]"}, {"min: 100", "min: 200"}});
}

constexpr char kLeads[] =
    "id,company.employee_count,company.country\n"
    "small,150,DE\n"   // 40 → 10: another grade.
    "large,500,DE\n"   // Stays.
    "vienna,500,AT\n"  // A knockout before.
    ",500,AT\n"        // The same; it has no id.
    "bad,many,DE\n";   // Cannot be read.

class IcpCompareTest : public ::testing::Test {
 protected:
  Finished Compare(const std::string& arguments = "") const {
    return RunBantam(absl::StrCat("icp compare ", before_, " ", after_, " ", leads_,
                                  " --at=2026-06-01T10:00:00Z --server=nowhere:1 ", arguments));
  }

  client::Comparison AsJson(const std::string& arguments = "") const {
    client::Comparison comparison;
    const Finished finished = Compare("--output=json " + arguments);
    const auto status = google::protobuf::util::JsonStringToMessage(finished.out, &comparison);
    EXPECT_TRUE(status.ok()) << finished.out << finished.err;
    return comparison;
  }

  std::string before_ = WriteTempFile("before.yaml", kIcp);
  std::string after_ = WriteTempFile("after.yaml", Changed());
  std::string leads_ = WriteTempFile("leads.csv", kLeads);
};

template <typename Counts>
std::vector<std::string> Lines(const Counts& counts) {
  std::vector<std::string> lines;
  for (const client::OutcomeCount& count : counts) {
    lines.push_back(absl::StrCat(count.outcome(), " ", count.before(), " ", count.after()));
  }
  return lines;
}

std::vector<std::string> Names(const client::Comparison& comparison) {
  std::vector<std::string> names;
  for (const client::LeadChange& change : comparison.changes()) {
    names.push_back(absl::StrCat(change.lead_id(), "@", change.line()));
  }
  return names;
}

TEST_F(IcpCompareTest, CountsLeadsByOutcomeAndListsThoseThatChange) {
  const client::Comparison comparison = AsJson();
  EXPECT_EQ(comparison.before().name(), "tenants/acme/icps/software");
  EXPECT_EQ(comparison.before().source(), before_);
  EXPECT_NE(comparison.before().revision(), comparison.after().revision());
  EXPECT_EQ(comparison.evaluate_time().seconds(), 1780308000);
  EXPECT_EQ(comparison.compared_leads(), 4);
  EXPECT_EQ(comparison.failed_leads(), 1);
  EXPECT_THAT(Lines(comparison.verdicts()), ElementsAre("open 2 4", "disqualified 2 0"));
  EXPECT_THAT(Lines(comparison.grades()), ElementsAre("A 2 3", "B 2 0", "D 0 1"));
  EXPECT_THAT(Lines(comparison.stages()), ElementsAre("lead 2 4", "disqualified 2 0"));
  // (40 + 40 + 30 + 30) / 4 and (10 + 40 + 40 + 40) / 4.
  EXPECT_EQ(comparison.mean_total_before(), 35);
  EXPECT_EQ(comparison.mean_total_after(), 32.5);
  EXPECT_EQ(comparison.changed_leads(), 3);
  EXPECT_THAT(Names(comparison), ElementsAre("small@2", "vienna@4", "@5"));
  const client::LeadChange& vienna = comparison.changes(1);
  EXPECT_EQ(vienna.before().verdict(), "disqualified");
  EXPECT_EQ(vienna.after().verdict(), "open");
  EXPECT_EQ(vienna.before().label(), "B4");
  EXPECT_EQ(vienna.after().total(), 40);
  EXPECT_EQ(vienna.after().stage(), "lead");
}

TEST_F(IcpCompareTest, ShowsPeopleTheSame) {
  const Finished finished = Compare();
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(
      finished.out,
      AllOf(
          StartsWith(absl::StrCat("before: ", before_, " (tenants/acme/icps/software, revision ")),
          HasSubstr("\n4 leads compared at 2026-06-01 10:00 UTC, 1 failed\n"),
          HasSubstr("verdict  open               2      4      +2\n"
                    "         disqualified       2      0      -2\n"
                    "grade    A                  2      3      +1\n"),
          HasSubstr("total    mean           35.00  32.50   -2.50\n"),
          HasSubstr("3 leads change verdict, label or stage; the biggest change of total first:\n"),
          HasSubstr(
              "small        40.00 → 10.00  A4 → D4  open                 lead\n"
              "vienna       30.00 → 40.00  B4 → A4  disqualified → open  disqualified → lead\n"
              "leads.csv:5  30.00 → 40.00  B4 → A4  disqualified → open")));
  EXPECT_EQ(finished.err,
            absl::StrCat(leads_,
                         ":6: column 'company.employee_count': expected a number such as 240 "
                         "or 1.5, or a range such as 51-200 or 500+; other notations are "
                         "named in the mapping under formats.decimal_separator and "
                         "formats.thousands_separator\nbantam: 1 of 5 leads failed\n"));
}

TEST_F(IcpCompareTest, TheListIsBounded) {
  const client::Comparison comparison = AsJson("--changes=1");
  EXPECT_EQ(comparison.changed_leads(), 3);
  EXPECT_THAT(Names(comparison), ElementsAre("small@2"));
  EXPECT_THAT(Compare("--changes=1").out, HasSubstr("\nand 2 more; --changes=N lists N of them\n"));
  EXPECT_THAT(Compare("--changes=3").out, Not(HasSubstr("more")));
}

TEST_F(IcpCompareTest, EqualDefinitionsChangeNothing) {
  after_ = before_;
  leads_ = WriteTempFile("good.csv", "id,company.country\na,DE\n");
  const Finished finished = Compare();
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.err, IsEmpty());
  EXPECT_THAT(finished.out, HasSubstr("No lead changes its verdict, label or stage.\n"));
}

// A restricted lead has no points before or after.
TEST_F(IcpCompareTest, LeadsWithoutPointsHaveNoMean) {
  leads_ = WriteTempFile("objected.yaml", "marketing_objection: {time: 2026-01-01T00:00:00Z}\n");
  const client::Comparison comparison = AsJson();
  EXPECT_EQ(comparison.compared_leads(), 1);
  EXPECT_FALSE(comparison.has_mean_total_before());
  EXPECT_THAT(Lines(comparison.verdicts()), ElementsAre("restricted 1 1"));
  EXPECT_THAT(Compare().out, Not(HasSubstr("mean")));
}

TEST_F(IcpCompareTest, ALeadThatOneOfThemRefusesNamesIt) {
  after_ = WriteTempFile(
      "after.yaml",
      absl::StrCat(kIcp,
                   "funnel: {stages: [{id: lead}, {id: sql, gate: [{fact: conversation}]}, "
                   "{id: customer}]}\n"));
  leads_ = WriteTempFile("stage.yaml", "{id: a, stage: mql}\n");
  const Finished finished = Compare();
  EXPECT_EQ(finished.exit_code, 1) << finished.out;
  EXPECT_THAT(finished.err, StartsWith(absl::StrCat(leads_, ":1: ", after_, ": lead.stage: ")));
}

TEST_F(IcpCompareTest, MistakesSayWhatToDo) {
  const std::string bad = WriteTempFile("bad.yaml", absl::StrCat(kIcp, "oops: 1\n"));
  const Finished definition = RunBantam(absl::StrCat("icp compare ", bad, " no.yaml ", leads_));
  EXPECT_EQ(definition.exit_code, 2);
  EXPECT_THAT(definition.err,
              AllOf(HasSubstr("bad.yaml:8:1: error: "), HasSubstr("no.yaml: no such file")));
  EXPECT_THAT(definition.out, IsEmpty());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"--at=tomorrow", "bantam: --at: 'tomorrow' is no time"},
      {"--at=1850-01-01", "bantam: --at: must lie in the years 1900 to 2200"},
      {"--time-zone=Mars", "bantam: unknown time zone 'Mars'"},
      {"--changes=0", "--changes: expected a whole number of at least 1"},
      {"--output=xml", "--output: 'xml' is none of table, json"},
      {"no.csv", "bantam: no.csv: no such file"},
      {"- -", "bantam: - stands more than once; standard input can be read only once"},
  };
  for (const auto& [arguments, message] : cases) {
    const Finished finished =
        RunBantam(absl::StrCat("icp compare ", before_, " ", after_, " ", leads_, " ", arguments));
    EXPECT_EQ(finished.exit_code, 2) << arguments;
    EXPECT_THAT(finished.err, HasSubstr(message));
  }
  leads_ = WriteTempFile("header.csv", "id,stage\n");
  EXPECT_EQ(Compare().err, absl::StrCat("bantam: ", leads_, ": no leads, only a header\n"));
  EXPECT_THAT(RunBantam(absl::StrCat("icp compare @3 ", before_, " ", leads_)).err,
              StartsWith("bantam: '@3' names no ICP; write TENANT/ICP@3"));
}

TEST_F(IcpCompareTest, RevisionsOfAServerAreComparedHere) {
  FakeCatalogServer server;
  server.Add(kIcp);
  const Finished finished = RunBantam(absl::StrCat("icp compare acme/software ", after_, " ",
                                                   leads_, " --server=", server.address()));
  EXPECT_THAT(finished.out, StartsWith("before: tenants/acme/icps/software@1 ("));
  EXPECT_THAT(finished.out, HasSubstr("3 leads change"));
  EXPECT_EQ(RunBantam(absl::StrCat("icp compare acme/software@7 ", after_, " ", leads_,
                                   " --server=", server.address()))
                .exit_code,
            4);
  EXPECT_EQ(RunBantam(absl::StrCat("icp compare acme/software ", after_, " ", leads_,
                                   " --server=nowhere:1"))
                .exit_code,
            3);
}

TEST_F(IcpCompareTest, ABadNewestRevisionIsNoted) {
  FakeCatalogServer server;
  server.Add(kIcp);
  server.Add(Changed());
  server.bad_name = "tenants/acme/icps/software";
  const Finished finished = RunBantam(absl::StrCat("icp compare acme/software ", after_, " ",
                                                   leads_, " --server=", server.address()));
  EXPECT_THAT(finished.out, StartsWith("before: tenants/acme/icps/software@1 ("));
  EXPECT_THAT(finished.err,
              StartsWith("note: the newest revision of tenants/acme/icps/software, number 2, is "
                         "bad; this is number 1, which serves in its place\n"));
}

TEST_F(IcpCompareTest, TheExampleOfTheHelpWorks) {
  const std::string icp = "client/samples/icps/b2b_software.yaml";
  const Finished finished = RunBantam(absl::StrCat("icp compare ", icp, " ", icp,
                                                   " client/samples/leads/b2b_software.yaml ",
                                                   "--at=2026-06-01T10:00:00Z"));
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(RunBantam("icp compare --help").out, HasSubstr(icp));
}

}  // namespace
}  // namespace bantam
