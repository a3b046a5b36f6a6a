// What a RedisCache does beyond the contract of a RevisionCache, with a server that is well.
#include "server/store/redis_cache.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/redis_entry.h"
#include "tests/servers/redis_server.h"
#include "tests/store/redis_fixture.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

constexpr absl::string_view kName = "tenants/acme/icps/smb";
constexpr absl::string_view kPointerKey = "bantam:1:p:tenants/acme/icps/smb";
constexpr absl::string_view kRecordKey = "bantam:1:r:tenants/acme/icps/smb:1";
constexpr absl::string_view kTenantKey = "bantam:1:t:tenants/acme";

const absl::Time kReadTime = absl::FromUnixSeconds(1780000000);

class RedisCacheTest : public ::testing::Test {
 protected:
  // Writes a pointer and its text, and waits for that.
  void Fill(int64_t sequence) {
    const RedisCacheStats stats = cache_->Stats();
    cache_->WriteRecord(RedisTextOf(kName, 1));
    cache_->WritePointers({RedisPointerTo(kName, sequence, 1)}, kReadTime);
    ASSERT_TRUE(WaitForWrites(cache_.get(), stats.written + stats.kept + 2));
  }

  void Put(absl::string_view key, absl::string_view value) {
    ASSERT_EQ(server_.Run({"SET", std::string(key), std::string(value)}), "OK");
  }

  int64_t Ttl(absl::string_view key) {
    int64_t ttl = -3;
    EXPECT_TRUE(absl::SimpleAtoi(server_.Run({"PTTL", std::string(key)}), &ttl));
    return ttl;
  }

  TenantNames Tenant(int64_t sequence, std::vector<std::string> names) {
    TenantNames result;
    result.tenant = "tenants/acme";
    result.sequence = sequence;
    result.names = std::move(names);
    return result;
  }

  RedisServer server_;
  CacheEventLog changes_;
  std::unique_ptr<RedisCache> cache_ = ConnectRedis(server_.url());
};

