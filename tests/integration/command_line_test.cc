// bantamd's options, and what keeps it from starting.
#include <signal.h>

#include <filesystem>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "tests/integration/server_process.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Log lines without their time.
std::vector<std::string> LinesOf(const std::string& log) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(log, '\n', absl::SkipEmpty())) {
    lines.emplace_back(line.substr(line.find(' ') + 1));
  }
  return lines;
}

TEST(CommandLineTest, HelpShowsEveryOptionWithItsDefaultAndVariable) {
  ServerProcess server({"--help"});
  EXPECT_EQ(server.WaitForExit(), 0);
  EXPECT_THAT(server.errors(), IsEmpty());
  std::set<std::string> options;
  for (const absl::string_view line : absl::StrSplit(server.output(), '\n')) {
    absl::string_view option = absl::StripLeadingAsciiWhitespace(line);
    if (!absl::ConsumePrefix(&option, "--")) continue;
    options.emplace(option.substr(0, option.find_first_of(" =[")));
  }
  options.erase("help");
  options.erase("version");
  EXPECT_EQ(options.size(), 46u) << absl::StrJoin(options, " ");
  for (const std::string& option : options) {
    const std::string variable = absl::StrCat("(Env:BANTAM_", absl::AsciiStrToUpper(option), ")");
    EXPECT_THAT(server.output(), HasSubstr(variable));
  }
  EXPECT_THAT(server.output(), HasSubstr("Range: [1, 100000]. Default: 100."));
  EXPECT_THAT(server.output(), HasSubstr("Exit codes: 0 ended as told; 1 could not start; 2 bad "
                                         "options; 3 ended by a second signal."));
  for (const absl::string_view line : absl::StrSplit(server.output(), '\n')) {
    EXPECT_LE(line.size(), 100) << line;
  }
}

TEST(CommandLineTest, VersionNamesTheEngine) {
  ServerProcess server({"--version"});
  EXPECT_EQ(server.WaitForExit(), 0);
  EXPECT_THAT(server.output(), ContainsRegex("^bantamd, engine [0-9]+\\.[0-9]+\\.[0-9]+\n$"));
}

TEST(CommandLineTest, AllBadOptionsAreNamedAtOnce) {
  ServerProcess server({"--thread=4", "--max_batch_leads=0", "--listen", "7770", "--log_format=xml",
                        "serve", "--drain_seconds", "--admin_listen", "--decision_log"},
                       {"BANTAM_STRICT=perhaps", "BANTAM_MAX_REQUEST_BYTES=4MiB"});
  EXPECT_EQ(server.WaitForExit(), 2);
  EXPECT_THAT(server.output(), IsEmpty());
  EXPECT_EQ(server.errors(),
            "bantamd: --thread: no such option; did you mean '--threads'?\n"
            "bantamd: 'serve': no such command; there is 'migrate', or none to serve\n"
            "bantamd: --listen: must be host:port or [IPv6 address]:port with a port in [0, "
            "65535], such as 0.0.0.0:7770, not '7770'\n"
            "bantamd: BANTAM_STRICT: must be true or false, not 'perhaps'\n"
            "bantamd: BANTAM_MAX_REQUEST_BYTES: must be a whole number within [1024, 67108864], "
            "not '4MiB'\n"
            "bantamd: --max_batch_leads: must be a whole number within [1, 100000], not '0'\n"
            "bantamd: --drain_seconds: must be given a value\n"
            "bantamd: --admin_listen: must be given a value\n"
            "bantamd: --decision_log: must be given a value\n"
            "bantamd: --log_format: must be one of human|json, not 'xml'\n"
            "Run 'bantamd --help' for all options.\n");
}

// What the environment switches on, the command line can switch off.
TEST(CommandLineTest, AnEmptyValueStandsForNowhere) {
  const TemporaryFolder icps;
  icps.Write("a.yaml", "name: tenants/a/icps/b\n");
  ServerProcess server(
      {"--listen=127.0.0.1:0", "--icps=" + icps.path(), "--admin_listen=", "--decision_log="},
      {"BANTAM_ADMIN_LISTEN=nonsense", "BANTAM_DECISION_LOG=/no/such/folder/file"});
  EXPECT_NE(server.WaitForPort(), 0) << server.errors();
}

TEST(CommandLineTest, StoresThatCannotBeUsedAreNamedWithoutTheirPasswords) {
  ServerProcess server({"--icp_source=mysql://me:hush4711@db/x", "--redis=hush4711",
                        "--redis_prefix=", "--preload=some"});
  EXPECT_EQ(server.WaitForExit(), 2);
  EXPECT_EQ(server.errors(),
            "bantamd: --icp_source: must start with postgres:// or postgresql://\n"
            "bantamd: --redis: must start with redis:// or rediss://\n"
            "bantamd: --redis_prefix: must be given a value\n"
            "bantamd: --preload: must be one of none|used|all, not 'some'\n"
            "Run 'bantamd --help' for all options.\n");
}

TEST(CommandLineTest, PlaintextThatOthersReachMustBeAskedFor) {
  for (const char* listen : {"0.0.0.0:0", "[::]:0", "192.0.2.1:0", "bantam.example:0"}) {
    ServerProcess server({absl::StrCat("--listen=", listen)});
    EXPECT_EQ(server.WaitForExit(), 2);
    EXPECT_EQ(server.errors(),
              absl::StrCat("bantamd: --listen=", listen,
                           ": other machines reach this address; give --tls_cert and --tls_key, or "
                           "--insecure if something else protects it\n"
                           "Run 'bantamd --help' for all options.\n"));
  }
}

