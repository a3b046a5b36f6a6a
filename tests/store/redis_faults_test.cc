// A RedisCache whose server fails in one way or another.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/redis_cache.h"
#include "tests/servers/redis_server.h"
#include "tests/store/redis_fixture.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::string_view kName = "tenants/acme/icps/smb";
const absl::Time kReadTime = absl::FromUnixSeconds(1780000000);

// Why a connection fails on a busy machine, beside all other reasons.
constexpr char kSlow[] = "no connection within";

bool Recovers(RedisCache* cache) {
  return WaitUntil([&] { return cache->Stats().connected && ReadCurrent(cache, kName).ok(); });
}

// Writes until one is there, whatever was lost before.
bool Writes(RedisCache* cache, absl::string_view name, int64_t sequence) {
  return WaitUntil([&] {
    cache->WritePointers({RedisPointerTo(name, sequence, 1)}, kReadTime);
    return SequenceOf(cache, name) == sequence;
  });
}

class RedisFaultsTest : public ::testing::Test {
 protected:
  RedisEventLog log_;
  CacheEventLog changes_;
};

TEST_F(RedisFaultsTest, KilledAndRestarted) {
  RedisServer server;
  const auto cache = ConnectRedis(server.url(), PatientRedisOptions(), log_.OnEvent());
  cache->Watch(changes_.Events());
  ASSERT_TRUE(changes_.WaitForAllChanged(1));
  ASSERT_TRUE(Writes(cache.get(), kName, 1));
  server.Kill();
  ASSERT_TRUE(changes_.WaitForAllChanged(2));
  const absl::Status down = ReadCurrent(cache.get(), kName).status();
  EXPECT_EQ(down.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(down.message(), HasSubstr(absl::StrCat("127.0.0.1:", server.port())));
  cache->WritePointers({RedisPointerTo(kName, 2, 1)}, kReadTime);
  ASSERT_TRUE(WaitUntil([&] { return cache->Stats().dropped > 0; }));
  ASSERT_TRUE(WaitUntil([&] { return cache->Stats().connection_failures >= 6; }));
  server.Start();
  ASSERT_TRUE(changes_.WaitForAllChanged(3));
  ASSERT_TRUE(Recovers(cache.get()));
  EXPECT_EQ(SequenceOf(cache.get(), kName), -1);
  ASSERT_TRUE(Writes(cache.get(), kName, 3));
  EXPECT_TRUE(changes_.WaitForName(kName, 2));
  EXPECT_EQ(changes_.all_changed(), 3);
  // However often it was tried: one line for each reason, until there is another one.
  const int slow = log_.CountOf(kSlow);
  for (const char* const ok : {"data: OK", "watching: OK"}) {
    EXPECT_GE(log_.CountOf(ok), 2);
    EXPECT_LE(log_.CountOf(ok), 2 + slow);
  }
  EXPECT_LE(log_.lines().size(), 12u + 4 * slow);
}

TEST_F(RedisFaultsTest, NotThereAtTheStart) {
  RedisServer server;
  server.Kill();
  const auto cache = OpenRedis(server.url(), PatientRedisOptions(), log_.OnEvent());
  cache->Watch(changes_.Events());
  EXPECT_EQ(ReadCurrent(cache.get(), kName).status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(WaitUntil([&] { return cache->Stats().connection_failures >= 3; }));
  EXPECT_EQ(changes_.all_changed(), 0);
  server.Start();
  EXPECT_TRUE(changes_.WaitForAllChanged(1));
  EXPECT_TRUE(Recovers(cache.get()));
}

TEST_F(RedisFaultsTest, StoppedAndContinued) {
  RedisServer server;
  RedisCacheOptions options = PatientRedisOptions();
  options.timeout = absl::Milliseconds(10);
  const auto cache = ConnectRedis(server.url(), options, log_.OnEvent());
  cache->Watch(changes_.Events());
  ASSERT_TRUE(changes_.WaitForAllChanged(1));
  ASSERT_TRUE(Writes(cache.get(), kName, 1));
  server.Pause();
  // Two seconds of reads, beyond the time after which connections count as dead.
  std::vector<double> millis;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (std::chrono::steady_clock::now() < end) {
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(ReadCurrent(cache.get(), kName).status().code(), absl::StatusCode::kUnavailable);
    millis.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
            .count());
  }
  ASSERT_TRUE(changes_.WaitForAllChanged(2));
  server.Continue();
  ASSERT_TRUE(changes_.WaitForAllChanged(3));
  EXPECT_TRUE(WaitUntil([&] { return SequenceOf(cache.get(), kName) == 1; }));
  EXPECT_GT(cache->Stats().timeouts, 0);
  std::sort(millis.begin(), millis.end());
  std::cout << absl::StreamFormat(
      "figure: a read of a stopped Redis, time-out 10 ms, %d reads: p50 %.1f ms, p99 %.1f ms, max "
      "%.1f ms\n",
      millis.size(), millis[millis.size() / 2], millis[millis.size() * 99 / 100], millis.back());
  EXPECT_LT(millis[millis.size() / 2], 1000);
}

// The connection outlives a short stop, and with it the answers that nobody waits for any more.
TEST_F(RedisFaultsTest, LateAnswersAreNotTakenForOthers) {
  RedisServer server;
  RedisCacheOptions options = PatientRedisOptions();
  options.timeout = absl::Milliseconds(300);  // Dead after 15 s.
  const auto cache = ConnectRedis(server.url(), options);
  for (int i = 1; i <= 20; ++i) ASSERT_TRUE(Writes(cache.get(), absl::StrCat("n", i), i));
  const int64_t failures = cache->Stats().connection_failures;
  server.Pause();
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(ReadCurrent(cache.get(), absl::StrCat("n", i)).status().code(),
              absl::StatusCode::kUnavailable);
  }
  server.Continue();
  for (int i = 1; i <= 20; ++i) {
    absl::StatusOr<CachedRead> read;
    ASSERT_TRUE(WaitUntil([&] {
      read = ReadCurrent(cache.get(), absl::StrCat("n", i));
      return read.ok();
    }));
    ASSERT_TRUE(read->current.has_value());
    EXPECT_EQ(read->current->sequence, i);
  }
  EXPECT_EQ(cache->Stats().other_key, 0);
  EXPECT_EQ(cache->Stats().connection_failures, failures);
}

