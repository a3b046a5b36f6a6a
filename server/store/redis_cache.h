// The cache that replicas share, in Redis. What stands where: server/store/README.md.
#ifndef BANTAM_SERVER_STORE_REDIS_CACHE_H_
#define BANTAM_SERVER_STORE_REDIS_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/revision_cache.h"
#include "server/store/redis_cache_options.h"
#include "server/store/redis_connection.h"
#include "server/store/redis_entry.h"
#include "server/store/redis_keys.h"
#include "server/store/redis_link.h"

namespace bantam {

// A RevisionCache in Redis, with a thread of its own on which it calls everything that it calls.
class RedisCache : public RevisionCache {
 public:
  // Called on the cache's thread; must not block.
  using OnEvent = RedisLink::OnEvent;

  // Begins to connect to `url` (ParseRedisUrl()), and does not wait for it: while Redis cannot be
  // reached, reads fail and writes are dropped.
  //
  // INVALID_ARGUMENT: the URL, all that is wrong with it; RESOURCE_EXHAUSTED: no thread;
  // INTERNAL: no TLS.
  static absl::StatusOr<std::unique_ptr<RedisCache>> Open(absl::string_view url,
                                                          const RedisCacheOptions& options = {},
                                                          OnEvent on_event = nullptr);

  ~RedisCache() override;

  void ReadCurrent(absl::string_view name, int64_t known_number, Done<CachedRead> done) override;
  void ReadRevision(absl::string_view name, absl::string_view revision,
                    Done<absl::optional<RevisionRecord>> done) override;
  void ReadPointers(const std::vector<std::string>& names,
                    Done<std::vector<absl::optional<CurrentRevision>>> done) override;
  void ReadTenant(absl::string_view tenant, Done<absl::optional<TenantNames>> done) override;
  void WritePointers(const std::vector<CurrentRevision>& current, absl::Time read_time) override;
  void WriteRecord(const RevisionRecord& record) override;
  void WriteRevision(const RevisionRecord& record) override;
  void WriteTenant(const TenantNames& names) override;
  void DropTenant(absl::string_view tenant, int64_t sequence) override;
  void AddUses(const std::vector<std::pair<std::string, int64_t>>& uses) override;
  void ReadMostUsed(int limit, Done<std::vector<std::string>> done) override;
  void Watch(CacheEvents events) override;

  // From any thread; waits for the cache's.
  RedisCacheStats Stats() const;

 private:
  // An entry with a front, ready to be written.
  struct Fronted {
    std::string key;
    std::string bytes;
    absl::Duration ttl;
  };

  // One ReadPointers() of several commands.
  struct PointersRead;

  RedisCache(std::string address, const RedisCacheOptions& options,
             std::unique_ptr<RedisLink> link);

  // ---- From any thread ----

  void WriteText(std::string key, std::string bytes);
  void WriteFronted(std::vector<Fronted> entries, int64_t quiet_state);

  // ---- On the cache's thread ----

  // Reads a key that holds one entry. `finish` is handed its bytes, if there are any that could be
  // good.
  template <typename Result>
  void ReadEntry(const std::string& key, Done<Result> done,
                 std::function<Result(absl::string_view bytes)> finish);

  // What a read tells its caller that ended without an answer, or with an error.
  absl::Status ReadError(const absl::StatusOr<const redisReply*>& reply);

  // The bytes of an entry, if there are any. Counts a key of another type.
  absl::string_view EntryBytes(const redisReply& reply);

  // Counts what became of an entry; true: it is good.
  bool Accept(RedisEntryFault fault);

  // The same for an entry with a front. If it is not good, it is removed, as the next write might
  // not replace it.
  bool AcceptFronted(RedisEntryFault fault, const std::string& key, absl::string_view bytes);

  // Decodes a pointer; a miss: false.
  bool DecodeFound(const redisReply& reply, absl::string_view name, CurrentRevision* current,
                   absl::Time* read_time);

  CachedRead FinishReadCurrent(const redisReply& reply, const std::string& name);
  void SendFronted(std::vector<Fronted> entries, int64_t quiet_state);
  void FinishWrite(const absl::StatusOr<const redisReply*>& reply, int64_t count);
  void OnKeys(const std::vector<std::string>& keys);
  void OnAllChanged();

  // The time to live as Redis wants it, with jitter.
  std::string Milliseconds(absl::Duration ttl);

  const std::string address_;  // For messages.
  const RedisCacheOptions options_;
  const RedisKeys keys_;

  // Touched by the cache's thread only.
  absl::BitGen random_;
  RedisCacheStats stats_;
  CacheEvents events_;

  const std::unique_ptr<RedisLink> link_;  // Last: it ends first.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_REDIS_CACHE_H_
