// TLS for the server's port, and who may call what before anything of a message is read.
#ifndef BANTAM_SERVER_RPC_SERVER_CREDENTIALS_H_
#define BANTAM_SERVER_RPC_SERVER_CREDENTIALS_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_context.h"
#include "server/access/access_control.h"
#include "server/access/certificates.h"

namespace bantam {

// A call that was turned away before a handler saw it.
struct DeniedCall {
  // As sent, unchecked, so perhaps no method at all; cut to 256 bytes.
  absl::string_view full_method;

  const Caller* caller = nullptr;  // Null: not known, since its token is not.

  // The caller is told this and `request_id`, in the text: gRPC sends no trailers of ours here.
  absl::Status status;

  // As of CallInfo: checked; made up if none was sent.
  absl::string_view request_id;
  absl::string_view traceparent;  // Empty: there is none.
};

// Hears of denied calls. Implementations are safe for concurrent use and never block.
class DenialObserver {
 public:
  virtual ~DenialObserver() = default;
  virtual void OnDenied(const DeniedCall& call) = 0;
};

// How a port is secured. All pointers outlive the server.
struct PortSecurity {
  const Certificates* certificates = nullptr;

  // Whether a client must show a certificate. If not, it may, and one that is shown must be good.
  // Without client CAs none is asked for.
  bool require_client_certificate = true;

  const AccessControl* access = nullptr;
  DenialObserver* observer = nullptr;  // May be null.
};

// Credentials for grpc::ServerBuilder::AddListeningPort(): TLS 1.2 or later with what
// `certificates` holds at each handshake, so that new connections use a new certificate at once and
// existing ones stay; and every call, health and reflection included, is put to `access` before
// anything of its message is read.
//
// gRPC's own file watcher is not used: it takes whatever stands in the files.
std::shared_ptr<grpc::ServerCredentials> TlsServerCredentials(const PortSecurity& security);

// What the transport tells of who calls. The token is a view of the context's metadata.
Credentials CredentialsOf(const grpc::ServerContextBase& context);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_SERVER_CREDENTIALS_H_
