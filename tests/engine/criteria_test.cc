#include "server/engine/criteria.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

Truth Judge(const v1::Test& test, const TestEnvironment& environment, const v1::Lead& lead) {
  return CompiledTest(test, &environment).Evaluate(lead, Instant(0)).truth;
}

// More words than are looked for at a time.
TEST(CompiledTestTest, ContainsAllOfManyWords) {
  constexpr int kWords = 130;
  v1::Test test;
  test.set_attribute("company.technologies");
  for (int i = 0; i < kWords; ++i) test.mutable_contains_all()->add_values(absl::StrCat("W", i));
  v1::Lead lead;
  auto* const technologies = lead.mutable_company()->mutable_technologies();
  EXPECT_EQ(Judge(test, {}, lead), Truth::kMissed);
  for (int i = kWords - 1; i >= 0; --i) technologies->add_values(absl::StrCat(" w", i, " "));
  EXPECT_EQ(Judge(test, {}, lead), Truth::kMatched);
  for (const int missing : {0, 63, 64, 127, 128, 129}) {
    std::string* const word = technologies->mutable_values(kWords - 1 - missing);
    *word = "w1";  // Is there twice then.
    EXPECT_EQ(Judge(test, {}, lead), Truth::kMissed) << missing;
    *word = absl::StrCat("w", missing);
  }
}

// Whether the words of all tests are looked up at once or not.
TEST(CompiledTestTest, TestsOfTechnologiesShareALookUp) {
  WordBits::Texts words;
  for (const char* word : {"aws", "azure", "sap"}) *words.Add() = word;
  TestEnvironment environment;
  environment.technologies = WordBits(words, nullptr);
  v1::Test any;
  any.set_attribute("company.technologies");
  any.mutable_contains_any()->add_values("AWS");
  any.mutable_contains_any()->add_values("azure");
  v1::Test all;
  all.set_attribute("company.technologies");
  all.mutable_contains_all()->add_values("azure");
  all.mutable_contains_all()->add_values("SAP");
  v1::Lead lead;
  const auto expect = [&](Truth any_truth, Truth all_truth) {
    for (const auto& [test, truth] : {std::pair(any, any_truth), std::pair(all, all_truth)}) {
      const CompiledTest compiled(test, &environment);
      Until until;
      EXPECT_EQ(compiled.Evaluate(TestedLead(lead, Instant(0), environment, &until)).truth, truth);
      EXPECT_EQ(compiled.Evaluate(lead, Instant(0)).truth, truth);
      EXPECT_EQ(Judge(test, {}, lead), truth);
    }
  };
  expect(Truth::kUnknown, Truth::kUnknown);
  lead.mutable_company()->mutable_technologies();
  expect(Truth::kMissed, Truth::kMissed);
  lead.mutable_company()->mutable_technologies()->add_values("sap");
  expect(Truth::kMissed, Truth::kMissed);
  lead.mutable_company()->mutable_technologies()->add_values(" Azure");
  expect(Truth::kMatched, Truth::kMatched);
}

// The pattern is searched for in what an alias stands for, not in the alias.
TEST(CompiledTestTest, MatchesWhatAnAliasStandsFor) {
  TestEnvironment environment;
  AliasTable& aliases = environment.aliases["company.industry"];
  aliases.Add("Banken", "finance");
  aliases.Add("finance school", "education");
  v1::Test test;
  test.set_attribute("company.industry");
  test.set_matches("financ");
  const auto judge = [&](const std::string& industry) {
    v1::Lead lead;
    lead.mutable_company()->set_industry(industry);
    return Judge(test, environment, lead);
  };
  EXPECT_EQ(judge(" BANKEN "), Truth::kMatched);
  EXPECT_EQ(judge("Finance School"), Truth::kMissed);
  EXPECT_EQ(judge("refinancing"), Truth::kMatched);
  EXPECT_EQ(judge("Financing"), Truth::kMissed);
  EXPECT_EQ(judge("  "), Truth::kUnknown);
}

// An amount, and a range of amounts, against every shape of range; 2 units of the ICP's currency
// are 1 of USD.
TEST(CompiledTestTest, ComparesAmounts) {
  TestEnvironment environment;
  environment.currencies = CurrencyTable("EUR", {{"USD", 2 * kRateOne}});
  v1::Test test;
  test.set_attribute("company.annual_revenue");
  const auto judge = [&](const std::string& currency, int64_t min, int64_t max) {
    v1::Lead lead;
    v1::MoneyRange* const range = lead.mutable_company()->mutable_annual_revenue_range();
    if (min == max) {
      lead.mutable_company()->mutable_annual_revenue()->set_units(min);
      lead.mutable_company()->mutable_annual_revenue()->set_currency_code(currency);
      return Judge(test, environment, lead);
    }
    if (min != 0) range->mutable_min()->set_units(min);
    if (min != 0) range->mutable_min()->set_currency_code(currency);
    if (max != 0) range->mutable_max()->set_units(max);
    if (max != 0) range->mutable_max()->set_currency_code(currency);
    return Judge(test, environment, lead);
  };
  test.mutable_range()->set_min(100);
  EXPECT_EQ(judge("EUR", 100, 100), Truth::kMatched);
  EXPECT_EQ(judge("EUR", 99, 99), Truth::kMissed);
  EXPECT_EQ(judge("USD", 50, 50), Truth::kMatched);
  EXPECT_EQ(judge("USD", 49, 49), Truth::kMissed);
  EXPECT_EQ(judge("CHF", 500, 500), Truth::kUnknown);
  EXPECT_EQ(judge("EUR", 100, 0), Truth::kMatched);
  EXPECT_EQ(judge("EUR", 99, 0), Truth::kUnknown);
  EXPECT_EQ(judge("USD", 0, 49), Truth::kMissed);
  EXPECT_EQ(judge("USD", 0, 50), Truth::kUnknown);
  test.mutable_range()->set_max(200);
  EXPECT_EQ(judge("USD", 100, 100), Truth::kMatched);
  EXPECT_EQ(judge("USD", 101, 101), Truth::kMissed);
  EXPECT_EQ(judge("USD", 50, 100), Truth::kMatched);
  EXPECT_EQ(judge("USD", 50, 101), Truth::kUnknown);
  EXPECT_EQ(judge("USD", 101, 0), Truth::kMissed);
  EXPECT_EQ(judge("EUR", 150, 0), Truth::kUnknown);
  test.mutable_range()->clear_min();
  EXPECT_EQ(judge("EUR", 0, 200), Truth::kMatched);
  EXPECT_EQ(judge("EUR", 0, 201), Truth::kUnknown);
  EXPECT_EQ(judge("EUR", 201, 300), Truth::kMissed);
}

}  // namespace
}  // namespace bantam
