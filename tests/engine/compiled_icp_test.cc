// What is asked of several ICPs or several leads at once, and of revisions. Single answers are
// tested by cases (cases_test.cc) and by the reference evaluator (tests/reference).
#include "server/engine/compiled_icp.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "server/engine/defaults.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <typename Message>
Message Parse(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

std::shared_ptr<const CompiledIcp> CompileText(const std::string& text) {
  CompileResult result = Compile(Parse<v1::Icp>(text), SystemTimeZones());
  EXPECT_NE(result.icp, nullptr);
  for (const Issue& issue : result.issues) {
    EXPECT_EQ(issue.severity, Issue::Severity::kWarning) << issue.field << ": " << issue.message;
  }
  return std::move(result.icp);
}

// One criterion, country DE, worth `points`; required or not.
std::shared_ptr<const CompiledIcp> CountryIcp(const std::string& id, int points,
                                              bool required = false) {
  return CompileText(absl::StrCat(
      "name: 'tenants/t/icps/", id, "' fit { floor_percent: 0 criteria { id: 'country' points: ",
      points, " required: ", required ? "true" : "false",
      " test { attribute: 'company.country' in { values: 'DE' } } } }"));
}

v1::Evaluation Best(const std::vector<std::shared_ptr<const CompiledIcp>>& icps,
                    const std::string& lead) {
  EvaluateOptions options;
  options.now = absl::FromUnixSeconds(1769817600);
  v1::Evaluation evaluation;
  EvaluateBest(icps, Parse<v1::Lead>(lead), options, &evaluation);
  return evaluation;
}

TEST(EvaluateBestTest, TakesTheHighestTotalAndNamesTheOthersInOrder) {
  const v1::Evaluation best =
      Best({CountryIcp("low", 5), CountryIcp("high", 20), CountryIcp("middle", 10)},
           "company { country: 'DE' }");
  EXPECT_EQ(best.icp(), "tenants/t/icps/high");
  ASSERT_EQ(best.other_icps_size(), 2);
  EXPECT_EQ(best.other_icps(0).icp(), "tenants/t/icps/middle");
  EXPECT_EQ(best.other_icps(0).total(), 10);
  EXPECT_EQ(best.other_icps(1).icp(), "tenants/t/icps/low");
  EXPECT_EQ(best.other_icps(1).verdict(), v1::VERDICT_OPEN);
}

TEST(EvaluateBestTest, PrefersOpenToDisqualifiedWhateverTheTotal) {
  const auto strict = CompileText(R"(
      name: 'tenants/t/icps/strict' fit { floor_percent: 0
        criteria { id: 'country' points: 30 test { attribute: 'company.country' in { values: 'DE' } } }
        criteria { id: 'industry' required: true
                   test { attribute: 'company.industry' in { values: 'steel' } } } })");
  const v1::Evaluation best =
      Best({strict, CountryIcp("lenient", 5)}, "company { country: 'DE' industry: 'software' }");
  EXPECT_EQ(best.icp(), "tenants/t/icps/lenient");
  EXPECT_EQ(best.other_icps(0).verdict(), v1::VERDICT_DISQUALIFIED);
  EXPECT_EQ(best.other_icps(0).total(), 30);
}

TEST(EvaluateBestTest, AppendsTheBytesThatTheMessageHas) {
  const std::vector<std::shared_ptr<const CompiledIcp>> icps = {CountryIcp("a", 10),
                                                                CountryIcp("b", 20)};
  const std::string lead = "company { country: 'DE' } consents { channel: CHANNEL_EMAIL }";
  for (const Operation operation : {Operation::kScore, Operation::kQualify, Operation::kAdvance}) {
    EvaluateOptions options;
    options.now = absl::FromUnixSeconds(1769817600);
    options.operation = operation;
    v1::Evaluation evaluation;
    EvaluateBest(icps, Parse<v1::Lead>(lead), options, &evaluation);
    std::string bytes = "before";
    const EvaluationSummary summary = EvaluateBest(icps, Parse<v1::Lead>(lead), options, &bytes);
    EXPECT_EQ(bytes, "before" + evaluation.SerializeAsString());
    EXPECT_TRUE(summary.has_score);
    EXPECT_EQ(summary.total, evaluation.score().total());
    EXPECT_EQ(summary.fit_points, evaluation.score().fit().points());
    EXPECT_EQ(summary.verdict, v1::VERDICT_OPEN);
    EXPECT_EQ(summary.icp, icps[1].get());
    EXPECT_EQ(summary.grade, evaluation.score().grade());
    EXPECT_EQ(summary.stage, "lead");
    EXPECT_EQ(summary.advance_reason, evaluation.advancement().reason());
    EXPECT_EQ(summary.to_stage, evaluation.advancement().to_stage());
    EXPECT_EQ(summary.to_stage.empty(), operation != Operation::kAdvance);
  }
}

TEST(EvaluateBestTest, TheSummaryOfARestrictedLeadTellsNoScoreAndNoMove) {
  const std::vector<std::shared_ptr<const CompiledIcp>> icps = {CountryIcp("a", 5)};
  const auto lead = Parse<v1::Lead>("stage: 'mql' marketing_objection {}");
  std::string bytes;
  EvaluateOptions options;
  options.now = absl::FromUnixSeconds(1769817600);
  options.operation = Operation::kAdvance;
  const EvaluationSummary summary = EvaluateBest(icps, lead, options, &bytes);
  EXPECT_EQ(summary.verdict, v1::VERDICT_RESTRICTED);
  EXPECT_FALSE(summary.has_score);
  EXPECT_EQ(summary.grade, "");
  EXPECT_EQ(summary.stage, "mql");
  EXPECT_EQ(summary.advance_reason, v1::ADVANCE_REASON_UNSPECIFIED);
  EXPECT_EQ(summary.to_stage, "");
  EXPECT_EQ(summary.icp, icps[0].get());
}

TEST(EvaluateBestTest, SettlesTiesByName) {
  const v1::Evaluation best =
      Best({CountryIcp("b", 5), CountryIcp("a", 5)}, "company { country: 'DE' }");
  EXPECT_EQ(best.icp(), "tenants/t/icps/a");
}

TEST(EvaluateBestTest, GivesNoTotalsOfARestrictedLead) {
  const v1::Evaluation best =
      Best({CountryIcp("a", 5), CountryIcp("b", 5)}, "marketing_objection {}");
  EXPECT_EQ(best.verdict(), v1::VERDICT_RESTRICTED);
  EXPECT_FALSE(best.other_icps(0).has_total());
}

v1::LeadResult Result(int index, double total, double fit) {
  v1::LeadResult result;
  result.set_index(index);
  result.mutable_evaluation()->mutable_score()->set_total(total);
  result.mutable_evaluation()->mutable_score()->mutable_fit()->set_points(fit);
  return result;
}

TEST(RankTest, SortsByTotalThenFitThenOrderWithRestrictedAndFailedLast) {
  std::vector<v1::LeadResult> results = {Result(0, 10, 5), Result(1, 30, 5), Result(2, 30, 20),
                                         Result(3, 10, 5)};
  v1::LeadResult restricted;
  restricted.set_index(4);
  restricted.mutable_evaluation()->set_verdict(v1::VERDICT_RESTRICTED);
  v1::LeadResult failed;
  failed.set_index(5);
  failed.mutable_error()->set_code(3);
  results.insert(results.begin(), {failed, restricted});
  std::vector<v1::LeadResult*> pointers;
  for (v1::LeadResult& result : results) pointers.push_back(&result);
  Rank(&pointers);
  std::vector<int> order;
  for (const v1::LeadResult* result : pointers) order.push_back(result->index());
  EXPECT_THAT(order, ElementsAre(2, 1, 0, 3, 4, 5));
}

TEST(RankTest, SortsSummariesInTheSameOrder) {
  const auto scored = [](double total, double fit) {
    EvaluationSummary summary;
    summary.has_score = true;
    summary.total = total;
    summary.fit_points = fit;
    return absl::make_optional(summary);
  };
  EXPECT_THAT(Rank({absl::nullopt, EvaluationSummary(), scored(10, 5), scored(30, 5),
                    scored(30, 20), scored(10, 5)}),
              ElementsAre(4, 3, 2, 5, 1, 0));
}

constexpr char kIcp[] = R"(
    name: 'tenants/t/icps/i'
    fit { criteria { id: 'country' points: 10
                     test { attribute: 'company.country' in { values: 'DE' } } } }
    exchange_rates { key: 'USD' value: '0.9' } exchange_rates { key: 'CHF' value: '1.05' })";

