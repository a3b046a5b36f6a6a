// bantam watch: over a stream of a real Redis, files that are rotated, and the standard input.
#include <signal.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/watch/redis_target.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/run_command.h"
#include "tests/client/watch_process.h"
#include "tests/servers/redis_server.h"
#include "tests/servers/test_certificates.h"
#include "tests/store/temp_directory.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string Line(const std::string& lead, const std::string& icp = "tenants/acme/icps/software",
                 const std::string& verdict = "VERDICT_QUALIFIED",
                 const std::string& time = "2026-01-31T09:00:00.5Z") {
  return absl::StrCat("{\"time\":\"", time, "\",\"caller\":\"token:crm\",\"lead_id\":\"", lead,
                      "\",\"icp\":\"", icp, "\",\"verdict\":\"", verdict,
                      "\",\"score\":59.50,\"grade\":\"B\",\"stage\":\"sql\",\"transition\":"
                      "{\"from_stage\":\"mql\",\"to_stage\":\"sql\",\"outcome\":"
                      "\"ADVANCE_REASON_MOVED_FORWARD\"}}");
}

TEST(WatchTest, ShowsADecisionAsAPersonReadsIt) {
  const Finished finished = RunBantam("watch -", Line("lead-17") + "\n");
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.out,
            "2026-01-31 09:00:00  qualified      59.50 B  acme/software         lead-17       "
            "        mql → sql (moved forward)  token:crm\n");
  EXPECT_THAT(RunBantam("watch - --time-zone=Asia/Tokyo", Line("17") + "\n").out,
              StartsWith("2026-01-31 18:00:00"));
}

TEST(WatchTest, RestrictedAndEmptyFieldsLeaveRoom) {
  const Finished finished = RunBantam(
      "watch -", "{\"time\":\"2026-01-31T09:00:00Z\",\"verdict\":\"VERDICT_RESTRICTED\"}\n");
  EXPECT_EQ(finished.out, absl::StrCat("2026-01-31 09:00:00  restricted", std::string(36, ' '),
                                       "(no id)", std::string(13, ' '), "\n"));
}

TEST(WatchTest, NothingDrivesTheTerminal) {
  EXPECT_THAT(RunBantam("watch -", Line("\\u001b[2Jx") + "\n").out, Not(HasSubstr("\x1b")));
}

TEST(WatchTest, JsonIsTheLineAsItIs) {
  const std::string line = Line("17").insert(1, "\"a_later_field\":{\"x\":1},");
  EXPECT_EQ(RunBantam("watch - --json", line + "\n").out, line + "\n");
}

