#ifndef BANTAM_SERVER_STORE_REDIS_STREAM_H_
#define BANTAM_SERVER_STORE_REDIS_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/store/event_loop.h"
#include "server/store/redis_connection.h"
#include "server/store/redis_socket.h"
#include "server/store/redis_url.h"

namespace bantam {

struct RedisStreamOptions {
  // The stream's key. Required.
  std::string key;

  // The field of an entry that holds its value. Required.
  std::string field;

  // About how many entries the stream holds before the oldest go. Range: [1, 2^53].
  int64_t max_length = 1000000;

  // How the connection is made again; see RedisConnectionOptions.
  absl::Duration min_pause = absl::Milliseconds(50);
  absl::Duration max_pause = absl::Seconds(5);
};

// Appends entries to a stream of Redis, over a connection and on a thread of its own. Not safe for
// concurrent use.
class RedisStream {
 public:
  // Begins to connect. RESOURCE_EXHAUSTED: no thread; INTERNAL: no TLS.
  static absl::StatusOr<std::unique_ptr<RedisStream>> Open(RedisUrl url,
                                                           RedisStreamOptions options);

  ~RedisStream();

  // Appends an entry for each of `values` and waits for the answers, `limit` at most. `*appended`:
  // how many of the first Redis has for sure. Further ones may be there too: whoever repeats them
  // risks that they stand there twice, and who does not that they are missing. Errors: UNAVAILABLE:
  // no connection; DEADLINE_EXCEEDED: no answer in time; RESOURCE_EXHAUSTED: the connection takes
  // no more at a time (4096 entries or 16 MiB), and the rest was not sent; FAILED_PRECONDITION:
  // Redis refuses (it is out of memory, the key is something else …).
  absl::Status Append(absl::Span<const absl::string_view> values, absl::Duration limit,
                      size_t* appended);

 private:
  RedisStream(RedisUrl url, std::unique_ptr<RedisTls> tls, RedisStreamOptions options,
              std::unique_ptr<EventLoop> loop);

  const RedisStreamOptions options_;
  const std::string max_length_;                 // As text.
  const std::string address_;                    // For messages.
  const std::unique_ptr<RedisTls> tls_;          // Null: without.
  std::unique_ptr<RedisConnection> connection_;  // Touched on the loop's thread only.

  const std::unique_ptr<EventLoop> loop_;  // Last: it ends first.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_REDIS_STREAM_H_
