// What the command says of folders that cannot be read, and of output that cannot be written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "tests/client/run_command.h"
#include "tests/client/run_conditions.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

namespace fs = std::filesystem;

// A folder with a good ICP or case on each side of what cannot be read.
class UnreadableTest : public ::testing::Test {
 protected:
  UnreadableTest() : folder_(fs::path(WriteTempFile("marker", "")).parent_path() / "folder") {
    Clear();
    fs::create_directories(folder_ / "no");
  }
  ~UnreadableTest() override { Clear(); }

  void Clear() const {
    std::error_code ignored;
    fs::permissions(folder_ / "no", fs::perms::owner_all, ignored);
    fs::remove_all(folder_);
  }
  void Write(const std::string& path, const std::string& text) const {
    std::ofstream(folder_ / path, std::ios::binary) << text;
  }
  // `what` is "icp" or "case"; a.yaml is good and z.yaml is not.
  void Fill(const std::string& what) const {
    const std::string icp = "name: tenants/t/icps/a\n";
    const std::string good =
        "description: Good.\nicp: {name: tenants/a/icps/b}\nevaluate_time: 2026-01-01\n"
        "want: {verdict: disqualified}\n";
    Write("a.yaml", what == "icp" ? icp : good);
    Write("no/m.yaml", what == "icp" ? icp : good);
    Write("z.yaml", what == "icp" ? "fitt: {}\n" : "want: {verdict: qualified}\n");
  }
  std::string Path(const std::string& path) const { return (folder_ / path).string(); }

  // Runs with a subfolder that may not be read. False: that cannot be had here.
  bool RunForbidden(const std::string& arguments, Finished* finished) const {
    fs::permissions(folder_ / "no", fs::perms::none);
    if (std::system((BoundByPermissions() + " true").c_str()) != 0) return false;
    *finished = RunBantam(arguments, "id: L", BoundByPermissions());
    return true;
  }
  // Runs with a link to itself, which root cannot read either.
  Finished RunWithLoop(const std::string& arguments) const {
    fs::create_symlink("loop.yaml", folder_ / "loop.yaml");
    return RunBantam(arguments, "id: L");
  }
  std::string Forbidden() const {
    return absl::StrCat(Path("no"), ": cannot be read: Permission denied\n");
  }
  std::string Loop() const {
    return absl::StrCat(Path("loop.yaml"), ": cannot be read: Too many levels of symbolic links\n");
  }

  const fs::path folder_;
};

TEST_F(UnreadableTest, ImportNamesAFolderAndTheOtherProblems) {
  Fill("icp");
  Finished finished;
  if (!RunForbidden("icp import " + folder_.string(), &finished)) GTEST_SKIP() << "needs setpriv";
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err,
              AllOf(HasSubstr("bantam: " + Forbidden()), HasSubstr("z.yaml:1:1: error: "),
                    HasSubstr("bantam: nothing was saved\n")));
}

TEST_F(UnreadableTest, ImportNamesALinkAndEveryPathThatIsMissing) {
  Fill("icp");
  const Finished finished =
      RunWithLoop(absl::StrCat("icp import ", folder_.string(), " no-such no-other"));
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, AllOf(HasSubstr("bantam: " + Loop()), HasSubstr("z.yaml:1:1: error: "),
                                  HasSubstr("bantam: no-such: no such file or folder\n"),
                                  HasSubstr("bantam: no-other: no such file or folder\n")));
}

TEST_F(UnreadableTest, CasesThatMayBeMissingAreNoPass) {
  Fill("case");
  Finished finished;
  if (!RunForbidden("icp test " + folder_.string(), &finished)) GTEST_SKIP() << "needs setpriv";
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_EQ(finished.err, "bantam: " + Forbidden());
  ASSERT_TRUE(RunForbidden("icp test " + Path("no"), &finished));
  EXPECT_EQ(finished.err, "bantam: " + Forbidden());
}

TEST_F(UnreadableTest, ACaseThatIsALinkToNothingIsNoPass) {
  Fill("case");
  const Finished finished = RunWithLoop("icp test " + folder_.string());
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_EQ(finished.err, "bantam: " + Loop());
}

TEST_F(UnreadableTest, NoOtherIcpAnswersForOneThatCannotBeRead) {
  Fill("icp");
  const std::string arguments = "qualify - --icps=" + folder_.string();
  Finished finished;
  if (!RunForbidden(arguments, &finished)) GTEST_SKIP() << "needs setpriv";
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.out, IsEmpty());
  EXPECT_THAT(finished.err,
              AllOf(HasSubstr("bantam: " + Forbidden()), HasSubstr("z.yaml:1:1: error: ")));
}

TEST_F(UnreadableTest, NoOtherIcpAnswersForALinkToNothing) {
  Fill("icp");
  const Finished finished =
      RunWithLoop("qualify - --icps=" + folder_.string() + " --icp-file=client");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.out, IsEmpty());
  EXPECT_THAT(finished.err,
              AllOf(HasSubstr("bantam: " + Loop()), HasSubstr("client: is a folder, not a file")));
}

TEST_F(UnreadableTest, WhatLiesBehindADotIsNotLookedAt) {
  Fill("case");
  fs::remove(folder_ / "z.yaml");
  fs::create_symlink("nowhere", folder_ / ".#a.yaml");
  const Finished finished = RunBantam("icp test " + folder_.string());
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.out, "2 cases: 2 passed, 0 failed\n");
}

}  // namespace
}  // namespace bantam
