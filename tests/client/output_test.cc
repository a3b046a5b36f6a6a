// Tables, widths, progress, CSV and JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/output/card.h"
#include "client/output/progress.h"
#include "client/output/result_writer.h"
#include "client/output/table.h"
#include "client/output/terminal.h"
#include "server/definition/yaml.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(DisplayWidthTest, CountsColumns) {
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("Müller"), 6);
  EXPECT_EQ(DisplayWidth("u\u0308"), 1);   // A combining mark.
  EXPECT_EQ(DisplayWidth("株式会社"), 8);  // Wide.
  EXPECT_EQ(DisplayWidth("a\u200Bb"), 2);  // A zero-width space.
  EXPECT_EQ(DisplayWidth("🙂"), 2);
}

TEST(TruncateTest, CutsByColumnsNotBytes) {
  EXPECT_EQ(Truncate("abc", 3), "abc");
  EXPECT_EQ(Truncate("abcd", 3), "ab…");
  EXPECT_EQ(Truncate("株式会社", 5), "株式…");
  EXPECT_EQ(Truncate("株式会社", 4), "株…");
  EXPECT_EQ(Truncate("abc", 0), "");
  EXPECT_EQ(PadRight("株", 4), "株  ");
  EXPECT_EQ(PadLeft("é", 3), "  é");
}

TEST(PrintableTest, NothingDrivesTheTerminal) {
  EXPECT_EQ(Printable("a\x1b[31mb\x07\nc\u0085"), "a [31mb  c ");
}

