#ifndef BANTAM_SERVER_STORE_REDIS_INVALIDATION_H_
#define BANTAM_SERVER_STORE_REDIS_INVALIDATION_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/store/event_loop.h"
#include "server/store/redis_connection.h"
#include "server/store/redis_url.h"

namespace bantam {

// What is told about keys. Called on the loop's thread.
struct RedisInvalidationEvents {
  // These keys were written, deleted or expired. Whole keys.
  std::function<void(const std::vector<std::string>& keys)> on_keys;

  // Any key may have changed: Redis was emptied.
  std::function<void()> on_all;

  // OK: from now on changes are heard of. Else why not; after a loss, and after each attempt that
  // failed. What changed between a loss and the next OK was not heard of.
  std::function<void(const absl::Status& watching)> on_watching;
};

// Hears from Redis which keys change, by client-side caching in broadcast mode over one connection
// that is told about itself: it cannot go deaf without being lost. (Of two connections, one of
// which is told what concerns the other, the first hears nothing any more when the second is lost.)
// Belongs to the thread of its loop.
class RedisInvalidation {
 public:
  // Begins to connect. Tells of the keys that begin with one of `prefixes`, none of which may be
  // the beginning of another one. `loop` and `tls` (null: without TLS) must outlive this.
  RedisInvalidation(EventLoop* loop, RedisUrl url, const RedisTls* tls,
                    RedisConnectionOptions options, std::vector<std::string> prefixes,
                    RedisInvalidationEvents events);

  bool watching() const { return watching_; }

  // Messages heard, also of what this process wrote itself.
  int64_t messages() const { return messages_; }

 private:
  RedisConnectionEvents ConnectionEvents();

  // The steps to watching: asks for the connection's own number, asks to be told, listens.
  void AskForId();
  void Track(int64_t id);
  void Listen();

  // Sends a command of these; `next` runs when it is answered, but not with an error.
  void Step(const std::vector<absl::string_view>& arguments,
            std::function<void(const redisReply& reply)> next);

  bool OnPush(const redisReply& reply);

  const std::vector<std::string> prefixes_;
  const RedisInvalidationEvents events_;
  bool watching_ = false;
  int64_t messages_ = 0;
  RedisConnection connection_;  // Last: it ends first.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_REDIS_INVALIDATION_H_