TEST(WatchTest, FiltersByTenantIcpVerdictLeadAndTime) {
  const std::string input = absl::StrCat(
      Line("1"), "\n", Line("2", "tenants/acme/icps/homes"), "\n",
      Line("3", "tenants/acme-2/icps/software"), "\n",
      Line("4", "tenants/acme/icps/software", "VERDICT_OPEN"), "\n",
      Line("5", "tenants/acme/icps/software", "VERDICT_OPEN", "2026-02-01T00:00:00Z"), "\n");
  const auto leads = [&](const std::string& flags) {
    std::vector<std::string> ids;
    for (const std::string& line : Lines(RunBantam("watch - --json " + flags, input).out)) {
      const size_t begin = line.find("\"lead_id\":\"") + 11;
      ids.push_back(line.substr(begin, line.find('"', begin) - begin));
    }
    return ids;
  };
  EXPECT_THAT(leads(""), ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_THAT(leads("--tenant=acme"), ElementsAre("1", "2", "4", "5"));
  EXPECT_THAT(leads("--tenant=tenants/acme-2"), ElementsAre("3"));
  EXPECT_THAT(leads("--icp=acme/homes --icp=tenants/acme-2/icps/software"), ElementsAre("2", "3"));
  EXPECT_THAT(leads("--verdict=open"), ElementsAre("4", "5"));
  EXPECT_THAT(leads("--verdict=open --verdict=nurture --lead=5"), ElementsAre("5"));
  EXPECT_THAT(leads("--since=2026-01-31T12:00:00Z"), ElementsAre("5"));
  EXPECT_THAT(leads("--limit=2"), ElementsAre("1", "2"));
}

TEST(WatchTest, SinceTakesTimesAsEveryOption) {
  const std::string early = Line("1");  // 2026-01-31T09:00:00.5Z.
  const std::string late =
      Line("2", "tenants/acme/icps/software", "VERDICT_OPEN", "2026-02-01T00:00:00Z");
  const auto shown = [&](const std::string& flags) {
    const Finished finished =
        RunBantam("watch - --json --since=" + flags, absl::StrCat(early, "\n", late, "\n"));
    EXPECT_EQ(finished.exit_code, 0) << flags << finished.err;
    return Lines(finished.out);
  };
  for (const char* flags : {"2026-02-01", "2026-01-31T12:00", "'2026-01-31 09:00:01'",
                            "2026-01-31T10:30:00+01:00", "2026-02-01 --time-zone=Asia/Tokyo"}) {
    EXPECT_THAT(shown(flags), ElementsAre(late)) << flags;
  }
  EXPECT_THAT(shown("2026-01-31"), ElementsAre(early, late));
  EXPECT_THAT(shown("2026-02-01 --time-zone=America/New_York"), IsEmpty());
  EXPECT_THAT(shown("now"), IsEmpty());
}

TEST(WatchTest, SinceIsCheckedBeforeAnythingIsAsked) {
  for (const char* since : {"yesterday", "''", "2026-13-01", "2026-01-31T25:00", "1-2-3", "-",
                            "infinite-past", "99999999999999999999-0"}) {
    const Finished finished = RunBantam(absl::StrCat("watch - --since=", since), Line("1") + "\n");
    EXPECT_EQ(finished.exit_code, 2) << since;
    EXPECT_THAT(finished.err,
                StartsWith("--since: expected a duration such as 10m, a time such as 2026-01-31"))
        << since;
  }
}

TEST(WatchTest, DecisionsComeFromOneSource) {
  const Finished both = RunBantam("watch - --redis=redis://127.0.0.1:1", Line("1") + "\n");
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(both.err,
              StartsWith("FILE and --redis contradict each other; decisions come from either one "
                         "or the other\n"));
  const Finished environment =
      RunBantam("watch -", Line("1") + "\n", "BANTAM_REDIS=redis://127.0.0.1:1");
  EXPECT_EQ(environment.exit_code, 0) << environment.err;
  EXPECT_EQ(Lines(environment.out).size(), 1u);
}

TEST(WatchTest, OtherLinesAreCountedNotShown) {
  const Finished finished =
      RunBantam("watch -", absl::StrCat("serving on port 7770\n", Line("17"), "\n[1,2]\n"));
  EXPECT_EQ(Lines(finished.out).size(), 1u);
  EXPECT_THAT(finished.err, HasSubstr("2 lines were no decisions"));
  EXPECT_EQ(RunBantam("watch -", "{}x\n").err,
            "note: 1 line was no decision and was passed over\n");
}

TEST(WatchTest, BadFlagsSayWhatWasExpected) {
  Finished finished = RunBantam("watch", "", "-u BANTAM_REDIS");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, AllOf(HasSubstr("--redis"), HasSubstr("FILE")));
  finished = RunBantam("watch --redis=redis://user:secret@");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, AllOf(HasSubstr("the host is missing"), Not(HasSubstr("secret"))));
  finished = RunBantam("watch --since=yesterday -");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, HasSubstr("expected a duration such as 10m"));
  finished = RunBantam("watch /nonexistent/decisions");
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, HasSubstr("cannot be opened"));
  for (const char* arguments : {"watch client", "watch client --from-start"}) {
    finished = RunBantam(arguments);
    EXPECT_EQ(finished.exit_code, 2) << arguments;
    EXPECT_THAT(finished.err, StartsWith("bantam: client is a folder, not a file; "));
  }
  EXPECT_EQ(RunBantam("watch --redis=redis://127.0.0.1:1").exit_code, 3);
}