TEST(CommandLineTest, WhatNeedsTlsSaysSo) {
  ServerProcess server({"--tokens=t", "--access_policy=p", "--tls_client_ca=c"});
  EXPECT_EQ(server.WaitForExit(), 2);
  for (const char* name : {"--tokens", "--access_policy", "--tls_client_ca"}) {
    EXPECT_THAT(server.errors(),
                HasSubstr(absl::StrCat("bantamd: ", name,
                                       ": needs TLS, since without it nobody can prove who they "
                                       "are; give --tls_cert and --tls_key as well\n")));
  }
}

TEST(CommandLineTest, TlsNeedsBothFilesAndIsNotInsecure) {
  ServerProcess server({"--tls_cert=c", "--insecure"});
  EXPECT_EQ(server.WaitForExit(), 2);
  EXPECT_THAT(server.errors(),
              HasSubstr("bantamd: --tls_cert and --tls_key: both are needed, or neither\n"));
  EXPECT_THAT(server.errors(), HasSubstr("bantamd: --insecure: contradicts --tls_cert; leave one "
                                         "of them out\n"));
}

TEST(CommandLineTest, RedisNeedsADatabase) {
  ServerProcess server({"--redis=redis://localhost"});
  EXPECT_EQ(server.WaitForExit(), 2);
  EXPECT_THAT(server.errors(),
              HasSubstr("bantamd: --redis: is of use with --icp_source only, since a directory is "
                        "held in memory as a whole; leave it out\n"));
}

TEST(CommandLineTest, MigrateNeedsADatabase) {
  ServerProcess server({"migrate"});
  EXPECT_EQ(server.WaitForExit(), 2);
  EXPECT_THAT(server.errors(),
              HasSubstr("bantamd: migrate: --icp_source must say which database\n"));
}

TEST(CommandLineTest, TheCommandLineWinsOverTheEnvironment) {
  const TemporaryFolder icps;
  ServerProcess server(
      {"--listen=127.0.0.1:0", "--threads=3", absl::StrCat("--icps=", icps.path())},
      {"BANTAM_THREADS=2", "BANTAM_LISTEN=nonsense"});
  EXPECT_NE(server.WaitForPort(), 0) << server.errors();
  EXPECT_TRUE(server.WaitForError("threads=3")) << server.errors();
}

TEST(CommandLineTest, APortInUseIsFatal) {
  const TemporaryFolder icps;
  const auto first = ServerProcess::Serving(icps.path());
  const std::string address = absl::StrCat("127.0.0.1:", first->WaitForPort());
  ServerProcess second({absl::StrCat("--listen=", address), absl::StrCat("--icps=", icps.path()),
                        "--log_level=error"});
  EXPECT_EQ(second.WaitForExit(), 1);
  EXPECT_THAT(LinesOf(second.errors()),
              ::testing::ElementsAre(absl::StrCat("error --listen: cannot listen on ", address,
                                                  ": Address already in use")));
}

TEST(CommandLineTest, ADirectoryThatIsNotThereIsFatal) {
  const TemporaryFolder folder;
  const std::string missing = folder.path() + "/missing";
  ServerProcess server({"--listen=127.0.0.1:0", absl::StrCat("--icps=", missing)});
  EXPECT_EQ(server.WaitForExit(), 1);
  const std::vector<std::string> lines = LinesOf(server.errors());
  ASSERT_EQ(lines.size(), 1) << server.errors();
  EXPECT_THAT(lines[0], AllOf(HasSubstr(absl::StrCat("error --icps=", missing, ": ")),
                              HasSubstr("No such file or directory")));
}

TEST(CommandLineTest, AFileInPlaceOfTheDirectoryIsFatal) {
  const TemporaryFolder folder;
  const std::string file = folder.Write("icp.yaml", "name: tenants/a/icps/b\n");
  ServerProcess server({"--listen=127.0.0.1:0", absl::StrCat("--icps=", file)});
  EXPECT_EQ(server.WaitForExit(), 1);
  EXPECT_EQ(LinesOf(server.errors()).size(), 1) << server.errors();
}

TEST(CommandLineTest, APortFileThatCannotBeWrittenIsFatal) {
  const TemporaryFolder icps;
  ServerProcess server({"--listen=127.0.0.1:0", absl::StrCat("--icps=", icps.path()),
                        "--port_file=/nonexistent/port", "--log_level=error"});
  EXPECT_EQ(server.WaitForExit(), 1);
  EXPECT_THAT(LinesOf(server.errors()),
              ::testing::ElementsAre("error --port_file: cannot write /nonexistent/port: No such "
                                     "file or directory"));
}

TEST(CommandLineTest, ABadFileIsFatalOnlyWhenStrict) {
  const TemporaryFolder icps;
  icps.Write("good.yaml", "name: tenants/a/icps/good\n");
  icps.Write("bad.yaml", "name: tenants/a/icps/bad\nfti: {}\n");
  const auto lenient = ServerProcess::Serving(icps.path());
  EXPECT_TRUE(lenient->WaitForError("error bad.yaml:2:1: ")) << lenient->errors();

  ServerProcess strict({"--listen=127.0.0.1:0", absl::StrCat("--icps=", icps.path()), "--strict"});
  EXPECT_EQ(strict.WaitForExit(), 1);
  EXPECT_THAT(strict.errors(), HasSubstr("bad.yaml:2:1: error: "));
}

}  // namespace
}  // namespace bantam
