// icp history, delete and rollback, and the questions they ask on a terminal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/client/fake_catalog_server.h"
#include "tests/client/run_command.h"
#include "tests/client/run_on_terminal.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kName[] = "tenants/acme/icps/software";
constexpr char kFirst[] =
    "name: tenants/acme/icps/software\n"
    "title: Software\n"
    "business_hours: {time_zone: UTC}\n"
    "bant: {budget: {points: 10}}\n";

std::string Second() { return absl::StrReplaceAll(kFirst, {{"points: 10", "points: 12"}}); }

class IcpChangeTest : public ::testing::Test {
 protected:
  IcpChangeTest() {
    server_.Add(kFirst, "jo", "the first");
    server_.Add(Second(), "al", "more for the budget");
  }

  std::string Arguments(const std::string& arguments) const {
    return absl::StrCat("icp ", arguments, " --server=", server_.address());
  }
  Finished Run(const std::string& arguments) const { return RunBantam(Arguments(arguments)); }
  std::string Short(size_t index) const {
    return server_.History(kName)[index].revision.substr(0, 12);
  }

  FakeCatalogServer server_;
};

TEST_F(IcpChangeTest, HistoryIsATableNewestFirst) {
  const Finished history = Run("history acme/software");
  EXPECT_EQ(history.exit_code, 0) << history.err;
  EXPECT_EQ(
      history.out,
      absl::StrCat("number  revision      when                  who  state    title     comment\n"
                   "     2  ",
                   Short(1),
                   "  2026-01-31 09:02 UTC  al   current  Software  more for the budget\n"
                   "     1  ",
                   Short(0), "  2026-01-31 09:01 UTC  jo            Software  the first\n"));
}

TEST_F(IcpChangeTest, HistoryNamesDeletionsAndReadsEveryPage) {
  EXPECT_EQ(Run("delete acme/software -m over --author=al").exit_code, 0);
  server_.max_page = 1;
  const Finished history = Run("history tenants/acme/icps/software --json");
  EXPECT_EQ(history.exit_code, 0) << history.err;
  EXPECT_EQ(std::count(history.out.begin(), history.out.end(), '\n'), 3);
  EXPECT_THAT(history.out,
              AllOf(HasSubstr("{\"number\":\"3\",\"revision\":\"\",\"etag\":\"e3\","),
                    HasSubstr("\"deletion\":true"), HasSubstr("\"comment\":\"over\"")));
  EXPECT_THAT(Run("history acme/software").out,
              AllOf(HasSubstr("     3 "), HasSubstr("deleted"), Not(HasSubstr("current"))));
  const Finished limited = Run("history acme/software --limit 2 --json");
  EXPECT_EQ(std::count(limited.out.begin(), limited.out.end(), '\n'), 2);
  EXPECT_EQ(Run("history acme/software --limit 0").exit_code, 2);
}

TEST_F(IcpChangeTest, WhatHistoryShowsOfATextSavedByHandNamesIt) {
  server_.AddByHand(absl::StrCat(kFirst, "# By hand.\n"), "0123456789ab");
  server_.Add(Second());
  EXPECT_THAT(Run("history acme/software").out, HasSubstr("     3  sql-0123456789ab  "));
  const Finished get = Run("get acme/software --revision sql-0123456789ab");
  EXPECT_EQ(get.exit_code, 0) << get.err;
  EXPECT_THAT(get.out, HasSubstr("# By hand."));
  const Finished diff = Run("diff acme/software@sql-0123");
  EXPECT_THAT(diff.out, HasSubstr("tenants/acme/icps/software@3 → "));
  EXPECT_EQ(Run("rollback acme/software --to sql-0123456789ab").exit_code, 0);
  EXPECT_THAT(server_.Text(kName), HasSubstr("# By hand."));
  EXPECT_EQ(Run("get acme/software --revision sql-ffff").exit_code, 4);
}

TEST_F(IcpChangeTest, HistoryOfNothing) {
  const Finished history = Run("history acme/nope");
  EXPECT_EQ(history.exit_code, 4);
  EXPECT_EQ(history.err, "bantam: there is no ICP 'tenants/acme/icps/nope'\n");
}

