#ifndef BANTAM_TESTS_FAKES_RELOAD_LOG_H_
#define BANTAM_TESTS_FAKES_RELOAD_LOG_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/catalog/mutex.h"
#include "server/catalog/snapshot_catalog.h"

namespace bantam {

// Keeps the reports of a catalog, and lets a test wait for one. Safe for concurrent use.
class ReloadLog {
 public:
  // To be handed to SnapshotCatalog::Open(); this must outlive the catalog.
  SnapshotCatalog::OnReload Recorder();

  // Waits until a report that was not waited for before meets `condition`, and returns it; earlier
  // ones are skipped. Null after 30 s.
  std::unique_ptr<ReloadReport> WaitFor(const std::function<bool(const ReloadReport&)>& condition);

  // Waits for the next report. Null after 30 s.
  std::unique_ptr<ReloadReport> Next();

  // How many reports there have been.
  int size() const;

 private:
  mutable Mutex mutex_;
  std::condition_variable_any added_;
  std::vector<ReloadReport> reports_ ABSL_GUARDED_BY(mutex_);
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_FAKES_RELOAD_LOG_H_
