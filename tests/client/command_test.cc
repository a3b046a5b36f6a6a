// The command itself: exit codes, messages, output.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bantam/v1/evaluation.pb.h"
#include "server/definition/yaml.h"
#include "tests/client/run_command.h"
#include "tests/client/test_server.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kLocal[] =
    " --icp-file=client/samples/icps/fortune_5000.yaml --at=2026-06-01T10:00:00Z ";
constexpr char kLead[] =
    "{id: L1, company: {revenue_rank: 77}, contacts: [{id: c, title: President}]}";

TEST(CommandTest, HelpNamesEveryCommandAndExitCode) {
  const Finished help = RunBantam("--help");
  EXPECT_EQ(help.exit_code, 0);
  for (const char* word : {"score", "qualify", "advance", "rank", "icp", "health", "Exit codes:"}) {
    EXPECT_THAT(help.out, HasSubstr(word));
  }
  const Finished advance = RunBantam("advance --help");
  EXPECT_THAT(advance.out, AllOf(HasSubstr("--as-far-as-possible"), HasSubstr("BANTAM_SERVER"),
                                 HasSubstr("localhost:7770"), HasSubstr("Exit codes:")));
}

TEST(CommandTest, BadOptionsAreUsageErrors) {
  EXPECT_EQ(RunBantam("").exit_code, 2);
  EXPECT_EQ(RunBantam("scoer x").exit_code, 2);
  EXPECT_EQ(RunBantam("score").exit_code, 2);
  EXPECT_EQ(RunBantam("score - --output=pdf").exit_code, 2);
  EXPECT_EQ(RunBantam("score - --timeout=soon").exit_code, 2);
  EXPECT_EQ(RunBantam("advance - --override-stage=sql").exit_code, 2);
  const Finished no_icp = RunBantam("score -", kLead);
  EXPECT_EQ(no_icp.exit_code, 2);
  EXPECT_EQ(
      no_icp.err,
      "bantam: say which ICP: --icp=tenants/TENANT/icps/ICP, or --all-icps-of=tenants/TENANT\n");
  const Finished bad_time = RunBantam("score - --icp=a/b --at=tomorrow", kLead);
  EXPECT_EQ(bad_time.exit_code, 2);
  EXPECT_THAT(bad_time.err, HasSubstr("--at: 'tomorrow' is no time"));
  EXPECT_THAT(RunBantam("score - --icp=a/b --time-zone=Mars", kLead).err,
              HasSubstr("unknown time zone 'Mars'"));
}

TEST(CommandTest, OptionsInFrontOfTheCommandAreShownTheirPlace) {
  const Finished finished = RunBantam("--server=example:1 score - --icp=a/b", kLead);
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, HasSubstr("bantam score: '--server' must stand behind the command: "
                                      "bantam score --server=example:1 …\n"));
}

TEST(CommandTest, FilesThatCannotBeUsedAreAllNamed) {
  const Finished finished = RunBantam(std::string("score no.yaml client -") + kLocal, " ");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_EQ(finished.err,
            "bantam: no.yaml: no such file\n"
            "bantam: client: is a folder, not a file\n"
            "bantam: (standard input): is empty\n");
}

TEST(CommandTest, NoServerIsOneClearLine) {
  std::string address;
  { address = TestServer({}).address(); }
  const Finished finished = RunBantam("score - --icp=a/b --server=" + address, kLead);
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_THAT(finished.err, StartsWith("bantam: cannot reach a server at " + address +
                                       "; start one (bantamd --icps=DIR), name another (--server "
                                       "or BANTAM_SERVER), or ask the engine here (--icps=DIR)"));
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1);
}

