// What the command says of options that cannot be taken as they are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/qualifier/server_address.h"
#include "tests/client/run_command.h"
#include "tests/client/test_server.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kLead[] = "{id: L1, company: {revenue_rank: 77}}";
constexpr char kFortune[] =
    " --icp-file=client/samples/icps/fortune_5000.yaml --at=2026-06-01T10:00:00Z ";

TEST(HelpTest, CanBeAskedForInFrontOfACommand) {
  for (const auto& [arguments, same] :
       std::vector<std::pair<std::string, std::string>>{{"help", "--help"},
                                                        {"help help", "--help"},
                                                        {"help qualify", "qualify --help"},
                                                        {"help icp put", "icp put --help"}}) {
    const Finished help = RunBantam(arguments);
    EXPECT_EQ(help.exit_code, 0) << arguments;
    EXPECT_EQ(help.out, RunBantam(same).out) << arguments;
    EXPECT_THAT(help.out, HasSubstr("Exit codes:")) << arguments;
  }
}

TEST(HelpTest, WhatIsNoCommandHasNone) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"help qualfy", "bantam: 'qualfy': no such command; did you mean 'qualify'?\n"},
      {"qualfy --help", "bantam: 'qualfy': no such command; did you mean 'qualify'?\n"},
      {"help icp nope", "bantam icp: 'nope': no such command\n"},
      {"help icp putt", "bantam icp: 'putt': no such command; did you mean 'put'?\n"},
  };
  for (const auto& [arguments, message] : cases) {
    const Finished help = RunBantam(arguments);
    EXPECT_EQ(help.exit_code, 2) << arguments;
    EXPECT_THAT(help.out, IsEmpty()) << arguments;
    EXPECT_THAT(help.err, StartsWith(message)) << arguments;
  }
  EXPECT_EQ(RunBantam("icp put --dry --help").exit_code, 0);
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

TEST(OptionTest, MessagesNameWhatIsExpectedInWords) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"score - --output=xml", "--output: 'xml' is none of card, table, json, ndjson, yaml, csv\n"},
      {"score - --output=2", "--output: '2' is none of card, "},
      {"score - --format=cvs",
       "--format: 'cvs' is none of auto, yaml, json, ndjson, csv, tsv; did you mean 'csv'?\n"},
      {"score - --color=blue", "--color: 'blue' is none of auto, always, never\n"},
      {"score - --omit=gaps,trce",
       "--omit: 'trce' is none of trace, actions, gaps; did you mean 'trace'?\n"},
      {"icp diff a --color=blue", "--color: 'blue' is none of auto, always, never\n"},
      {"watch - --verdict=best",
       "--verdict: 'best' is none of qualified, open, nurture, disqualified, restricted\n"},
      {"rank - --top 0", "--top: expected a whole number of at least 1, not '0'\n"},
      {"rank - --top=many", "--top: expected a whole number of at least 1, not 'many'\n"},
      {"icp history a/b --limit -1", "--limit: expected a whole number of at least 1, not '-1'\n"},
      {"watch - --limit=1.5", "--limit: expected a whole number of at least 1, not '1.5'\n"},
      {"icp put x --author='a\nb'", "--author: expected one line without control characters\n"},
  };
  for (const auto& [arguments, message] : cases) {
    const Finished finished = RunBantam(arguments, kLead);
    EXPECT_EQ(finished.exit_code, 2) << arguments;
    EXPECT_THAT(finished.err, StartsWith(message)) << arguments;
  }
}

// Mostly a variable of a script that is not set.
TEST(OptionTest, EmptyValuesAreRefused) {
  for (const std::string option : {"--to", "--separator", "--mapping", "--encoding", "--revision",
                                   "--language", "--icps", "--icp-file"}) {
    for (const char* const empty : {" ''", "="}) {
      const Finished finished = RunBantam(absl::StrCat("score -", kFortune, option, empty), kLead);
      EXPECT_EQ(finished.exit_code, 2) << option << empty;
      EXPECT_THAT(finished.err,
                  StartsWith(option + ": is empty; expected a value; or leave the option "
                                      "out\n"));
    }
  }
  EXPECT_THAT(RunBantam("advance - --override-stage '' --actor=a --reason=b").err,
              StartsWith("--override-stage: is empty; expected a value"));
}