// Though nothing else is written that would take the removal along, and without the loss of the
// connection for writes, which would be taken for dead if it had to wait for what was never sent.
TEST_F(RedisFaultsTest, DamagedEntriesAreRemovedWithoutAnotherWrite) {
  constexpr char kPointerKey[] = "bantam:1:p:tenants/acme/icps/smb";
  constexpr char kTenantKey[] = "bantam:1:t:tenants/acme";
  RedisServer server;
  RedisCacheOptions options = PatientRedisOptions();
  options.timeout = absl::Milliseconds(300);  // Dead after 15 s.
  const auto cache = ConnectRedis(server.url(), options);
  const int64_t failures = cache->Stats().connection_failures;
  const std::vector<std::function<void()>> reads = {
      [&] { ReadCurrent(cache.get(), kName).IgnoreError(); },
      [&] { ReadPointers(cache.get(), {std::string(kName)}).IgnoreError(); },
      [&] { ReadTenant(cache.get(), "tenants/acme").IgnoreError(); }};
  for (size_t i = 0; i < reads.size(); ++i) {
    const std::string key = i == 2 ? kTenantKey : kPointerKey;
    ASSERT_EQ(server.Run({"SET", key, "garbage"}), "OK");
    // Not once more than needed, since each read sends what is left over.
    const int64_t damaged = cache->Stats().damaged;
    ASSERT_TRUE(WaitUntil([&] {
      reads[i]();
      return cache->Stats().damaged > damaged;
    }));
    EXPECT_TRUE(WaitUntil([&] {
      return server.Run({"EXISTS", key}) == "0" || cache->Stats().connection_failures > failures;
    }));
    EXPECT_EQ(server.Run({"EXISTS", key}), "0") << key;
    EXPECT_EQ(cache->Stats().connection_failures, failures);
  }
}

TEST_F(RedisFaultsTest, Emptied) {
  RedisServer server;
  const auto cache = ConnectRedis(server.url());
  cache->Watch(changes_.Events());
  ASSERT_TRUE(changes_.WaitForAllChanged(1));
  ASSERT_TRUE(Writes(cache.get(), kName, 5));
  ASSERT_EQ(server.Run({"FLUSHALL"}), "OK");
  ASSERT_TRUE(changes_.WaitForAllChanged(2));
  EXPECT_EQ(SequenceOf(cache.get(), kName), -1);
  // What was there before does not count any more.
  EXPECT_TRUE(Writes(cache.get(), kName, 4));
}

