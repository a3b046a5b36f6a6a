// What ParseYaml() does with texts that are too large, too deep or too wrong.
#include <ctime>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/definition/yaml.h"
#include "tests/definition/case_files.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Repeat(const std::string& text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

// Processor time of this thread, which other work on the machine does not lengthen.
absl::Duration ProcessorTime() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return absl::DurationFromTimespec(time);
}

std::vector<v1::Issue> ParseIcp(const std::string& yaml, const YamlLimits& limits = {}) {
  v1::Icp icp;
  return ParseYaml(yaml, "icp.yaml", &icp, nullptr, limits);
}

TEST(LimitsTest, RefusesATextOverTheSize) {
  YamlLimits limits;
  limits.max_bytes = 10;
  EXPECT_THAT(ParseIcp("name: abcd", limits), IsEmpty());
  EXPECT_EQ(RenderedText(ParseIcp("name: abcde", limits)),
            "icp.yaml: error: the text is 11 bytes long; at most 10 are allowed\n");
}

TEST(LimitsTest, NestsDownTo64) {
  // A test is a map in a map: the document, fit, criteria, the criterion and its test are five.
  const auto nested = [](int nots) {
    return "fit: {criteria: [{test: " + Repeat("{not: ", nots) + "{attribute: a}" +
           Repeat("}", nots) + "}]}";
  };
  EXPECT_THAT(ParseIcp(nested(kMaxYamlDepth - 5)), IsEmpty());
  const std::vector<v1::Issue> issues = ParseIcp(nested(kMaxYamlDepth - 4));
  ASSERT_THAT(issues, SizeIs(1));
  EXPECT_EQ(issues[0].message(), "lists and maps are nested more than 64 deep; reading stops here");
}

TEST(LimitsTest, ReportsTheFirstHundredIssuesAndCountsTheOthers) {
  std::string yaml;
  for (int i = 0; i < 250; ++i) yaml += "zz" + std::to_string(i) + ": 1\n";
  const std::vector<v1::Issue> issues = ParseIcp(yaml);
  ASSERT_THAT(issues, SizeIs(101));
  EXPECT_THAT(issues[99].message(), HasSubstr("unknown key 'zz99'"));
  EXPECT_EQ(issues[99].line(), 100);
  EXPECT_EQ(issues[100].rendered(), "icp.yaml: error: and 150 more, not shown");
  EXPECT_EQ(issues[100].severity(), v1::ISSUE_SEVERITY_ERROR);
}

TEST(LimitsTest, OrdersIssuesByLineAndColumn) {
  // Duplicate keys are found before anything else is.
  const std::vector<v1::Issue> issues =
      ParseIcp("caps: {fit: x, bant: y}\nname: a\nname: b\nzz: 1\nname: c\n");
  std::vector<std::string> places;
  for (const v1::Issue& issue : issues) {
    places.push_back(std::to_string(issue.line()) + ":" + std::to_string(issue.column()));
  }
  EXPECT_THAT(places, testing::ElementsAre("1:13", "1:22", "3:1", "4:1", "5:1"));
}

TEST(LimitsTest, ClipsLongLinesAroundTheCaret) {
  const std::string padding(300, ' ');
  const std::string rendered =
      RenderedText(ParseIcp("{" + padding + "zz: 1," + padding + "name: b}"));
  const std::string before(60, ' ');
  EXPECT_EQ(rendered.substr(rendered.find('\n')),
            "\n…" + before + "zz: 1," + std::string(54, ' ') + "…\n " + before + "^\n");
}

TEST(LimitsTest, AlignsTheCaretUnderTabsAndWideCharacters) {
  EXPECT_EQ(RenderedText(ParseIcp("{\ttitle: Größe,\tzz: 1}")),
            "icp.yaml:1:17: error: unknown key 'zz'; expected one of name, title, description, "
            "currency, exchange_rates, aliases, caps, fit, engagement, bant, grading, temperature, "
            "funnel, playbook, business_hours\n"
            "{\ttitle: Größe,\tzz: 1}\n"
            " \t             \t^\n");
}

// The time is bounded generously: what is not linear takes minutes.
TEST(LimitsTest, TakesLinearTime) {
  const int size = 1 << 20;
  const std::vector<std::string> texts = {
      Repeat("[", size),
      Repeat("{a: ", size / 4),
      Repeat("- ", size / 2),
      Repeat("? ", size / 2),
      Repeat("a: [", size / 4),
      "fit: [" + Repeat("[],", size / 3) + "]",
      "fit: [" + Repeat("a,", size / 2) + "]",
      "exchange_rates: {" + Repeat("a: b,", size / 5) + "}",
      Repeat("%TAG !a! b\n", size / 11) + "---\na: b\n",
      "a: b\n...\n" + Repeat("%TAG !a! b\n", size / 11) + "---\na: b\n",
      "name: &" + std::string(size, 'a') + " b",
      "name: \"" + std::string(size, 'a'),
      std::string(size, 'a') + ": b",
      "? " + std::string(size, 'a') + "\n: b",
      Repeat("zzzzzzzzzzzzzz: 1\n", size / 18),
      Repeat("interestt_window: 1\n", size / 20),
      "# " + std::string(size, 'a') + "\n",
      Repeat("\n", size),
      "name: |\n" + Repeat(" a\n", size / 3),
      "name: >\n" + Repeat(" a\n\n", size / 4),
      "aliases: [" + Repeat("{values: {a: b}},", size / 17) + "]",
      "title: {" + std::string(1000, 'k') + ": [" + Repeat("a,", size / 2) + "]}",
      Repeat("\"\\uD83D\\uDE00\",", size / 15),
      "{" + Repeat("\"\\uD83D\\uDE00\":1,", size / 17) + "}",
  };
  for (const std::string& text : texts) {
    SCOPED_TRACE(text.substr(0, 40));
    const absl::Duration start = ProcessorTime();
    ParseIcp(text);
    v1::Lead lead;
    SourceMap map;
    ParseYaml("custom: {" + std::string(1000, 'k') + ": [" + text.substr(0, size / 2) + "]}",
              "lead.yaml", &lead, &map);
    EXPECT_LT(ProcessorTime() - start, absl::Seconds(20));
  }
}

}  // namespace
}  // namespace bantam
