// The servers that other tests lean on: they start, stop, fail on command, and leave nothing.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/servers/postgres_server.h"
#include "tests/servers/redis_server.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(RedisServerTest, AnswersAndIsEmptyAfterARestartOnTheSamePort) {
  RedisServer redis;
  const std::string url = redis.url();
  EXPECT_EQ(redis.Run({"SET", "a", std::string("b\0c", 3)}), "OK");
  EXPECT_EQ(redis.Run({"GET", "a"}), std::string("b\0c", 3));
  EXPECT_EQ(redis.Run({"MGET", "a", "z"}), absl::StrCat(std::string("b\0c", 3), "\n(nil)"));
  redis.Kill();
  EXPECT_EQ(redis.Run({"PING"}), "(no answer)");
  redis.Start();
  EXPECT_EQ(redis.Run({"DBSIZE"}), "0");
  EXPECT_EQ(redis.url(), url);
  redis.Stop();
  redis.Start();
  EXPECT_EQ(redis.Run({"PING"}), "PONG");
}

TEST(RedisServerTest, DoesNotAnswerWhileItIsPaused) {
  const RedisServer other;
  RedisServer redis;
  redis.Pause();
  std::string answer;
  std::atomic<bool> answered{false};
  std::thread asks([&] {
    answer = redis.Run({"PING"});
    answered = true;
  });
  EXPECT_EQ(other.Run({"PING"}), "PONG");
  EXPECT_FALSE(answered);
  redis.Continue();
  asks.join();
  EXPECT_EQ(answer, "PONG");
}

TEST(RedisServerTest, TakesSettingsAndAPassword) {
  RedisServer redis({"--maxmemory", "4mb"}, "secret");
  EXPECT_THAT(redis.url(), HasSubstr("redis://:secret@127.0.0.1:"));
  EXPECT_EQ(redis.Run({"CONFIG", "GET", "maxmemory"}), "maxmemory\n4194304");
  redis.Kill();
  redis.Start();
  EXPECT_EQ(redis.Run({"PING"}), "PONG");
}

TEST(PostgresServerTest, KeepsWhatItHasCommittedThroughKillAndStop) {
  PostgresServer postgres;
  const std::string url = postgres.NewDatabase();
  postgres.Query(url, "CREATE TABLE t (x text); INSERT INTO t VALUES ('a')");
  postgres.Kill();
  postgres.Start();
  postgres.Query(url, "INSERT INTO t VALUES (NULL)");
  postgres.Stop();
  postgres.Start();
  EXPECT_THAT(postgres.Query(url, "SELECT x, 1 FROM t ORDER BY x"),
              ElementsAre(ElementsAre("a", "1"), ElementsAre("", "1")));
}

TEST(PostgresServerTest, EveryDatabaseIsEmptyAndItsOwnerIsNoSuperuser) {
  PostgresServer& postgres = PostgresServer::Shared();
  const std::string one = postgres.NewDatabase(), two = postgres.NewDatabase();
  postgres.Query(one, "CREATE TABLE t (x text)");
  postgres.Query(two, "CREATE TABLE t (x text)");
  EXPECT_THAT(postgres.Query(one, "SELECT count(*), current_user FROM t"),
              ElementsAre(ElementsAre("0", "bantam")));
  EXPECT_THAT(postgres.QueryAsSuperuser(one, "SELECT current_user, current_database()"),
              ElementsAre(ElementsAre("postgres", ::testing::StartsWith("bantam_"))));
}

TEST(PostgresServerTest, DoesNotAnswerWhileItIsPaused) {
  PostgresServer& other = PostgresServer::Shared();  // Which takes its time to start.
  PostgresServer postgres;
  const std::string url = postgres.NewDatabase();
  postgres.Pause();
  PostgresServer::Rows rows;
  std::atomic<bool> answered{false};
  std::thread asks([&] {
    rows = postgres.Query(url, "SELECT 1");
    answered = true;
  });
  EXPECT_NE(other.NewDatabase(), "");
  EXPECT_FALSE(answered);
  postgres.Continue();
  asks.join();
  EXPECT_THAT(rows, ElementsAre(ElementsAre("1")));
}

// Runs `body` in a process that then dies at once, and gives what it wrote.
std::string FromADyingProcess(const std::function<std::string()>& body) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::string text = body();
    if (write(ends[1], text.data(), text.size()) < 0) _exit(1);
    kill(getpid(), SIGKILL);
  }
  close(ends[1]);
  char text[4096];
  const ssize_t size = read(ends[0], text, sizeof(text));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return size > 0 ? std::string(text, size) : "";
}

// That the process has ended (it may not have been waited for) and the folder is deleted.
void ExpectGone(const std::string& pid, const std::string& folder) {
  ASSERT_NE(pid, "");
  ASSERT_THAT(folder, HasSubstr("bantam-"));
  EXPECT_TRUE(WaitFor([&] {
    std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
    std::string id, name, state;
    return !(file >> id >> name >> state) || state == "Z";
  }));
  EXPECT_TRUE(WaitFor([&] { return !std::filesystem::exists(folder); }));
}

TEST(GuardTest, LeavesNothingOfRedisWhenTheTestDies) {
  const std::string told = FromADyingProcess([] {
    RedisServer redis;
    redis.Pause();
    redis.Continue();
    const std::string info = redis.Run({"INFO", "server"});
    const size_t pid = info.find("process_id:") + 11;
    std::string folder = redis.Run({"CONFIG", "GET", "dir"});
    std::string text = absl::StrCat(info.substr(pid, info.find('\r', pid) - pid), " ",
                                    folder.substr(folder.find('\n') + 1));
    redis.Pause();
    return text;
  });
  ExpectGone(told.substr(0, told.find(' ')), told.substr(told.find(' ') + 1));
}

TEST(GuardTest, LeavesNothingOfPostgresWhenTheTestDies) {
  const std::string told = FromADyingProcess([] {
    PostgresServer postgres;
    const std::string url = postgres.NewDatabase();
    const PostgresServer::Rows rows =
        postgres.QueryAsSuperuser(url,
                                  "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1), "
                                  "current_setting('data_directory')");
    postgres.Pause();
    return absl::StrCat(rows[0][0], " ", rows[0][1]);
  });
  const std::string data = told.substr(told.find(' ') + 1);
  ExpectGone(told.substr(0, told.find(' ')), std::filesystem::path(data).parent_path().string());
}

}  // namespace
}  // namespace bantam
