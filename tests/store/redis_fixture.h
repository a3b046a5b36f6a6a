#ifndef BANTAM_TESTS_STORE_REDIS_FIXTURE_H_
#define BANTAM_TESTS_STORE_REDIS_FIXTURE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/mutex.h"
#include "server/store/redis_cache.h"
#include "tests/catalog/revision_cache_contract.h"
#include "tests/servers/redis_server.h"

namespace bantam {

// What tests of a RedisCache write.
CurrentRevision RedisPointerTo(absl::string_view name, int64_t sequence, int64_t number);
RevisionRecord RedisTextOf(absl::string_view name, int64_t number);

// Options for tests on a loaded machine: answers may take seconds, pauses are short.
RedisCacheOptions PatientRedisOptions();

// Keeps what a cache says of itself. Outlives it.
class RedisEventLog {
 public:
  RedisCache::OnEvent OnEvent();

  // Lines such as "data: OK" or "writes: Redis at ...", in their order.
  std::vector<std::string> lines() const;

  // Waits until one line has all of these texts. On a busy machine others may come before it, since
  // connecting may take too long at first.
  bool WaitForLine(const std::vector<std::string>& texts) const;

  // How many lines have this text.
  int CountOf(absl::string_view text) const;

 private:
  mutable Mutex mutex_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

// Waits until `condition` holds; false after two minutes.
bool WaitUntil(const std::function<bool()>& condition);

// A cache; fails the test if there is none.
std::unique_ptr<RedisCache> OpenRedis(const std::string& url,
                                      const RedisCacheOptions& options = PatientRedisOptions(),
                                      RedisCache::OnEvent on_event = nullptr);

// The same, and waits until it is connected.
std::unique_ptr<RedisCache> ConnectRedis(const std::string& url,
                                         const RedisCacheOptions& options = PatientRedisOptions(),
                                         RedisCache::OnEvent on_event = nullptr);

// Each waits for the answer.
absl::StatusOr<CachedRead> ReadCurrent(RedisCache* cache, absl::string_view name);
absl::StatusOr<absl::optional<RevisionRecord>> ReadRevision(RedisCache* cache,
                                                            absl::string_view name,
                                                            absl::string_view revision);
absl::StatusOr<std::vector<absl::optional<CurrentRevision>>> ReadPointers(
    RedisCache* cache, const std::vector<std::string>& names);
absl::StatusOr<absl::optional<TenantNames>> ReadTenant(RedisCache* cache, absl::string_view tenant);
absl::StatusOr<std::vector<std::string>> ReadMostUsed(RedisCache* cache, int limit);

// The sequence that is held for `name`; -1: a miss; -2: an error.
int64_t SequenceOf(RedisCache* cache, absl::string_view name);

// What Redis calls the connection of this name, such as "bantam-writes"; another one after it was
// made anew. Empty: there is none.
std::string ConnectionId(const RedisServer& server, absl::string_view name);

// Waits until Redis has answered all that `cache` wrote before.
bool WaitForWrites(RedisCache* cache, int64_t count);

}  // namespace bantam

#endif  // BANTAM_TESTS_STORE_REDIS_FIXTURE_H_
