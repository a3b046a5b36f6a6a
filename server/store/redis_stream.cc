#include "server/store/redis_stream.h"

#include <hiredis/hiredis.h>

#include <condition_variable>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "server/catalog/mutex.h"

namespace bantam {
namespace {

// What the answers to one Append() come to.
struct Answers {
  Mutex mutex;
  std::condition_variable_any changed;
  size_t missing ABSL_GUARDED_BY(mutex) = 0;
  size_t appended ABSL_GUARDED_BY(mutex) = 0;   // Of the first.
  absl::Status failure ABSL_GUARDED_BY(mutex);  // The first one.

  void Take(const absl::Status& status) {
    MutexLock lock(mutex);
    if (failure.ok()) {
      failure = status;
      if (status.ok()) ++appended;
    }
    if (--missing == 0) changed.notify_all();
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<RedisStream>> RedisStream::Open(RedisUrl url,
                                                               RedisStreamOptions options) {
  std::unique_ptr<RedisTls> tls;
  if (url.tls) {
    absl::StatusOr<std::unique_ptr<RedisTls>> made = RedisTls::Make();
    if (!made.ok()) return made.status();
    tls = *std::move(made);
  }
  absl::StatusOr<std::unique_ptr<EventLoop>> loop = EventLoop::Start();
  if (!loop.ok()) return loop.status();
  return std::unique_ptr<RedisStream>(
      new RedisStream(std::move(url), std::move(tls), std::move(options), *std::move(loop)));
}

RedisStream::RedisStream(RedisUrl url, std::unique_ptr<RedisTls> tls, RedisStreamOptions options,
                         std::unique_ptr<EventLoop> loop)
    : options_(std::move(options)),
      max_length_(absl::StrCat(options_.max_length)),
      address_(url.Address()),
      tls_(std::move(tls)),
      loop_(std::move(loop)) {
  loop_->RunAndWait([this, &url] {
    RedisConnectionOptions connection;
    connection.client_name = "bantam-decisions";
    connection.min_pause = options_.min_pause;
    connection.max_pause = options_.max_pause;
    // Nobody waits for these answers; a Redis that is slow for a moment is not gone.
    connection.silence_limit = absl::Seconds(2);
    connection_ = std::make_unique<RedisConnection>(loop_.get(), std::move(url), tls_.get(),
                                                    std::move(connection), RedisConnectionEvents());
  });
}

RedisStream::~RedisStream() {
  loop_->RunAndWait([this] { connection_ = nullptr; });
}

absl::Status RedisStream::Append(absl::Span<const absl::string_view> values, absl::Duration limit,
                                 size_t* appended) {
  *appended = 0;
  if (values.empty()) return absl::OkStatus();
  Answers answers;
  {
    MutexLock lock(answers.mutex);
    answers.missing = values.size();
  }
  loop_->RunAndWait([&] {
    for (const absl::string_view value : values) {
      connection_->Send(
          {"XADD", options_.key, "MAXLEN", "~", max_length_, "*", options_.field, value}, limit,
          [this, &answers](absl::StatusOr<const redisReply*> reply) {
            if (!reply.ok()) {
              answers.Take(reply.status());
            } else if (IsRedisError(**reply)) {
              answers.Take(absl::FailedPreconditionError(
                  absl::StrCat("Redis at ", address_, ": ", RedisErrorText(**reply))));
            } else {
              answers.Take(absl::OkStatus());
            }
          });
    }
    connection_->Flush();
  });
  // Each is answered, when the limit is over at the latest.
  MutexLock lock(answers.mutex);
  while (answers.missing > 0) answers.changed.wait(answers.mutex);
  *appended = answers.appended;
  return answers.failure;
}

}  // namespace bantam
