// The case runner's messages, comparison and rewriting.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cases/cases.h"
#include "client/cases/values.h"
#include "server/zones/system_time_zones.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kCase[] = R"(description: A case.
icp:
  name: tenants/t/icps/i
  fit: {criteria: [{id: a, points: 10, test: {attribute: company.city, in: [x]}},
                   {id: b, points: 5, test: {attribute: company.region, in: [x]}}]}
evaluate_time: 2026-01-31T00:00:00Z
lead: {company: {city: x}}
)";

const SystemTimeZones& Zones() {
  static const auto* const zones = new SystemTimeZones;
  return *zones;
}

LoadedCase Parse(const std::string& want) {
  auto loaded = ParseCase(absl::StrCat(kCase, want), "case.yaml", Zones());
  EXPECT_TRUE(loaded.ok()) << loaded.status().message();
  return *std::move(loaded);
}

std::vector<std::string> DifferencesOf(const std::string& want) {
  std::vector<std::string> lines;
  for (const Difference& difference : RunCase(Parse(want)).differences) {
    lines.push_back(absl::StrCat(difference.path, ": ", difference.want, " / ", difference.got));
  }
  return lines;
}

// The want section after an update; the case then passes.
std::string Updated(const std::string& want) {
  const LoadedCase loaded = Parse(want);
  const auto text = UpdatedText(loaded, RunCase(loaded));
  EXPECT_TRUE(text.ok());
  const auto again = ParseCase(*text, "case.yaml", Zones());
  EXPECT_TRUE(again.ok()) << *text;
  EXPECT_TRUE(RunCase(*again).passed()) << *text << RenderDifferences(RunCase(*again).differences);
  return text->substr(std::string(kCase).size());
}

TEST(CompareTest, OnlyWhatIsWrittenIsCompared) {
  EXPECT_THAT(DifferencesOf("want: {score: {fit: {points: 10}}}"), ElementsAre());
  EXPECT_THAT(DifferencesOf("want: {score: {fit: {points: 9.5, cap: 40}, grade: C}}"),
              ElementsAre("want.score.fit.points: 9.5 / 10", "want.score.grade: C / D"));
}

TEST(CompareTest, NullMustBeAbsent) {
  EXPECT_THAT(DifferencesOf("want: {advancement: null, score: null, evaluate_time: null}"),
              ElementsAre("want.evaluate_time: absent / 2026-01-31T00:00:00Z",
                          "want.score: absent / present"));
  EXPECT_THAT(DifferencesOf("want: {advancement: {}}"),
              ElementsAre("want.advancement: present / absent"));
}

TEST(CompareTest, ListsHaveTheSameLength) {
  EXPECT_THAT(DifferencesOf("want: {qualification: {criteria: [{criterion: a, points: 1}]}}"),
              ElementsAre("want.qualification.criteria: 1 element (a) / 2 elements (a, b)",
                          "want.qualification.criteria[0].points: 1 / 10"));
  EXPECT_THAT(DifferencesOf("want: {verdict_reasons: [], qualification: {criteria: []}}"),
              ElementsAre("want.qualification.criteria: no elements / 2 elements (a, b)"));
}

TEST(CompareTest, ACaseThatChecksNothingFailsAndSaysWhatToWrite) {
  for (const char* const want : {"want: {}", "want:", "want: null"}) {
    EXPECT_THAT(DifferencesOf(want),
                ElementsAre(HasSubstr("want: at least one value of the answer, such as {verdict: "
                                      "qualified, score: {total: 62.5}}; 'bantam icp test "
                                      "--update-golden' writes the main ones / no value")))
        << want;
  }
  // That there is a score, and no advancement, is something.
  EXPECT_THAT(DifferencesOf("want: {score: {}, advancement: null}"), ElementsAre());
}

TEST(CompareTest, ViolationsAreComparedInstead) {
  const std::string bad = "event_series: [{event: {type: x}, count: 2}]\n";
  EXPECT_THAT(DifferencesOf(bad + "want_violations: [{field: \"lead.events[0].time\"}, "
                                  "{field: \"lead.events[1].time\"}]"),
              ElementsAre());
  EXPECT_THAT(DifferencesOf(bad + "want_violations: [{field: lead.id}]"),
              ElementsAre(HasSubstr("want_violations: 1 element (lead.id) / 2 elements ("),
                          "want_violations[0].field: lead.id / \"lead.events[0].time\""));
  EXPECT_THAT(DifferencesOf(bad + "want: {verdict: open}"),
              ElementsAre(HasSubstr("lead.events[0].time: a valid field / refused: "),
                          HasSubstr("lead.events[1].time: a valid field / refused: ")));
}

TEST(UpdatedTextTest, TouchesOnlyWhatDiffers) {
  EXPECT_EQ(Updated(R"(
want:
  # The fit.
  score:
    fit: {points: 9, cap: 40.0}  # Of forty.
    grade: 'A'
  verdict: disqualified
  advancement: null

# The end.
)"),
            R"(
want:
  # The fit.
  score:
    fit: {points: 10, cap: 40.0}  # Of forty.
    grade: D
  verdict: open
  advancement: null

# The end.
)");
}

