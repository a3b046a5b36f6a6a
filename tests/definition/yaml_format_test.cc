#include <cstdint>
#include <random>
#include <string>

#include "bantam/v1/evaluation_case.pb.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "server/definition/yaml.h"
#include "tests/definition/case_files.h"
#include "tests/definition/random_message.h"

namespace bantam {
namespace {

using ::google::protobuf::util::MessageDifferencer;

// Fills a message from YAML that must be good.
template <typename T>
T FromYaml(const std::string& yaml) {
  T message;
  EXPECT_EQ(RenderedText(ParseYaml(yaml, "test.yaml", &message, nullptr)), "");
  return message;
}

template <typename T>
void ExpectRoundTrips(int count, uint64_t seed) {
  constexpr int kDepth = 7;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < count; ++i) {
    T message;
    FillRandomly(kDepth, &random, &message);
    const std::string written = FormatYaml(message);
    T again;
    const std::string problems = RenderedText(ParseYaml(written, "written", &again, nullptr));
    ASSERT_EQ(problems, "") << written;
    ASSERT_TRUE(MessageDifferencer::Equals(message, again)) << written << "\nwanted:\n"
                                                            << message.DebugString() << "\ngot:\n"
                                                            << again.DebugString();
  }
}

TEST(FormatYamlTest, RandomMessagesComeBackEqual) {
  ExpectRoundTrips<v1::Lead>(2000, 1);
  ExpectRoundTrips<v1::Icp>(500, 2);
  ExpectRoundTrips<v1::EvaluationCase>(200, 3);
}

TEST(FormatYamlTest, PartsOfDocumentsComeBackEqual) {
  ExpectRoundTrips<v1::AttributeValue>(2000, 4);
  ExpectRoundTrips<v1::LocalizedText>(2000, 5);
  ExpectRoundTrips<v1::Money>(2000, 6);
  ExpectRoundTrips<v1::Gate>(500, 7);
  ExpectRoundTrips<google::protobuf::Timestamp>(500, 8);
  ExpectRoundTrips<google::protobuf::Duration>(500, 9);
}

TEST(FormatYamlTest, WritesAlsoWhatIsNotSet) {
  const auto action = FromYaml<v1::PlaybookRule>("id: a\nwhen: {verdicts: [open]}\n");
  const std::string yaml = FormatYaml(action, YamlFields::kAll);
  EXPECT_THAT(yaml, ::testing::HasSubstr("priority: 0\n"));
  EXPECT_EQ(FromYaml<v1::PlaybookRule>(yaml).SerializeAsString(), action.SerializeAsString());
}

TEST(FormatYamlTest, UsesTheShortForms) {
  const std::string yaml = R"(name: tenants/acme/icps/b2b
title: Software
description:
  de: Firmen
  en: Companies
exchange_rates:
  USD: "0.92"
caps: {fit: 40, engagement: 30, bant: 30}
fit:
  criteria:
    - id: industry
      points: 15
      test:
        attribute: company.industry
        in: [software, fintech, "NO", "35", "a, b"]
    - id: employees
      test:
        attribute: company.employee_count
        bands:
          - {min: 50, max: 999, points: 15}
          - {min: 1000, points: 10}
    - id: either
      required: true
      test:
        any_of:
          - attribute: custom.since
            after: 2026-01-31
          - not:
              attribute: company.name
              matches: '[^\d"]+'
engagement:
  interest: [demo_request]
  interest_window: 90d
  bot_window: 0s
bant:
  budget:
    points: 10
    minimum: 10000.50 EUR
    question: "Budget: how much?"
funnel:
  stages:
    - id: mql
      gate:
        - any_of:
            - fact: interest
            - score: {part: engagement, enter_percent: 50}
playbook:
  - id: call
    action:
      kind: discovery_call
      script: |-
        Ask
          politely
)";
  // Small maps are in braces only where all is numbers.
  std::string wanted = yaml;
  const std::string braces = "            - score: {part: engagement, enter_percent: 50}\n";
  wanted.replace(wanted.find(braces), braces.size(),
                 "            - score:\n"
                 "                part: engagement\n"
                 "                enter_percent: 50\n");
  EXPECT_EQ(FormatYaml(FromYaml<v1::Icp>(yaml)), wanted);
}