TEST_F(RedisFaultsTest, OutOfMemory) {
  RedisServer server({"--maxmemory-policy", "noeviction"});
  const auto cache = ConnectRedis(server.url(), PatientRedisOptions(), log_.OnEvent());
  cache->Watch(changes_.Events());
  ASSERT_TRUE(changes_.WaitForAllChanged(1));
  ASSERT_TRUE(Writes(cache.get(), kName, 1));
  ASSERT_TRUE(Writes(cache.get(), "other", 1));
  ASSERT_EQ(server.Run({"CONFIG", "SET", "maxmemory", "1mb"}), "OK");
  cache->WriteRecord(RedisTextOf(kName, 1));
  cache->AddUses({{"a", 1}});
  ASSERT_TRUE(WaitUntil([&] { return cache->Stats().refused == 2; }));
  // What cannot be replaced goes, so that nobody takes it for current; and all hear of it.
  const int before = changes_.CountOf(kName);
  cache->WritePointers({RedisPointerTo(kName, 2, 2)}, kReadTime);
  EXPECT_TRUE(changes_.WaitForName(kName, before + 1));
  EXPECT_EQ(SequenceOf(cache.get(), kName), -1);
  EXPECT_EQ(SequenceOf(cache.get(), "other"), 1);
  EXPECT_TRUE(cache->Stats().connected);
  EXPECT_THAT(log_.lines(), Contains(AllOf(HasSubstr("writes: "), HasSubstr("OOM"))));

  ASSERT_EQ(server.Run({"CONFIG", "SET", "maxmemory", "0"}), "OK");
  EXPECT_TRUE(Writes(cache.get(), kName, 3));
  EXPECT_TRUE(WaitUntil([&] {
    cache->WriteRecord(RedisTextOf(kName, 1));
    const std::vector<std::string> lines = log_.lines();
    return ReadCurrent(cache.get(), kName).ok() && lines.back() == "writes: OK";
  }));
  const std::vector<std::string> lines = log_.lines();
  EXPECT_LE(std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) { return absl::StartsWith(line, "writes"); }),
            4);
}

TEST_F(RedisFaultsTest, WrongPassword) {
  RedisServer server({}, "right");
  const auto cache =
      OpenRedis(server.UrlWithPassword("wr0ngsecret"), PatientRedisOptions(), log_.OnEvent());
  cache->Watch(changes_.Events());
  ASSERT_TRUE(WaitUntil([&] { return cache->Stats().connection_failures >= 6; }));
  const absl::Status status = ReadCurrent(cache.get(), kName).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(log_.WaitForLine({"data: ", "WRONGPASS"}));
  ASSERT_TRUE(log_.WaitForLine({"watching: ", "WRONGPASS"}));
  EXPECT_THAT(log_.lines(),
              Each(AnyOf(AllOf(HasSubstr("password"), HasSubstr("WRONGPASS")), HasSubstr(kSlow))));
  const int slow = log_.CountOf(kSlow);
  EXPECT_LE(log_.CountOf("WRONGPASS"), 2 + slow);
  EXPECT_THAT(log_.lines(), Each(Not(HasSubstr("wr0ngsecret"))));
  EXPECT_THAT(status.message(), Not(HasSubstr("wr0ngsecret")));
  EXPECT_THAT(cache->Stats().last_error, Not(HasSubstr("wr0ngsecret")));
  ASSERT_EQ(server.Run({"CONFIG", "SET", "requirepass", "wr0ngsecret"}), "OK");
  EXPECT_TRUE(Recovers(cache.get()));
}

TEST_F(RedisFaultsTest, PasswordMissing) {
  RedisServer server({}, "right");
  const auto cache = OpenRedis(absl::StrCat("redis://127.0.0.1:", server.port()),
                               PatientRedisOptions(), log_.OnEvent());
  EXPECT_TRUE(log_.WaitForLine({"NOAUTH"}));
}