TEST(OptionTest, WhatStandsBehindAnEmptyValueIsNotTheValue) {
  const std::string leads = WriteTempFile("leads.yaml", kLead);
  const Finished finished = RunBantam(absl::StrCat("score --to= ", leads, " ", leads, kFortune));
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, StartsWith("--to: is empty; expected a value"));
  EXPECT_EQ(ReadTextFile(leads), kLead);
}

// Messages of the contract hold UTF-8 only.
TEST(OptionTest, TextsThatAreNoUtf8AreRefused) {
  const std::string bad = "\"$(printf 'M\\374ller')\"";  // In Windows-1252.
  for (const auto& [arguments, option] : std::vector<std::pair<std::string, std::string>>{
           {"icp put x --author=", "--author"},
           {"icp put x -m ", "--comment"},
           {"icp delete a/b --comment=", "--comment"},
           {"icp delete a/b --etag=", "--etag"},
           {"advance - --icp=a/b --override-stage=x --reason=y --actor=", "--actor"},
           {"advance - --icp=a/b --override-stage=x --actor=y --reason=", "--reason"},
           {"advance - --icp=a/b --actor=x --reason=y --override-stage=", "--override-stage"}}) {
    const Finished finished = RunBantam(arguments + bad, kLead);
    EXPECT_EQ(finished.exit_code, 2) << arguments;
    EXPECT_THAT(finished.err, StartsWith(option + ": expected text in UTF-8\n")) << arguments;
  }
}

// Who did not give it is told how to; other commands have no use for it.
TEST(OptionTest, AUserOfTheSystemThatIsNoAuthor) {
  const std::string user = "USER=\"$(printf 'M\\374ller')\"";
  const Finished put = RunBantam("icp put x", "", user);
  EXPECT_EQ(put.exit_code, 2);
  EXPECT_THAT(
      put.err,
      StartsWith("--author: cannot be taken from $USER (expected text in UTF-8); give --author\n"));
  EXPECT_THAT(RunBantam("icp put no.yaml --author=jo", "", user).err,
              StartsWith("bantam: no.yaml: no such file\n"));
  const Finished check = RunBantam("icp check client/samples/icps", "", user);
  EXPECT_EQ(check.exit_code, 0) << check.err;
}

TEST(OptionTest, ChoicesAreTakenInCapitalsToo) {
  const Finished finished =
      RunBantam(absl::StrCat("score - --output=JSON --omit=Trace", kFortune), kLead);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.out, AllOf(StartsWith("{"), HasSubstr("\"score\"")));
}

TEST(OptionTest, NamesOfIcpsAndTenantsAreChecked) {
  const std::string icp =
      "'b2b' is no name of an ICP; write TENANT/ICP, both in lower-case letters, digits and "
      "hyphens\n";
  const std::string tenant = "'No' is no tenant; expected lower-case letters, digits and hyphens";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"score - --icp=b2b", "--icp: " + icp},
      {"watch - --icp=b2b", "--icp: " + icp},
      {"icp get b2b", "NAME: " + icp},
      {"icp delete b2b", "NAME: " + icp},
      {"icp history b2b", "NAME: " + icp},
      {"icp rollback b2b --to 1", "NAME: " + icp},
      {"score - --all-icps-of=No", "--all-icps-of: " + tenant + "\n"},
      {"watch - --tenant=No", "--tenant: " + tenant + "\n"},
      {"icp import . --tenant=No", "--tenant: " + tenant + "\n"},
      {"icp list No", "PARENT: " + tenant + ", or - for all\n"},
      {"icp export No --to=x", "TENANT: " + tenant + ", or - for all\n"},
  };
  for (const auto& [arguments, message] : cases) {
    const Finished finished = RunBantam(arguments, kLead);
    EXPECT_EQ(finished.exit_code, 2) << arguments;
    EXPECT_THAT(finished.err, StartsWith(message)) << arguments;
  }
}

