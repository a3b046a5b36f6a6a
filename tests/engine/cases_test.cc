// Runs every file below testdata/cases. To add a case, add a file: a sentence, an ICP, a lead, a
// time and the wanted answer (proto/bantam/v1/evaluation_case.proto).
#include "client/cases/cases.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

namespace fs = std::filesystem;

constexpr char kCasesFolder[] = BANTAM_TESTDATA_DIR "/cases";

// Fewer files than this means that they were not found.
constexpr size_t kLeastCases = 120;

const SystemTimeZones& Zones() {
  static const auto* const zones = new SystemTimeZones;
  return *zones;
}

// Every case below the folder, sorted; empty if there is none, which CaseFilesTest reports.
std::vector<std::string> Cases() {
  return ListCases({kCasesFolder}).value_or(std::vector<std::string>());
}

// "fit/empty_list_is_known.yaml" is the test "fit_empty_list_is_known".
std::string TestName(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = fs::path(info.param).lexically_relative(kCasesFolder).replace_extension("");
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !absl::ascii_isalnum(c); }, '_');
  return name;
}

class CasesTest : public ::testing::TestWithParam<std::string> {};

TEST_P(CasesTest, GivesTheWantedAnswer) {
  const absl::StatusOr<LoadedCase> loaded = LoadCase(GetParam(), Zones());
  ASSERT_TRUE(loaded.ok()) << loaded.status().message();
  SCOPED_TRACE(loaded->content.description());
  const CaseOutcome outcome = RunCase(*loaded);
  EXPECT_TRUE(outcome.passed()) << GetParam() << "\n" << RenderDifferences(outcome.differences);
}

INSTANTIATE_TEST_SUITE_P(Files, CasesTest, ::testing::ValuesIn(Cases()), TestName);

// Without files the suite above has no tests, which must not go unnoticed.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(CasesTest);

bool IsSnakeCase(absl::string_view name) {
  return !name.empty() && absl::ascii_islower(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
         });
}

TEST(CaseFilesTest, AreManyAndNamedForTheirBehaviour) {
  const absl::StatusOr<std::vector<std::string>> files = ListCases({kCasesFolder});
  ASSERT_TRUE(files.ok()) << files.status().message();
  EXPECT_GE(files->size(), kLeastCases);
  std::map<std::string, std::string> seen;  // Name → file.
  for (const std::string& file : *files) {
    const fs::path path(file);
    EXPECT_TRUE(IsSnakeCase(path.stem().string())) << file << ": must be named in snake_case";
    EXPECT_EQ(path.extension(), ".yaml") << file;
    const auto [other, is_new] = seen.emplace(path.stem().string(), file);
    EXPECT_TRUE(is_new) << file << ": has the same name as " << other->second;
  }
}

TEST(CaseFilesTest, LieInFoldersThatAreNotEmpty) {
  for (const fs::directory_entry& entry : fs::directory_iterator(kCasesFolder)) {
    EXPECT_TRUE(entry.is_directory()) << entry.path() << ": must lie in a folder for its idea";
    EXPECT_FALSE(fs::is_empty(entry.path())) << entry.path();
  }
}

}  // namespace
}  // namespace bantam