TEST(RevisionTest, DefaultsWrittenOutGiveTheSameRevision) {
  const auto icp = CompileText(kIcp);
  const auto full = CompileText(WithDefaults(Parse<v1::Icp>(kIcp)).DebugString());
  EXPECT_EQ(icp->revision(), full->revision());
  EXPECT_EQ(icp->definition().DebugString(), full->definition().DebugString());
}

TEST(RevisionTest, AnyChangeGivesAnother) {
  v1::Icp changed = Parse<v1::Icp>(kIcp);
  changed.mutable_fit()->mutable_criteria(0)->set_points(10.01);
  EXPECT_NE(CompileText(kIcp)->revision(), CompileText(changed.DebugString())->revision());
}

// Callers store revisions: one that changes between versions of the program would break their pins.
TEST(RevisionTest, StaysTheSameBetweenBuilds) {
  EXPECT_EQ(CompileText(kIcp)->revision(), "a4593a8883d6581190c4ff55457d635c");
}

TEST(CompileTest, TheSmallestIcpCompiles) {
  const CompileResult result =
      Compile(Parse<v1::Icp>("name: 'tenants/t/icps/i'"), SystemTimeZones());
  ASSERT_NE(result.icp, nullptr);
  EXPECT_EQ(result.icp->name(), "tenants/t/icps/i");
  EXPECT_TRUE(result.icp->HasStage("nurture"));
  EXPECT_FALSE(result.icp->HasStage("prospect"));
  EXPECT_EQ(result.icp->StageNames(),
            "lead, mql, sql, opportunity, customer, nurture, disqualified");
}

TEST(CompileTest, AFunnelOfItsOwnNeedsNoPlaybookOfItsOwn) {
  const CompileResult result = Compile(Parse<v1::Icp>(R"(name: 'tenants/t/icps/i'
                        funnel { stages { id: 'lead' } stages { id: 'sql' }
                                 stages { id: 'customer' } })"),
                                       SystemTimeZones());
  EXPECT_NE(result.icp, nullptr);
  EXPECT_THAT(result.issues,
              ::testing::Each(::testing::Field(&Issue::severity, Issue::Severity::kWarning)));
}

TEST(CompileTest, AnEmptyIcpIsRefusedWithoutHarm) {
  const CompileResult result = Compile(v1::Icp(), SystemTimeZones());
  EXPECT_EQ(result.icp, nullptr);
  EXPECT_THAT(result.issues, ::testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace bantam