TEST(RedisTargetTest, ReadsEveryPart) {
  const auto target = ParseRedisTarget("rediss://us%40er:p%2Fa@ss@[::1]:7000/3");
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_TRUE(target->tls);
  EXPECT_EQ(target->user, "us@er");
  EXPECT_EQ(target->password, "p/a@ss");
  EXPECT_EQ(target->host, "::1");
  EXPECT_EQ(target->Address(), "[::1]:7000");
  EXPECT_EQ(target->database, "3");
  EXPECT_EQ(ParseRedisTarget("redis://cache")->Address(), "cache:6379");
  EXPECT_EQ(ParseRedisTarget("redis://[::1]")->Address(), "[::1]:6379");
  for (const char* const bad :
       {"http://cache", "redis://", "redis://cache:port", "redis://cache:70000", "redis://cache/x",
        "redis://a@cache", "redis://:%4@cache", "redis://[::1"}) {
    EXPECT_FALSE(ParseRedisTarget(bad).ok()) << bad;
  }
}

class WatchFileTest : public ::testing::Test {
 protected:
  WatchFileTest() : path_(WriteTempFile("decisions.jsonl", "")) { remove((path_ + ".1").c_str()); }

  void Append(const std::string& text) const { std::ofstream(path_, std::ios::app) << text; }

  const std::string path_;
};

TEST_F(WatchFileTest, FollowsWhatIsAppended) {
  Append(Line("old") + "\n");
  Watch watch({path_, "--json"});
  // It may not have begun yet: what is written before that is old.
  ASSERT_TRUE(Watch::WaitUntil([&] {
    Append(Line("begin") + "\n");
    return !watch.out().empty();
  }));
  const std::string whole = Line("torn");
  Append(whole.substr(0, 20));
  Append(whole.substr(20) + "\n");
  ASSERT_TRUE(Watch::WaitUntil([&] { return absl::StrContains(watch.out(), "\"torn\""); }));
  EXPECT_THAT(watch.out(), Not(HasSubstr("\"old\"")));
  EXPECT_EQ(watch.End(SIGINT), 0);
  EXPECT_THAT(watch.err(), IsEmpty());
}

TEST_F(WatchFileTest, FollowsRotation) {
  Append(Line("1") + "\n");
  Watch watch({path_, "--json", "--from-start"});
  ASSERT_TRUE(watch.WaitForLines(1));
  ASSERT_EQ(rename(path_.c_str(), (path_ + ".1").c_str()), 0);
  std::ofstream(path_ + ".1", std::ios::app) << Line("2") << "\n";
  Append(Line("3") + "\n");
  ASSERT_TRUE(watch.WaitForLines(3));
  EXPECT_THAT(Lines(watch.out()), ElementsAre(Line("1"), Line("2"), Line("3")));
  EXPECT_EQ(watch.End(SIGTERM), 0);
}

TEST_F(WatchFileTest, StaysWithAWriterThatStaysOnTheFileThatWasMoved) {
  Append(Line("0") + "\n");
  Watch watch({path_, "--json", "--from-start"});
  ASSERT_TRUE(watch.WaitForLines(1));
  std::vector<std::string> written = {Line("0")};
  const auto write = [&](const std::string& path) {
    written.push_back(Line(absl::StrCat(written.size())));
    std::ofstream(path, std::ios::app) << written.back() << "\n";
    return watch.WaitForLines(written.size());
  };
  // As logrotate with `create` does it: the new file is there and empty before the writer has seen
  // that its own was moved. The watch looks at both between two lines, since each is waited for.
  ASSERT_EQ(rename(path_.c_str(), (path_ + ".1").c_str()), 0);
  Append("");
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(write(path_ + ".1")) << watch.out();
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(write(path_)) << watch.out();
  EXPECT_EQ(Lines(watch.out()), written);
  EXPECT_EQ(watch.End(SIGTERM), 0);
}