TEST(OptionTest, QuestionsThatCannotBeAskedNameTheOptions) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"advance - --icp=a/b --icp=a/c", "--icp: advance takes exactly one"},
      {"score - --icp=a/b --all-icps-of=a", "--icp and --all-icps-of contradict each other"},
      {"score - --icp=a/b --at=1850-01-01", "--at: must lie in the years 1900 to 2200"},
      {"score - --icp=a/b --language=english_", "--language: must be a BCP 47 tag"},
      {"score - --icp=a/b --icp=a/c --revision=1", "--revision goes with exactly one --icp"},
      {"score - --all-icps-of=a --revision=1", "--revision goes with exactly one --icp"},
      {"advance - --icp=a/b --override-stage=x --reason=y --actor=" + std::string(300, 'x'),
       "--actor: must "},
  };
  for (const auto& [arguments, message] : cases) {
    const Finished finished = RunBantam(arguments, kLead);
    EXPECT_EQ(finished.exit_code, 2) << arguments;
    EXPECT_THAT(finished.err, StartsWith("bantam: " + message)) << arguments;
    EXPECT_THAT(finished.err, Not(HasSubstr("settings."))) << arguments;
  }
}

TEST(OptionTest, TheIcpsThatAreHereAreNamed) {
  EXPECT_EQ(RunBantam("advance - --icps=client/samples/icps", kLead).err,
            "bantam: say which ICP: --icp=tenants/TENANT/icps/ICP; here are sample/b2b-software, "
            "sample/family-homes, sample/fortune-5000\n");
  std::string files;
  for (char c = 'a'; c <= 'l'; ++c) {
    const std::string name(1, c);
    absl::StrAppend(
        &files, " --icp-file=",
        WriteTempFile(name + ".yaml", absl::StrCat("name: tenants/t/icps/", name,
                                                   "\nbusiness_hours: {time_zone: UTC}\n"
                                                   "bant: {need: {solved_problems: [x]}}\n")));
  }
  EXPECT_THAT(RunBantam("score -" + files, kLead).err, HasSubstr("t/i, t/j and 2 more\n"));
}

TEST(OptionTest, WarningsAreNotedOfTheIcpsThatAreAskedOnly) {
  const std::string note = "note: the ICPs have warnings (2); `bantam icp check` shows them\n";
  const auto noted = [](const std::string& question) {
    return RunBantam("score - --icps=client/samples/icps " + question, kLead).err;
  };
  EXPECT_EQ(noted("--icp=sample/fortune-5000 --icp=sample/b2b-software"), "");
  EXPECT_EQ(noted("--icp=sample/fortune-5000 --icp=sample/family-homes"), note);
  EXPECT_EQ(noted("--all-icps-of=sample"), note);
}

TEST(OptionTest, WhatIsForServersContradictsLocalIcps) {
  for (const std::string option : {"--server=prod", "--tls", "--tls-ca=x", "--tls-cert=x",
                                   "--tls-key=x", "--tls-server-name=x", "--token-file=x"}) {
    const Finished finished = RunBantam(absl::StrCat("score - ", option, kFortune), kLead);
    const std::string name = option.substr(0, option.find('='));
    EXPECT_EQ(finished.exit_code, 2) << option;
    EXPECT_THAT(finished.err,
                StartsWith(name + " and --icp-file contradict each other; leave one out\n"));
  }
  EXPECT_THAT(RunBantam("score - --icps=client/samples/icps --server=prod", kLead).err,
              StartsWith("--server and --icps contradict each other"));
  const Finished quiet =
      RunBantam(absl::StrCat("score -", kFortune), kLead, "BANTAM_SERVER=prod BANTAM_TLS=1");
  EXPECT_EQ(quiet.exit_code, 0) << quiet.err;
  EXPECT_THAT(quiet.err, IsEmpty());
}