// What is about a server cannot be asked here.
TEST(CommandTest, NoServerOfACatalogIsOneClearLine) {
  std::string address;
  { address = TestServer({}).address(); }
  const std::string icp = "client/samples/icps/fortune_5000.yaml";
  for (const std::string& command :
       {std::string("health"), std::string("icp list"), std::string("icp diff a/b"),
        absl::StrCat("icp compare a/b ", icp, " -"), absl::StrCat("icp put ", icp)}) {
    const Finished finished = RunBantam(command, kLead, "BANTAM_SERVER=" + address);
    EXPECT_EQ(finished.exit_code, 3) << command;
    EXPECT_EQ(finished.err,
              absl::StrCat("bantam: cannot reach a server at ", address,
                           "; start one (bantamd --icps=DIR) or name another "
                           "(--server or BANTAM_SERVER). Cause: Connection refused\n"))
        << command;
  }
}

TEST(CommandTest, ACardForOneLead) {
  const Finished finished = RunBantam(std::string("qualify -") + kLocal, kLead);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_THAT(finished.err, IsEmpty());
  for (const char* part : {"L1  tenants/sample/icps/fortune-5000", " 40.00  of  40  fit",
                           "Verdict: OPEN", "BANT", "Gaps", "Next actions", "Trace", "→ "}) {
    EXPECT_THAT(finished.out, HasSubstr(part));
  }
  EXPECT_THAT(finished.out, Not(HasSubstr("\x1b")));
}

TEST(CommandTest, ColourOnRequestAndNeverInTheWay) {
  EXPECT_THAT(RunBantam(std::string("score - --color=always") + kLocal, kLead).out,
              HasSubstr("\x1b[1m"));
  EXPECT_THAT(RunBantam(std::string("score - --color=never") + kLocal, kLead).out,
              Not(HasSubstr("\x1b")));
}

TEST(CommandTest, JsonOfOneLeadIsTheEvaluation) {
  const Finished finished = RunBantam(std::string("advance - -o json") + kLocal, kLead);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  v1::Evaluation evaluation;
  EXPECT_THAT(ParseYaml(finished.out, "out.json", &evaluation, nullptr), IsEmpty());
  EXPECT_EQ(evaluation.score().fit().points(), 40);
  EXPECT_EQ(evaluation.advancement().from_stage(), "lead");
}

TEST(CommandTest, BadRowsAreListedAtTheEndAndTheRestIsDone) {
  const Finished finished = RunBantam(std::string("score - --format=csv") + kLocal,
                                      "id,company.revenue_rank\na,1\nb,many\nc,0\nd,5000\n");
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.out, AllOf(HasSubstr("\na "), HasSubstr("\nd ")));
  EXPECT_THAT(finished.out, Not(HasSubstr("\nb ")));
  EXPECT_THAT(finished.err,
              HasSubstr("(standard input):3: column 'company.revenue_rank': expected a number"));
  EXPECT_THAT(finished.err, HasSubstr("(standard input):4: lead.company.revenue_rank: "));
  EXPECT_THAT(finished.err, HasSubstr("bantam: 2 of 4 leads failed\n"));
}

TEST(CommandTest, AFileWithoutLeadsIsAMistake) {
  const Finished finished = RunBantam(std::string("score - --format=csv") + kLocal, "id\n");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_EQ(finished.err, "bantam: -: no leads, only a header\n");
}

TEST(CommandTest, OneBadLeadNamesEveryField) {
  const Finished finished =
      RunBantam(std::string("score -") + kLocal, "{company: {revenue_rank: 0, founded_year: 1}}");
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.out, IsEmpty());
  EXPECT_THAT(finished.err, AllOf(HasSubstr("lead.company.founded_year: "),
                                  HasSubstr("lead.company.revenue_rank: ")));
}

TEST(CommandTest, RankShowsTheBestFirst) {
  const Finished finished = RunBantam(std::string("rank - --top 2") + kLocal,
                                      "[{id: low, company: {revenue_rank: 4000}}, {id: high, "
                                      "company: {revenue_rank: 4}}, {id: none}]");
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_LT(finished.out.find("high"), finished.out.find("low"));
  EXPECT_THAT(finished.out, Not(HasSubstr("none")));
}

