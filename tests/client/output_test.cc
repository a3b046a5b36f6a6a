// Tables, widths, progress, CSV and JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "client/output/card.h"
#include "client/output/progress.h"
#include "client/output/result_writer.h"
#include "client/output/table.h"
#include "client/output/terminal.h"
#include "server/definition/yaml.h"

namespace bantam {
namespace {

using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

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

TEST(TableTest, LeavesOutColumnsByTurnsWhereCuttingIsNotEnough) {
  Table table(
      {{"lead", false, true}, {"range", true, false, 1}, {"fit", true, false, 2}, {"total"}});
  table.AddRow({{"a lead with a name"}, {"10–90"}, {"12.50"}, {"59.00"}});
  EXPECT_EQ(table.Render({false, 30}),
            "lead       range    fit  total\n"
            "a lead w…  10–90  12.50  59.00\n");
  EXPECT_EQ(table.Render({false, 25}),
            "lead           fit  total\n"
            "a lead wit…  12.50  59.00\n");
  EXPECT_EQ(table.Render({false, 15}),
            "lead      total\n"
            "a lead …  59.00\n");
  EXPECT_EQ(table.Render({false, 5}),
            "lead      total\n"
            "a lead …  59.00\n");
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

// The keys in the order in which they are written; those of values that are one scalar in YAML are
// no part of Result().
std::vector<std::string> Keys(std::string text, const std::string& pattern) {
  std::vector<std::string> keys;
  const RE2 key(pattern);
  std::string found;
  for (re2::StringPiece rest(text); RE2::FindAndConsume(&rest, key, &found);) keys.push_back(found);
  return keys;
}

TEST(ResultWriterTest, YamlHasTheFieldsOfJson) {
  v1::LeadResult result = Result();
  result.mutable_evaluation()->mutable_score()->add_trace()->set_rule("a");
  result.mutable_evaluation()->mutable_qualification()->add_gaps()->set_id("b");
  for (const bool single : {true, false}) {
    const std::string json = Write(OutputFormat::kJson, single, {result});
    const std::string yaml = Write(OutputFormat::kYaml, single, {result});
    EXPECT_THAT(Keys(yaml, "(\\w+):"), UnorderedElementsAreArray(Keys(json, "\"(\\w+)\": *")));
    EXPECT_THAT(yaml, HasSubstr("rule: a\n"));
    EXPECT_THAT(yaml, HasSubstr("points: 0\n"));
    EXPECT_THAT(yaml, HasSubstr("actions: []\n"));
    EXPECT_EQ(absl::StrContains(yaml, "index: 0\n"), !single) << yaml;
  }
  v1::BatchScoreResponse back;
  EXPECT_THAT(ParseYaml(Write(OutputFormat::kYaml, false, {result}), "x", &back, nullptr),
              ::testing::IsEmpty());
  EXPECT_EQ(back.results(0).SerializeAsString(), result.SerializeAsString());
}

v1::LeadResult ResultWith(v1::Verdict verdict) {
  v1::LeadResult result = Result();
  result.mutable_evaluation()->set_verdict(verdict);
  return result;
}

v1::LeadResult Failed() {
  v1::LeadResult result;
  result.mutable_error()->set_code(3);
  return result;
}

TEST(ResultWriterTest, ATableOfManyLeadsEndsWithTheirCounts) {
  const std::string table =
      Write(OutputFormat::kTable, false,
            {ResultWith(v1::VERDICT_OPEN), ResultWith(v1::VERDICT_QUALIFIED), Failed(),
             ResultWith(v1::VERDICT_NURTURE), ResultWith(v1::VERDICT_DISQUALIFIED),
             ResultWith(v1::VERDICT_RESTRICTED), ResultWith(v1::VERDICT_OPEN)});
  EXPECT_THAT(table, EndsWith("\n7 leads: 1 qualified, 2 open, 1 nurture, 1 disqualified, "
                              "1 restricted, 1 failed\n"));
  EXPECT_THAT(Write(OutputFormat::kTable, false, {Result()}), Not(HasSubstr("1 lead")));
  EXPECT_THAT(Write(OutputFormat::kCsv, false, {Result(), Result()}), Not(HasSubstr("2 leads")));
  // What is not shown counts, too.
  std::ostringstream output;
  WriterOptions options;
  options.format = OutputFormat::kTable;
  const auto writer = MakeResultWriter(options, &output);
  writer->Write({Result(), "f.csv", 2});
  writer->Pass({ResultWith(v1::VERDICT_NURTURE), "f.csv", 3});
  writer->Finish();
  EXPECT_THAT(output.str(), EndsWith("\n2 leads: 1 open, 1 nurture\n"));
}

TEST(ResultWriterTest, WhatIsOverdueSaysSoFirst) {
  v1::LeadResult result = Result();
  v1::NextAction* const action =
      result.mutable_evaluation()->mutable_qualification()->add_actions();
  action->set_title("Reply to the request");
  action->mutable_due_time()->set_seconds(0);
  const std::string due = "Reply to the request, 1970-01-01 00:00 UTC\n";
  EXPECT_THAT(Write(OutputFormat::kTable, false, {result}), HasSubstr("  " + due));
  action->set_overdue(true);
  EXPECT_THAT(Write(OutputFormat::kTable, false, {result}), HasSubstr("  overdue: " + due));
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
      RenderCard("L1", Result().evaluation(), "", {false, 80}, absl::UTCTimeZone());
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
  EXPECT_THAT(RenderCard("L1", evaluation, "", {false, 80}, absl::UTCTimeZone()),
              HasSubstr("enough and approved [ann, discovery call]"));
  budget->clear_contact_id();
  EXPECT_THAT(RenderCard("L1", evaluation, "", {false, 80}, absl::UTCTimeZone()),
              HasSubstr("enough and approved [discovery call]"));
}

// An answer that shows every part of a card.
v1::Evaluation WholeAnswer() {
  v1::LeadResult result;
  EXPECT_THAT(ParseYaml(R"(
evaluation:
  icp: tenants/t/icps/i
  verdict: restricted
  score: {total: 59, fit: {points: 30, cap: 40}, grade: B, level: 2, temperature: hot, trace: [{part: fit, rule: a}]}
  other_icps: [{icp: tenants/t/icps/j, verdict: nurture}]
  notes: [x]
  reevaluate_time: 2026-03-01T00:00:00Z
  qualification:
    bant: [{dimension: budget, state: partial, conflict: true}]
    gaps: [{id: a, required: x, knockout_possible: true, points_at_stake: 2}]
    actions: [{kind: discovery_call, channel: email, replaced_channel: phone, due_time: 2026-01-01T00:00:00Z, overdue: true, asset: x}]
    withheld_actions: [{kind: nurture_content, channel: post, reason: x}]
    nurture_level: medium
    touch_interval: 14d
  advancement:
    {from_stage: sql, to_stage: sql, reason: stayed, transition: {id: x}, first_action_due_time: 2026-01-01T00:00:00Z,
     gates: [{from_stage: sql, to_stage: opportunity, status: not_met}]}
)",
                        "x", &result, nullptr),
              ::testing::IsEmpty());
  return result.evaluation();
}

std::string CardIn(const std::string& language_code) {
  return RenderCard("L1", WholeAnswer(), language_code, {false, 0}, absl::UTCTimeZone());
}

TEST(CardTest, SpeaksTheLanguageOfTheAnswer) {
  const std::string german = CardIn("de-AT");
  for (const char* const text :
       {"heiß  Spanne 0.00–0.00, 0 % bekannt",
        " von  40  Passung",
        "Note B",
        "Niveau 2",
        "Urteil: GESPERRT",
        "Budget  teilweise erfüllt",
        "(Angaben widersprechen sich)",
        "Lücken\n",
        "es geht um 2.00, Ausschluss möglich",
        "verlangt: x",
        "Nächste Schritte\n",
        "1. Bedarfsgespräch führen per E-Mail, fällig 2026-01-01 00:00 UTC (überfällig)",
        "statt Telefon, wofür keine Einwilligung vorliegt",
        "senden: x",
        "Zurückgehalten\n",
        "Inhalte zur Kontaktpflege senden per Post: x",
        "Kontaktpflege: mittel, ein Kontakt alle 14 Tage",
        "Stufe: bleibt in sql (geblieben)",
        "Übergang sql → opportunity: nicht erfüllt",
        "Wechsel x",
        "erster Schritt fällig 2026",
        "Herleitung\n",
        "Andere ICPs\n",
        "j  Kontaktpflege\n",
        "Hinweise\n",
        "bewertet zum Zeitpunkt",
        "erneut ansehen am 2026-03-01 00:00 UTC"}) {
    EXPECT_THAT(german, HasSubstr(text));
  }
  EXPECT_THAT(CardIn("ro"), HasSubstr("Verdict: RESTRICȚIONAT"));
  EXPECT_THAT(CardIn("ro"), HasSubstr("prin e-mail, termen 2026-01-01 00:00 UTC (termen depășit)"));
  EXPECT_EQ(CardIn("fr"), CardIn(""));
  EXPECT_THAT(CardIn("en"), HasSubstr("instead of phone, for which there is no consent"));
}

// Who adds a line to the card in English only is told here. The words in `same` are the same in
// these languages, or names.
TEST(CardTest, NoEnglishIsLeftInOtherLanguages) {
  const auto words = [](const std::string& language_code) {
    return Keys(absl::AsciiStrToLower(CardIn(language_code)), "([a-z-]{4,})");
  };
  const std::vector<std::string> english = words("en");
  const std::set<std::string> same = {"tenants", "icps", "bant",     "budget",  "engagement",
                                      "e-mail",  "post", "revision", "verdict", "opportunity"};
  for (const char* const code : {"de", "ro"}) {
    for (const std::string& word : words(code)) {
      if (same.count(word) > 0) continue;
      EXPECT_THAT(english, Not(Contains(word))) << code;
    }
  }
}

TEST(ResultWriterTest, ATableSpeaksTheLanguageOfTheAnswer) {
  std::ostringstream output;
  WriterOptions options;
  options.format = OutputFormat::kTable;
  options.language_code = "de";
  const auto writer = MakeResultWriter(options, &output);
  v1::LeadResult result;
  *result.mutable_evaluation() = WholeAnswer();
  writer->Write({result, "f.csv", 2});
  writer->Write({Failed(), "f.csv", 3});
  writer->Finish();
  for (const char* const text :
       {"gesamt", "Passung", "Temperatur", "Urteil", "gesperrt", "nächster Schritt",
        "überfällig: Bedarfsgespräch führen, ", "2 Leads: 1 gesperrt, 1 fehlgeschlagen\n"}) {
    EXPECT_THAT(output.str(), HasSubstr(text));
  }
}

TEST(CardTest, ARestrictedLeadHasNoPoints) {
  v1::Evaluation evaluation;
  evaluation.set_verdict(v1::VERDICT_RESTRICTED);
  const std::string card = RenderCard("L1", evaluation, "", {false, 80}, absl::UTCTimeZone());
  EXPECT_THAT(card, HasSubstr("Verdict: RESTRICTED"));
  EXPECT_THAT(card, Not(HasSubstr("█")));
}

}  // namespace
}  // namespace bantam
