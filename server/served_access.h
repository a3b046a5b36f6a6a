#ifndef BANTAM_SERVER_SERVED_ACCESS_H_
#define BANTAM_SERVER_SERVED_ACCESS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "grpcpp/security/server_credentials.h"
#include "server/access/access_control.h"
#include "server/access/access_files.h"
#include "server/access/certificates.h"
#include "server/options.h"
#include "server/rpc/server_credentials.h"
#include "server/store/file_watcher.h"
#include "server/telemetry/log.h"
#include "server/telemetry/server_status.h"

namespace bantam {

// TLS, and who may call what, as the options ask for them, with the files that are watched for it.
class ServedAccess {
 public:
  // Reads the files. Reloads, and files that are refused, are written to `log`, which outlives
  // this. Errors name the options and every reason.
  static absl::StatusOr<std::unique_ptr<ServedAccess>> Open(const Options& options, Log* log);

  // Decides about every call. Null without TLS: nobody can prove who they are then, so there is
  // nothing to decide, and calls need not be put to anybody.
  AccessControl* control() { return certificates_ == nullptr ? nullptr : &control_; }

  // For the port. Without TLS: insecure. `observer` hears of denied calls; it outlives the server.
  std::shared_ptr<grpc::ServerCredentials> PortCredentials(DenialObserver* observer) const;

  // Adds the files, and when the certificate expires.
  void AddTo(ServerStatus* status) const;

 private:
  ServedAccess() = default;

  bool require_client_certificate_ = true;
  AccessControl control_;
  std::unique_ptr<FileWatcher> watcher_;
  std::unique_ptr<Certificates> certificates_;  // Null: no TLS.
  std::unique_ptr<AccessFiles> files_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_SERVED_ACCESS_H_
