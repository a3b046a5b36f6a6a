#include "tests/store/redis_fixture.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace bantam {

CurrentRevision RedisPointerTo(absl::string_view name, int64_t sequence, int64_t number) {
  return RevisionCacheContract::Pointer(name, sequence, number);
}

RevisionRecord RedisTextOf(absl::string_view name, int64_t number) {
  RevisionRecord record;
  record.name = std::string(name);
  record.number = number;
  record.revision = absl::StrCat("revision-", number);
  record.title = "Title";
  record.create_time = absl::FromUnixSeconds(1770000000);
  record.yaml = absl::StrCat("name: ", name, "\n");
  return record;
}

RedisCacheOptions PatientRedisOptions() {
  RedisCacheOptions options;
  options.timeout = absl::Seconds(5);
  options.min_pause = absl::Milliseconds(20);
  options.max_pause = absl::Milliseconds(100);
  return options;
}

RedisCache::OnEvent RedisEventLog::OnEvent() {
  return [this](const RedisCacheEvent& event) {
    constexpr absl::string_view kParts[] = {"data", "watching", "writes"};
    MutexLock lock(mutex_);
    lines_.push_back(absl::StrCat(kParts[static_cast<int>(event.part)], ": ",
                                  event.status.ok() ? "OK" : event.status.message()));
  };
}

std::vector<std::string> RedisEventLog::lines() const {
  MutexLock lock(mutex_);
  return lines_;
}

bool RedisEventLog::WaitForLine(const std::vector<std::string>& texts) const {
  return WaitUntil([&] {
    const std::vector<std::string> all = lines();
    return std::any_of(all.begin(), all.end(), [&](const std::string& line) {
      return std::all_of(texts.begin(), texts.end(),
                         [&](const std::string& text) { return absl::StrContains(line, text); });
    });
  });
}

int RedisEventLog::CountOf(absl::string_view text) const {
  const std::vector<std::string> all = lines();
  return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const std::string& line) {
    return absl::StrContains(line, text);
  }));
}

bool WaitUntil(const std::function<bool()>& condition) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

std::unique_ptr<RedisCache> OpenRedis(const std::string& url, const RedisCacheOptions& options,
                                      RedisCache::OnEvent on_event) {
  absl::StatusOr<std::unique_ptr<RedisCache>> cache =
      RedisCache::Open(url, options, std::move(on_event));
  EXPECT_TRUE(cache.ok()) << cache.status();
  return cache.ok() ? *std::move(cache) : nullptr;
}

std::unique_ptr<RedisCache> ConnectRedis(const std::string& url, const RedisCacheOptions& options,
                                         RedisCache::OnEvent on_event) {
  std::unique_ptr<RedisCache> cache = OpenRedis(url, options, std::move(on_event));
  EXPECT_TRUE(WaitUntil([&] { return cache->Stats().connected; })) << cache->Stats().last_error;
  return cache;
}

absl::StatusOr<CachedRead> ReadCurrent(RedisCache* cache, absl::string_view name) {
  return WaitForRead<CachedRead>(
      [&](RevisionCache::Done<CachedRead> done) { cache->ReadCurrent(name, 0, std::move(done)); });
}

absl::StatusOr<absl::optional<RevisionRecord>> ReadRevision(RedisCache* cache,
                                                            absl::string_view name,
                                                            absl::string_view revision) {
  return WaitForRead<absl::optional<RevisionRecord>>(
      [&](RevisionCache::Done<absl::optional<RevisionRecord>> done) {
        cache->ReadRevision(name, revision, std::move(done));
      });
}

absl::StatusOr<std::vector<absl::optional<CurrentRevision>>> ReadPointers(
    RedisCache* cache, const std::vector<std::string>& names) {
  return WaitForRead<std::vector<absl::optional<CurrentRevision>>>(
      [&](RevisionCache::Done<std::vector<absl::optional<CurrentRevision>>> done) {
        cache->ReadPointers(names, std::move(done));
      });
}

absl::StatusOr<absl::optional<TenantNames>> ReadTenant(RedisCache* cache,
                                                       absl::string_view tenant) {
  return WaitForRead<absl::optional<TenantNames>>(
      [&](RevisionCache::Done<absl::optional<TenantNames>> done) {
        cache->ReadTenant(tenant, std::move(done));
      });
}

absl::StatusOr<std::vector<std::string>> ReadMostUsed(RedisCache* cache, int limit) {
  return WaitForRead<std::vector<std::string>>(
      [&](RevisionCache::Done<std::vector<std::string>> done) {
        cache->ReadMostUsed(limit, std::move(done));
      });
}

int64_t SequenceOf(RedisCache* cache, absl::string_view name) {
  const absl::StatusOr<CachedRead> read = ReadCurrent(cache, name);
  if (!read.ok()) return -2;
  return read->current.has_value() ? read->current->sequence : -1;
}

std::string ConnectionId(const RedisServer& server, absl::string_view name) {
  const std::string list = server.Run({"CLIENT", "LIST"});
  for (const absl::string_view line : absl::StrSplit(list, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    for (const absl::string_view word : words) {
      if (word == absl::StrCat("name=", name)) return std::string(words[0]);
    }
  }
  return "";
}

bool WaitForWrites(RedisCache* cache, int64_t count) {
  return WaitUntil([&] {
    const RedisCacheStats stats = cache->Stats();
    return stats.written + stats.kept + stats.dropped + stats.refused >= count;
  });
}

}  // namespace bantam
