// What the command says of options that cannot be taken as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(HelpTest, CanBeAskedForInFrontOfACommand) {
  for (const auto& [arguments, same] :
       std::vector<std::pair<std::string, std::string>>{{"help", "--help"},
                                                        {"help qualify", "qualify --help"},
                                                        {"help icp put", "icp put --help"}}) {
    const Finished help = RunBantam(arguments);
    EXPECT_EQ(help.exit_code, 0) << arguments;
    EXPECT_EQ(help.out, RunBantam(same).out) << arguments;
    EXPECT_THAT(help.out, HasSubstr("Exit codes:")) << arguments;
  }
}

TEST(HelpTest, ACommandThatNeedsAnotherShowsWhatThereIs) {
  const Finished bare = RunBantam("");
  EXPECT_EQ(bare.exit_code, 2);
  EXPECT_THAT(bare.out, IsEmpty());
  EXPECT_THAT(bare.err, AllOf(HasSubstr("Usage: bantam"), HasSubstr("qualify")));
  const Finished icp = RunBantam("icp");
  EXPECT_EQ(icp.exit_code, 2);
  EXPECT_THAT(icp.err, AllOf(HasSubstr("rollback"), Not(HasSubstr("qualify"))));
  EXPECT_THAT(RunBantam("icp putt").err, StartsWith("bantam icp: 'putt': no such command"));
}

}  // namespace
}  // namespace bantam
