#include "server/store/redis_stream.h"

#include <hiredis/hiredis.h>

#include <condition_variable>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "server/catalog/mutex.h"

namespace bantam {
namespace {

// What the answers to one Append() come to. They come in any order: what the connection does not
// take is told at once.
class Answers {
 public:
  explicit Answers(size_t count) : statuses_(count) {}

  void Take(size_t index, const absl::Status& status) {
    MutexLock lock(mutex_);
    statuses_[index] = status;
    if (++known_ == statuses_.size()) changed_.notify_all();
  }

  // The same for all from `index` on, which were not sent.
  void Skip(size_t index, const absl::Status& status) {
    for (; index < statuses_.size(); ++index) Take(index, status);
  }

  // What is known of a value by now.
  absl::optional<absl::Status> Find(size_t index) {
    MutexLock lock(mutex_);
    return statuses_[index];
  }

  // Waits until all are known. The first failure; `*appended`: how many come before it.
  absl::Status Wait(size_t* appended) {
    MutexLock lock(mutex_);
    while (known_ < statuses_.size()) changed_.wait(mutex_);
    for (const absl::optional<absl::Status>& status : statuses_) {
      if (!status->ok()) return *status;
      ++*appended;
    }
    return absl::OkStatus();
  }

 private:
  Mutex mutex_;
  std::condition_variable_any changed_;
  size_t known_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<absl::optional<absl::Status>> statuses_ ABSL_GUARDED_BY(mutex_);
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
    // To a copy there is nothing that it would be good for.
    connection.copy_patience = absl::ZeroDuration();
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
  Answers answers(values.size());
  loop_->RunAndWait([&] {
    for (size_t i = 0; i < values.size(); ++i) {
      connection_->Send(
          {"XADD", options_.key, "MAXLEN", "~", max_length_, "*", options_.field, values[i]}, limit,
          [this, i, &answers](absl::StatusOr<const redisReply*> reply) {
            if (!reply.ok()) {
              answers.Take(i, reply.status());
            } else if (IsRedisError(**reply)) {
              answers.Take(i, absl::FailedPreconditionError(absl::StrCat(
                                  "Redis at ", address_, ": ", RedisErrorText(**reply))));
            } else {
              answers.Take(i, absl::OkStatus());
            }
          });
      // It was not taken: those behind it must not get there before it.
      if (const absl::optional<absl::Status> status = answers.Find(i); status.has_value()) {
        answers.Skip(i + 1, *status);
        break;
      }
    }
    connection_->Flush();
  });
  // Each is answered, when the limit is over at the latest.
  return answers.Wait(appended);
}

}  // namespace bantam
