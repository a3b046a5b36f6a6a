// What ParseYaml() makes of good texts; broken/ holds the bad ones.
#include "server/definition/yaml.h"

#include <string>
#include <vector>

#include "bantam/v1/evaluation_case.pb.h"
#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/definition/case_files.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;

template <typename T>
T From(const std::string& yaml) {
  T message;
  EXPECT_EQ(RenderedText(ParseYaml(yaml, "test.yaml", &message, nullptr)), "") << yaml;
  return message;
}

std::string ProblemOf(const std::string& yaml) {
  v1::Lead lead;
  const std::vector<v1::Issue> issues = ParseYaml(yaml, "test.yaml", &lead, nullptr);
  return issues.empty() ? "" : issues.front().message();
}

v1::AttributeValue Attribute(const std::string& yaml) {
  return From<v1::Lead>("custom: {x: " + yaml + "}").custom().at("x");
}

TEST(KeysTest, AreProtoOrJsonNames) {
  EXPECT_EQ(From<v1::Lead>("company: {founded_year: 1999}").company().founded_year(), 1999);
  EXPECT_EQ(From<v1::Lead>("company: {foundedYear: 1999}").company().founded_year(), 1999);
  EXPECT_EQ(From<v1::Lead>("\"company\": {'city': Graz}").company().city(), "Graz");
}

TEST(TextsTest, AreTakenAsWritten) {
  EXPECT_EQ(From<v1::Lead>("company: {country: NO}").company().country(), "NO");
  EXPECT_EQ(From<v1::Lead>("id: 007").id(), "007");
  EXPECT_EQ(From<v1::Lead>("id: 1.10").id(), "1.10");
  EXPECT_EQ(From<v1::Lead>("id: true").id(), "true");
  EXPECT_EQ(From<v1::Lead>("id: 2026-01-31").id(), "2026-01-31");
  EXPECT_EQ(From<v1::Lead>("id: 'null'").id(), "null");
  EXPECT_EQ(From<v1::Lead>("id: !!str null").id(), "null");
  EXPECT_EQ(From<v1::Lead>("id: \"a\\tb\\u00FC\"").id(), "a\tbü");
  EXPECT_EQ(From<v1::Lead>("id: |\n  a\n  b\n").id(), "a\nb\n");
  EXPECT_EQ(From<v1::Lead>("id: >-\n  a\n  b\n").id(), "a b");
  EXPECT_EQ(From<v1::Lead>("id: a\n  b\n").id(), "a b");
}

TEST(AbsenceTest, NullLeavesAFieldUnset) {
  for (const std::string null : {"", "~", "null", "Null", "NULL", "!!null ''"}) {
    const auto lead = From<v1::Lead>("company:\n  employee_count: " + null + "\n  name: " + null +
                                     "\ncontacts: " + null + "\n");
    EXPECT_FALSE(lead.company().has_employee_count());
    EXPECT_EQ(lead.company().name(), "");
    EXPECT_TRUE(lead.contacts().empty());
  }
  EXPECT_FALSE(From<v1::Lead>("company: null").has_company());
}

TEST(AbsenceTest, OptionalFieldsKeepZero) {
  const auto lead = From<v1::Lead>("company: {employee_count: 0}\ncontacts: [{}]");
  EXPECT_TRUE(lead.company().has_employee_count());
  EXPECT_FALSE(lead.contacts(0).has_free_email_domain());
  EXPECT_TRUE(From<v1::Lead>("company: {}").has_company());
  EXPECT_TRUE(From<v1::Lead>("company: {technologies: []}").company().has_technologies());
}

TEST(EnumsTest, HaveThreeSpellings) {
  for (const std::string name :
       {"referral_partner", "REFERRAL_PARTNER", "SOURCE_CHANNEL_REFERRAL_PARTNER"}) {
    EXPECT_EQ(From<v1::Lead>("source: {channel: " + name + "}").source().channel(),
              v1::SOURCE_CHANNEL_REFERRAL_PARTNER);
  }
  EXPECT_EQ(From<v1::Lead>("source: {channel: unspecified}").source().channel(),
            v1::SOURCE_CHANNEL_UNSPECIFIED);
  EXPECT_THAT(From<v1::Lead>("events: [{reply_channels: [email, sms]}]").events(0).reply_channels(),
              ElementsAre(v1::CHANNEL_EMAIL, v1::CHANNEL_SMS));
}