TEST_F(IcpChangeTest, DeleteSaysHowToComeBack) {
  const Finished deleted = Run("delete acme/software -m 'no more' --author=jo");
  EXPECT_EQ(deleted.exit_code, 0) << deleted.err;
  EXPECT_EQ(deleted.out,
            "deleted tenants/acme/icps/software; bring it back with: bantam icp rollback "
            "acme/software --to 2\n");
  const auto history = server_.History(kName);
  ASSERT_THAT(history, SizeIs(3));
  EXPECT_EQ(history[2].author, "jo");
  EXPECT_EQ(history[2].comment, "no more");

  const Finished again = Run("delete acme/software");
  EXPECT_EQ(again.exit_code, 4);
  EXPECT_EQ(
      again.err,
      "bantam: tenants/acme/icps/software is deleted already: number 3 of 2026-01-31 09:03 UTC "
      "by jo\n");
}

TEST_F(IcpChangeTest, DeleteYieldsToAnotherEditorUnlessForced) {
  server_.changed_meanwhile = absl::StrCat(kFirst, "# By another.\n");
  EXPECT_EQ(Run("delete acme/software").exit_code, 4);
  server_.changed_meanwhile = absl::StrCat(kFirst, "# By yet another.\n");
  EXPECT_EQ(Run("delete acme/software --force").exit_code, 0);
  EXPECT_THAT(server_.Text(kName), IsEmpty());
}

// A script whose reading of the etag has failed must not lose its protection.
TEST_F(IcpChangeTest, AnEmptyEtagIsNone) {
  for (const std::string& command :
       {std::string("delete acme/software "), std::string("rollback acme/software --to 1 ")}) {
    for (const char* etag : {"--etag ''", "--etag=", "--etag= --json"}) {
      const Finished refused = Run(command + etag);
      EXPECT_EQ(refused.exit_code, 2) << command << etag;
      EXPECT_THAT(refused.err,
                  StartsWith("--etag: is empty; expected the etag of the state that is changed; "
                             "leave the option away to change whatever is current\n"))
          << command << etag;
    }
  }
  EXPECT_THAT(server_.History(kName), SizeIs(2));
}

TEST_F(IcpChangeTest, DeleteAsksOnATerminal) {
  const Finished no = RunBantamOnTerminal(Arguments("delete acme/software"), "\n");
  EXPECT_EQ(no.exit_code, 1);
  EXPECT_THAT(no.out,
              HasSubstr("Delete tenants/acme/icps/software (“Software”, number 2 of 2026-01-31 "
                        "09:02 UTC by al)? [y/N] "));
  EXPECT_THAT(no.out, HasSubstr("bantam: nothing was deleted"));
  EXPECT_THAT(server_.Text(kName), Not(IsEmpty()));
  EXPECT_EQ(RunBantamOnTerminal(Arguments("delete acme/software"), "y\n").exit_code, 0);
  EXPECT_THAT(server_.Text(kName), IsEmpty());
}

TEST_F(IcpChangeTest, YesAsksNothing) {
  const Finished yes = RunBantamOnTerminal(Arguments("delete acme/software --yes"), "");
  EXPECT_EQ(yes.exit_code, 0);
  EXPECT_THAT(yes.out, Not(HasSubstr("[y/N]")));
}

TEST_F(IcpChangeTest, RollbackShowsWhatItChanges) {
  const Finished back = Run("rollback acme/software --to 1 --author=jo");
  ASSERT_EQ(back.exit_code, 0) << back.err;
  EXPECT_EQ(back.out, absl::StrCat("tenants/acme/icps/software: back to number 1\n"
                                   "  BANT\n"
                                   "    ~ budget: points 12 → 10\n"
                                   "  saved as number 3, revision ",
                                   Short(0), "\n"));
  const auto history = server_.History(kName);
  EXPECT_EQ(history[2].yaml, kFirst);
  EXPECT_EQ(history[2].comment, "rolled back to number 1");
}

