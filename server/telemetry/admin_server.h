#ifndef BANTAM_SERVER_TELEMETRY_ADMIN_SERVER_H_
#define BANTAM_SERVER_TELEMETRY_ADMIN_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/telemetry/server_status.h"

struct MHD_Daemon;

namespace bantam {

struct AdminServerOptions {
  // Name or address of this machine, without brackets: "127.0.0.1", "::" (IPv4 as well).
  std::string host = "127.0.0.1";

  // 0: any free one.
  int port = 0;

  // A client that has not sent its request after this, or neither sends nor takes anything for so
  // long, is disconnected. Whole seconds, at least one.
  absl::Duration timeout = absl::Seconds(10);

  // How long it may take from the request until it has taken the answer.
  absl::Duration answer_timeout = absl::Seconds(60);

  // Most connections at a time, all in all, so that further ones wait, and of one address, so that
  // further ones are closed at once.
  int max_connections = 256;
  int max_connections_per_address = 64;
};

// What is shown. Called on the server's threads, several at a time, until it is destroyed. Probes
// wait for `readiness`, so it should be quick.
struct AdminPages {
  std::function<Readiness()> readiness;
  std::function<std::string()> metrics;      // MetricsText().
  std::function<std::string()> status_page;  // StatusPage().
};

// The pages for those who operate the server, by HTTP:
//
//   /healthz  200 as long as the process answers
//   /readyz   200 if calls should be sent here, else 503; says why not, and what is degraded
//   /metrics  for Prometheus
//   /         for people
//
// GET and HEAD only; bodies are not read, and connections are closed after the answer. Clients that
// are slow or silent cost no thread, and their place only for a limited time. Whoever can connect
// may read everything here: it is no secret, but names of ICPs and tenants, so listen where only
// operators can reach it.
class AdminServer {
 public:
  // Begins to serve. UNAVAILABLE: cannot listen there; one line that says where and why.
  static absl::StatusOr<std::unique_ptr<AdminServer>> Start(const AdminServerOptions& options,
                                                            AdminPages pages);

  // Disconnects everybody; waits for pages that are being made.
  ~AdminServer();

  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  // The port it listens on.
  int port() const { return port_; }

 private:
  // What the server's threads work with.
  struct Context;

  AdminServer(const AdminServerOptions& options, AdminPages pages, int port);

  const std::unique_ptr<Context> context_;
  const int port_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_ADMIN_SERVER_H_