TEST(FormatYamlTest, WritesAttributesPlainly) {
  const std::string yaml = R"(custom:
  age: 35
  employees: {min: 51, max: 200}
  interests: [hiking, "35"]
  newsletter: true
  nothing: {}
  open: {number_range: {}}
  since: 2026-01-31T09:00:00Z
  text: "2026-01-31"
  zip: "01234"
)";
  std::string wanted = yaml;
  const std::string braces = "  open: {number_range: {}}\n";
  wanted.replace(wanted.find(braces), braces.size(), "  open:\n    number_range: {}\n");
  EXPECT_EQ(FormatYaml(FromYaml<v1::Lead>(yaml)), wanted);
}

TEST(FormatYamlTest, QuotesOnlyWhereNeeded) {
  const auto written = [](const std::string& text) {
    v1::TextList list;
    list.add_values(std::string(200, 'x'));  // So that the list is not written in brackets.
    list.add_values(text);
    const std::string yaml = FormatYaml(list);
    return yaml.substr(yaml.find('\n') + 3);
  };
  EXPECT_EQ(written("plain text, really [so]"), "plain text, really [so]\n");
  EXPECT_EQ(written("a:b"), "a:b\n");
  EXPECT_EQ(written("-a"), "-a\n");
  EXPECT_EQ(written("Größe 日本語"), "Größe 日本語\n");
  EXPECT_EQ(written("a: b"), "\"a: b\"\n");
  EXPECT_EQ(written("a #b"), "\"a #b\"\n");
  EXPECT_EQ(written(" a"), "\" a\"\n");
  EXPECT_EQ(written(""), "\"\"\n");
  EXPECT_EQ(written("null"), "\"null\"\n");
  EXPECT_EQ(written("Yes"), "\"Yes\"\n");
  EXPECT_EQ(written("09:00"), "\"09:00\"\n");
  EXPECT_EQ(written("2026-01-31"), "\"2026-01-31\"\n");
  EXPECT_EQ(written("'\\d'"), "'''\\d'''\n");
  EXPECT_EQ(written("a\tb\x01"), "\"a\\tb\\x01\"\n");
  EXPECT_EQ(written("a\u2028b"), "\"a\\u2028b\"\n");
}

TEST(FormatYamlTest, WritesTextsOfManyLinesAsBlocks) {
  v1::Action action;
  const auto script = [&](const std::string& text) {
    (*action.mutable_script()->mutable_texts())["en"] = text;
    return FormatYaml(action);
  };
  EXPECT_EQ(script("a\nb"), "script: |-\n  a\n  b\n");
  EXPECT_EQ(script("a\nb\n"), "script: |\n  a\n  b\n");
  EXPECT_EQ(script("a\n\nb\n\n"), "script: |+\n  a\n\n  b\n\n");
  EXPECT_EQ(script(" a\nb"), "script: \" a\\nb\"\n");
}

TEST(FormatYamlTest, WritesEmptyMessages) {
  EXPECT_EQ(FormatYaml(v1::Lead()), "{}\n");
  EXPECT_EQ(FormatYaml(v1::TextList()), "[]\n");
  EXPECT_EQ(FormatYaml(v1::LocalizedText()), "{}\n");
}

TEST(FormatYamlTest, EqualMessagesGiveEqualTexts) {
  v1::Icp a;
  v1::Icp b;
  for (int i = 0; i < 100; ++i) {
    (*a.mutable_exchange_rates())["K" + std::to_string(i)] = "1";
    (*b.mutable_exchange_rates())["K" + std::to_string(99 - i)] = "1";
  }
  EXPECT_EQ(FormatYaml(a), FormatYaml(b));
}

}  // namespace
}  // namespace bantam
