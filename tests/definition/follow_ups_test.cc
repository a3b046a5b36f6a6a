#include "server/definition/follow_ups.h"

#include <string>

#include "bantam/v1/icp.pb.h"
#include "gtest/gtest.h"
#include "server/definition/parse_document.h"

namespace bantam {
namespace {

// Whether an issue about `field` echoes the mistakes of `yaml`.
bool Echoes(const std::string& yaml, const std::string& field) {
  FoundIssues issues(100);
  v1::Icp icp;
  const SourceText source(yaml);
  ParseDocument(source, kMaxIcpBytes, &icp, nullptr, &issues);
  EXPECT_FALSE(issues.empty());
  return FollowUps(issues).Echoes(field);
}

TEST(FollowUpsTest, LeaveOutWhatAMistakeExplains) {
  EXPECT_TRUE(Echoes("caps: {fit: x}", "caps.fit"));
  EXPECT_TRUE(Echoes("caps: {fit: x}", "caps")) << "they cannot add up";
  EXPECT_TRUE(Echoes("fit: {criteria: [{test: x}]}", "fit.criteria[0].test.attribute"));
  EXPECT_TRUE(Echoes("fit: {criteria: [{test: {inn: [a]}}]}", "fit.criteria[0].test"));
  EXPECT_TRUE(Echoes("fit: {criteria: [{tset: {in: [a]}}]}", "fit.criteria[0].test"));
}

TEST(FollowUpsTest, KeepWhatStandsByItself) {
  EXPECT_FALSE(Echoes("caps: {fit: x}", "fit.criteria[0].id"));
  EXPECT_FALSE(Echoes("zz: 1", "name"));
  EXPECT_FALSE(Echoes("zz: 1", "caps"));
  EXPECT_FALSE(Echoes("fit: {criteria: [{test: {inn: [a]}}]}", "fit.criteria[0].id"));
  EXPECT_FALSE(Echoes("fit: {criteria: [{test: {check: [a]}}]}", "fit.criteria"));
  EXPECT_FALSE(Echoes("fit: {criteria: [{points: x}]}", "fit.criteria[1].points"));
  EXPECT_FALSE(Echoes("fit: {criteria: [{points: x}]}", "fit.criteria[01]"));
}

TEST(FollowUpsTest, TakeShortAndLongFormsForTheSame) {
  EXPECT_TRUE(Echoes("engagement: {interest: [null]}", "engagement.interest[0]"));
  EXPECT_TRUE(Echoes("engagement: {interest: {types: [null]}}", "engagement.interest[0]"));
  EXPECT_TRUE(Echoes("playbook: [{id: [x]}]", "playbook.rules[0].id"));
  EXPECT_TRUE(Echoes("title: {texts: {de: [x]}}", "title[de]"));
  EXPECT_TRUE(Echoes("fit: {criteria: [{test: {any_of: {tests: [5]}}}]}",
                     "fit.criteria[0].test.any_of[0].attribute"));
  EXPECT_FALSE(Echoes("engagement: {interest: [null]}", "engagement.interest[1]"));
}

TEST(FollowUpsTest, LeaveOutReferencesToIdsThatWereNotRead) {
  const std::string gaps = "playbook.rules[0].when.gaps[0]";
  EXPECT_TRUE(Echoes("fit: [x]", gaps));
  EXPECT_TRUE(Echoes("fit: {criteria: {id: x}}", gaps));
  EXPECT_TRUE(Echoes("fit: {criteria: [x]}", gaps));
  EXPECT_TRUE(Echoes("fit: {criteria: [{id: [x]}]}", gaps));
  EXPECT_TRUE(Echoes("fit: {criteria: [{idd: x}]}", gaps));
  EXPECT_TRUE(Echoes("fitt: {criteria: [{id: x}]}", gaps));
  EXPECT_FALSE(Echoes("fit: {criteria: [{points: x}]}", gaps));
  EXPECT_FALSE(Echoes("caps: [x]", gaps));
  EXPECT_TRUE(Echoes("funnel: {stages: [x]}", "playbook.rules[0].when.stages[0]"));
  EXPECT_TRUE(Echoes("engagement: {groups: [x]}", "engagement.rules[3].group"));
}

}  // namespace
}  // namespace bantam