TEST_F(RedisCacheTest, WrongUrlIsRefusedAtOnce) {
  EXPECT_EQ(RedisCache::Open("localhost").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(RedisCacheTest, KeysHaveThePrefixAndTheFormat) {
  RedisCacheOptions options = PatientRedisOptions();
  options.prefix = "other";
  const std::unique_ptr<RedisCache> other = ConnectRedis(server_.url(), options);
  Fill(1);
  EXPECT_EQ(server_.Run({"EXISTS", std::string(kPointerKey), std::string(kRecordKey)}), "2");
  EXPECT_EQ(SequenceOf(other.get(), kName), -1);
  other->WritePointers({RedisPointerTo(kName, 9, 9)}, kReadTime);
  ASSERT_TRUE(WaitForWrites(other.get(), 1));
  EXPECT_EQ(server_.Run({"EXISTS", "other:1:p:tenants/acme/icps/smb"}), "1");
  EXPECT_EQ(SequenceOf(cache_.get(), kName), 1);
}

TEST_F(RedisCacheTest, DatabaseOfTheUrlIsUsed) {
  const std::string url = absl::StrCat("redis://127.0.0.1:", server_.port(), "/3");
  const std::unique_ptr<RedisCache> other = ConnectRedis(url);
  other->WritePointers({RedisPointerTo(kName, 9, 9)}, kReadTime);
  ASSERT_TRUE(WaitForWrites(other.get(), 1));
  EXPECT_EQ(SequenceOf(other.get(), kName), 9);
  EXPECT_EQ(SequenceOf(cache_.get(), kName), -1);
}

TEST_F(RedisCacheTest, HostMayBeAName) {
  const std::string url = absl::StrCat("redis://localhost:", server_.port());
  EXPECT_EQ(SequenceOf(ConnectRedis(url).get(), kName), -1);
}

TEST_F(RedisCacheTest, EntriesEndAtDifferentTimes) {
  std::vector<CurrentRevision> pointers;
  for (int i = 0; i < 50; ++i) pointers.push_back(RedisPointerTo(absl::StrCat("n", i), 1, i % 2));
  cache_->WritePointers(pointers, kReadTime);
  cache_->WriteRecord(RedisTextOf(kName, 1));
  ASSERT_TRUE(WaitForWrites(cache_.get(), 51));
  std::vector<int64_t> present;
  for (int i = 0; i < 50; ++i) {
    const int64_t ttl = Ttl(absl::StrCat("bantam:1:p:n", i));
    if (i % 2 == 0) {
      EXPECT_THAT(ttl, AllOf(Ge(1), Le(33000)));
    } else {
      EXPECT_THAT(ttl, AllOf(Ge(21 * 3600 * 1000), Le(27 * 3600 * 1000)));
      present.push_back(ttl);
    }
  }
  const auto [least, greatest] = std::minmax_element(present.begin(), present.end());
  EXPECT_GT(*greatest - *least, 3600 * 1000);
  EXPECT_GT(Ttl(kRecordKey), 6 * 24 * 3600 * 1000);
}

TEST_F(RedisCacheTest, DamagedPointerIsAMissAndReplaced) {
  std::string damaged = EncodePointer(RedisPointerTo(kName, 900, 9), kReadTime);
  damaged.back() ^= 1;
  std::string newer = EncodePointer(RedisPointerTo(kName, 900, 9), kReadTime, 2);
  const std::string other = EncodePointer(RedisPointerTo("tenants/x/icps/y", 900, 9), kReadTime);
  int64_t sequence = 0;
  for (const std::string& bad :
       {damaged, newer, other, std::string("garbage"), std::string("1 2\n"),
        std::string("9999999999999999999 9999999999999999999\n")}) {
    Put(kPointerKey, bad);
    EXPECT_EQ(SequenceOf(cache_.get(), kName), -1) << bad;
    // However high the sequence that it claims.
    Fill(++sequence);
    EXPECT_EQ(SequenceOf(cache_.get(), kName), sequence) << bad;
  }
  const RedisCacheStats stats = cache_->Stats();
  EXPECT_EQ(stats.wrong_checksum, 1);
  EXPECT_EQ(stats.newer_version, 1);
  EXPECT_EQ(stats.other_key, 1);
  EXPECT_EQ(stats.damaged, 3);
  EXPECT_EQ(stats.misses, 6);
  EXPECT_EQ(stats.hits, 6);
}

TEST_F(RedisCacheTest, DamagedPointerOfABatchIsAMissAndReplaced) {
  std::string damaged = EncodePointer(RedisPointerTo(kName, 900, 9), kReadTime);
  damaged.back() ^= 1;
  Put(kPointerKey, damaged);
  const auto read = ReadPointers(cache_.get(), {"a", std::string(kName)});
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_THAT(*read, SizeIs(2));
  EXPECT_FALSE((*read)[1].has_value());
  Fill(1);
  EXPECT_EQ(SequenceOf(cache_.get(), kName), 1);
}

TEST_F(RedisCacheTest, DamagedTextIsNotHeldAndReplaced) {
  RevisionRecord reused = RedisTextOf(kName, 1);
  reused.revision = "of another history";
  for (const std::string& bad :
       {std::string("garbage"), EncodeRecord(reused), EncodeRecord(RedisTextOf(kName, 1), 2)}) {
    Fill(1);
    Put(kRecordKey, bad);
    const absl::StatusOr<CachedRead> read = ReadCurrent(cache_.get(), kName);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_TRUE(read->current.has_value());
    EXPECT_FALSE(read->record.has_value());
  }
  Fill(1);
  const absl::StatusOr<CachedRead> read = ReadCurrent(cache_.get(), kName);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->record.has_value());
  EXPECT_EQ(cache_->Stats().missing_records, 3);
}

TEST_F(RedisCacheTest, KeysOfAnotherTypeAreMissesAndReplaced) {
  const std::string revision_key = absl::StrCat("bantam:1:v:", kName, ":revision-1");
  for (const absl::string_view key : {kPointerKey, kRecordKey, kTenantKey}) {
    ASSERT_EQ(server_.Run({"LPUSH", std::string(key), "x"}), "1");
  }
  ASSERT_EQ(server_.Run({"SADD", revision_key, "x"}), "1");
  ASSERT_EQ(server_.Run({"SET", "bantam:1:u", "x"}), "OK");
  EXPECT_EQ(SequenceOf(cache_.get(), kName), -1);
  const auto pointers = ReadPointers(cache_.get(), {std::string(kName)});
  ASSERT_TRUE(pointers.ok()) << pointers.status();
  EXPECT_FALSE((*pointers)[0].has_value());
  const auto tenant = ReadTenant(cache_.get(), "tenants/acme");
  ASSERT_TRUE(tenant.ok()) << tenant.status();
  EXPECT_FALSE(tenant->has_value());
  const auto revision = ReadRevision(cache_.get(), kName, "revision-1");
  ASSERT_TRUE(revision.ok()) << revision.status();
  EXPECT_FALSE(revision->has_value());
  const auto used = ReadMostUsed(cache_.get(), 5);
  ASSERT_TRUE(used.ok()) << used.status();
  EXPECT_THAT(*used, IsEmpty());
  EXPECT_GE(cache_->Stats().wrong_type, 4);

  cache_->WriteTenant(Tenant(1, {"a"}));
  cache_->WriteRevision(RedisTextOf(kName, 1));
  cache_->AddUses({{"a", 1}});
  Fill(1);
  ASSERT_TRUE(WaitForWrites(cache_.get(), 5));
  const absl::StatusOr<CachedRead> read = ReadCurrent(cache_.get(), kName);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->record.has_value());
  EXPECT_TRUE(ReadTenant(cache_.get(), "tenants/acme")->has_value());
  EXPECT_TRUE(ReadRevision(cache_.get(), kName, "revision-1")->has_value());
  EXPECT_THAT(*ReadMostUsed(cache_.get(), 5), ElementsAre("a"));
  EXPECT_EQ(cache_->Stats().refused, 0);
}

