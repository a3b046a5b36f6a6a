// One bad file per mistake, with the exact text a person is shown beside it (*.want). To add a
// case, add a file and let BANTAM_UPDATE_GOLDEN=1 write what is wanted, for review.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/access/access_policy.h"
#include "server/access/token_set.h"
#include "tests/definition/case_files.h"

namespace bantam {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kPolicies[] = "../access/broken_policies";
constexpr char kTokens[] = "../access/broken_tokens";

std::vector<std::string> ListTokenFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(CasePath(kTokens, ""))) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(BrokenAccessFilesTest, FoldersAreNotEmpty) {
  EXPECT_THAT(ListYamlFiles(kPolicies), Not(IsEmpty()));
  EXPECT_THAT(ListTokenFiles(), Not(IsEmpty()));
}

TEST(AccessReadmeTest, TheExamplesAreGood) {
  const std::string readme = ReadFile(std::string(BANTAM_SOURCE_DIR) + "/server/access/README.md");
  const std::vector<std::string> parts = absl::StrSplit(readme, "```yaml\n");
  ASSERT_EQ(parts.size(), 2u);
  const std::string yaml = parts[1].substr(0, parts[1].find("```"));
  EXPECT_EQ(RenderedText(LoadAccessPolicy(yaml, "README.md").issues), "");
  const std::vector<std::string> tokens = absl::StrSplit(readme, "```\n# printf");
  ASSERT_EQ(tokens.size(), 2u);
  const std::string lines = "# printf" + tokens[1].substr(0, tokens[1].find("```"));
  EXPECT_THAT(ParseTokens(lines, "README.md").problems, IsEmpty());
}

class BrokenPolicyTest : public ::testing::TestWithParam<std::string> {};

TEST_P(BrokenPolicyTest, SaysExactlyWhatIsWrong) {
  const std::string path = CasePath(kPolicies, GetParam());
  const LoadedPolicy loaded = LoadAccessPolicy(ReadFile(path), GetParam());
  EXPECT_EQ(loaded.policy, nullptr);
  EXPECT_THAT(loaded.issues, Not(IsEmpty()));
  ExpectGolden(path + ".want", RenderedText(loaded.issues));
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenPolicyTest, ::testing::ValuesIn(ListYamlFiles(kPolicies)),
                         TestName);

class BrokenTokensTest : public ::testing::TestWithParam<std::string> {};

TEST_P(BrokenTokensTest, SaysExactlyWhatIsWrongButNotWhatStandsThere) {
  const std::string path = CasePath(kTokens, GetParam());
  const std::string text = ReadFile(path);
  const ParsedTokens parsed = ParseTokens(text, GetParam());
  EXPECT_EQ(parsed.tokens, nullptr);
  EXPECT_THAT(parsed.problems, Not(IsEmpty()));
  const std::string shown = absl::StrJoin(parsed.problems, "\n") + "\n";
  for (const absl::string_view secret : {"2bb80d53", "d9298a10", "secret\n", "e3b0c442"}) {
    EXPECT_EQ(shown.find(std::string(secret)), std::string::npos) << secret;
  }
  ExpectGolden(path + ".want", shown);
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenTokensTest, ::testing::ValuesIn(ListTokenFiles()), TestName);

}  // namespace
}  // namespace bantam
