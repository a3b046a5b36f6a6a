// icp diff: what its two sides may be, and what it exits with. How differences are told is tested
// in icp_diff_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/client/fake_catalog_server.h"
#include "tests/client/run_command.h"
#include "tests/client/run_on_terminal.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kFirst[] =
    "name: tenants/acme/icps/software\n"
    "business_hours: {time_zone: UTC}\n"
    "bant: {budget: {points: 10}}\n";

std::string WithPoints(const char* points) {
  return absl::StrReplaceAll(kFirst, {{"points: 10", absl::StrCat("points: ", points)}});
}

TEST(IcpDiffCommandTest, TwoFilesNeedNoServer) {
  const std::string before = WriteTempFile("before.yaml", kFirst);
  const std::string after = WriteTempFile("after.yaml", WithPoints("12"));
  const Finished diff =
      RunBantam(absl::StrCat("icp diff ", before, " ", after, " --server=nowhere:1"));
  EXPECT_EQ(diff.exit_code, 1) << diff.err;
  EXPECT_THAT(diff.err, IsEmpty());
  EXPECT_EQ(diff.out,
            absl::StrCat(before, " → ", after, "\n  BANT\n    ~ budget: points 10 → 12\n"));

  const Finished text = RunBantam(absl::StrCat("icp diff --text ", before, " -"), WithPoints("12"));
  EXPECT_EQ(text.exit_code, 1);
  EXPECT_EQ(text.out, absl::StrCat("--- ", before,
                                   "\n+++ (standard input)\n@@ -1,3 +1,3 @@\n"
                                   " name: tenants/acme/icps/software\n"
                                   " business_hours: {time_zone: UTC}\n"
                                   "-bant: {budget: {points: 10}}\n"
                                   "+bant: {budget: {points: 12}}\n"));
  EXPECT_THAT(RunBantam(absl::StrCat("icp diff --color=always ", before, " ", after)).out,
              HasSubstr("\x1b[33m~\x1b[0m budget"));
}

TEST(IcpDiffCommandTest, ColoursAreForTerminalsThatHeedThem) {
  const std::string diff = absl::StrCat("icp diff ", WriteTempFile("before.yaml", kFirst), " ",
                                        WriteTempFile("after.yaml", WithPoints("12")));
  const auto shown = [](const std::string& command, const std::string& terminal) {
    return RunBantamOnTerminal(command, "", absl::StrCat("-u NO_COLOR TERM=", terminal)).out;
  };
  EXPECT_THAT(shown(diff, "xterm"), HasSubstr("\x1b[33m~\x1b[0m budget"));
  EXPECT_THAT(shown(diff, "dumb"), HasSubstr("    ~ budget: points 10 → 12"));
  EXPECT_THAT(shown(diff + " --color=always", "dumb"), HasSubstr("\x1b[33m~"));
}

TEST(IcpDiffCommandTest, EqualFilesAndThoseOfOneEffect) {
  const std::string before = WriteTempFile("before.yaml", kFirst);
  const Finished equal = RunBantam(absl::StrCat("icp diff ", before, " ", before));
  EXPECT_EQ(equal.exit_code, 0);
  EXPECT_EQ(equal.out, absl::StrCat(before, " → ", before, "\n  no difference\n"));
  const Finished text = RunBantam(absl::StrCat("icp diff --text ", before, " ", before));
  EXPECT_EQ(text.exit_code, 0);
  EXPECT_THAT(text.out, IsEmpty());
  const std::string commented = WriteTempFile("commented.yaml", absl::StrCat("# Ours.\n", kFirst));
  const Finished comments = RunBantam(absl::StrCat("icp diff ", before, " ", commented));
  EXPECT_EQ(comments.exit_code, 1);
  EXPECT_THAT(
      comments.out,
      HasSubstr("  the same in effect: only comments, layout or spelt-out defaults changed\n"));
}

TEST(IcpDiffCommandTest, StandardInputIsOneSideOnly) {
  for (const char* command : {"icp diff - -", "icp diff --text - -"}) {
    const Finished diff = RunBantam(command, kFirst);
    EXPECT_EQ(diff.exit_code, 2) << command;
    EXPECT_THAT(diff.out, IsEmpty()) << command;
    EXPECT_EQ(diff.err, "bantam: - stands more than once; standard input can be read only once\n");
  }
}

TEST(IcpDiffCommandTest, BadFilesAreExplainedAndComparedAsTextOnly) {
  const std::string before = WriteTempFile("before.yaml", kFirst);
  const std::string bad = WriteTempFile("bad.yaml", "fitt: {}\n");
  const Finished diff = RunBantam(absl::StrCat("icp diff ", before, " ", bad));
  EXPECT_EQ(diff.exit_code, 2);
  EXPECT_THAT(diff.err, HasSubstr(absl::StrCat(bad, ":1:1: error: ")));
  EXPECT_THAT(diff.out, IsEmpty());
  EXPECT_EQ(RunBantam(absl::StrCat("icp diff --text ", before, " ", bad)).exit_code, 1);
  const Finished missing = RunBantam(absl::StrCat("icp diff no.yaml ", before));
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_EQ(missing.err, "bantam: no.yaml: no such file\n");
}

class IcpDiffServerTest : public ::testing::Test {
 protected:
  IcpDiffServerTest() {
    server_.Add(kFirst);
    server_.Add(WithPoints("12"));
    server_.Add(WithPoints("14"));
  }
  Finished Diff(const std::string& arguments, const std::string& input = "") const {
    return RunBantam(absl::StrCat("icp diff ", arguments, " --server=", server_.address()), input);
  }

