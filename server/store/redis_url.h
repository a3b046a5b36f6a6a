#ifndef BANTAM_SERVER_STORE_REDIS_URL_H_
#define BANTAM_SERVER_STORE_REDIS_URL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bantam {

// Where a Redis is and how to log in.
struct RedisUrl {
  bool tls = false;  // rediss://
  std::string host;  // A name, or an IPv4 or IPv6 address (without brackets).
  int port = 6379;
  int database = 0;      // Not negative.
  std::string user;      // Empty: the default user.
  std::string password;  // Empty: there is none to be given, and no user either.

  // Host and port, for messages: "cache.example.com:6379", "[::1]:6379". No credentials.
  std::string Address() const;
};

// Parses `redis://[[user]:password@]host[:port][/database]`, or the same with `rediss` for TLS.
// User and password may hold percent-encoded bytes (%40 for @).
//
// INVALID_ARGUMENT: all that is wrong, in one line that quotes nothing of the text, since any part
// of it may be a password in the wrong place.
absl::StatusOr<RedisUrl> ParseRedisUrl(absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_REDIS_URL_H_
