#ifndef BANTAM_SERVER_TELEMETRY_CONNECTION_DEADLINES_H_
#define BANTAM_SERVER_TELEMETRY_CONNECTION_DEADLINES_H_

#include <condition_variable>
#include <list>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "server/catalog/mutex.h"

namespace bantam {

// Ends connections that last too long, however busy they are: a client that sends a byte every now
// and then is never silent, and would keep its place for ever. On a thread of its own, since who
// serves a connection may have no reason to look at it. Safe for concurrent use.
class ConnectionDeadlines {
 public:
  // Of one connection that is open.
  struct Entry {
    int socket;
    absl::Time deadline;  // By the steady clock.
  };

  ConnectionDeadlines();

  // When no connection is open any more.
  ~ConnectionDeadlines();

  ConnectionDeadlines(const ConnectionDeadlines&) = delete;
  ConnectionDeadlines& operator=(const ConnectionDeadlines&) = delete;

  // A connection has begun, and is to be over after `limit`: its socket is shut down then, for who
  // serves it to notice. The entry is valid until Remove().
  Entry* Add(int socket, absl::Duration limit) ABSL_LOCKS_EXCLUDED(mutex_);

  // It may go on for `limit` from now, but is over if it was already.
  void Extend(Entry* entry, absl::Duration limit) ABSL_LOCKS_EXCLUDED(mutex_);

  // Its socket is about to be closed.
  void Remove(Entry* entry) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);

  // Shuts down what is over; gives when the next one is.
  absl::Time ShutDown(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  std::condition_variable_any changed_;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_CONNECTION_DEADLINES_H_
