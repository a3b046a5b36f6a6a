#ifndef BANTAM_TESTS_FAKES_MEMORY_SOURCE_H_
#define BANTAM_TESTS_FAKES_MEMORY_SOURCE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/catalog/icp_source.h"
#include "server/catalog/mutex.h"

namespace bantam {

// Documents in memory that a test changes while a catalog reads them through a MemorySource.
// Every change is told at once, on the thread that makes it, unless a test wants it untold. Safe
// for concurrent use.
class MemoryDocuments {
 public:
  // Adds or replaces a document.
  void Put(absl::string_view id, absl::string_view yaml);

  // Adds or replaces several documents as one change.
  void PutAll(const std::map<std::string, std::string>& yaml_by_id);

  // Makes a document unreadable, with `error` as the reason.
  void PutUnreadable(absl::string_view id, absl::string_view error);

  void Delete(absl::string_view id);

  // From now on changes are not told, so that only who reads by itself sees them.
  void TellNothing();

  // Faults: what keeps the source from being complete; what keeps it from being read (OK: nothing).
  void SetGaps(std::vector<std::string> gaps);
  void SetFailure(absl::Status failure);

 private:
  friend class MemorySource;

  // Within the lock, so that nothing is told any more once the watcher is gone.
  void Tell() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  std::map<std::string, IcpDocument> documents_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> gaps_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  bool tells_ ABSL_GUARDED_BY(mutex_) = true;
  std::function<void()> on_change_ ABSL_GUARDED_BY(mutex_);
};

// Reads MemoryDocuments, of which it is the only reader.
class MemorySource : public IcpSource {
 public:
  explicit MemorySource(std::shared_ptr<MemoryDocuments> documents);
  ~MemorySource() override;

  absl::StatusOr<IcpSnapshot> Read() override;
  void Watch(std::function<void()> on_change) override;

 private:
  const std::shared_ptr<MemoryDocuments> documents_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_FAKES_MEMORY_SOURCE_H_
