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

constexpr char kQualify[] =
    "qualify - --icp-file=client/samples/icps/fortune_5000.yaml --at=2026-06-01T10:00:00Z ";

// Enough that its answers fill a pipe and every buffer: some 60 times 3 KiB.
std::string ManyLeads() {
  std::string leads;
  for (int i = 1; i <= 60; ++i) {
    absl::StrAppend(&leads, "{\"id\": \"L", i, "\", \"company\": {\"revenue_rank\": ", i, "}}\n");
  }
  return leads;
}

// Its standard output is where `redirection` says.
Finished RunInto(const std::string& redirection, const std::string& arguments,
                 const std::string& input = "") {
  return RunBantam(arguments, input, InShell(absl::StrCat("\"$0\" \"$@\" ", redirection)));
}

TEST(StandardOutputTest, AFullDiskIsNoticedByEveryCommand) {
  constexpr char kMessage[] =
      "bantam: standard output cannot be written: No space left on device\n";
  for (const std::string& arguments :
       {absl::StrCat(kQualify, "--format=ndjson -o ndjson"),
        absl::StrCat(kQualify, "--format=ndjson -o table"),
        std::string("icp check client/samples/icps/fortune_5000.yaml"),
        std::string("icp test client/samples/tests"), std::string("--help"),
        std::string("--version")}) {
    const Finished finished = RunInto(">/dev/full", arguments, ManyLeads());
    EXPECT_EQ(finished.exit_code, 2) << arguments;
    EXPECT_THAT(finished.err, HasSubstr(kMessage)) << arguments;
  }
}

TEST(StandardOutputTest, APartOfAnAnswerIsNoSuccess) {
  const std::string file = WriteTempFile("cut.ndjson", "");
  const Finished finished =
      RunBantam(absl::StrCat(kQualify, "--format=ndjson -o ndjson"), ManyLeads(),
                InShell(absl::StrCat(kFullDisk, "\"$0\" \"$@\" >", file)));
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_EQ(finished.err, "bantam: standard output cannot be written: File too large\n");
  EXPECT_THAT(ReadTextFile(file), Not(IsEmpty()));
}

TEST(StandardOutputTest, ClosedItIsToldUnlessNothingIsWritten) {
  const Finished closed = RunInto(">&-", "icp check client/samples/icps/fortune_5000.yaml");
  EXPECT_EQ(closed.exit_code, 2);
  EXPECT_EQ(closed.err, "bantam: standard output cannot be written: Bad file descriptor\n");
  const std::string file = WriteTempFile("answers.ndjson", "");
  const Finished to_file = RunInto(">&-", absl::StrCat(kQualify, "-o ndjson --to=", file), "id: L");
  EXPECT_EQ(to_file.exit_code, 0) << to_file.err;
  EXPECT_THAT(ReadTextFile(file), HasSubstr("\"L\""));
}

TEST(FileOfAnswersTest, IsNamedAsItWasAskedFor) {
  const Finished finished = RunBantam(absl::StrCat(kQualify, "--to=/nodir/x"), "id: L");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_EQ(finished.err, "bantam: --to: /nodir/x: cannot be written: No such file or directory\n");
}

TEST(StandardOutputTest, AReaderThatHasEnoughIsNoProblem) {
  const std::string arguments = absl::StrCat(kQualify, "--format=ndjson -o ndjson");
  const Finished ended = RunInto("| head -c 1", arguments, ManyLeads());
  EXPECT_EQ(ended.out, "{");
  EXPECT_THAT(ended.err, IsEmpty());
  // With the signal ignored, as by some languages' functions that run a command.
  const Finished told =
      RunBantam(arguments, ManyLeads(),
                InShell("trap \"\" PIPE; { \"$0\" \"$@\"; echo \"code $?\" >&2; } | head -c 1"));
  EXPECT_EQ(told.err, "code 0\n");
}

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

TEST_F(UnreadableTest, FilesThatWereNotReadAreCounted) {
  Fill("icp");
  const Finished finished =
      RunBantam(absl::StrCat("icp check ", Path("a.yaml"), " ", Path("no-such.yaml")));
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.out, AllOf(HasSubstr("1 file: 0 errors, "), HasSubstr(", 1 not read\n")));
}

// A case whose wanted values are wrong, as somebody wrote it.
std::string WrongCase() {
  return absl::StrCat(
      "description: Wrong.\nicp: {name: tenants/a/icps/b}\nevaluate_time: 2026-01-01\n"
      "want: {verdict: qualified}\n",
      "# ", std::string(3000, 'x'), "\n");
}

TEST(UpdateGoldenTest, OnAFullDiskTheFileStaysAsItWas) {
  const std::string file = WriteTempFile("wrong.yaml", WrongCase());
  const Finished finished = RunBantam("icp test --update-golden " + file, "",
                                      InShell(absl::StrCat(kFullDisk, "\"$0\" \"$@\" | cat")));
  EXPECT_THAT(finished.out, HasSubstr(absl::StrCat("FAILED  ", file,
                                                   ": cannot be written: File too large\n"
                                                   "1 case: 0 passed, 1 failed, 0 updated\n")));
  EXPECT_EQ(ReadTextFile(file), WrongCase());
  EXPECT_FALSE(fs::exists(file + ".part"));
}

TEST(UpdateGoldenTest, AFileThatCannotBeWrittenIsNoFailedCaseAlone) {
  const std::string file = WriteTempFile("wrong.yaml", WrongCase());
  fs::create_directory(file + ".part");  // Where it is written first.
  const Finished finished = RunBantam("icp test --update-golden " + file);
  fs::remove(file + ".part");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.out, HasSubstr(absl::StrCat("FAILED  ", file)));
  EXPECT_EQ(ReadTextFile(file), WrongCase());
}

TEST(UpdateGoldenTest, PermissionsAndLinksStay) {
  const std::string file = WriteTempFile("wrong.yaml", WrongCase());
  const std::string link = fs::path(file).replace_filename("link.yaml");
  fs::remove(link);
  fs::create_symlink("wrong.yaml", link);
  const fs::perms permissions = fs::perms::owner_read | fs::perms::owner_write;
  fs::permissions(file, permissions);
  const Finished finished = RunBantam("icp test --update-golden " + link);
  EXPECT_EQ(finished.exit_code, 0) << finished.out;
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_THAT(ReadTextFile(file), HasSubstr("want: {verdict: disqualified}"));
  EXPECT_EQ(fs::status(file).permissions(), permissions);
}

}  // namespace
}  // namespace bantam