TEST_F(WatchFileTest, FollowsAFileThatIsEmptied) {
  Append(Line("1") + "\n");
  Watch watch({path_, "--json", "--from-start"});
  ASSERT_TRUE(watch.WaitForLines(1));
  ASSERT_EQ(truncate(path_.c_str(), 0), 0);
  // One that grows beyond its old size before anybody looks cannot be told from one that was
  // appended to, so this one stays shorter.
  const std::string line = "{\"time\":\"2026-01-31T09:00:00Z\"}";
  Append(line + "\n");
  ASSERT_TRUE(watch.WaitForLines(2));
  EXPECT_THAT(Lines(watch.out()), ElementsAre(Line("1"), line));
}

class WatchRedisTest : public ::testing::Test {
 protected:
  void Add(const std::string& lead) {
    redis_.Run({"XADD", "bantam:decisions", "*", "decision", Line(lead)});
  }

  // Waits until a watch waits for entries.
  bool WaitForReader() {
    return Watch::WaitUntil([this] {
      return absl::StrContains(redis_.Run({"INFO", "clients"}), "blocked_clients:1");
    });
  }

  RedisServer redis_;
};

TEST_F(WatchRedisTest, ShowsWhatIsDecidedFromNowOn) {
  Add("old");
  Watch watch({"--redis", redis_.url(), "--json"});
  ASSERT_TRUE(WaitForReader());
  Add("1");
  Add("2");
  ASSERT_TRUE(watch.WaitForLines(2));
  EXPECT_THAT(Lines(watch.out()), ElementsAre(Line("1"), Line("2")));
  EXPECT_EQ(watch.End(SIGINT), 0);
  EXPECT_THAT(watch.err(), IsEmpty());
}

TEST_F(WatchRedisTest, SaysThatThereIsNoStreamYet) {
  Watch watch({"--redis", redis_.url(), "--json"});
  ASSERT_TRUE(WaitForReader());
  EXPECT_THAT(watch.err(), AllOf(StartsWith("note: Redis at "),
                                 HasSubstr(" has no stream 'bantam:decisions' yet; ")));
  Add("1");
  ASSERT_TRUE(watch.WaitForLines(1));
  EXPECT_EQ(watch.End(SIGINT), 0);
}

TEST_F(WatchRedisTest, BeginsWhereItIsTold) {
  for (int i = 0; i < 600; ++i) Add(absl::StrCat(i));
  Finished finished =
      RunBantam(absl::StrCat("watch --json --from-start --limit=600 --redis=", redis_.url()));
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  const std::vector<std::string> lines = Lines(finished.out);
  ASSERT_EQ(lines.size(), 600u);
  for (int i = 0; i < 600; ++i) EXPECT_EQ(lines[static_cast<size_t>(i)], Line(absl::StrCat(i)));
  redis_.Run({"XADD", "other", "7-1", "decision", Line("7")});
  redis_.Run({"XADD", "other", "7-2", "decision", Line("8")});
  finished = RunBantam(
      absl::StrCat("watch --json --since=7-1 --limit=1 --stream=other --redis=", redis_.url()));
  EXPECT_EQ(finished.out, Line("8") + "\n");
}

TEST_F(WatchRedisTest, GoesOnAfterRedisWasAway) {
  Watch watch({"--redis", redis_.url(), "--json"});
  ASSERT_TRUE(WaitForReader());
  Add("1");
  ASSERT_TRUE(watch.WaitForLines(1));
  redis_.Kill();
  ASSERT_TRUE(Watch::WaitUntil([&] { return absl::StrContains(watch.err(), "is lost"); }));
  redis_.Start();
  // Entries are numbered by the clock, so these come after the ones that it has seen.
  Add("2");
  ASSERT_TRUE(watch.WaitForLines(2));
  EXPECT_THAT(Lines(watch.out()), ElementsAre(Line("1"), Line("2")));
  EXPECT_THAT(watch.err(), HasSubstr("again"));
  EXPECT_EQ(watch.End(SIGINT), 0);
}

