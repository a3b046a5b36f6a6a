// One thread that waits for many sockets, timers and tasks at once, for connections to stores.
#ifndef BANTAM_SERVER_STORE_EVENT_LOOP_H_
#define BANTAM_SERVER_STORE_EVENT_LOOP_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/catalog/mutex.h"

namespace bantam {

// Watches a file descriptor on an event loop until it is destroyed, which must happen before the
// descriptor is closed, and may happen within its own callbacks. Belongs to the loop's thread.
class FdWatch {
 public:
  virtual ~FdWatch() = default;

  // Whether to be told when the descriptor can be read (written), and that again as long as it can.
  // At first neither. An error of the descriptor counts as both.
  virtual void WantRead(bool want) = 0;
  virtual void WantWrite(bool want) = 0;
};

// A look-up of a host's addresses on an event loop. To destroy it gives it up: its callback is not
// called any more. Belongs to the loop's thread.
class NameLookup {
 public:
  virtual ~NameLookup() = default;
};

// A thread with an event loop (libuv). Everything that it calls is called on that thread, one at a
// time, and must not block. SIGPIPE is blocked there.
class EventLoop {
 public:
  using Task = absl::AnyInvocable<void()>;

  // Names a timer for Cancel(). A default-made one names none.
  struct TimerId {
    int64_t due = 0;  // Nanoseconds of a clock that is never set.
    int64_t number = 0;

    bool operator<(const TimerId& other) const {
      return std::tie(due, number) < std::tie(other.due, other.number);
    }
  };

  // Starts the thread. RESOURCE_EXHAUSTED: the process has no descriptors left for it.
  static absl::StatusOr<std::unique_ptr<EventLoop>> Start();

  // Runs every task posted so far, and those that these post; drops timers; ends the thread. From
  // another thread only, and after every watch and look-up has been destroyed (by a task, say). A
  // look-up that was given up is waited for, within the system resolver's own limits.
  ~EventLoop();

  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Runs `task` soon, after those posted before. From any thread.
  void Post(Task task);

  // Runs `task` after those posted before, and returns when it has run. On the loop's own thread it
  // runs at once.
  void RunAndWait(absl::FunctionRef<void()> task);

  // Whether the caller is on the loop's thread.
  bool OnThread() const { return std::this_thread::get_id() == thread_.get_id(); }

  // ---- On the loop's thread only ----

  // Runs `task` once, not before `delay` is over (negative: none), to the millisecond.
  TimerId RunAfter(absl::Duration delay, Task task);

  // Drops a timer. One that has run, was dropped, or is none: nothing happens.
  void Cancel(TimerId timer);

  // Watches `fd`, which no other watch of this loop may be at, and which becomes non-blocking.
  // A callback is called while what it stands for is wanted and so. It is let go a little after the
  // watch has been destroyed. Cannot fail for sockets and pipes; null: `fd` cannot be watched.
  std::unique_ptr<FdWatch> Watch(int fd, std::function<void()> on_readable,
                                 std::function<void()> on_writable);

  // Finds the numeric addresses (IPv4 and IPv6) of `host`, a name or an address, on a thread of its
  // own. UNAVAILABLE, with the name: there are none, or it cannot be found out.
  std::unique_ptr<NameLookup> Resolve(
      const std::string& host, std::function<void(absl::StatusOr<std::vector<std::string>>)> done);

 private:
  struct Handles;  // What is libuv's.

  explicit EventLoop(std::unique_ptr<Handles> handles);

  void Run();

  // Runs what is posted now. At the end and with nothing left, lets the loop run out.
  void RunPosted();

  // Runs the timers that are due and sets the alarm for the next one.
  void RunTimers();
  void SetAlarm();

  const std::unique_ptr<Handles> handles_;

  Mutex mutex_;
  std::vector<Task> posted_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  // Touched by the thread only.
  std::map<TimerId, Task> timers_;
  int64_t last_timer_ = 0;

  std::thread thread_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_EVENT_LOOP_H_