  FakeCatalogServer server_;
};

constexpr char kName[] = "tenants/acme/icps/software";

TEST_F(IcpDiffServerTest, RevisionsByNumberDigitsAndOfTheOtherSide) {
  const std::string digits = server_.History(kName)[0].revision;
  for (const std::string& sides :
       {std::string("acme/software@1 acme/software@2"), std::string("acme/software@1 @2"),
        std::string("@1 tenants/acme/icps/software@2"),
        absl::StrCat("acme/software@", digits, " @2"),
        absl::StrCat("acme/software@", digits.substr(0, 8), " @2")}) {
    const Finished diff = Diff(sides);
    EXPECT_EQ(diff.exit_code, 1) << sides << diff.err;
    EXPECT_EQ(diff.out,
              "tenants/acme/icps/software@1 → tenants/acme/icps/software@2\n  BANT\n    ~ budget: "
              "points 10 → 12\n");
  }
  EXPECT_THAT(Diff("acme/software@1 @current").out, HasSubstr("points 10 → 14"));
}

TEST_F(IcpDiffServerTest, OneSideAloneIsComparedWithWhatFollowsIt) {
  EXPECT_THAT(Diff("acme/software@1").out, HasSubstr("points 10 → 14"));
  EXPECT_THAT(Diff("acme/software").out, HasSubstr("software@2 → tenants/acme/icps/software@3\n"));
  const Finished file = Diff("-", WithPoints("16"));
  EXPECT_EQ(file.exit_code, 1) << file.err;
  EXPECT_THAT(file.out, StartsWith("tenants/acme/icps/software@3 → (standard input)\n"));
  EXPECT_THAT(file.out, HasSubstr("points 14 → 16"));
}

// What serves is what is compared.
TEST_F(IcpDiffServerTest, ABadNewestRevisionIsNoted) {
  const std::string note =
      "note: the newest revision of tenants/acme/icps/software, number 3, is bad; this is number "
      "2, which serves in its place\n";
  server_.bad_name = kName;
  const Finished alone = Diff("acme/software");
  EXPECT_EQ(alone.err, note);
  EXPECT_EQ(alone.out,
            "tenants/acme/icps/software@1 → tenants/acme/icps/software@2\n  BANT\n    ~ budget: "
            "points 10 → 12\n");
  for (const char* sides : {"acme/software@1", "acme/software@1 @current", "-"}) {
    EXPECT_EQ(Diff(sides, WithPoints("16")).err, note) << sides;
  }
  EXPECT_THAT(Diff("acme/software@1 @2").err, IsEmpty());
  server_.bad_name = "";
  EXPECT_THAT(Diff("acme/software").err, IsEmpty());
}

TEST_F(IcpDiffServerTest, ABadRevisionIsComparedLineByLine) {
  server_.bad_name = kName;
  const Finished by_meaning = Diff("acme/software@2 @3");
  EXPECT_EQ(by_meaning.exit_code, 4);
  EXPECT_THAT(by_meaning.err, HasSubstr("number 3 of tenants/acme/icps/software is bad; "));
  EXPECT_THAT(by_meaning.err, HasSubstr("\n--text compares it line by line\n"));
  const Finished text = Diff("--text acme/software@2 @3");
  EXPECT_EQ(text.exit_code, 1) << text.err;
  EXPECT_THAT(text.out, HasSubstr("+++ tenants/acme/icps/software@3\n"));
}

TEST_F(IcpDiffServerTest, ARevisionAndAFile) {
  const std::string file = WriteTempFile("new.yaml", WithPoints("16"));
  EXPECT_THAT(Diff(absl::StrCat("acme/software ", file)).out, HasSubstr("points 14 → 16"));
  EXPECT_THAT(Diff(absl::StrCat(file, " @1")).out, HasSubstr("points 16 → 10"));
  EXPECT_THAT(Diff(absl::StrCat("--text acme/software@1 ", file)).out,
              HasSubstr("--- tenants/acme/icps/software@1\n+++ "));
}

TEST_F(IcpDiffServerTest, Mistakes) {
  const Finished nobody = Diff("@1 @2");
  EXPECT_EQ(nobody.exit_code, 2);
  EXPECT_EQ(nobody.err, "bantam: '@2' names no ICP; write TENANT/ICP@2\n");
  const Finished unknown = Diff("acme/nope@1 @2");
  EXPECT_EQ(unknown.exit_code, 4);
  EXPECT_THAT(unknown.err, HasSubstr("there is no ICP 'tenants/acme/icps/nope'"));
  EXPECT_EQ(Diff("acme/software@9").exit_code, 4);
  const Finished nonsense = Diff("acme/software@old");
  EXPECT_EQ(nonsense.exit_code, 2);
  EXPECT_THAT(nonsense.err, HasSubstr("'old' is no revision; "));
  server_.Add("name: tenants/acme/icps/one\nbusiness_hours: {time_zone: UTC}\n");
  const Finished first = Diff("acme/one");
  EXPECT_EQ(first.exit_code, 4);
  EXPECT_EQ(first.err, "bantam: tenants/acme/icps/one has no revision before the current one\n");
}

TEST_F(IcpDiffServerTest, ACatalogOfFilesHasNoRevisionBefore) {
  server_.files_only = true;
  const Finished refused = Diff("acme/software");
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_EQ(refused.err, "bantam: this server reads its ICPs from files; change the files\n");
  EXPECT_THAT(Diff("-", WithPoints("16")).out,
              StartsWith("tenants/acme/icps/software → (standard input)\n"));
}

}  // namespace
}  // namespace bantam