TEST(UpdatedTextTest, ListsOfAnotherLengthAreWrittenAnew) {
  EXPECT_EQ(Updated(R"(
want:
  qualification:
    criteria:
      - {criterion: a, points: 1}
      # No longer.
      - criterion: c
        status: missed
      - {criterion: d}
  verdict_reasons: [{code: knockout}]

# The end.
)"),
            R"(
want:
  qualification:
    criteria:
      - {criterion: a, points: 10}
      - {criterion: b, status: unknown}
  verdict_reasons: []

# The end.
)");
}

TEST(UpdatedTextTest, HandlesUnicodeMissingValuesAndTextsThatNeedQuotes) {
  EXPECT_EQ(
      Updated("want: {verdict_reasons: [], icp: \"Ünïcödé ⊂\", score: {label: , grade: Ä}}\n"),
      "want: {verdict_reasons: [], icp: tenants/t/icps/i, score: {label: D4, grade: D}}\n");
  EXPECT_EQ(Updated("want: {qualification: {criteria: [{}, {title: x}]}}\n"),
            "want: {qualification: {criteria: [{}, {title: b}]}}\n");
}

TEST(UpdatedTextTest, AnswersThatAppearOrVanish) {
  EXPECT_EQ(Updated("want: {score: {fit: {points: 10}}, advancement: {to_stage: x}}\n"),
            "want: {score: {fit: {points: 10}}, advancement: null}\n");
}

TEST(UpdatedTextTest, ACaseThatChecksNothingGetsTheMainValues) {
  const std::string filled =
      "want: {verdict: open, score: {total: 10, label: D4, temperature: cold}}";
  EXPECT_EQ(Updated("want: {}  # To be filled.\n"), filled + "  # To be filled.\n");
  EXPECT_EQ(Updated("want:\n"), filled + "\n");
  EXPECT_EQ(Updated("want: null\n"), filled + "\n");
  std::string text = absl::StrCat(kCase, "operation: advance\nwant: {}\n");
  absl::StrReplaceAll({{"lead: {", "lead: {id: x, "}}, &text);
  const auto advance = ParseCase(text, "case.yaml", Zones());
  ASSERT_TRUE(advance.ok()) << advance.status().message();
  EXPECT_THAT(UpdatedText(*advance, RunCase(*advance)).value(),
              HasSubstr(", advancement: {to_stage: lead}}\n"));
}

TEST(UpdatedTextTest, ViolationsAreUpdatedToo) {
  const std::string bad = "event_series: [{event: {type: x}, count: 1}]\n";
  EXPECT_EQ(Updated(bad + "want_violations:\n  - field: lead\n"),
            bad + "want_violations:\n  - field: \"lead.events[0].time\"\n");
}

TEST(ParseCaseTest, NamesWhatIsWrongWithACase) {
  const auto error = [](const std::string& text) {
    return std::string(ParseCase(text, "case.yaml", Zones()).status().message());
  };
  EXPECT_THAT(error("lead: {}\n"),
              ::testing::AllOf(HasSubstr("'description' is missing"),
                               HasSubstr("exactly one of 'icp' and 'icp_file'"),
                               HasSubstr("'evaluate_time' is missing"),
                               HasSubstr("exactly one of 'want' and "
                                         "'want_violations'")));
  EXPECT_THAT(error("description: x\nicp_file: no.yaml\nevaluate_time: 2026-01-01\nwant: {}\n"),
              HasSubstr("case.yaml:2:11: error: no.yaml: no such file"));
  EXPECT_THAT(error(absl::StrCat(kCase, "wnt: {}\n")), HasSubstr("did you mean 'want'"));
  EXPECT_THAT(error("description: x\nicp: {name: nope}\nevaluate_time: 2026-01-01\nwant: {}\n"),
              HasSubstr("case.yaml:2:13: error: "));
}

TEST(ListCasesTest, AFolderWithoutCasesIsAnError) {
  EXPECT_THAT(ListCases({BANTAM_SOURCE_DIR "/client/output"}).status().message(),
              HasSubstr("client/output: holds no case (*.yaml)"));
  EXPECT_THAT(ListCases({"no/such"}).status().message(), HasSubstr("no/such: no such file"));
}

TEST(QuoteScalarTest, QuotesOnlyWhatMustBe) {
  EXPECT_EQ(QuoteScalar("plain text"), "plain text");
  EXPECT_EQ(QuoteScalar(""), "\"\"");
  EXPECT_EQ(QuoteScalar("12"), "\"12\"");
  EXPECT_EQ(QuoteScalar("null"), "\"null\"");
  EXPECT_EQ(QuoteScalar("a: b"), "\"a: b\"");
  EXPECT_EQ(QuoteScalar("a #b"), "\"a #b\"");
  EXPECT_EQ(QuoteScalar("- a"), "\"- a\"");
  EXPECT_EQ(QuoteScalar("say \"a\\b\"\n"), "\"say \\\"a\\\\b\\\"\\n\"");
}

}  // namespace
}  // namespace bantam
