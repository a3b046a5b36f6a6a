#ifndef BANTAM_SERVER_ACCESS_ACCESS_FILES_H_
#define BANTAM_SERVER_ACCESS_ACCESS_FILES_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/access/access_control.h"
#include "server/access/access_policy.h"
#include "server/access/reloaded_files.h"
#include "server/access/token_set.h"
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
  // `on_event` may be null; its events are named "access_policy" and "tokens". It is warned of a
  // policy that grants something to tokens which the token file does not have.
  //
  // Error: INVALID_ARGUMENT: a file cannot be used; the message names every reason in all files.
  static absl::StatusOr<std::unique_ptr<AccessFiles>> Open(const AccessFilePaths& paths,
                                                           AccessControl* access,
                                                           FileWatcher* watcher, OnReload on_event);

  // Absent: there is no such file.
  absl::optional<ReloadStats> PolicyStats() const;
  absl::optional<ReloadStats> TokenStats() const;

 private:
  AccessFiles(AccessControl* access, OnReload on_event)
      : access_(access), on_event_(std::move(on_event)) {}

  absl::Status LoadPolicy(absl::string_view text, const std::string& path);
  absl::Status LoadTokens(absl::string_view text, const std::string& path);

  // After a change of either file, which the watcher tells of one at a time.
  void WarnOfMissingTokens();

  AccessControl* const access_;
  const OnReload on_event_;
  std::shared_ptr<const AccessPolicy> policy_in_use_;
  std::shared_ptr<const TokenSet> tokens_in_use_;
  std::vector<std::string> missing_tokens_;  // That were warned of.
  std::unique_ptr<ReloadedFiles> policy_;    // Null: there is no such file.
  std::unique_ptr<ReloadedFiles> tokens_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_ACCESS_FILES_H_
