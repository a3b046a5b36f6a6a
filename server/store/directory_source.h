#ifndef BANTAM_SERVER_STORE_DIRECTORY_SOURCE_H_
#define BANTAM_SERVER_STORE_DIRECTORY_SOURCE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "server/catalog/icp_source.h"
#include "server/catalog/mutex.h"
#include "server/store/directory_walk.h"
#include "server/store/file_watcher.h"

namespace bantam {

struct DirectorySourceOptions {
  // The most files that are read, in order of their paths.
  int max_files = 10000;

  // The most bytes that a file may have.
  size_t max_file_bytes = 1 << 20;

  // The most bytes that all files together may have.
  size_t max_total_bytes = 256 << 20;
};

// The files named *.yaml or *.yml in a directory and in the directories below it, as
// WalkDirectory() finds them; a file's id is its path below the directory.
//
// A file that was deleted is no document any more. But where the directory itself is empty and is
// not the one that held files before (its volume is not mounted, or it was replaced by an empty
// one), Read() fails with UNAVAILABLE instead of saying that all were deleted.
class DirectorySource : public IcpSource {
 public:
  // `watcher` must outlive this.
  DirectorySource(std::string directory, FileWatcher* watcher,
                  const DirectorySourceOptions& options = {});

  absl::StatusOr<IcpSnapshot> Read() override;
  void Watch(std::function<void()> on_change) override;

 private:
  std::vector<IcpDocument> ReadDocuments(const std::vector<DirectoryWalk::File>& files) const;

  // Whether `found` files in the directory `root` are to be believed; remembers the directory.
  absl::Status CheckRoot(FileIdentity root, size_t found);

  const std::string directory_;
  FileWatcher* const watcher_;
  const DirectorySourceOptions options_;

  Mutex mutex_;
  FileIdentity filled_root_ ABSL_GUARDED_BY(mutex_);  // The directory last seen with files in it.
  size_t filled_files_ ABSL_GUARDED_BY(mutex_) = 0;   // How many; 0: never.

  std::unique_ptr<FileWatch> watch_;  // Last: it ends first.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_DIRECTORY_SOURCE_H_