TEST(OptionTest, LocalRevisionsAreTakenByTheirFirstDigits) {
  const Finished full = RunBantam(absl::StrCat("score - -o json", kFortune), kLead);
  const size_t at = full.out.find("\"icp_revision\": \"");
  ASSERT_NE(at, std::string::npos) << full.out;
  const std::string revision = full.out.substr(at + 17, 32);
  for (const std::string& text : {revision, revision.substr(0, 4), std::string("current")}) {
    EXPECT_EQ(RunBantam(absl::StrCat("score - -o json --revision=", text, kFortune), kLead).out,
              full.out)
        << text;
  }
  const Finished number = RunBantam(absl::StrCat("score - --revision=2", kFortune), kLead);
  EXPECT_EQ(number.exit_code, 2);
  EXPECT_EQ(number.err, absl::StrCat("bantam: --revision: '2': files have no history; "
                                     "'tenants/sample/icps/fortune-5000' is here in revision ",
                                     revision, "\n"));
}

TEST(ServerAddressTest, WhatGrpcUnderstandsWithAPortInEveryCase) {
  const std::vector<std::pair<std::string, std::string>> good = {
      {"localhost", "localhost:7770"},
      {"bantam.example.com:443", "bantam.example.com:443"},
      {"127.0.0.1:1", "127.0.0.1:1"},
      {"::1", "[::1]:7770"},
      {"[::1]", "[::1]:7770"},
      {"[::1]:65535", "[::1]:65535"},
      {"dns:///bantam:7770", "dns:///bantam:7770"},
      {"dns:///bantam", "dns:///bantam:7770"},
      {"dns://127.0.0.53/bantam", "dns://127.0.0.53/bantam:7770"},
      {"dns:bantam", "dns:bantam:7770"},
      {"ipv4:10.0.0.1:1,10.0.0.2", "ipv4:10.0.0.1:1,10.0.0.2:7770"},
      {"ipv6:[::1]:1", "ipv6:[::1]:1"},
      {"unix:/run/bantam.sock", "unix:/run/bantam.sock"},
      {"unix-abstract:bantam", "unix-abstract:bantam"},
  };
  for (const auto& [text, want] : good) EXPECT_EQ(ServerAddress(text).value_or(""), want) << text;
  for (const char* const bad : {"",
                                ":",
                                ":7770",
                                "localhost:",
                                "localhost:0",
                                "localhost:65536",
                                "127.0.0.1:99999",
                                "localhost:http",
                                "localhost:+1",
                                "http://localhost:7770",
                                "https://localhost",
                                "a b:1",
                                "[::1",
                                "[::1]1",
                                "[x]:1",
                                "::1]",
                                "dns:",
                                "dns:///",
                                "ipv4:",
                                "ipv4:a:1,",
                                "unix:",
                                "localhost:7770/"}) {
    EXPECT_EQ(ServerAddress(bad).value_or(""), "") << bad;
  }
}

TEST(ServerAddressTest, OthersAreRefusedBeforeAnythingIsSent) {
  for (const std::string bad : {"", "http://localhost:7770", "127.0.0.1:99999"}) {
    const Finished finished = RunBantam(absl::StrCat("health --server '", bad, "'"));
    EXPECT_EQ(finished.exit_code, 2) << bad;
    EXPECT_THAT(finished.err,
                StartsWith(absl::StrCat(
                    "--server: expected host:port, such as localhost:7770, not '", bad, "'\n")));
  }
  EXPECT_EQ(RunBantam("icp list", "", "BANTAM_SERVER=a:b").exit_code, 2);
}

TEST(ServerAddressTest, WhyThereIsNoConnectionIsToldInPlainWords) {
  std::string address;
  { address = TestServer({}).address(); }
  EXPECT_THAT(RunBantam("health --server=" + address).err,
              HasSubstr(". Cause: Connection refused\n"));
  EXPECT_THAT(RunBantam("health --server=unix:/nonexistent/socket").err,
              HasSubstr(". Cause: No such file or directory\n"));
  // No name of a host is that long, so nobody is asked for it.
  const Finished unknown = RunBantam("health --server=" + std::string(300, 'x'));
  EXPECT_EQ(unknown.exit_code, 3);
  EXPECT_THAT(unknown.err, HasSubstr(". Cause: its name cannot be resolved\n"));
}

}  // namespace
}  // namespace bantam