TEST(CommandTest, OverridesNeedOneLead) {
  const std::string flags = " --override-stage=sql --actor=jo --reason=knows-them";
  const Finished one = RunBantam("advance -" + flags + kLocal, kLead);
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_THAT(one.out, HasSubstr("Stage: lead → sql (override)"));
  const Finished two = RunBantam("advance -" + flags + kLocal, "[{id: a}, {id: b}]");
  EXPECT_EQ(two.exit_code, 2);
  EXPECT_EQ(two.err, "bantam: an override is about one lead; give a file with exactly one\n");
}

TEST(CommandTest, IcpCheckRendersEveryProblem) {
  const Finished good = RunBantam("icp check client/samples/icps/*.yaml");
  EXPECT_EQ(good.exit_code, 0);
  EXPECT_THAT(good.out,
              AllOf(HasSubstr("b2b_software.yaml: good: tenants/sample/icps/b2b-software"),
                    HasSubstr("3 files: 0 errors, 2 warnings\n")));
  EXPECT_EQ(RunBantam("icp check client/samples/icps").out, good.out);
  const Finished bad = RunBantam("icp check -", "name: tenants/a/icps/b\nfitt: {}\n");
  EXPECT_EQ(bad.exit_code, 1);
  EXPECT_THAT(bad.out, AllOf(HasSubstr("-:2:1: error: "), HasSubstr("did you mean 'fit'"),
                             HasSubstr("1 file: 1 error, ")));
  EXPECT_EQ(RunBantam("icp check no.yaml").exit_code, 2);
  const Finished none = RunBantam("icp check server");
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_EQ(none.err, "bantam: server: holds no file *.yaml or *.yml\n");
}

TEST(CommandTest, IcpCheckFindsNamesThatTwoFilesHave) {
  const std::string icp = "name: tenants/a/icps/b\nbusiness_hours: {time_zone: UTC}\n";
  const std::string first = WriteTempFile("first.yaml", icp);
  const std::string twin = WriteTempFile("twin.yaml", "# The other.\n" + icp);
  const std::string bad = WriteTempFile("bad.yaml", icp + "fitt: {}\n");
  const Finished finished = RunBantam(absl::StrCat("icp check ", first, " ", twin, " ", bad));
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(
      finished.out,
      AllOf(HasSubstr(absl::StrCat(first, ": good: tenants/a/icps/b")),
            HasSubstr(absl::StrCat(twin, ":2:7: error: the name 'tenants/a/icps/b' is taken by ",
                                   first, "; names must be unique\n")),
            HasSubstr(
                absl::StrCat(bad, ":1:7: error: the name 'tenants/a/icps/b' is taken by ", first)),
            HasSubstr("3 files: 3 errors, "), Not(HasSubstr(twin + ": good"))));
  // One file is not two.
  EXPECT_EQ(RunBantam(absl::StrCat("icp check ", first, " ", first)).exit_code, 0);
}

TEST(CommandTest, StandardInputIsReadOnce) {
  for (const char* const arguments :
       {"icp check - -", "score - - --icp-file=client/samples/icps/fortune_5000.yaml",
        "score - --mapping=- --icp-file=client/samples/icps/fortune_5000.yaml"}) {
    const Finished finished = RunBantam(arguments, "id: L1\n");
    EXPECT_EQ(finished.exit_code, 2) << arguments;
    EXPECT_EQ(finished.err,
              "bantam: - stands more than once; standard input can be read only once\n")
        << arguments;
    EXPECT_EQ(finished.out, "");
  }
}

