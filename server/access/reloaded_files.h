#ifndef BANTAM_SERVER_ACCESS_RELOADED_FILES_H_
#define BANTAM_SERVER_ACCESS_RELOADED_FILES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/catalog/mutex.h"
#include "server/store/file_watcher.h"

namespace bantam {

// How the reloading goes.
struct ReloadStats {
  absl::Time last_success = absl::InfinitePast();  // When what serves was read.
  int64_t failures = 0;                            // New contents that were refused.
  bool failed = false;     // The newest content was refused; the one before it serves.
  std::string last_error;  // Why; empty if not.
};

// Something for the log. Quotes nothing of the files of keys and tokens: no key, no name, no
// hash. Of the file that is given as the policy it quotes what is wrong: lines, and so identities.
struct ReloadEvent {
  enum class Kind {
    kLoaded,   // New content serves.
    kFailed,   // New content was refused.
    kWarning,  // It serves, but somebody should look at it.
  };
  Kind kind = Kind::kLoaded;
  std::string files;    // As ReloadOptions::name.
  std::string message;  // What happened; may have several lines.
};

// Is called on the watcher's thread.
using OnReload = std::function<void(const ReloadEvent&)>;

struct ReloadOptions {
  std::string name;                // For events and metrics, such as "certificate".
  std::vector<std::string> paths;  // Files that are used together.
  size_t max_bytes = 16 << 20;     // Of one file.

  // How long content must have been bad before it counts as a failure: files that belong together
  // are written one after the other. It is looked at again at the watcher's next poll.
  absl::Duration settle_time = absl::Seconds(1);
};

// Files that are read together, at the start and after each change. Content that is not good
// changes nothing: what was read before goes on serving. Stats() is safe for concurrent use.
class ReloadedFiles {
 public:
  // Takes over the texts of the files, in the order of their paths, if they are good.
  using Load = std::function<absl::Status(const std::vector<std::string>& texts)>;

  // `on_event` may be null.
  ReloadedFiles(ReloadOptions options, Load load, OnReload on_event);

  // Reads the files for the first time. Error: why they cannot be used.
  absl::Status Open();

  // Reads them again whenever they change, until this ends. `watcher` must outlive this. After a
  // successful Open().
  void Watch(FileWatcher* watcher);

  ReloadStats Stats() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::StatusOr<std::vector<std::string>> Read() const;

  // Reads the files, and takes them over if they are good and new.
  void Look();

  // Takes note that the files are bad.
  void OnBad(const std::string& error);

  // Takes note that what is in the files serves.
  void OnGood();

  void Tell(ReloadEvent::Kind kind, std::string message) const;

  const ReloadOptions options_;
  const Load load_;
  const OnReload on_event_;

  // Touched by one thread at a time.
  std::vector<std::string> good_texts_;
  absl::Time bad_since_ = absl::InfiniteFuture();  // By SteadyNow(); infinite: they are good.

  mutable Mutex mutex_;
  ReloadStats stats_ ABSL_GUARDED_BY(mutex_);

  std::vector<std::unique_ptr<FileWatch>> watches_;  // Last: they end first.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_RELOADED_FILES_H_
