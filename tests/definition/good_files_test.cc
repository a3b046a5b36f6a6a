// Files that are read without a remark, and read back the same after they were written anew.
#include <string>
#include <vector>

#include "bantam/v1/icp.pb.h"
#include "bantam/v1/lead.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "server/definition/yaml.h"
#include "tests/definition/case_files.h"

namespace bantam {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(GoodFilesTest, FolderIsNotEmpty) { EXPECT_THAT(ListYamlFiles("good"), Not(IsEmpty())); }

class GoodFileTest : public ::testing::TestWithParam<std::string> {};

// The message is compared with the file beside it (*.want), in protobuf's text form.
TEST_P(GoodFileTest, IsReadAndWritten) {
  const std::string path = CasePath("good", GetParam());
  v1::Icp icp;
  v1::Lead lead;
  v1::Icp icp_again;
  v1::Lead lead_again;
  const bool is_lead = GetParam().rfind("lead_", 0) == 0;
  google::protobuf::Message* message = &icp;
  google::protobuf::Message* again = &icp_again;
  if (is_lead) {
    message = &lead;
    again = &lead_again;
  }
  EXPECT_EQ(RenderedText(ParseYaml(ReadFile(path), GetParam(), message, nullptr)), "");
  ExpectGolden(path + ".want", message->DebugString());

  const std::string written = FormatYaml(*message);
  EXPECT_EQ(RenderedText(ParseYaml(written, "written", again, nullptr)), "") << written;
  EXPECT_TRUE(MessageDifferencer::Equals(*message, *again)) << written;
}

INSTANTIATE_TEST_SUITE_P(Files, GoodFileTest, ::testing::ValuesIn(ListYamlFiles("good")), TestName);

}  // namespace
}  // namespace bantam
