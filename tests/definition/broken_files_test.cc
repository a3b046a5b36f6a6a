// One bad file per mistake, with the exact text a person is shown beside it (*.want). To add a
// case, add a file and let BANTAM_UPDATE_GOLDEN=1 write what is wanted, for review.
#include <memory>
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/definition/load_icp.h"
#include "server/definition/yaml.h"
#include "server/zones/system_time_zones.h"
#include "tests/definition/case_files.h"

namespace bantam {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

bool IsLead(const std::string& file) { return file.rfind("lead_", 0) == 0; }

TEST(BrokenFilesTest, FoldersAreNotEmpty) {
  EXPECT_THAT(ListYamlFiles("broken"), Not(IsEmpty()));
  EXPECT_THAT(ListYamlFiles("broken_icp"), Not(IsEmpty()));
}

// broken/: mistakes in the YAML and in what it says about the fields, found by ParseYaml(). Files
// named lead_… hold leads, the others ICPs.
class BrokenYamlTest : public ::testing::TestWithParam<std::string> {};

TEST_P(BrokenYamlTest, SaysExactlyWhatIsWrong) {
  const std::string path = CasePath("broken", GetParam());
  v1::Icp icp;
  v1::Lead lead;
  google::protobuf::Message* message = &icp;
  if (IsLead(GetParam())) message = &lead;
  const std::vector<v1::Issue> issues = ParseYaml(ReadFile(path), GetParam(), message, nullptr);
  EXPECT_THAT(issues, Not(IsEmpty()));
  ExpectGolden(path + ".want", RenderedText(issues));
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenYamlTest, ::testing::ValuesIn(ListYamlFiles("broken")),
                         TestName);

// broken_icp/: definitions that can be read but contradict themselves, or are worth a warning, as
// LoadIcp() shows them.
class BrokenIcpTest : public ::testing::TestWithParam<std::string> {};

TEST_P(BrokenIcpTest, SaysExactlyWhatIsWrong) {
  const std::string path = CasePath("broken_icp", GetParam());
  const LoadedIcp loaded = LoadIcp(ReadFile(path), GetParam(), SystemTimeZones());
  EXPECT_THAT(loaded.issues, Not(IsEmpty()));
  bool has_error = false;
  for (const v1::Issue& issue : loaded.issues) {
    has_error = has_error || issue.severity() == v1::ISSUE_SEVERITY_ERROR;
  }
  EXPECT_EQ(loaded.icp == nullptr, has_error);
  ExpectGolden(path + ".want", RenderedText(loaded.issues));
}

INSTANTIATE_TEST_SUITE_P(Files, BrokenIcpTest, ::testing::ValuesIn(ListYamlFiles("broken_icp")),
                         TestName);

}  // namespace
}  // namespace bantam
