#include <ostream>
#include <string>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/definition/yaml.h"

namespace bantam {

bool operator==(const SourcePosition& a, const SourcePosition& b) {
  return a.line == b.line && a.column == b.column;
}
void PrintTo(const SourcePosition& position, std::ostream* out) {
  *out << position.line << ":" << position.column;
}

namespace {

using ::testing::IsEmpty;

SourcePosition At(int line, int column) { return {line, column}; }

TEST(SourceMapTest, FindsTheNearestEnclosingPath) {
  SourceMap map;
  EXPECT_EQ(map.Find("fit"), At(0, 0));
  EXPECT_FALSE(map.Contains(""));
  map.Add("", {1, 1});
  map.Add("fit", {2, 1});
  map.Add("fit.criteria[2]", {3, 5});
  EXPECT_EQ(map.Find("fit.criteria[2].test.in"), At(3, 5));
  EXPECT_EQ(map.Find("fit.criteria[1].test"), At(3, 5)) << "the list itself, entered on the way";
  EXPECT_EQ(map.Find("fit.floor_percent"), At(2, 1));
  EXPECT_EQ(map.Find("bant"), At(1, 1));
  EXPECT_TRUE(map.Contains("fit"));
  EXPECT_TRUE(map.Contains("fit.criteria[2]"));
  EXPECT_FALSE(map.Contains("fit.criteria[2].id"));
  map.Clear();
  EXPECT_FALSE(map.Contains("fit"));
}

TEST(SourceMapTest, TakesAnyMapKey) {
  SourceMap map;
  for (const std::string key : {"USD", "a.b", "a]b", "a].b", "[x]", "a[0].b", ""}) {
    const std::string path = "values[" + key + "]";
    map.Add(path, {7, static_cast<int>(key.size()) + 1});
    EXPECT_TRUE(map.Contains(path)) << key;
    EXPECT_EQ(map.Find(path + ".list.values[0]"), At(7, static_cast<int>(key.size()) + 1)) << key;
  }
}

TEST(SourceMapTest, IsFilledByParsing) {
  const std::string yaml = R"(name: tenants/acme/icps/b2b
title: Software
exchangeRates: {USD: "0.92"}
fit:
  criteria:
    - id: industry
      test:
        attribute: company.industry
        in: [a,
             b]
bant:
  budget: null
)";
  v1::Icp icp;
  SourceMap map;
  ASSERT_THAT(ParseYaml(yaml, "test.yaml", &icp, &map), IsEmpty());
  EXPECT_EQ(map.Find(""), At(1, 1));
  EXPECT_EQ(map.Find("name"), At(1, 7));
  EXPECT_EQ(map.Find("title.texts[en]"), At(2, 8));
  EXPECT_EQ(map.Find("exchange_rates"), At(3, 16)) << "the field's name, not the JSON name";
  EXPECT_EQ(map.Find("exchange_rates[USD]"), At(3, 22));
  EXPECT_EQ(map.Find("fit.criteria"), At(5, 3)) << "a block is where its key is";
  EXPECT_EQ(map.Find("fit.criteria[0]"), At(6, 7));
  EXPECT_EQ(map.Find("fit.criteria[0].test"), At(7, 7));
  EXPECT_EQ(map.Find("fit.criteria[0].test.in"), At(9, 13));
  EXPECT_TRUE(map.Contains("fit.criteria[0].test.in.values"));
  EXPECT_EQ(map.Find("fit.criteria[0].test.in.values[1]"), At(10, 14));
  EXPECT_EQ(map.Find("fit.criteria[0].test.in[1]"), At(10, 14));
  EXPECT_TRUE(map.Contains("title[en]"));
  EXPECT_FALSE(map.Contains("fit.criteria[0].test[0]"));
  EXPECT_TRUE(map.Contains("bant.budget")) << "null is written";
  EXPECT_FALSE(icp.bant().has_budget());
  EXPECT_FALSE(map.Contains("caps"));
}

TEST(SourceMapTest, KnowsShortFormsOfAttributes) {
  v1::Lead lead;
  SourceMap map;
  ASSERT_THAT(ParseYaml("custom:\n  age: 35\n  tags: [a]\n  size: {min: 1}\n  gone: null\n",
                        "test.yaml", &lead, &map),
              IsEmpty());
  EXPECT_TRUE(map.Contains("custom[age].number"));
  EXPECT_TRUE(map.Contains("custom[tags].list.values[0]"));
  EXPECT_TRUE(map.Contains("custom[size].number_range.min"));
  EXPECT_TRUE(map.Contains("custom[gone]"));
  EXPECT_EQ(lead.custom().count("gone"), 0u);
}

TEST(LocateIssueTest, RendersWhatCompileFound) {
  const std::string yaml = "name: tenants/acme/icps/b2b\ncaps:\n  fit: 40\n";
  v1::Icp icp;
  SourceMap map;
  ASSERT_THAT(ParseYaml(yaml, "b2b.yaml", &icp, &map), IsEmpty());
  const v1::Issue issue = LocateIssue(v1::ISSUE_SEVERITY_WARNING, "caps.bant",
                                      "caps do not add up to 100", yaml, "b2b.yaml", map);
  EXPECT_EQ(issue.rendered(),
            "b2b.yaml:2:1: warning: caps do not add up to 100\n"
            "caps:\n"
            "^");
  EXPECT_EQ(issue.line(), 2);
  EXPECT_EQ(issue.column(), 1);
  EXPECT_EQ(issue.field(), "caps.bant");
  EXPECT_EQ(issue.file(), "b2b.yaml");
  EXPECT_EQ(issue.message(), "caps do not add up to 100");
  EXPECT_EQ(issue.severity(), v1::ISSUE_SEVERITY_WARNING);
}

TEST(LocateIssueTest, ManagesWithoutAPosition) {
  const v1::Issue issue = LocateIssue(v1::ISSUE_SEVERITY_ERROR, "caps", "they do not add up", "",
                                      "b2b.yaml", SourceMap());
  EXPECT_EQ(issue.rendered(), "b2b.yaml: error: they do not add up");
  EXPECT_EQ(issue.line(), 0);
}

}  // namespace
}  // namespace bantam