TEST_F(IcpChangeTest, RollbackTakesRevisionsAndTheirFirstDigits) {
  EXPECT_EQ(Run("rollback acme/software --to " + server_.History(kName)[0].revision).exit_code, 0);
  EXPECT_EQ(server_.Text(kName), kFirst);
  const Finished back = Run("rollback acme/software --to " + Short(1));
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_EQ(server_.Text(kName), Second());
  const Finished none = Run("rollback acme/software --to ffffff0");
  EXPECT_EQ(none.exit_code, 4);
  EXPECT_EQ(none.err,
            "bantam: no revision of tenants/acme/icps/software begins with ffffff0; `bantam icp "
            "history` lists them\n");
}

TEST_F(IcpChangeTest, RollbackToNonsense) {
  const Finished nonsense = Run("rollback acme/software --to yesterday");
  EXPECT_EQ(nonsense.exit_code, 2);
  EXPECT_EQ(
      nonsense.err,
      "bantam: --to: 'yesterday' is no revision; expected a number such as 3, or the digits of "
      "a revision, as `bantam icp history` shows them\n");
  EXPECT_EQ(Run("rollback acme/software").exit_code, 2);
  EXPECT_EQ(Run("rollback acme/software --to 9").exit_code, 4);
}

TEST_F(IcpChangeTest, RollbackToWhatIsCurrent) {
  const Finished back = Run("rollback acme/software --to 2");
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_EQ(
      back.out,
      "tenants/acme/icps/software: back to number 2\n  no difference\n  unchanged: that text is "
      "current already\n");
  EXPECT_THAT(server_.History(kName), SizeIs(2));
}

TEST_F(IcpChangeTest, RollbackBringsADeletedOneBack) {
  EXPECT_EQ(Run("delete acme/software --author=al").exit_code, 0);
  const Finished back = Run("rollback acme/software --to 2");
  EXPECT_EQ(back.exit_code, 0) << back.err;
  EXPECT_THAT(back.out, HasSubstr("  is deleted now (number 3 of 2026-01-31 09:03 UTC by al)\n"));
  EXPECT_EQ(server_.Text(kName), Second());
}

TEST_F(IcpChangeTest, RollbackAsksOnATerminal) {
  const Finished no = RunBantamOnTerminal(Arguments("rollback acme/software --to 1"), "no\n");
  EXPECT_EQ(no.exit_code, 1);
  EXPECT_THAT(no.out, AllOf(HasSubstr("points 12 → 10"),
                            HasSubstr("Make number 1 of tenants/acme/icps/software current again? "
                                      "[y/N] "),
                            HasSubstr("bantam: nothing was changed")));
  EXPECT_EQ(RunBantamOnTerminal(Arguments("rollback acme/software --to 1"), "yes\n").exit_code, 0);
  EXPECT_EQ(server_.Text(kName), kFirst);
}

TEST_F(IcpChangeTest, RollbackYieldsToAnotherEditor) {
  server_.changed_meanwhile = absl::StrCat(kFirst, "# By another.\n");
  const Finished back = Run("rollback acme/software --to 1");
  EXPECT_EQ(back.exit_code, 4);
  EXPECT_THAT(back.err, HasSubstr("was changed meanwhile; read it again"));
}

TEST_F(IcpChangeTest, JsonIsTheServersAnswer) {
  EXPECT_THAT(Run("rollback acme/software --to 1 --json").out, HasSubstr("\"number\":\"3\""));
  EXPECT_THAT(Run("delete acme/software --json").out, HasSubstr("{\"deletion\":{\"number\":\"4\""));
}

TEST_F(IcpChangeTest, ACatalogOfFilesSaysSo) {
  server_.files_only = true;
  for (const char* command :
       {"history acme/software", "delete acme/software", "rollback acme/software --to 1"}) {
    const Finished refused = Run(command);
    EXPECT_EQ(refused.exit_code, 4) << command;
    EXPECT_EQ(refused.err, "bantam: this server reads its ICPs from files; change the files\n");
  }
}

TEST_F(IcpChangeTest, MistypedCommandsAreExplained) {
  const Finished typo = Run("rolback acme/software --to 1");
  EXPECT_EQ(typo.exit_code, 2);
  EXPECT_THAT(typo.err,
              HasSubstr("bantam icp: 'rolback': no such command; did you mean 'rollback'?"));
  EXPECT_THAT(Run("history acme/software --limt 3").err, HasSubstr("did you mean '--limit'?"));
}

