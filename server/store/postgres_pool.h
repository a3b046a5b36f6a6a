#ifndef BANTAM_SERVER_STORE_POSTGRES_POOL_H_
#define BANTAM_SERVER_STORE_POSTGRES_POOL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/catalog/mutex.h"
#include "server/store/event_loop.h"
#include "server/store/postgres_connection.h"
#include "server/store/postgres_query.h"
#include "server/store/postgres_url.h"
#include "server/store/silent_addresses.h"

namespace bantam {

struct PostgresPoolOptions {
  // Connections at most. From 1.
  int max_connections = 8;

  // How long a connection may stay unused before it is closed; the last one stays.
  absl::Duration idle_timeout = absl::Minutes(1);

  // Requests that wait for a connection at most; those beyond are refused.
  int max_waiting = 1000;

  // How long after a failed attempt to connect the next one waits: a random time up to the first
  // bound, which doubles with each further failure up to the second.
  absl::Duration first_backoff = absl::Milliseconds(100);
  absl::Duration max_backoff = absl::Seconds(2);

  // How the names of hosts are looked up.
  PostgresResolver resolve = &EventLoop::Resolve;
};

// What a pool has done and is doing.
struct PostgresPoolStats {
  int connections = 0;           // Made, idle or at work.
  int connecting = 0;            // Being made.
  int waiting = 0;               // Requests without a connection.
  int64_t requests = 0;          // All that came.
  int64_t timeouts = 0;          // Those not answered within their deadline.
  int64_t refused = 0;           // Those refused because too many waited, or for too long.
  int64_t retries = 0;           // Those sent a second time.
  int64_t connected = 0;         // Connections made.
  int64_t connect_failures = 0;  // Attempts that failed.
  int64_t lost_connections = 0;  // Made, and lost unasked.
  absl::Status last_connect;     // How the last attempt to connect ended.
};

// Which of the requests that wait for a connection are sent first. Among equals: those that came
// first.
enum class PostgresPriority {
  kLoad,    // Somebody asks for what is not held.
  kReload,  // What is held may be outdated.
  kFirst,   // What tells of changes, and changes themselves: few, and all else depends on them.
};

// A query with what is to become of it.
struct PostgresRequest {
  PostgresQuery query;

  PostgresPriority priority = PostgresPriority::kLoad;

  // Whether it may be sent a second time when it is not known what came of the first.
  bool is_repeatable = false;

  absl::Time deadline;

  // Called once, on the loop's thread. The result may be an error of the server.
  absl::AnyInvocable<void(absl::StatusOr<PostgresResult>)> done;
};

// Connections to a PostgreSQL, as many as are needed, and the requests that wait for one. Belongs
// to the thread of its event loop, where the options do not say otherwise.
class PostgresPool {
 public:
  // Whether the database on a new connection is as it should be, from what `query` says.
  struct Check {
    PostgresQuery query;
    std::function<absl::Status(const PostgresResult&)> judge;
  };

  PostgresPool(EventLoop* loop, PostgresUrl url, Check check, const PostgresPoolOptions& options);

  // Ends all requests with UNAVAILABLE.
  ~PostgresPool();

  // Sends a request, perhaps later. Errors: UNAVAILABLE: not within the deadline, or no connection;
  // RESOURCE_EXHAUSTED: too many wait, or its turn did not come within the deadline though the
  // server answered others meanwhile; that of the check.
  void Send(PostgresRequest request);

  // From any thread.
  PostgresPoolStats Stats() const;

  const PostgresUrl& url() const { return url_; }

 private:
  struct Waiting;  // A request.
  struct Slot;     // A connection.
  using RequestPtr = std::unique_ptr<Waiting>;

  // Gives idle connections to waiting requests, and makes further ones where needed.
  void Dispatch();
  void Open();
  void OnConnected(Slot* slot, absl::Status status);
  void OnChecked(Slot* slot, absl::StatusOr<PostgresResult> result);
  void OnConnectTimeout(Slot* slot);
  void FailConnect(Slot* slot, absl::Status status);
  void BackOff();

  void Assign(Slot* slot, RequestPtr request);
  void OnAnswer(Slot* slot, absl::StatusOr<PostgresResult> result);
  void OnDeadline(Waiting* request);

  // Has a request wait for its turn.
  void Queue(RequestPtr request);
  absl::Status TurnNeverCame(const Waiting& request) const;

  // Makes a connection free for the next request.
  void Release(Slot* slot);
  void Remove(Slot* slot);

  // Closes what is idle: something has not answered, so these may not either.
  void CloseIdle();

  // Ends a request.
  void Finish(RequestPtr request, absl::StatusOr<PostgresResult> result);
  void FailWaiting(const absl::Status& status);

  size_t Count(int state) const;
  void Update(absl::FunctionRef<void(PostgresPoolStats&)> change);
  void UpdateCounts();

  EventLoop* const loop_;
  const PostgresUrl url_;
  const Check check_;
  const PostgresPoolOptions options_;

  std::list<std::unique_ptr<Slot>> slots_;  // Idle ones: used last in front.
  std::list<RequestPtr> waiting_;           // By priority.
  int64_t answers_ = 0;                     // That came.
  bool is_closing_ = false;

  int failures_ = 0;  // To connect, one after the other.
  bool is_backing_off_ = false;
  EventLoop::TimerId backoff_timer_;
  size_t first_host_ = 0;       // That the next attempt begins with.
  size_t silent_attempts_ = 0;  // One after the other.
  SilentAddresses silent_addresses_;
  absl::BitGen random_;

  mutable Mutex mutex_;
  PostgresPoolStats stats_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_POSTGRES_POOL_H_