TEST(ShortFormsTest, AListStandsForItsMessage) {
  const auto icp = From<v1::Icp>(R"(
fit:
  criteria:
    - test: {attribute: a, in: [x]}
    - test: {attribute: a, in: {values: [x]}}
    - test: {any_of: [{attribute: a, present: true}]}
    - test: {attribute: a, bands: [{min: 1}]}
engagement: {interest: [a, b]}
funnel: {nurture_exit: [{fact: interest}]}
playbook: [{id: a}]
)");
  EXPECT_THAT(icp.fit().criteria(0).test().in().values(), ElementsAre("x"));
  EXPECT_THAT(icp.fit().criteria(1).test().in().values(), ElementsAre("x"));
  EXPECT_EQ(icp.fit().criteria(2).test().any_of().tests_size(), 1);
  EXPECT_EQ(icp.fit().criteria(3).test().bands().bands(0).min(), 1);
  EXPECT_THAT(icp.engagement().interest().types(), ElementsAre("a", "b"));
  EXPECT_EQ(icp.funnel().nurture_exit().conditions(0).fact(), v1::GATE_FACT_INTEREST);
  EXPECT_EQ(icp.playbook().rules(0).id(), "a");
}

TEST(ShortFormsTest, ATextForPeopleHasThreeForms) {
  EXPECT_EQ(From<v1::Icp>("title: Hello").title().texts().at("en"), "Hello");
  EXPECT_EQ(From<v1::Icp>("title: 35").title().texts().at("en"), "35");
  EXPECT_EQ(From<v1::Icp>("title: {de: Hallo, en: Hello}").title().texts().at("de"), "Hallo");
  EXPECT_EQ(From<v1::Icp>("title: {de: Hallo}").title().texts().count("en"), 0u);
  EXPECT_EQ(From<v1::Icp>("title: {texts: {de: Hallo}}").title().texts().at("de"), "Hallo");
  EXPECT_EQ(From<v1::Icp>("title: {no: Hei}").title().texts().at("no"), "Hei");
  EXPECT_FALSE(From<v1::Icp>("title: null").has_title());
}

TEST(ShortFormsTest, MoneyIsALineOrAMap) {
  const auto icp = From<v1::Icp>("bant: {budget: {minimum: 12000.50 USD}}");
  EXPECT_EQ(icp.bant().budget().minimum().units(), 12000);
  EXPECT_EQ(icp.bant().budget().minimum().nanos(), 500000000);
  EXPECT_EQ(icp.bant().budget().minimum().currency_code(), "USD");
  const auto map = From<v1::Icp>("bant: {budget: {minimum: {units: 5, currency_code: EUR}}}");
  EXPECT_EQ(map.bant().budget().minimum().units(), 5);
}

TEST(ShortFormsTest, DurationsAndTimesAreALineOrAMap) {
  const auto icp = From<v1::Icp>("engagement: {bot_window: 0, interest_window: {seconds: 5}}");
  EXPECT_TRUE(icp.engagement().has_bot_window());
  EXPECT_EQ(icp.engagement().bot_window().seconds(), 0);
  EXPECT_EQ(icp.engagement().interest_window().seconds(), 5);
  const auto lead = From<v1::Lead>("events: [{time: 2026-01-31}, {time: '2026-01-31T00:00Z'}]");
  EXPECT_EQ(lead.events(0).time().seconds(), 1769817600);
  EXPECT_EQ(lead.events(1).time().seconds(), 1769817600);
}

TEST(AttributesTest, AreTypedByTheirForm) {
  EXPECT_EQ(Attribute("35").number(), 35);
  EXPECT_EQ(Attribute("-3.5e2").number(), -350);
  EXPECT_TRUE(Attribute("true").boolean());
  EXPECT_EQ(Attribute("false").kind_case(), v1::AttributeValue::kBoolean);
  EXPECT_EQ(Attribute("2026-01-31").time().seconds(), 1769817600);
  EXPECT_EQ(Attribute("2026-01-31T00:00:00+01:00").time().seconds(), 1769814000);
  EXPECT_EQ(Attribute("hiking").text(), "hiking");
  EXPECT_EQ(Attribute("yes").text(), "yes");
  EXPECT_EQ(Attribute("10 EUR").text(), "10 EUR");
  EXPECT_EQ(Attribute("''").kind_case(), v1::AttributeValue::kText);
}

TEST(AttributesTest, AreTextsInQuotes) {
  EXPECT_EQ(Attribute("'35'").text(), "35");
  EXPECT_EQ(Attribute("\"true\"").text(), "true");
  EXPECT_EQ(Attribute("'2026-01-31'").text(), "2026-01-31");
  EXPECT_EQ(Attribute("'01234'").text(), "01234");
  EXPECT_EQ(Attribute("!!str 35").text(), "35");
  EXPECT_EQ(Attribute("!!int '35'").number(), 35);
}