TEST(PaintTest, OnlyWithColour) {
  EXPECT_EQ(Paint({true, 0}, Ink::kRed, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Paint({false, 0}, Ink::kRed, "x"), "x");
}

TEST(TableTest, AlignsAndCuts) {
  Table table({{"name", false, true}, {"points", true}, {"empty"}, {"note", false, true}});
  table.AddRow({{"株式会社"}, {"1.50"}, {""}, {"a long remark about it"}});
  table.AddRow({{"Bob"}, {"100.00"}, {""}, {""}});
  EXPECT_EQ(table.Render({false, 0}),
            "name      points  note\n"
            "株式会社    1.50  a long remark about it\n"
            "Bob       100.00\n");
  EXPECT_EQ(table.Render({false, 30}),
            "name      points  note\n"
            "株式会社    1.50  a long rema…\n"
            "Bob       100.00\n");
}

TEST(ProgressTest, TellsRateAndTimeLeft) {
  EXPECT_EQ(DescribeProgress(12345, 50000, absl::Seconds(2)),
            "12,345 of 50,000 leads, 6,172/s, 7 s left");
  EXPECT_EQ(DescribeProgress(7, -1, absl::Seconds(2)), "7 leads, 3/s");
  EXPECT_EQ(DescribeProgress(10, 100000, absl::Seconds(1)), "10 of 100,000 leads, 10/s, 3 h left");
}

TEST(ProgressTest, DrawsNothingInTheFirstSecondAndWipesItsLine) {
  absl::Time now = absl::UnixEpoch();
  std::ostringstream output;
  {
    Progress progress(&output, 100, [&now] { return now; });
    progress.Add(1);
    EXPECT_EQ(output.str(), "");
    now += absl::Seconds(2);
    progress.Add(1);
    EXPECT_THAT(output.str(), HasSubstr("2 of 100 leads, 1/s, 2 min left"));
  }
  EXPECT_THAT(output.str(), ::testing::EndsWith("\r\x1b[K"));
}

TEST(CsvCellTest, QuotesAndDisarms) {
  EXPECT_EQ(CsvCell("plain"), "plain");
  EXPECT_EQ(CsvCell("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\"");
  EXPECT_EQ(CsvCell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
  EXPECT_EQ(CsvCell("@cmd"), "'@cmd");
  EXPECT_EQ(CsvCell("+1-2"), "'+1-2");
  EXPECT_EQ(CsvCell("-12.50"), "-12.50");
}

v1::LeadResult Result() {
  v1::LeadResult result;
  EXPECT_THAT(ParseYaml(R"(
lead_id: L1
evaluation:
  icp: tenants/t/icps/i
  verdict: open
  score: {total: 59, fit: {points: 30, cap: 40}, engagement: {points: 15, cap: 30}, bant: {points: 14, cap: 30},
          range_min: 59, range_max: 76, completeness: 0.76, grade: B, level: 2, label: B2, temperature: warm}
)",
                        "x", &result, nullptr),
              ::testing::IsEmpty());
  return result;
}

std::string Write(OutputFormat format, bool single, const std::vector<v1::LeadResult>& results) {
  std::ostringstream output;
  WriterOptions options;
  options.format = format;
  options.single = single;
  const auto writer = MakeResultWriter(options, &output);
  for (const v1::LeadResult& result : results) writer->Write({result, "f.csv", 2});
  writer->Finish();
  return output.str();
}

TEST(ResultWriterTest, JsonIsOneDocument) {
  EXPECT_EQ(Write(OutputFormat::kJson, false, {}), "[]\n");
  const std::string json = Write(OutputFormat::kJson, false, {Result(), Result()});
  EXPECT_EQ(json.substr(0, 2), "[\n");
  EXPECT_THAT(json, HasSubstr("\"range_max\":76"));
  const std::string one = Write(OutputFormat::kJson, true, {Result()});
  v1::Evaluation back;
  EXPECT_THAT(ParseYaml(one, "one.json", &back, nullptr), ::testing::IsEmpty());
  EXPECT_EQ(back.score().total(), 59);
}

TEST(ResultWriterTest, NdjsonAndYamlReadBack) {
  const std::string lines = Write(OutputFormat::kNdjson, false, {Result(), Result()});
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
  EXPECT_EQ(Write(OutputFormat::kYaml, false, {}), "[]\n");
  v1::BatchScoreResponse back;
  const std::string yaml = Write(OutputFormat::kYaml, false, {Result(), Result()});
  EXPECT_THAT(ParseYaml(yaml, "x", &back, nullptr), ::testing::IsEmpty()) << yaml;
  EXPECT_EQ(back.results_size(), 2);
  EXPECT_EQ(back.results(1).evaluation().score().label(), "B2");
}

TEST(ResultWriterTest, CsvHasARowForEveryLead) {
  v1::LeadResult bad;
  bad.mutable_error()->set_code(3);
  v1::FieldViolation* violation = bad.mutable_error()->add_violations();
  violation->set_field("lead.id");
  violation->set_description("too long");
  const std::string csv = Write(OutputFormat::kCsv, false, {Result(), bad});
  EXPECT_THAT(csv, HasSubstr("L1,f.csv,2,tenants/t/icps/i,,open,,59.00,30.00,15.00,14.00,59.00,"
                             "76.00,0.76,B,2,B2,warm,,,,,,,,,\n"));
  EXPECT_THAT(csv, HasSubstr(",f.csv,2,,,,,,,,,,,,,,,,,,,,,,,,lead.id: too long\n"));
}

TEST(ResultWriterTest, ALeadWithoutAnIdIsCalledByItsLine) {
  Answer answer{Result(), "folder/f.csv", 17};
  EXPECT_EQ(LeadName(answer), "L1");
  answer.result.clear_lead_id();
  EXPECT_EQ(LeadName(answer), "f.csv:17");
}

TEST(CardTest, ShowsWhatThereIs) {
  const std::string card =
      RenderCard("L1", Result().evaluation(), {false, 80}, absl::UTCTimeZone());
  EXPECT_THAT(card, HasSubstr("   59.00  ██████████████████▒▒▒▒▒░░░░░░░  B2  warm"));
  EXPECT_THAT(card, HasSubstr("Verdict: OPEN"));
  EXPECT_THAT(card, Not(HasSubstr("Gaps")));
  EXPECT_THAT(card, Not(HasSubstr("\x1b")));
}

TEST(CardTest, NamesTheContactAndTheSourceOfEvidence) {
  v1::Evaluation evaluation = Result().evaluation();
  v1::BantAssessment* const budget = evaluation.mutable_qualification()->add_bant();
  budget->set_dimension(v1::BANT_DIMENSION_BUDGET);
  budget->set_state(v1::BANT_STATE_MET);
  budget->set_reason("enough and approved");
  budget->set_contact_id("ann");
  budget->set_source("discovery call");
  EXPECT_THAT(RenderCard("L1", evaluation, {false, 80}, absl::UTCTimeZone()),
              HasSubstr("enough and approved [ann, discovery call]"));
  budget->clear_contact_id();
  EXPECT_THAT(RenderCard("L1", evaluation, {false, 80}, absl::UTCTimeZone()),
              HasSubstr("enough and approved [discovery call]"));
}

TEST(CardTest, ARestrictedLeadHasNoPoints) {
  v1::Evaluation evaluation;
  evaluation.set_verdict(v1::VERDICT_RESTRICTED);
  const std::string card = RenderCard("L1", evaluation, {false, 80}, absl::UTCTimeZone());
  EXPECT_THAT(card, HasSubstr("Verdict: RESTRICTED"));
  EXPECT_THAT(card, Not(HasSubstr("█")));
}

}  // namespace
}  // namespace bantam