TEST_F(IcpChangeTest, GetNotesThatTheNewestRevisionIsBad) {
  EXPECT_THAT(Run("get acme/software").err, IsEmpty());
  server_.bad_name = kName;
  const Finished get = Run("get acme/software");
  EXPECT_EQ(get.exit_code, 0);
  EXPECT_EQ(get.out, kFirst);
  EXPECT_EQ(get.err,
            "note: the newest revision of tenants/acme/icps/software, number 2, is bad; this is "
            "number 1, which serves in its place\n");
  EXPECT_THAT(Run("get acme/software --revision 1").err, IsEmpty());
  server_.files_only = true;
  EXPECT_THAT(Run("get acme/software").err, IsEmpty());
}

constexpr char kBadNote[] = "error: too old\n";

TEST_F(IcpChangeTest, ABadRevisionsTextAndErrorsCanBeRead) {
  server_.bad_name = kName;
  const Finished get = Run("get acme/software --revision 2");
  EXPECT_EQ(get.exit_code, 0);
  EXPECT_EQ(get.out, Second());
  EXPECT_EQ(get.err,
            "note: number 2 of tenants/acme/icps/software is bad, so it does not serve:\n"
            "icp.yaml:1:1: error: too old\n");
  const Finished json = Run("get acme/software --revision 2 --json");
  EXPECT_THAT(json.out, HasSubstr("\"errors\""));
  const Finished defaults = Run("get acme/software --revision 2 --defaults");
  EXPECT_EQ(defaults.exit_code, 4);
  EXPECT_THAT(defaults.out, IsEmpty());
  EXPECT_THAT(defaults.err, HasSubstr(kBadNote));
}

TEST_F(IcpChangeTest, HistoryTellsABadNewestRevisionFromTheOneThatServes) {
  EXPECT_THAT(Run("history acme/software").out, Not(HasSubstr("  bad  ")));
  server_.bad_name = kName;
  const Finished history = Run("history acme/software");
  EXPECT_THAT(history.out, ContainsRegex("\n +2  [^\n]*  bad  [^\n]*\n +1  [^\n]*  current  "));
}

TEST_F(IcpChangeTest, RollbackToABadRevisionIsRefusedBeforeItAsks) {
  server_.bad_name = kName;
  const Finished bad = Run("rollback acme/software --to 2");
  EXPECT_EQ(bad.exit_code, 4);
  EXPECT_THAT(bad.out, IsEmpty());
  EXPECT_THAT(
      bad.err,
      StartsWith("bantam: number 2 of tenants/acme/icps/software is bad; read its text with "
                 "`bantam icp get acme/software --revision 2`, mend it, and save it with "
                 "`bantam icp put`:\n"));
  EXPECT_THAT(bad.err, HasSubstr(kBadNote));
  const Finished away = Run("rollback acme/software --to 1");
  EXPECT_EQ(away.exit_code, 0) << away.err;
  EXPECT_THAT(away.out, HasSubstr("  from number 2, which is bad\n"));
}

// A server looks for news from time to time only; that alone makes nothing bad.
TEST_F(IcpChangeTest, GetNotesNothingOfWhatTheServerHasNotSeenYet) {
  server_.stale_name = kName;
  const Finished get = Run("get acme/software");
  EXPECT_EQ(get.out, kFirst);
  EXPECT_THAT(get.err, IsEmpty());
}

TEST_F(IcpChangeTest, ListAndGetKnowNumbers) {
  const Finished list = Run("list acme");
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(
      list.out,
      AllOf(HasSubstr("name                        number  revision"), HasSubstr("       2  "),
            HasSubstr("2026-01-31 09:02 UTC  Software\n"), Not(HasSubstr("loaded"))));
  EXPECT_EQ(Run("get acme/software").out, Second());
  EXPECT_EQ(Run("get acme/software --revision 1").out, kFirst);
  EXPECT_EQ(Run("get acme/software --revision " + Short(0)).out, kFirst);
  const Finished nonsense = Run("get acme/software --revision old");
  EXPECT_EQ(nonsense.exit_code, 2);
  EXPECT_THAT(nonsense.err, HasSubstr("bantam: --revision: 'old' is no revision; "));
}

}  // namespace
}  // namespace bantam
