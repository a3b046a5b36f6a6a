#include "server/engine/attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

// The page that ICP authors read must not fall behind the table.
TEST(AttributesTest, TheReferencePageListsThemAll) {
  std::ifstream file(BANTAM_SOURCE_DIR "/server/engine/README.md");
  std::stringstream page;
  page << file.rdbuf();
  std::string rows;
  for (const Attribute& attribute : Attributes()) {
    absl::StrAppend(&rows, "| `", attribute.path, "` | ", TypeName(attribute.type), " | ",
                    attribute.description, " |\n");
  }
  EXPECT_THAT(page.str(), ::testing::EndsWith(rows));
}

TEST(AttributesTest, AreSortedAndFound) {
  const std::vector<std::string> paths = AttributePaths();
  EXPECT_TRUE(std::is_sorted(paths.begin(), paths.end()));
  for (const std::string& path : paths) {
    ASSERT_NE(FindAttribute(path), nullptr) << path;
    EXPECT_EQ(FindAttribute(path)->path, path);
  }
  EXPECT_EQ(FindAttribute("company.colour"), nullptr);
}

TEST(AttributesTest, CustomNamesAreLowerCaseWords) {
  EXPECT_EQ(CustomName("custom.age"), "age");
  for (const char* bad : {"custom.", "custom.Age", "custom.1", "age", "custom.a-b"}) {
    EXPECT_EQ(CustomName(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(CustomName(absl::StrCat("custom.", std::string(65, 'a'))), std::nullopt);
}

// A field of an empty lead is absent, whatever its type.
TEST(AttributesTest, NothingIsKnownAboutAnEmptyLead) {
  const v1::Lead lead;
  const v1::Contact contact;
  for (const Attribute& attribute : Attributes()) {
    Value value;
    EXPECT_FALSE(attribute.read(lead, attribute.of_contact ? &contact : nullptr, &value))
        << attribute.path;
  }
}

}  // namespace
}  // namespace bantam