// Redis repeats the arguments of commands that it does not know.
TEST_F(RedisFaultsTest, CredentialsAreNotRepeated) {
  RedisServer server({"--rename-command", "AUTH", "NOTHING"});
  const auto cache = OpenRedis(absl::StrCat("redis://jo:s3cret@127.0.0.1:", server.port()),
                               PatientRedisOptions(), log_.OnEvent());
  EXPECT_TRUE(log_.WaitForLine({"password is refused (ERR)"}));
  EXPECT_THAT(log_.lines(), Each(AllOf(Not(HasSubstr("s3cret")), Not(HasSubstr("jo")))));
}

TEST_F(RedisFaultsTest, RightsMissing) {
  RedisServer server;
  ASSERT_EQ(server.Run({"ACL", "SETUSER", "poor", "on", ">p", "~*", "&*", "-@all", "+ping"}), "OK");
  const auto cache = ConnectRedis(absl::StrCat("redis://poor:p@127.0.0.1:", server.port()),
                                  PatientRedisOptions(), log_.OnEvent());
  cache->Watch(changes_.Events());
  EXPECT_THAT(ReadCurrent(cache.get(), kName).status().message(), HasSubstr("NOPERM"));
  EXPECT_THAT(ReadTenant(cache.get(), "tenants/acme").status().message(), HasSubstr("NOPERM"));
  cache->WriteRecord(RedisTextOf(kName, 1));
  ASSERT_TRUE(WaitUntil([&] { return cache->Stats().refused == 1; }));
  EXPECT_TRUE(log_.WaitForLine({"watching: ", "NOPERM"}));
  EXPECT_TRUE(log_.WaitForLine({"writes: ", "NOPERM"}));
}