TEST(CommandTest, IcpTestShowsDifferencesAndUpdates) {
  const Finished passed = RunBantam("icp test client/samples/tests");
  EXPECT_EQ(passed.exit_code, 0) << passed.out;
  EXPECT_THAT(passed.out, HasSubstr(" passed, 0 failed\n"));

  const std::string file = WriteTempFile("case.yaml",
                                         "description: Wrong.\n"
                                         "icp: {name: tenants/a/icps/b}\n"
                                         "evaluate_time: 2026-01-01\n"
                                         "want: {verdict: qualified}  # Surely?\n");
  const Finished failed = RunBantam("icp test " + file);
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.out, HasSubstr("case.yaml: Wrong.\n  want.verdict\n    want: qualified\n"
                                    "    got:  disqualified\n1 case: 0 passed, 1 failed\n"));
  EXPECT_EQ(RunBantam("icp test --update-golden " + file).exit_code, 0);
  EXPECT_THAT(ReadTextFile(file), HasSubstr("want: {verdict: disqualified}  # Surely?\n"));
  EXPECT_EQ(RunBantam("icp test " + file).exit_code, 0);
  EXPECT_EQ(RunBantam("icp test client/output").exit_code, 2);
}

// Against a server.
class ServerCommandTest : public ::testing::Test {
 protected:
  const TestServer server_{{BANTAM_SOURCE_DIR "/client/samples/icps/fortune_5000.yaml",
                            BANTAM_SOURCE_DIR "/client/samples/icps/b2b_software.yaml"}};
  const std::string flag_ = " --server=" + server_.address() + " ";
};

TEST_F(ServerCommandTest, AsksTheServer) {
  const Finished one = RunBantam("qualify - --icp=sample/fortune-5000" + flag_, kLead);
  EXPECT_EQ(one.exit_code, 0) << one.err;
  EXPECT_THAT(one.out, HasSubstr("Verdict: OPEN"));
  const Finished many = RunBantam(
      "qualify client/samples/leads/b2b_software.yaml "
      "--all-icps-of=sample --output=csv" +
      flag_);
  EXPECT_EQ(many.exit_code, 0) << many.err;
  EXPECT_EQ(std::count(many.out.begin(), many.out.end(), '\n'), 7);
}

TEST_F(ServerCommandTest, AnUnknownIcpIsRefused) {
  const Finished one = RunBantam("score - --icp=sample/nope" + flag_, kLead);
  EXPECT_EQ(one.exit_code, 4);
  EXPECT_THAT(one.err, HasSubstr("tenants/sample/icps/nope"));
  const Finished many = RunBantam("score - --icp=sample/nope" + flag_, "[{id: a}, {id: b}]");
  EXPECT_EQ(many.exit_code, 4);
}

TEST_F(ServerCommandTest, ListsAndGetsIcps) {
  const Finished list = RunBantam("icp list" + flag_);
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, AllOf(HasSubstr("tenants/sample/icps/b2b-software"),
                              HasSubstr("tenants/sample/icps/fortune-5000")));
  const Finished misspelt = RunBantam("icp list nobody" + flag_);
  EXPECT_EQ(misspelt.exit_code, 4);
  EXPECT_THAT(misspelt.err, HasSubstr("tenants/nobody has no ICPs; `bantam icp list -` shows"));
  EXPECT_THAT(RunBantam("icp list --json" + flag_).out, StartsWith("{\"name\":\"tenants/sample/"));

  const std::string name = "icp get tenants/sample/icps/fortune-5000";
  const Finished get = RunBantam(name + flag_);
  EXPECT_EQ(get.out, ReadTextFile(BANTAM_SOURCE_DIR "/client/samples/icps/fortune_5000.yaml"));
  EXPECT_THAT(RunBantam(name + " --defaults" + flag_).out, HasSubstr("interest_window: 90d"));
  EXPECT_THAT(RunBantam(name + " --json" + flag_).out, HasSubstr("\"revision\": \""));
  EXPECT_EQ(RunBantam("icp get tenants/sample/icps/nope" + flag_).exit_code, 4);
}

TEST_F(ServerCommandTest, HealthNamesEveryService) {
  const Finished health = RunBantam("health" + flag_);
  EXPECT_EQ(health.exit_code, 0) << health.err;
  EXPECT_THAT(health.out, AllOf(HasSubstr("serving  " + server_.address()),
                                HasSubstr("serving  bantam.v1.QualificationService"),
                                HasSubstr("serving  bantam.v1.IcpCatalogService")));
}

}  // namespace
}  // namespace bantam
