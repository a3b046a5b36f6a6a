#ifndef BANTAM_TESTS_RPC_TLS_SERVER_H_
#define BANTAM_TESTS_RPC_TLS_SERVER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "server/access/access_control.h"
#include "server/access/certificates.h"
#include "server/rpc/server_credentials.h"
#include "server/store/file_watcher.h"
#include "tests/access/reload_events.h"
#include "tests/rpc/raw_stream.h"
#include "tests/servers/test_certificates.h"
#include "tests/store/temp_directory.h"

namespace bantam {

inline constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
inline constexpr char kHealthWatch[] = "/grpc.health.v1.Health/Watch";

// The names in a client's certificate.
inline constexpr char kCrmNames[] = "URI:spiffe://example.org/ns/crm/importer,DNS:crm.example.com";

// Keeps what was denied. Safe for concurrent use.
class DenialLog : public DenialObserver {
 public:
  void OnDenied(const DeniedCall& call) override ABSL_LOCKS_EXCLUDED(mu_);

  // What was denied since the last call, each as "code method caller request-id traceparent".
  std::vector<std::string> Take() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Mutex mu_;
  std::vector<std::string> denied_ ABSL_GUARDED_BY(mu_);
};

// How the server is to ask for client certificates.
enum class Clients { kNotAsked, kOptional, kRequired };

// What a port is secured with: certificates of an authority of its own, a policy and tokens.
// Clients of that port.
class TlsPort {
 public:
  explicit TlsPort(Clients clients);

  const TestAuthority& authority() const { return authority_; }
  const Certificates& certificates() const { return *certificates_; }
  AccessControl& access() { return access_; }
  DenialLog& denials() { return denials_; }
  ReloadEvents& events() { return events_; }

  // For a server, which must end before this.
  std::shared_ptr<grpc::ServerCredentials> ServerCredentials();

  // Writes another pair for the server to find.
  void Replace(const TestIdentity& identity);

  // The same, and waits until it is used.
  void Rotate(const TestIdentity& identity);

  // Writes another file of the clients' CAs for the server to find.
  void ReplaceClientCa(const std::string& pem);

  // Has the server trust the clients of these authorities (PEM), and waits until it does.
  void RotateClientCa(const std::string& authorities);

  // Has access() believe that so much more time has passed; whole seconds.
  void PassTime(absl::Duration time) { ahead_seconds_ += absl::ToInt64Seconds(time); }

  void SetPolicy(absl::string_view yaml);

  // The server knows these tokens, each under its own text as its name.
  void SetTokens(const std::vector<std::string>& tokens);

  // A new connection to `address`, not shared with other channels.
  std::shared_ptr<grpc::Channel> ConnectTo(
      const std::string& address, const absl::optional<TestIdentity>& client = absl::nullopt) const;

 private:
  const Clients clients_;
  const TestAuthority authority_;
  TempDirectory directory_;
  ReloadEvents events_;
  DenialLog denials_;
  FileWatcher watcher_;
  std::atomic<int64_t> ahead_seconds_{0};
  AccessControl access_{[this] { return absl::Now() + absl::Seconds(ahead_seconds_.load()); }};
  std::unique_ptr<Certificates> certificates_;
};

// A server of health behind such a port.
class TlsServer : public TlsPort {
 public:
  explicit TlsServer(Clients clients, const std::string& host = "127.0.0.1");
  ~TlsServer();

  int port() const { return port_; }

  std::shared_ptr<grpc::Channel> Connect(const absl::optional<TestIdentity>& client = absl::nullopt,
                                         const std::string& host = "127.0.0.1") const;

  // What health says from now on.
  void SetServing(bool serving);

 private:
  v1::QualificationService::Service service_;  // gRPC runs no server without one.
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

// Asks for the server's health over `channel`, with these headers.
grpc::Status CallHealth(const std::shared_ptr<grpc::Channel>& channel, const Headers& headers = {},
                        const std::string& method = kHealthCheck);

// What an OpenSSL client of at most `max_version` (such as TLS1_2_VERSION) agrees on with the port
// of this machine, such as "TLSv1.2"; empty: nothing. `certificate`, if not null, gets what the
// server shows, as PEM.
std::string Handshake(int port, int max_version, std::string* certificate = nullptr);

// Sends one call to the port of this machine over TLS, with these headers in this order as they are
// (gRPC's client would refuse to send some). Gives what comes back until `end` stands in it; empty:
// it did not within a minute.
std::string CallRaw(int port, const Headers& headers, const std::string& end);

}  // namespace bantam

#endif  // BANTAM_TESTS_RPC_TLS_SERVER_H_
