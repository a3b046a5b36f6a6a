#ifndef BANTAM_CLIENT_WATCH_REDIS_TARGET_H_
#define BANTAM_CLIENT_WATCH_REDIS_TARGET_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bantam {

// Where a Redis is and how to log in.
struct RedisTarget {
  bool tls = false;
  std::string host;  // A name or an address, an IPv6 one without brackets.
  std::string port = "6379";
  std::string database = "0";
  std::string user;      // Empty: the default user.
  std::string password;  // Empty: none is to be given.

  // "host:port", for messages.
  std::string Address() const;
};

// Reads `redis://[[user]:password@]host[:port][/database]`, or rediss:// for TLS, as bantamd does.
// INVALID_ARGUMENT: it is something else; nothing of it is quoted, since it may hold a password.
absl::StatusOr<RedisTarget> ParseRedisTarget(absl::string_view url);

}  // namespace bantam

#endif  // BANTAM_CLIENT_WATCH_REDIS_TARGET_H_
