#ifndef BANTAM_SERVER_STORE_REDIS_LINK_H_
#define BANTAM_SERVER_STORE_REDIS_LINK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/catalog/mutex.h"
#include "server/store/event_loop.h"
#include "server/store/redis_cache_options.h"
#include "server/store/redis_connection.h"
#include "server/store/redis_invalidation.h"
#include "server/store/redis_socket.h"
#include "server/store/redis_url.h"

namespace bantam {

// A RedisCache's thread with its connections: one for reads, one for writes, so that these stay in
// order and no read waits behind a long one, and one that hears of changes.
class RedisLink {
 public:
  using Task = absl::AnyInvocable<void()>;
  using OnEvent = std::function<void(const RedisCacheEvent&)>;

  // Starts the thread and begins to connect. RESOURCE_EXHAUSTED: no thread; INTERNAL: no TLS.
  static absl::StatusOr<std::unique_ptr<RedisLink>> Open(RedisUrl url,
                                                         const RedisCacheOptions& options,
                                                         OnEvent on_event);

  // As Stop(), if that was not called.
  ~RedisLink();

  // Runs what was submitted; whoever waits for an answer, or asks again when told so, is told
  // UNAVAILABLE. Nothing is told any more when it returns. Not on the thread.
  void Stop();

  // Runs `task` on the thread soon, and sends what it and its neighbours have to be sent. From any
  // thread.
  void Submit(Task task);

  // Runs `task` on the thread and waits for it; on the thread itself at once. From any thread.
  void RunAndWait(absl::FunctionRef<void()> task) const { loop_->RunAndWait(task); }

  // ---- On the thread ----

  // The connection for a read. It goes over that for writes if its own is lost.
  RedisConnection* reading();
  RedisConnection* writing() { return writing_.get(); }

  // Begins to hear of changes. At most once.
  void Watch(std::vector<std::string> prefixes, RedisInvalidationEvents events);

  // Takes note of how a write went: Redis took it (OK), or refused it.
  void NoteWrite(const absl::Status& status);

  // Takes note of an error that is told to nobody else.
  void NoteError(const absl::Status& status);

  // What is known here: the connections, messages, and the last error.
  void FillStats(RedisCacheStats* stats) const;

 private:
  RedisLink(RedisUrl url, std::unique_ptr<RedisTls> tls, const RedisCacheOptions& options,
            OnEvent on_event, std::unique_ptr<EventLoop> loop);

  // What was told of a part since it worked last.
  struct Told {
    bool ok = false;
    std::set<std::string> reasons;
  };

  void RunSubmitted();
  RedisConnectionOptions ConnectionOptions(absl::string_view role) const;
  std::unique_ptr<RedisConnection> Connect(absl::string_view role);
  void OnData(const absl::Status& status);
  void Tell(RedisCacheEvent::Part part, const absl::Status& status);

  const RedisUrl url_;
  const std::unique_ptr<RedisTls> tls_;  // Null: without.
  const RedisCacheOptions options_;
  const OnEvent on_event_;

  Mutex mutex_;
  std::vector<Task> submitted_ ABSL_GUARDED_BY(mutex_);

  bool stopped_ = false;

  // The rest is touched by the thread only.
  Told told_[3];  // By RedisCacheEvent::Part.
  std::string last_error_;
  int64_t connection_failures_ = 0;
  absl::Time last_refusal_ = absl::InfinitePast();  // By SteadyNow().
  std::unique_ptr<RedisConnection> reading_;
  std::unique_ptr<RedisConnection> writing_;
  std::unique_ptr<RedisInvalidation> invalidation_;

  const std::unique_ptr<EventLoop> loop_;  // Last: it ends first.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_REDIS_LINK_H_
