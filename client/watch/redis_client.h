#ifndef BANTAM_CLIENT_WATCH_REDIS_CLIENT_H_
#define BANTAM_CLIENT_WATCH_REDIS_CLIENT_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/watch/redis_target.h"

struct redisReader;  // hiredis'
struct redisReply;
struct ssl_ctx_st;  // OpenSSL's
struct ssl_st;

namespace bantam {

struct FreeRedisReply {
  void operator()(redisReply* reply) const;
};
using RedisReplyPtr = std::unique_ptr<redisReply, FreeRedisReply>;

// One connection to a Redis, with TLS or not, for one command at a time. Debian's hiredis has no
// TLS, so only its reading and writing of the protocol is used. Not thread-safe.
class RedisClient {
 public:
  // Whether to give up; asked several times a second while something is waited for.
  using IsOver = std::function<bool()>;

  // Connects and logs in, within 5 s for each address of the host. UNAVAILABLE: it cannot be
  // reached, or has an untrusted certificate; UNAUTHENTICATED: user or password are refused;
  // CANCELLED: given up. Messages hold no credentials.
  static absl::StatusOr<std::unique_ptr<RedisClient>> Connect(const RedisTarget& target,
                                                              const IsOver& is_over);

  ~RedisClient();

  // Sends a command and waits for the answer. UNAVAILABLE: the connection is lost, there was no
  // answer within `limit`, or Redis answers an error that will pass, such as that of a fail-over;
  // FAILED_PRECONDITION: it answers another one; CANCELLED: given up.
  absl::StatusOr<RedisReplyPtr> Run(const std::vector<std::string>& command, absl::Duration limit,
                                    const IsOver& is_over);

 private:
  RedisClient();

  absl::Status Open(const RedisTarget& target, const IsOver& is_over);
  absl::Status ShakeHands(const RedisTarget& target, absl::Time deadline, const IsOver& is_over);
  absl::Status LogIn(const RedisTarget& target, const IsOver& is_over);

  // Waits until the socket can be read (or written).
  absl::Status Await(bool write, absl::Time deadline, const IsOver& is_over);

  // At most `size` bytes; 0: none now, see wants_write_.
  absl::StatusOr<size_t> Receive(char* bytes, size_t size);
  absl::StatusOr<size_t> Send(const char* bytes, size_t size);
  absl::Status TlsProblem(int result);

  std::string address_;
  int socket_ = -1;
  bool wants_write_ = false;
  ssl_ctx_st* context_ = nullptr;  // Null: without TLS.
  ssl_st* ssl_ = nullptr;
  redisReader* const reader_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_WATCH_REDIS_CLIENT_H_
