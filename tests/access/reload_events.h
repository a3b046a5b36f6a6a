#ifndef BANTAM_TESTS_ACCESS_RELOAD_EVENTS_H_
#define BANTAM_TESTS_ACCESS_RELOAD_EVENTS_H_

#include <condition_variable>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "server/access/reloaded_files.h"
#include "server/catalog/mutex.h"
#include "server/store/file_watcher.h"

namespace bantam {

// Keeps the events of reloaded files, and lets a test wait for one. Safe for concurrent use.
class ReloadEvents {
 public:
  // This must outlive what it is handed to.
  OnReload Recorder();

  // Waits until an event that was not waited for before is of this kind with `message` in its
  // message; earlier ones are skipped. False after 30 s.
  bool WaitFor(ReloadEvent::Kind kind, absl::string_view message);

  // Waits until `watcher` has looked at the file `path`, and what else it watches, so many times
  // more. False after 30 s.
  bool WaitForPolls(FileWatcher* watcher, const std::string& path, int count);

  // How many events there have been.
  int size() const;

 private:
  mutable Mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<ReloadEvent> events_ ABSL_GUARDED_BY(mutex_);
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_ACCESS_RELOAD_EVENTS_H_
