// icp put, against a fake catalog with etags and a history.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/client/fake_catalog_server.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kName[] = "tenants/acme/icps/software";
constexpr char kYaml[] =
    "name: tenants/acme/icps/software  # Ours.\n"
    "business_hours: {time_zone: UTC}\n"
    "bant: {need: {solved_problems: [audit trail]}}\n"
    "fit:\n"
    "  criteria:\n"
    "    - {id: industry, points: 10, test: {attribute: company.industry, in: [software]}}\n";

std::string Changed() { return absl::StrReplaceAll(kYaml, {{"points: 10", "points: 15"}}); }

// A revision as it is shown, from the history.
std::string Short(const FakeCatalogServer::Record& record) { return record.revision.substr(0, 12); }

// The same under another name.
std::string Named(const std::string& id) {
  return absl::StrReplaceAll(kYaml, {{"icps/software", absl::StrCat("icps/", id)}});
}

class IcpPutTest : public ::testing::Test {
 protected:
  Finished Put(const std::string& arguments, const std::string& input = "") {
    return RunBantam(
        absl::StrCat("icp put --author=jo --server=", server_.address(), " ", arguments), input);
  }

  FakeCatalogServer server_;
  const std::string file_ = WriteTempFile("icp.yaml", kYaml);
};

TEST_F(IcpPutTest, SavesANewOne) {
  const Finished put = Put("-m 'the first' " + file_);
  EXPECT_EQ(put.exit_code, 0) << put.err;
  EXPECT_THAT(put.err, IsEmpty());
  const auto history = server_.History(kName);
  ASSERT_THAT(history, SizeIs(1));
  EXPECT_EQ(put.out, absl::StrCat("tenants/acme/icps/software: new\n  saved as number 1, revision ",
                                  Short(history[0]), "\n"));
  EXPECT_EQ(history[0].yaml, kYaml);
  EXPECT_EQ(history[0].author, "jo");
  EXPECT_EQ(history[0].comment, "the first");
  EXPECT_EQ(server_.saves[0].etag(), "");
  EXPECT_EQ(server_.saves[0].file(), file_);
}

TEST_F(IcpPutTest, ShowsWhatChangesAndSavesWithTheNewestEtag) {
  server_.Add(kYaml);
  const Finished put = Put("-", Changed());
  EXPECT_EQ(put.exit_code, 0) << put.err;
  const auto history = server_.History(kName);
  ASSERT_THAT(history, SizeIs(2));
  EXPECT_EQ(put.out, absl::StrCat("tenants/acme/icps/software: changed\n"
                                  "  fit\n"
                                  "    ~ criterion `industry`: points 10 → 15\n"
                                  "  saved as number 2, revision ",
                                  Short(history[1]), "\n"));
  EXPECT_EQ(server_.saves[0].etag(), "e1");
  EXPECT_EQ(server_.saves[0].file(), "-");
  ASSERT_THAT(server_.gets, SizeIs(1));
  EXPECT_TRUE(server_.gets[0].has_max_staleness());
  EXPECT_EQ(server_.gets[0].max_staleness().seconds(), 0);
}

TEST_F(IcpPutTest, WhatIsCurrentIsNotSavedAgain) {
  server_.Add(kYaml);
  const Finished put = Put(file_);
  EXPECT_EQ(put.exit_code, 0);
  EXPECT_EQ(put.out, "tenants/acme/icps/software: unchanged\n");
  EXPECT_THAT(server_.saves, IsEmpty());
}

TEST_F(IcpPutTest, CommentsAloneAreSavedAndSaidSo) {
  server_.Add(kYaml);
  const Finished put = Put("-", absl::StrCat(kYaml, "# More.\n"));
  EXPECT_EQ(put.exit_code, 0) << put.err;
  EXPECT_THAT(put.out,
              HasSubstr("  the same in effect: only comments, layout or spelt-out defaults "
                        "change\n  saved as number 2, revision "));
}

TEST_F(IcpPutTest, ADryRunSavesNothing) {
  server_.Add(kYaml);
  for (const char* flag : {"--dry-run", "--validate-only", "-n"}) {
    const Finished put = Put(absl::StrCat(flag, " -"), Changed());
    EXPECT_EQ(put.exit_code, 0) << put.err;
    EXPECT_THAT(put.out,
                AllOf(HasSubstr("points 10 → 15\n"), HasSubstr("  would be saved: revision ")));
  }
  EXPECT_TRUE(server_.saves[0].validate_only());
  EXPECT_THAT(server_.History(kName), SizeIs(1));
}

