#include "client/qualifier/channel.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "client/qualifier/remote_qualifier.h"
#include "client/qualifier/tls_diagnosis.h"
#include "client/qualifier/tls_files.h"

namespace bantam {
namespace {

constexpr char kUsageError[] = "bantam/usage-error";
constexpr char kTlsFailure[] = "bantam/tls-failure";

// How long TryToConnect() tries: three attempts, about.
constexpr absl::Duration kConnectingTime = absl::Seconds(1);

// Questions about leads can be repeated; a change of an ICP is left to whoever made it. CANCELLED
// is what gRPC makes of a call that meets a server as it ends. A bulk stream, which gRPC would
// repeat only before its first answer, is RemoteQualifier's own business.
constexpr char kServiceConfig[] = R"({
  "loadBalancingConfig": [{"round_robin": {}}],
  "methodConfig": [{
    "name": [{"service": "bantam.v1.QualificationService", "method": "BulkEvaluate"}]
  }, {
    "name": [{"service": "bantam.v1.QualificationService"}],
    "retryPolicy": {
      "maxAttempts": 4,
      "initialBackoff": "0.1s",
      "maxBackoff": "1s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE", "CANCELLED", "RESOURCE_EXHAUSTED"]
    }
  }]
})";

absl::Status Marked(absl::Status status, absl::string_view mark) {
  status.SetPayload(mark, absl::Cord());
  return status;
}

// Why there is no connection, as far as gRPC's text tells: it is for gRPC's developers.
std::string PlainCause(absl::string_view text) {
  if (absl::StrContains(text, "DNS resolution failed")) return "its name cannot be resolved";
  for (const int error :
       {ECONNREFUSED, ECONNRESET, EHOSTUNREACH, ENETUNREACH, ETIMEDOUT, ENOENT, EACCES}) {
    const char* const reason = std::strerror(error);
    if (absl::StrContains(text, reason)) return reason;
  }
  return "no connection, or it was closed";
}

std::shared_ptr<grpc::ChannelCredentials> Credentials(const ChannelOptions& options,
                                                      const TlsFiles& files) {
  if (!options.UsesTls()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions ssl;
  ssl.pem_root_certs = files.ca;
  ssl.pem_private_key = files.key;
  ssl.pem_cert_chain = files.cert;
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::SslCredentials(ssl);
  if (files.token.empty()) return credentials;
  return grpc::CompositeChannelCredentials(credentials, grpc::AccessTokenCredentials(files.token));
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(const ChannelOptions& options) {
  const absl::StatusOr<TlsFiles> files = ReadTlsFiles(options);
  if (!files.ok()) return UsageError(files.status().message());
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 60000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000);
  // Else gRPC answers for a second with the failure of its first attempt to connect, in which all
  // attempts of a call may be over.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetServiceConfigJSON(kServiceConfig);
  if (!options.tls_server_name.empty()) {
    arguments.SetSslTargetNameOverride(options.tls_server_name);
  }
  return grpc::CreateCustomChannel(options.server, Credentials(options, *files), arguments);
}

void TryToConnect(grpc::Channel* channel, absl::Time deadline) {
  channel->WaitForConnected(absl::ToChronoTime(std::min(deadline, absl::Now() + kConnectingTime)));
}

absl::Status UsageError(absl::string_view message) {
  return Marked(absl::InvalidArgumentError(message), kUsageError);
}

bool IsUsageError(const absl::Status& status) { return status.GetPayload(kUsageError).has_value(); }

absl::Status ExplainFailure(absl::Status status, const ChannelOptions& options) {
  if (!absl::IsUnavailable(status) || CameFromServer(status)) return status;
  const std::string reason = options.UsesTls() ? DiagnoseTls(options) : DiagnosePlaintext(options);
  if (reason.empty()) return absl::UnavailableError(PlainCause(status.message()));
  return Marked(absl::UnavailableError(reason), kTlsFailure);
}

bool IsTlsFailure(const absl::Status& status) { return status.GetPayload(kTlsFailure).has_value(); }

}  // namespace bantam
