// A connection to a server: how it is secured, and how calls over it are repeated.
#ifndef BANTAM_CLIENT_QUALIFIER_CHANNEL_H_
#define BANTAM_CLIENT_QUALIFIER_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace bantam {

// Which server, and how to prove who asks. TLS is used if `tls` is set, or any file or name of it.
struct ChannelOptions {
  std::string server;  // As ServerAddress() gives it.

  bool tls = false;

  // Files in PEM form. Certificates of the authorities that may have signed the server's
  // certificate (empty: those that the system trusts); the client's own certificate, followed by
  // those of intermediate authorities, and its key (both or neither).
  std::string tls_ca_file;
  std::string tls_cert_file;
  std::string tls_key_file;

  // The name that the server's certificate must be good for. Empty: the host of `server`.
  std::string tls_server_name;

  // File that holds a bearer token in its only line. Empty: none. Needs TLS.
  std::string token_file;

  bool UsesTls() const {
    return tls || !tls_ca_file.empty() || !tls_cert_file.empty() || !tls_key_file.empty() ||
           !tls_server_name.empty();
  }
};

// A channel to `options.server`, for messages of any size. Calls go by turns to all addresses that
// its name stands for. Calls of QualificationService for one lead or a batch that a server did not
// take, since it is about to end or has too much to do, are repeated up to three times, within
// their deadline. The server is not contacted yet.
//
// Error: a file cannot be used, or the options contradict each other; IsUsageError() holds for it.
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ChannelOptions& options);

// Connects `channel` unless it is connected, trying again for 1 s, but not beyond `deadline`. For
// calls that gRPC does not repeat: it answers them with its last failure to connect, though a
// server is just starting, and goes on connecting only while somebody waits.
void TryToConnect(grpc::Channel* channel, absl::Time deadline);

// The user's options or files are what is wrong, and whether they are.
absl::Status UsageError(absl::string_view message);
bool IsUsageError(const absl::Status& status);

// What a failed call over a channel of `options` came to, for people: if no TLS connection could be
// made, the server is contacted once more to find out why, for 3 s at most. Where there is no
// connection at all, the reason is in plain words, without gRPC's.
absl::Status ExplainFailure(absl::Status status, const ChannelOptions& options);

// Whether ExplainFailure() has found out why there is no TLS connection.
bool IsTlsFailure(const absl::Status& status);

}  // namespace bantam

#endif  // BANTAM_CLIENT_QUALIFIER_CHANNEL_H_
