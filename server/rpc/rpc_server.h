// The room's front door: a gRPC server for the services of bantam.v1, health and reflection.
#ifndef BANTAM_SERVER_RPC_RPC_SERVER_H_
#define BANTAM_SERVER_RPC_RPC_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
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

  // Largest message that is received.
  int max_request_bytes = 4 * 1024 * 1024;

  // Most leads of a batch.
  int max_batch_leads = 1000;

  // Most calls at a time on one connection; further ones wait at the caller.
  int max_concurrent_streams = 1000;

  // Whether it is ready from the start. Else SetHealth("", true) is to say so later; calls are
  // taken before that as well.
  bool ready = true;
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

  // Health turns to NOT_SERVING, no new call is taken, those in flight may go on until `deadline`
  // and are cancelled then. Returns when all are over. Once only.
  virtual void Drain(absl::Time deadline) = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_RPC_SERVER_H_