TEST_F(RedisCacheTest, DamagedTenantsListIsAMissAndReplaced) {
  std::string damaged = EncodeTenant(Tenant(900, {"a"}));
  damaged.back() ^= 1;
  Put(kTenantKey, damaged);
  const auto read = ReadTenant(cache_.get(), "tenants/acme");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_FALSE(read->has_value());
  cache_->WriteTenant(Tenant(1, {"b"}));
  EXPECT_TRUE(WaitUntil([&] { return ReadTenant(cache_.get(), "tenants/acme")->has_value(); }));
}

// Several replicas look up names that are not there while others are saved; nobody is to be
// disturbed by each.
TEST_F(RedisCacheTest, AbsenceSeenAgainLaterIsNotTold) {
  cache_->Watch(changes_.Events());
  ASSERT_TRUE(changes_.WaitForAllChanged(1));
  cache_->WritePointers({RedisPointerTo(kName, 5, 0)}, kReadTime);
  ASSERT_TRUE(changes_.WaitForName(kName));
  cache_->WritePointers({RedisPointerTo(kName, 6, 0)}, kReadTime);
  cache_->WriteTenant(Tenant(5, {}));
  cache_->WriteTenant(Tenant(6, {}));
  // Redis keeps the order among pointers and among lists only.
  TenantNames last = Tenant(1, {"a"});
  last.tenant = "tenants/last";
  cache_->WriteTenant(last);
  cache_->WritePointers({RedisPointerTo("last", 1, 1)}, kReadTime);
  ASSERT_TRUE(changes_.WaitForName("last"));
  ASSERT_TRUE(changes_.WaitForName("tenants/last"));
  EXPECT_EQ(changes_.CountOf(kName), 1);
  EXPECT_EQ(changes_.CountOf("tenants/acme"), 1);
  // That it is there is.
  cache_->WritePointers({RedisPointerTo(kName, 7, 1)}, kReadTime);
  EXPECT_TRUE(changes_.WaitForName(kName, 2));
}