TEST(AttributesTest, MayBeListsAndRanges) {
  EXPECT_THAT(Attribute("[hiking, 35, true]").list().values(), ElementsAre("hiking", "35", "true"));
  EXPECT_EQ(Attribute("[]").kind_case(), v1::AttributeValue::kList);
  EXPECT_EQ(Attribute("{min: 1, max: 2}").number_range().max(), 2);
  EXPECT_FALSE(Attribute("{max: 2}").number_range().has_min());
  EXPECT_EQ(Attribute("{}").kind_case(), v1::AttributeValue::KIND_NOT_SET);
}

TEST(AttributesTest, HaveTheExplicitForm) {
  EXPECT_EQ(Attribute("{number: 35}").number(), 35);
  EXPECT_EQ(Attribute("{text: 35}").text(), "35");
  EXPECT_EQ(Attribute("{list: [a]}").list().values(0), "a");
  EXPECT_EQ(Attribute("{list: {values: [a]}}").list().values(0), "a");
  EXPECT_EQ(Attribute("{numberRange: {min: 1}}").number_range().min(), 1);
  EXPECT_EQ(Attribute("{time: 2026-01-31}").time().seconds(), 1769817600);
}

TEST(DocumentsTest, MayHaveMarksAndComments) {
  EXPECT_EQ(From<v1::Lead>("# a lead\n---\nid: a\n...\n# the end\n").id(), "a");
  EXPECT_EQ(From<v1::Lead>("%YAML 1.1\n---\nid: a\n").id(), "a");
  EXPECT_EQ(From<v1::Lead>("\xEF\xBB\xBFid: a\n").id(), "a");
  EXPECT_EQ(From<v1::Lead>("id: a\r\nstage: mql\r\n").stage(), "mql");
  EXPECT_EQ(From<v1::Lead>("{}").id(), "");
  EXPECT_EQ(From<v1::Lead>("!!map {id: !!str a, contacts: !!seq []}").id(), "a");
}

TEST(DocumentsTest, EmptyOnesAreRefused) {
  const std::string wanted =
      "the document is empty; expected the fields of Lead, one 'key: value' a line";
  for (const std::string text : {"", "\n", "# nothing\n", "---\n", "null", "~\n"}) {
    EXPECT_EQ(ProblemOf(text), wanted) << text;
  }
}

TEST(ParseYamlTest, ClearsItsResultsFirst) {
  v1::Lead lead;
  lead.set_id("old");
  SourceMap map;
  map.Add("old", {1, 1});
  ParseYaml("stage: mql", "test.yaml", &lead, &map);
  EXPECT_EQ(lead.id(), "");
  EXPECT_FALSE(map.Contains("old"));
}

TEST(ParseYamlTest, KeepsElementsInStepWithTheText) {
  v1::Icp icp;
  ParseYaml(
      "fit: {criteria: [{id: a}, 5, null, {id: b}]}\n"
      "business_hours: {days: [monday, noday, sunday], holidays: [[], x]}\n",
      "test.yaml", &icp, nullptr);
  EXPECT_EQ(icp.fit().criteria_size(), 4);
  EXPECT_EQ(icp.fit().criteria(3).id(), "b");
  EXPECT_THAT(icp.business_hours().days(),
              ElementsAre(v1::WEEKDAY_MONDAY, v1::WEEKDAY_UNSPECIFIED, v1::WEEKDAY_SUNDAY));
  EXPECT_THAT(icp.business_hours().holidays(), ElementsAre("", "x"));
}

TEST(ParseYamlTest, KeepsTheFirstOfTwo) {
  v1::Lead lead;
  ParseYaml(
      "id: a\nid: b\nclosed_won: {}\nclosedWon: {reason: x}\n"
      "evidence: [{need: {}, budget: {none: true}}]\n",
      "test.yaml", &lead, nullptr);
  EXPECT_EQ(lead.id(), "a");
  EXPECT_EQ(lead.closed_won().reason(), "");
  EXPECT_EQ(lead.evidence(0).statement_case(), v1::Evidence::kNeed);
}

TEST(ParseYamlTest, ReadsTestCases) {
  const auto test = From<v1::EvaluationCase>(
      "description: x\nevaluate_time: 2026-01-31\noperation: advance\n"
      "mode: as_far_as_possible\nwant: {score: {total: 59.00, trace: []}}\n");
  EXPECT_EQ(test.operation(), v1::BULK_OPERATION_ADVANCE);
  EXPECT_EQ(test.mode(), v1::ADVANCE_MODE_AS_FAR_AS_POSSIBLE);
  EXPECT_EQ(test.want().score().total(), 59);
}

}  // namespace
}  // namespace bantam
