// One watcher for everything that reloads files: definitions, certificates, policies.
#ifndef BANTAM_SERVER_STORE_FILE_WATCHER_H_
#define BANTAM_SERVER_STORE_FILE_WATCHER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/catalog/mutex.h"
#include "server/store/file_descriptor.h"

struct inotify_event;

namespace bantam {

struct FileWatcherOptions {
  // How often everything is looked at again even if the kernel tells of no change: it tells nothing
  // of network file systems, nor of files that are reached by links to other directories. Positive.
  absl::Duration poll_interval = absl::Seconds(5);

  // How long after a change it must be quiet before it is told, so that a change of several steps
  // is told once.
  absl::Duration quiet_time = absl::Milliseconds(100);

  // How long after the first change it is told even if it is never quiet.
  absl::Duration max_delay = absl::Seconds(1);

  // Whether the kernel is asked at all; if not, all rests on polling.
  bool use_inotify = true;
};

// Ends a watch: once the destructor has returned, the callback is not running and is not called
// again (except that a callback may destroy its own watch).
class FileWatch {
 public:
  virtual ~FileWatch() = default;
};

// Tells when files may have changed. Whether they have, and to what, the user finds out by reading
// them: a change is told at least once, and nothing may be told as a change. Copes with files that
// are written, replaced by rename or deleted; with directories that are created, deleted, moved and
// replaced, the watched one included; and with the swap of a ConfigMap's or Secret's "..data" link.
// Safe for concurrent use.
class FileWatcher {
 public:
  // Starts a thread. Cannot fail: without inotify (its limits are per user) it polls.
  explicit FileWatcher(const FileWatcherOptions& options = {});

  // All watches must have ended.
  ~FileWatcher();

  // From now on calls `on_change` on the watcher's thread: soon for the first time, after each
  // change of the file `path` or of anything below the directory `path`, and at least at every poll
  // interval. `path` need not exist. What is read in or after the call is at least as new as the
  // change. `on_change` should be quick: the other watches wait for it.
  std::unique_ptr<FileWatch> Watch(std::string path, std::function<void()> on_change);

  // Whether the kernel tells of changes. False: only polling finds them, for the server's log.
  bool uses_inotify() const { return inotify_.valid(); }

 private:
  class Registration;

  // Times are those of a clock that is never set.
  struct Entry {
    std::string path;
    std::function<void()> on_change;

    // The rest is touched by the thread only.
    absl::Duration first_event = absl::InfiniteDuration();  // Since it was told last.
    absl::Duration last_event = absl::InfiniteDuration();   // Infinite: no change is waiting.
    absl::Duration next_poll;                               // The first time: at once.
    std::set<int> directories;                              // inotify's numbers.
    int parent = -1;                                        // Of the directory that `path` is in.
  };

  using EntryMap = std::map<int64_t, std::shared_ptr<Entry>>;

  void Run();

  // Ends the watch `id`, and waits for its callback unless that is what calls.
  void Remove(int64_t id);

  // Makes the thread look around.
  void Wake();

  // Waits for events, for a wake-up, or until an entry is due, and takes note of all events.
  // Returns false at the end.
  bool WaitForEvents();
  int MillisecondsToWait() const;
  void ReadEvents();
  void HandleEvent(const inotify_event& event, absl::string_view name, const EntryMap& entries);

  // When to tell `entry` next.
  absl::Duration Due(const Entry& entry) const;

  // Calls `on_change` of the entry `id`, if it is still there.
  void Tell(int64_t id);

  // Asks inotify for the directories that `entry` stands for now.
  void FollowDirectories(Entry* entry);

  // Takes back what no entry asks for any more.
  void ForgetUnused();

  EntryMap Entries() const;

  const FileWatcherOptions options_;
  const FileDescriptor inotify_;
  const FileDescriptor wake_;

  mutable Mutex mutex_;
  std::condition_variable_any told_;
  EntryMap entries_ ABSL_GUARDED_BY(mutex_);
  int64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  int64_t telling_ ABSL_GUARDED_BY(mutex_) = 0;  // Whose callback is running; 0: none.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::set<int> watched_;  // All numbers that inotify knows. Touched by the thread only.
  std::thread thread_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_FILE_WATCHER_H_