TEST_F(IcpPutTest, AllProblemsOfAllFilesAreShownAndNothingIsSaved) {
  const std::string bad = WriteTempFile("bad.yaml", "name: tenants/acme/icps/x\nfitt: {}\n");
  const std::string worse = WriteTempFile("worse.yaml", "name: nobody\n");
  const Finished put = Put(absl::StrCat(file_, " ", bad, " ", worse));
  EXPECT_EQ(put.exit_code, 1);
  EXPECT_THAT(put.out, IsEmpty());
  EXPECT_THAT(
      put.err,
      AllOf(HasSubstr(absl::StrCat(bad, ":2:1: error: ")), HasSubstr("did you mean 'fit'"),
            HasSubstr(absl::StrCat(worse, ":1:")),
            HasSubstr("bantam: 2 of 3 files cannot be saved as they are; nothing was saved\n")));
  EXPECT_THAT(server_.History(kName), IsEmpty());
  EXPECT_THAT(server_.gets, IsEmpty());
}

TEST_F(IcpPutTest, FilesThatCannotBeReadOrHaveOneNameAreUsageErrors) {
  const Finished missing = Put("no.yaml");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_EQ(missing.err,
            "bantam: no.yaml: no such file\n"
            "bantam: 1 of 1 file cannot be saved as it is; nothing was saved\n");
  const std::string twin = WriteTempFile("twin.yaml", kYaml);
  const Finished twice = Put(absl::StrCat(file_, " ", twin));
  EXPECT_EQ(twice.exit_code, 1);
  EXPECT_THAT(twice.err,
              StartsWith(absl::StrCat("bantam: ", twin, ": is called ", kName, ", as is ", file_,
                                      "; leave one out or rename it\n")));
}

TEST_F(IcpPutTest, StandardInputIsOneFileOnly) {
  const Finished put = Put("- -", kYaml);
  EXPECT_EQ(put.exit_code, 2);
  EXPECT_EQ(put.err, "bantam: - stands more than once; standard input can be read only once\n");
  EXPECT_THAT(server_.saves, IsEmpty());
  const Finished imported =
      RunBantam(absl::StrCat("icp import - - --server=", server_.address()), kYaml);
  EXPECT_EQ(imported.exit_code, 2);
  EXPECT_EQ(imported.err, put.err);
}

TEST_F(IcpPutTest, AFileWhoseNameIsNoUtf8IsSaved) {
  const Finished put = Put("'" + WriteTempFile("m\xFCller.yaml", kYaml) + "'");
  EXPECT_EQ(put.exit_code, 0) << put.err;
  ASSERT_THAT(server_.saves, SizeIs(1));
  EXPECT_THAT(server_.saves[0].file(), IsEmpty());
}

TEST_F(IcpPutTest, AnotherEditorWins) {
  server_.Add(kYaml);
  server_.changed_meanwhile = absl::StrCat(kYaml, "# By another.\n");
  const Finished put = Put("-", Changed());
  EXPECT_EQ(put.exit_code, 4);
  EXPECT_EQ(put.err, "bantam: 'tenants/acme/icps/software' was changed meanwhile; read it again\n");
  EXPECT_THAT(server_.Text(kName), HasSubstr("By another"));
}

TEST_F(IcpPutTest, AnEtagIsSentAsGivenAndForceOverwrites) {
  server_.Add(kYaml);
  server_.Add(absl::StrCat(kYaml, "# 2\n"));
  EXPECT_EQ(Put("--etag=e1 -", Changed()).exit_code, 4);
  EXPECT_EQ(server_.saves.back().etag(), "e1");
  server_.changed_meanwhile = absl::StrCat(kYaml, "# 3\n");
  EXPECT_EQ(Put("--force -", Changed()).exit_code, 0);
  EXPECT_EQ(server_.saves.back().etag(), "*");
  EXPECT_EQ(server_.Text(kName), Changed());
  EXPECT_EQ(Put("--force --etag=e1 -", Changed()).exit_code, 2);
  const Finished two = Put(absl::StrCat("--etag=e1 - ", file_), Changed());
  EXPECT_EQ(two.exit_code, 2);
  EXPECT_EQ(two.err, "bantam: --etag goes with exactly one file\n");
}

TEST_F(IcpPutTest, AnEmptyEtagIsNone) {
  server_.Add(kYaml);
  for (const char* arguments : {"--etag '' -", "- --etag=", "--etag= -"}) {
    const Finished put = Put(arguments, Changed());
    EXPECT_EQ(put.exit_code, 2) << arguments;
    EXPECT_THAT(put.err, StartsWith("--etag: is empty; expected the etag of ")) << arguments;
  }
  EXPECT_THAT(server_.saves, IsEmpty());
}