TEST_F(RedisFaultsTest, CopyOfAnotherRedis) {
  RedisServer server({"--replica-serve-stale-data", "yes"});
  const auto cache = ConnectRedis(server.url(), PatientRedisOptions(), log_.OnEvent());
  ASSERT_TRUE(Writes(cache.get(), kName, 1));
  // A read-only copy of one that is not there.
  ASSERT_EQ(server.Run({"REPLICAOF", "127.0.0.1", "1"}), "OK");
  EXPECT_EQ(SequenceOf(cache.get(), kName), 1);
  cache->WriteRecord(RedisTextOf(kName, 1));
  cache->WritePointers({RedisPointerTo(kName, 2, 1)}, kReadTime);
  ASSERT_TRUE(WaitUntil([&] { return cache->Stats().refused == 2; }));
  EXPECT_EQ(SequenceOf(cache.get(), kName), 1);
  EXPECT_THAT(log_.lines(), Contains(AllOf(HasSubstr("writes: "), HasSubstr("READONLY"))));
  ASSERT_EQ(server.Run({"CONFIG", "SET", "replica-serve-stale-data", "no"}), "OK");
  EXPECT_EQ(ReadCurrent(cache.get(), kName).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(cache->Stats().last_error, HasSubstr("MASTERDOWN"));
  ASSERT_EQ(server.Run({"REPLICAOF", "NO", "ONE"}), "OK");
  EXPECT_TRUE(Recovers(cache.get()));
  EXPECT_TRUE(Writes(cache.get(), kName, 3));
}

TEST_F(RedisFaultsTest, AMasterThatBecameACopyIsLookedForAnew) {
  RedisServer server;
  RedisCacheOptions options = PatientRedisOptions();
  options.copy_patience = absl::ZeroDuration();
  const auto cache = ConnectRedis(server.url(), options, log_.OnEvent());
  ASSERT_TRUE(Writes(cache.get(), kName, 1));
  const std::string before = ConnectionId(server, "bantam-writes");
  ASSERT_NE(before, "");
  ASSERT_EQ(server.Run({"REPLICAOF", "127.0.0.1", "1"}), "OK");
  cache->WriteRecord(RedisTextOf(kName, 1));
  EXPECT_TRUE(WaitUntil([&] {
    const std::string now = ConnectionId(server, "bantam-writes");
    return !now.empty() && now != before;
  }));
  ASSERT_EQ(server.Run({"REPLICAOF", "NO", "ONE"}), "OK");
  EXPECT_TRUE(Writes(cache.get(), kName, 2));
}

TEST_F(RedisFaultsTest, OnlyTheConnectionForChangesKilled) {
  RedisServer server;
  const auto cache = ConnectRedis(server.url(), PatientRedisOptions(), log_.OnEvent());
  cache->Watch(changes_.Events());
  ASSERT_TRUE(changes_.WaitForAllChanged(1));
  const RedisCacheStats before = cache->Stats();
  for (int round = 1; round <= 3; ++round) {
    ASSERT_EQ(server.Run({"CLIENT", "KILL", "TYPE", "pubsub"}), "1");
    // Once for the loss, once for the return.
    ASSERT_TRUE(changes_.WaitForAllChanged(1 + 2 * round));
    ASSERT_TRUE(Writes(cache.get(), kName, round));
    EXPECT_TRUE(changes_.WaitForName(kName, round));
    EXPECT_GE(cache->Stats().connection_failures, before.connection_failures + round);
    EXPECT_TRUE(cache->Stats().connected);
  }
  EXPECT_EQ(cache->Stats().dropped, before.dropped);
  EXPECT_EQ(cache->Stats().failed_reads, before.failed_reads);
}

TEST_F(RedisFaultsTest, OnlyTheConnectionsForDataKilled) {
  RedisServer server;
  const auto cache = ConnectRedis(server.url());
  cache->Watch(changes_.Events());
  ASSERT_TRUE(changes_.WaitForAllChanged(1));
  const int64_t before = cache->Stats().connection_failures;
  ASSERT_EQ(server.Run({"CLIENT", "KILL", "TYPE", "normal"}), "2");
  ASSERT_TRUE(WaitUntil([&] { return cache->Stats().connection_failures >= before + 2; }));
  EXPECT_TRUE(Recovers(cache.get()));
  EXPECT_TRUE(Writes(cache.get(), kName, 1));
  EXPECT_TRUE(changes_.WaitForName(kName));
  EXPECT_EQ(changes_.all_changed(), 1);
}

TEST_F(RedisFaultsTest, WhatWaitsIsBounded) {
  RedisServer server;
  RedisCacheOptions options = PatientRedisOptions();
  options.max_waiting_commands = 10;
  const auto cache = ConnectRedis(server.url(), options);
  ASSERT_TRUE(Writes(cache.get(), kName, 1));
  server.Pause();
  std::atomic<int> refused{0};
  std::atomic<int> answered{0};
  for (int i = 0; i < 100; ++i) {
    cache->ReadCurrent(kName, 0, [&](absl::StatusOr<CachedRead> read) {
      if (!read.ok() && absl::StrContains(read.status().message(), "too many")) ++refused;
      ++answered;
    });
    cache->WritePointers({RedisPointerTo(kName, i + 2, 1)}, kReadTime);
  }
  // At once, since nothing else ends: the time-out is longer than the connection lives.
  ASSERT_TRUE(WaitUntil([&] { return refused >= 89 && cache->Stats().dropped >= 89; }));
  server.Continue();
  EXPECT_TRUE(WaitUntil([&] { return answered == 100; }));
  EXPECT_TRUE(Recovers(cache.get()));
}

TEST_F(RedisFaultsTest, EndWhileStopped) {
  RedisServer server;
  auto cache = ConnectRedis(server.url());
  cache->Watch(changes_.Events());
  ASSERT_TRUE(changes_.WaitForAllChanged(1));
  server.Pause();
  std::atomic<int> answered{0};
  RedisCache* const ending = cache.get();
  cache->ReadCurrent(kName, 0, [&](absl::StatusOr<CachedRead> read) {
    EXPECT_EQ(read.status().code(), absl::StatusCode::kUnavailable);
    ++answered;
    // Whoever asks again meanwhile is answered too.
    ending->ReadCurrent(kName, 0, [&](absl::StatusOr<CachedRead> again) {
      EXPECT_EQ(again.status().code(), absl::StatusCode::kUnavailable);
      ++answered;
    });
  });
  cache.reset();
  EXPECT_EQ(answered, 2);
}

TEST_F(RedisFaultsTest, HostThatHasNoAddress) {
  const auto cache =
      OpenRedis("redis://no-such-host.invalid", PatientRedisOptions(), log_.OnEvent());
  EXPECT_EQ(ReadCurrent(cache.get(), kName).status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(WaitUntil([&] { return cache->Stats().connection_failures >= 2; }));
  EXPECT_THAT(log_.lines(), Each(HasSubstr("no-such-host.invalid")));
}

}  // namespace
}  // namespace bantam
