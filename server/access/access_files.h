#ifndef BANTAM_SERVER_ACCESS_ACCESS_FILES_H_
#define BANTAM_SERVER_ACCESS_ACCESS_FILES_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/access/access_control.h"
#include "server/access/reloaded_files.h"
#include "server/store/file_watcher.h"

namespace bantam {

struct AccessFilePaths {
  std::string policy;  // Empty: there is none.
  std::string tokens;  // Empty: there are none.
};

// Keeps an AccessControl at what its files say. A file that is bad changes nothing: what was read
// before goes on serving. Safe for concurrent use.
class AccessFiles {
 public:
  // Reads the files, hands what they say to `access`, and watches them. The pointers outlive this.
  // `on_event` may be null; its events are named "access_policy" and "tokens".
  //
  // Error: INVALID_ARGUMENT: a file cannot be used; the message names every reason in all files.
  static absl::StatusOr<std::unique_ptr<AccessFiles>> Open(const AccessFilePaths& paths,
                                                           AccessControl* access,
                                                           FileWatcher* watcher, OnReload on_event);

  // Absent: there is no such file.
  absl::optional<ReloadStats> PolicyStats() const;
  absl::optional<ReloadStats> TokenStats() const;

 private:
  explicit AccessFiles(AccessControl* access) : access_(access) {}

  absl::Status LoadPolicy(absl::string_view text, const std::string& path);
  absl::Status LoadTokens(absl::string_view text, const std::string& path);

  AccessControl* const access_;
  std::unique_ptr<ReloadedFiles> policy_;  // Null: there is no such file.
  std::unique_ptr<ReloadedFiles> tokens_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_ACCESS_FILES_H_
