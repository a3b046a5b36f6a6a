// The room's front door: a gRPC server for the services of bantam.v1, health and reflection.
#ifndef BANTAM_SERVER_RPC_RPC_SERVER_H_
#define BANTAM_SERVER_RPC_RPC_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/security/server_credentials.h"
#include "server/access/access_control.h"
#include "server/catalog/catalog.h"
#include "server/catalog/icp_editor.h"
#include "server/engine/time_zones.h"
#include "server/rpc/call_observer.h"
#include "server/rpc/evaluate_leads.h"

namespace bantam {

// The defaults are those of options.h.
struct RpcServerOptions {
  // `host:port`; `[::1]:7770` for IPv6; port 0: any free one.
  std::string listen = "127.0.0.1:7770";

  // Completion queues, each with three threads of its own, and as many workers for large requests.
  // README.md says how this was chosen.
  int threads = 1;

  // Largest message of a request, in bytes, up to 128 MiB; a larger one is RESOURCE_EXHAUSTED, not
  // to be tried again.
  int max_request_bytes = 4 * 1024 * 1024;

  // Most leads of a batch.
  int max_batch_leads = 1000;

  // Most calls at a time on one connection; further ones wait at the caller.
  int max_concurrent_streams = 100;

  // Most calls that are being worked on at a time; further ones are RESOURCE_EXHAUSTED at once.
  // Streams are at most half of them, so that single calls always have room. 0: 1000 for each of
  // `threads`.
  int64_t max_calls_in_flight = 0;

  // How long a stream may take until its first message; then it is INVALID_ARGUMENT.
  absl::Duration max_start_delay = absl::Seconds(10);

  // How long a large request may be expected to wait for a worker, or as long as its own work
  // takes, if that is longer; one that would wait longer is RESOURCE_EXHAUSTED at once. While more
  // is asked than the workers can do, only the latter counts.
  absl::Duration max_waiting = absl::Milliseconds(50);

  // Memory that gRPC may take for what is being received and sent; when it is used up, gRPC reads
  // nothing more for a while, and cancels calls if that does not help. It does not count answers:
  // those that callers have not taken yet may have a quarter of this beside it.
  int memory_mib = 512;

  // Bytes of such answers; beyond them calls are RESOURCE_EXHAUSTED, and streams have one answer
  // each at a time. 0: a quarter of `memory_mib`.
  int64_t max_unread_bytes = 0;

  // Beyond them, calls and streams whose caller has taken nothing for so long are cancelled, so
  // that one that does not read keeps others out no longer than this.
  absl::Duration unread_patience = absl::Seconds(10);

  // How long a connection may last, and how long the calls on it may go on after that. Zero: for
  // ever.
  absl::Duration max_connection_age = absl::ZeroDuration();
  absl::Duration max_connection_age_grace = absl::Seconds(60);

  // What the port is secured with, and who may do what. Null: no TLS; everybody may do everything.
  // `access` outlives the server.
  std::shared_ptr<grpc::ServerCredentials> credentials;
  AccessControl* access = nullptr;

  // Whether it is ready from the start. Else SetHealth("", true) is to say so later; calls are
  // taken before that as well.
  bool ready = true;
};

// How busy a server is.
struct RpcStats {
  int64_t calls_in_flight = 0;  // Streams among them, health and reflection not.
  int64_t max_calls_in_flight = 0;
  int64_t open_streams = 0;
  int64_t unread_answer_bytes = 0;  // Of answers that callers have not taken yet.
  int64_t waiting_work = 0;         // Large requests and chunks that wait for a worker.
  absl::Duration expected_wait;     // Of a large request that came now.
};

// Serves until it is drained. Safe for concurrent use.
class RpcServer {
 public:
  // Starts to listen. Health says SERVING, for the server and each service, if `options.ready`. The
  // pointers outlive the server; `editor` is null if the catalog cannot be changed by calls.
  //
  // Error: UNAVAILABLE: cannot listen there; the message says why.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(const RpcServerOptions& options,
                                                          Catalog* catalog, IcpEditor* editor,
                                                          const TimeZones* zones, Clock clock,
                                                          CallObserver* observer);

  // Drain(absl::InfinitePast()), if it was not called.
  virtual ~RpcServer() = default;

  // The port it listens on.
  virtual int port() const = 0;

  // What health says from now on: of one further name, such as "bantam.cache", which it knows from
  // then on; or, if `name` is empty, of the server as a whole and of its services. No effect once
  // it drains.
  virtual void SetHealth(const std::string& name, bool serving) = 0;

  // Health turns to NOT_SERVING for good; calls are taken as before. For the time until nobody
  // sends any more. Before Drain(), or not at all.
  virtual void BeginDrain() = 0;

  virtual RpcStats Stats() const = 0;

  // Health turns to NOT_SERVING, no new call is taken, those in flight may go on until `deadline`
  // and are cancelled then. Returns when all are over. Once only.
  virtual void Drain(absl::Time deadline) = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_RPC_SERVER_H_