// A server gives the last good revision then, whose etag is not the one to be replaced.
TEST_F(IcpPutTest, ABadNewestRevisionCanBeMended) {
  server_.Add(kYaml);
  server_.Add(absl::StrCat(kYaml, "# It is bad.\n"));
  server_.bad_name = kName;
  const Finished put = Put("-", Changed());
  EXPECT_EQ(put.exit_code, 0) << put.err;
  EXPECT_EQ(put.err,
            "note: the newest revision of tenants/acme/icps/software, number 2, is bad; it is "
            "compared with number 1, which serves in its place\n");
  EXPECT_THAT(put.out, HasSubstr("points 10 → 15\n  saved as number 3, "));
  EXPECT_EQ(server_.saves.back().etag(), "e2");
}

// As it was before: that is a change too.
TEST_F(IcpPutTest, ABadNewestRevisionCanBeReplacedByTheOneBeforeIt) {
  server_.Add(kYaml);
  server_.Add(absl::StrCat(kYaml, "# It is bad.\n"));
  server_.bad_name = kName;
  EXPECT_EQ(Put(file_).exit_code, 0);
  EXPECT_THAT(server_.History(kName), SizeIs(3));
}

TEST_F(IcpPutTest, AnIcpThatNeverWasGoodCanBeMended) {
  server_.Add(kYaml);
  server_.bad_name = kName;
  const Finished put = Put("-", Changed());
  EXPECT_EQ(put.exit_code, 0) << put.err;
  EXPECT_THAT(put.err, HasSubstr("number 1, is bad; it is compared with nothing"));
  EXPECT_THAT(put.out, HasSubstr(": changed\n  saved as number 2, "));
}

TEST_F(IcpPutTest, ADeletedOneIsNewAgain) {
  server_.Add(kYaml);
  EXPECT_EQ(RunBantam("icp delete acme/software --server=" + server_.address()).exit_code, 0);
  const Finished put = Put(file_);
  EXPECT_EQ(put.exit_code, 0) << put.err;
  EXPECT_THAT(put.out, HasSubstr(": new\n  saved as number 3, "));
}

TEST_F(IcpPutTest, SeveralFilesAndASummary) {
  server_.Add(kYaml);
  server_.refused_name = "tenants/acme/icps/b";
  const std::string b = WriteTempFile("b.yaml", Named("b"));
  const std::string c = WriteTempFile("c.yaml", Named("c"));
  const Finished put = Put(absl::StrCat(file_, " ", b, " ", c));
  EXPECT_EQ(put.exit_code, 1);
  EXPECT_EQ(put.err,
            absl::StrCat("bantam: ", b, " was not saved:\nbantam: yaml: not on a Saturday\n"));
  EXPECT_THAT(put.out, HasSubstr("\n3 files: 1 new, 0 changed, 1 unchanged, 1 failed\n"));
  EXPECT_THAT(server_.Text("tenants/acme/icps/c"), Not(IsEmpty()));
}

TEST_F(IcpPutTest, JsonIsTheServersAnswer) {
  const Finished put = Put("--json " + file_);
  EXPECT_EQ(put.exit_code, 0) << put.err;
  EXPECT_THAT(put.out, StartsWith("{\"icp\":{\"name\":\"tenants/acme/icps/software\","));
  EXPECT_THAT(put.out, HasSubstr("\"etag\":\"e1\""));
  EXPECT_EQ(std::count(put.out.begin(), put.out.end(), '\n'), 1);
  EXPECT_THAT(Put("--json " + file_).out, HasSubstr("\"unchanged\":true"));
}

TEST_F(IcpPutTest, ACatalogOfFilesSaysSo) {
  server_.Add(kYaml);
  server_.files_only = true;
  const Finished put = Put("-", Changed());
  EXPECT_EQ(put.exit_code, 4);
  EXPECT_EQ(put.err, "bantam: this server reads its ICPs from files; change the files\n");
}

TEST_F(IcpPutTest, AServerThatCannotAnswerIsNotOneThatIsNotThere) {
  server_.broken = "the database cannot be reached";
  const Finished put = Put(file_);
  EXPECT_EQ(put.exit_code, 3);
  EXPECT_EQ(put.err, absl::StrCat("bantam: the server at ", server_.address(),
                                  " cannot answer now: the database cannot be reached\n"));
}

TEST_F(IcpPutTest, WarningsAreShownAndNoObstacle) {
  const Finished put = Put("-", "name: tenants/acme/icps/software\n");
  EXPECT_EQ(put.exit_code, 0);
  EXPECT_THAT(put.err, HasSubstr("warning: "));
  EXPECT_THAT(server_.History(kName), SizeIs(1));
}

}  // namespace
}  // namespace bantam