// Redis ends the waiting of a master's readers with an error when it becomes a copy.
TEST_F(WatchRedisTest, GoesOnAfterAFailOver) {
  Watch watch({"--redis", redis_.url(), "--json"});
  ASSERT_TRUE(WaitForReader());
  Add("1");
  ASSERT_TRUE(watch.WaitForLines(1));
  // It waits for a second at a time; if that has just passed, nobody is told.
  ASSERT_TRUE(Watch::WaitUntil([&] {
    EXPECT_EQ(redis_.Run({"REPLICAOF", "NO", "ONE"}), "OK");
    EXPECT_TRUE(WaitForReader());
    EXPECT_EQ(redis_.Run({"REPLICAOF", "127.0.0.1", "1"}), "OK");
    return absl::StrContains(watch.err(), "UNBLOCKED");
  }));
  ASSERT_EQ(redis_.Run({"REPLICAOF", "NO", "ONE"}), "OK");
  Add("2");
  ASSERT_TRUE(watch.WaitForLines(2));
  EXPECT_THAT(Lines(watch.out()), ElementsAre(Line("1"), Line("2")));
  EXPECT_EQ(watch.End(SIGINT), 0);
}

TEST_F(WatchRedisTest, SpeaksTls) {
  TempDirectory directory;
  // Redis may run as another user.
  ASSERT_EQ(chmod(directory.Path().c_str(), 0755), 0);
  const TestAuthority authority;
  const TestIdentity own = authority.Issue({"DNS:localhost"});
  directory.Write("ca.pem", authority.certificate());
  directory.Write("cert.pem", own.certificate);
  directory.Write("key.pem", own.key);
  const std::string url =
      redis_.ListenWithTls(directory.Path("cert.pem"), directory.Path("key.pem"));
  Add("1");
  const std::string arguments = "watch --json --from-start --limit=1 --redis=" + url;
  const Finished trusted =
      RunBantam(arguments, "", absl::StrCat("SSL_CERT_FILE=", directory.Path("ca.pem")));
  EXPECT_EQ(trusted.out, Line("1") + "\n") << trusted.err;
  const Finished untrusted = RunBantam(arguments);
  EXPECT_EQ(untrusted.exit_code, 3);
  EXPECT_THAT(untrusted.err,
              AllOf(HasSubstr("certificate is not trusted"), HasSubstr("SSL_CERT_FILE")));
}

TEST_F(WatchRedisTest, ErrorsOfRedisAreToldWithoutThePassword) {
  RedisServer guarded({}, "right");
  Finished finished = RunBantam("watch --redis=" + guarded.UrlWithPassword("wrong"));
  EXPECT_EQ(finished.exit_code, 4);
  EXPECT_THAT(finished.err,
              AllOf(HasSubstr("the user or the password is refused"), Not(HasSubstr("wrong"))));
  guarded.Run({"XADD", "bantam:decisions", "*", "decision", Line("17")});
  EXPECT_EQ(RunBantam("watch --json --limit=1 --from-start --redis=" + guarded.url()).out,
            Line("17") + "\n");
  redis_.Run({"SET", "bantam:decisions", "a text"});
  finished = RunBantam("watch --redis=" + redis_.url());
  EXPECT_EQ(finished.exit_code, 4);
  EXPECT_THAT(finished.err, StartsWith(absl::StrCat("bantam: Redis at 127.0.0.1:", redis_.port(),
                                                    ": WRONGTYPE")));
}

}  // namespace
}  // namespace bantam