TEST_F(RedisCacheTest, ScriptsThatRedisForgotAreSentAgain) {
  Fill(1);
  ASSERT_EQ(SequenceOf(cache_.get(), kName), 1);
  ASSERT_EQ(server_.Run({"SCRIPT", "FLUSH"}), "OK");
  Fill(2);
  EXPECT_EQ(SequenceOf(cache_.get(), kName), 2);
}

TEST_F(RedisCacheTest, UsesFadeAndAreBounded) {
  RedisCacheOptions options = PatientRedisOptions();
  options.uses_half_life = absl::Hours(1);
  options.max_used_names = 3;
  const std::unique_ptr<RedisCache> bounded = ConnectRedis(server_.url(), options);
  bounded->AddUses({{"a", 8}, {"b", 6}, {"c", 4}, {"d", 2}});
  ASSERT_TRUE(WaitForWrites(bounded.get(), 4));
  EXPECT_THAT(*ReadMostUsed(bounded.get(), 10), ElementsAre("a", "b", "c"));
  // The hour is over: only one of the two replicas that find this out makes them fade.
  ASSERT_EQ(server_.Run({"DEL", "bantam:1:uf"}), "1");
  bounded->AddUses({{"c", 3}});
  cache_->AddUses({{"b", 1}});
  ASSERT_TRUE(WaitForWrites(bounded.get(), 5));
  ASSERT_TRUE(WaitForWrites(cache_.get(), 1));
  EXPECT_EQ(server_.Run({"ZREVRANGE", "bantam:1:u", "0", "-1", "WITHSCORES"}), "c\n5\nb\n4\na\n4");
  EXPECT_THAT(Ttl("bantam:1:uf"), AllOf(Ge(1), Le(24 * 3600 * 1000)));
}

TEST_F(RedisCacheTest, TooGreatEntriesAreDropped) {
  RedisCacheOptions options = PatientRedisOptions();
  options.max_entry_bytes = 1000;
  const std::unique_ptr<RedisCache> small = ConnectRedis(server_.url(), options);
  RevisionRecord record = RedisTextOf(kName, 1);
  record.yaml = std::string(2000, 'x');
  small->WriteRecord(record);
  small->WriteTenant(Tenant(1, {"a"}));
  ASSERT_TRUE(WaitForWrites(small.get(), 2));
  EXPECT_EQ(small->Stats().dropped, 1);
  EXPECT_EQ(server_.Run({"EXISTS", std::string(kRecordKey)}), "0");
  // A list that has grown too great does not leave the one before.
  small->WriteTenant(Tenant(2, {std::string(2000, 'x')}));
  ASSERT_TRUE(WaitForWrites(small.get(), 3));
  EXPECT_FALSE(ReadTenant(small.get(), "tenants/acme")->has_value());
  // One that another program wrote is not read.
  Fill(1);
  Put(kRecordKey, std::string(100000, 'x'));
  const absl::StatusOr<CachedRead> read = ReadCurrent(small.get(), kName);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_FALSE(read->record.has_value());
}

TEST_F(RedisCacheTest, LargeBatchesArriveAsAWhole) {
  constexpr int kNames = 20000;
  std::vector<CurrentRevision> pointers;
  std::vector<std::string> names;
  for (int i = 1; i <= kNames; ++i) {
    names.push_back(absl::StrCat("tenants/t", i % 100, "/icps/i", i));
    pointers.push_back(RedisPointerTo(names.back(), i, 1));
  }
  cache_->WritePointers(pointers, kReadTime);
  ASSERT_TRUE(WaitForWrites(cache_.get(), kNames));
  EXPECT_EQ(cache_->Stats().written, kNames);
  const auto read = ReadPointers(cache_.get(), names);
  ASSERT_TRUE(read.ok()) << read.status();
  for (int i = 1; i <= kNames; ++i) ASSERT_EQ((*read)[i - 1]->sequence, i);
  cache_->WritePointers(pointers, kReadTime);
  ASSERT_TRUE(WaitForWrites(cache_.get(), 2 * kNames));
  EXPECT_EQ(cache_->Stats().kept, kNames);
}

