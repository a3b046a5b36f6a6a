#ifndef BANTAM_SERVER_ACCESS_CERTIFICATES_H_
#define BANTAM_SERVER_ACCESS_CERTIFICATES_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/access/check_certificates.h"
#include "server/access/reloaded_files.h"
#include "server/catalog/mutex.h"
#include "server/store/file_watcher.h"

namespace bantam {

// PEM files.
struct CertificateFiles {
  std::string certificate;  // The server's, then those that lead to its CA.
  std::string key;          // The private key of the first; not encrypted.
  std::string client_ca;    // The CAs of the clients' certificates. Empty path: clients show none.
};

// The certificates that the server uses. They are read again when their files change; a set that
// would not work is refused, and the one before it stays in use. Safe for concurrent use.
class Certificates {
 public:
  // Reads the files and watches them. `watcher` must outlive this. `on_event` may be null; it is
  // also called before this returns.
  //
  // Error: INVALID_ARGUMENT: they cannot be used; the message names every reason.
  static absl::StatusOr<std::unique_ptr<Certificates>> Open(const CertificateFiles& files,
                                                            FileWatcher* watcher,
                                                            OnReload on_event);

  // What new connections are to use. Never null. The same pointer until there is a new set.
  std::shared_ptr<const CertificateSet> Current() const ABSL_LOCKS_EXCLUDED(mutex_);

  ReloadStats Stats() const { return files_.Stats(); }

 private:
  Certificates(const CertificateFiles& files, OnReload on_event);

  absl::Status Load(const std::vector<std::string>& texts);

  // Warns once if everybody on the machine may read the key.
  void CheckKeyMode();

  const CertificateFiles paths_;
  const OnReload on_event_;
  bool warned_of_mode_ = false;  // Touched by one thread at a time.

  mutable Mutex mutex_;
  std::shared_ptr<const CertificateSet> current_ ABSL_GUARDED_BY(mutex_);

  ReloadedFiles files_;  // Last: its watch ends first.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_CERTIFICATES_H_
