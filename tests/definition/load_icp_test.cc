#include "server/definition/load_icp.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/definition/yaml.h"
#include "server/zones/system_time_zones.h"
#include "tests/definition/case_files.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

LoadedIcp Load(const std::string& yaml) { return LoadIcp(yaml, "icp.yaml", SystemTimeZones()); }

std::vector<std::string> Fields(const LoadedIcp& loaded) {
  std::vector<std::string> fields;
  for (const v1::Issue& issue : loaded.issues) fields.push_back(issue.field());
  return fields;
}

constexpr char kGood[] = R"(name: tenants/acme/icps/b2b
fit:
  criteria:
    - id: industry
      points: 40
      test: {attribute: company.industry, in: [software]}
engagement:
  rules: [{id: demo, event_types: [demo_request], points: 30}]
bant: {need: {solved_problems: [slow reports]}}
business_hours: {time_zone: Europe/Berlin}
)";

TEST(LoadIcpTest, CompilesAGoodOne) {
  const LoadedIcp loaded = Load(kGood);
  EXPECT_EQ(RenderedText(loaded.issues), "");
  ASSERT_NE(loaded.icp, nullptr);
  EXPECT_EQ(loaded.name, "tenants/acme/icps/b2b");
  EXPECT_EQ(loaded.icp->name(), loaded.name);
  EXPECT_EQ(loaded.icp->definition().fit().criteria(0).test().in().values(0), "software");
}

TEST(LoadIcpTest, WarningsDoNotBlock) {
  std::string yaml = kGood;
  yaml.erase(yaml.find("business_hours"));
  const LoadedIcp loaded = Load(yaml);
  EXPECT_NE(loaded.icp, nullptr);
  ASSERT_THAT(loaded.issues, SizeIs(1));
  EXPECT_EQ(loaded.issues[0].severity(), v1::ISSUE_SEVERITY_WARNING);
  EXPECT_THAT(loaded.issues[0].rendered(), HasSubstr(": warning: "));
}

TEST(LoadIcpTest, ReportsMistakesOfTextAndMeaningInOneRun) {
  std::string yaml = kGood;
  yaml.replace(yaml.find("points: 40"), 10, "points: forty");
  yaml += "caps: {fit: 40, engagement: 40, bant: 30}\n";
  const LoadedIcp loaded = Load(yaml);
  EXPECT_EQ(loaded.icp, nullptr);
  EXPECT_THAT(Fields(loaded), ElementsAre("fit.criteria[0].points", "caps"));
  EXPECT_EQ(loaded.name, "tenants/acme/icps/b2b");
}

TEST(LoadIcpTest, LeavesOutWhatOnlyFollows) {
  std::string yaml = kGood;
  yaml.replace(yaml.find("in: ["), 5, "inn: [");
  const LoadedIcp loaded = Load(yaml);
  ASSERT_THAT(loaded.issues, SizeIs(1));
  EXPECT_EQ(loaded.issues[0].message(), "unknown key 'inn'; did you mean 'in'?");
  EXPECT_EQ(loaded.icp, nullptr);
}

TEST(LoadIcpTest, SaysNothingMoreAfterASyntaxError) {
  const LoadedIcp loaded = Load("name: x\ncaps: {fit: 1}\ntitle: \"open\n");
  EXPECT_EQ(RenderedText(loaded.issues),
            "icp.yaml:3:8: error: syntax error: the quote that opens here is not closed\n"
            "title: \"open\n"
            "       ^\n");
  EXPECT_EQ(loaded.icp, nullptr);
  EXPECT_EQ(loaded.name, "x") << "it was read before";
}

TEST(LoadIcpTest, BoundsTheText) {
  const std::string padding(kMaxIcpBytes, '#');
  const LoadedIcp loaded = Load(kGood + padding);
  ASSERT_THAT(loaded.issues, SizeIs(1));
  EXPECT_THAT(loaded.issues[0].rendered(), HasSubstr("icp.yaml: error: the text is 10488"));
  EXPECT_THAT(loaded.issues[0].rendered(), HasSubstr("at most 1048576 are allowed"));
  EXPECT_NE(Load(kGood + padding.substr(std::string(kGood).size())).icp, nullptr);
}

TEST(LoadIcpTest, BoundsTheIssues) {
  std::string yaml = "name: tenants/acme/icps/b2b\nfit:\n  criteria:\n";
  for (int i = 0; i < 150; ++i) yaml += "    - {id: a}\n";
  const LoadedIcp loaded = Load(yaml);
  EXPECT_THAT(loaded.issues, SizeIs(101));
  EXPECT_EQ(loaded.icp, nullptr);
  EXPECT_THAT(loaded.issues.back().message(), HasSubstr("more, not shown"));
  EXPECT_EQ(loaded.issues.back().severity(), v1::ISSUE_SEVERITY_ERROR);
}

TEST(LoadIcpTest, WritesBackWhatItRead) {
  const LoadedIcp loaded = Load(kGood);
  ASSERT_NE(loaded.icp, nullptr);
  // The definition with its defaults is a definition itself, and the same one.
  const LoadedIcp again = Load(FormatYaml(loaded.icp->definition()));
  EXPECT_EQ(RenderedText(again.issues), "");
  ASSERT_NE(again.icp, nullptr);
  EXPECT_EQ(again.icp->revision(), loaded.icp->revision());
}

}  // namespace
}  // namespace bantam