// From a write through one replica to the word at another one.
TEST_F(RedisCacheTest, ChangesAreToldSoon) {
  const std::unique_ptr<RedisCache> other = ConnectRedis(server_.url());
  std::atomic<int> told{0};
  CacheEvents events;
  events.on_changed = [&](const std::vector<std::string>& names) {
    told += static_cast<int>(names.size());
  };
  events.on_all_changed = [] {};
  other->Watch(std::move(events));
  ASSERT_TRUE(WaitUntil([&] { return other->Stats().watching; }));
  std::vector<double> micros;
  for (int i = 1; i <= 1000; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    cache_->WritePointers({RedisPointerTo(kName, i, i)}, kReadTime);
    ASSERT_TRUE(WaitUntil([&] { return told == i; })) << i;
    micros.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin)
            .count());
  }
  std::sort(micros.begin(), micros.end());
  std::cout << absl::StreamFormat(
      "figure: from a write to Redis to the word of it at another replica, 1000 writes: p50 %.0f "
      "us, p99 %.0f us, max %.0f us\n",
      micros[500], micros[990], micros[999]);
  EXPECT_LT(micros[500], 1e6);
  EXPECT_EQ(other->Stats().changed_names, 1000);
}

// The rights that README.md says are enough.
TEST_F(RedisCacheTest, RightsOfTheReadmeAreEnough) {
  ASSERT_EQ(server_.Run({"ACL",
                         "SETUSER",
                         "bantam",
                         "on",
                         ">p%ss",
                         "resetchannels",
                         "resetkeys",
                         "~bantam:*",
                         "&__redis__:invalidate",
                         "-@all",
                         "+ping",
                         "+select",
                         "+client|setname",
                         "+client|id",
                         "+client|tracking",
                         "+subscribe",
                         "+evalsha",
                         "+eval",
                         "+getrange",
                         "+get",
                         "+mget",
                         "+set",
                         "+del",
                         "+type",
                         "+zrevrange",
                         "+zincrby",
                         "+zunionstore",
                         "+zremrangebyrank"}),
            "OK");
  const std::string url = absl::StrCat("redis://bantam:p%25ss@127.0.0.1:", server_.port(), "/1");
  RedisEventLog log;
  const std::unique_ptr<RedisCache> cache = ConnectRedis(url, PatientRedisOptions(), log.OnEvent());
  cache->Watch(changes_.Events());
  ASSERT_TRUE(changes_.WaitForAllChanged(1));
  cache->WriteRecord(RedisTextOf(kName, 1));
  cache->WritePointers({RedisPointerTo(kName, 1, 1)}, kReadTime);
  cache->WriteRevision(RedisTextOf(kName, 1));
  cache->WriteTenant(Tenant(1, {"a"}));
  cache->AddUses({{"a", 1}});
  ASSERT_TRUE(WaitForWrites(cache.get(), 5));
  EXPECT_EQ(cache->Stats().written, 5) << cache->Stats().last_error;
  EXPECT_TRUE(changes_.WaitForName(kName));
  EXPECT_TRUE(ReadCurrent(cache.get(), kName)->record.has_value());
  EXPECT_TRUE((*ReadPointers(cache.get(), {std::string(kName)}))[0].has_value());
  EXPECT_TRUE(ReadRevision(cache.get(), kName, "revision-1")->has_value());
  EXPECT_TRUE(ReadTenant(cache.get(), "tenants/acme")->has_value());
  EXPECT_THAT(*ReadMostUsed(cache.get(), 1), ElementsAre("a"));
  EXPECT_THAT(log.lines(), testing::IsSupersetOf({"data: OK", "watching: OK", "writes: OK"}));
  // A busy machine may need more than one attempt to connect; no attempt lacked a right.
  EXPECT_THAT(log.lines(), testing::Each(testing::AnyOf(testing::EndsWith(": OK"),
                                                        HasSubstr("no connection within"))));
}

}  // namespace
}  // namespace bantam
