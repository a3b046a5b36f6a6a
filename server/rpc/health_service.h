#ifndef BANTAM_SERVER_RPC_HEALTH_SERVICE_H_
#define BANTAM_SERVER_RPC_HEALTH_SERVICE_H_

#include <map>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/impl/codegen/service_type.h"
#include "server/rpc/health.grpc.pb.h"
#include "server/rpc/lane.h"

namespace bantam {

// The standard health service, on a lane of ours. gRPC's own would bring threads of its own into
// the process, which also poll the connections of all other calls and hand what they find to the
// lanes: two switches of threads for every three calls, and a fifth of their processor time.
//
// It is not part of what CallLimit and CallObserver count. Safe for concurrent use.
class HealthService {
 public:
  HealthService() = default;
  HealthService(const HealthService&) = delete;
  HealthService& operator=(const HealthService&) = delete;

  // To be registered with the server.
  grpc::Service* service() { return &service_; }

  // Asks gRPC for calls, which are served on `lane`. Once, when the server is built.
  void Start(Lane* lane);

  // Sets the health of `name`, which is known from then on. After ShutDown(): it is not serving.
  void Set(const std::string& name, bool serving) ABSL_LOCKS_EXCLUDED(mu_);

  // From now on nothing that is known serves.
  void ShutDown() ABSL_LOCKS_EXCLUDED(mu_);

  // Ends every Watch, and those that come later, since they do not end by themselves; each when it
  // has told how it is now.
  void EndWatches() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Health = grpc::health::v1::Health;
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;
  class Check;
  class Watch;

  // SERVICE_UNKNOWN: it was never set.
  Status StatusOf(const std::string& name) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TellWatches() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Health::WithRawMethod_Check<Health::WithRawMethod_Watch<Health::Service>> service_;
  Lane* lane_ = nullptr;
  absl::Mutex mu_;
  std::map<std::string, bool> serving_ ABSL_GUARDED_BY(mu_);
  bool shut_down_ ABSL_GUARDED_BY(mu_) = false;
  bool watches_end_ ABSL_GUARDED_BY(mu_) = false;
  std::set<Watch*> watches_ ABSL_GUARDED_BY(mu_);  // Those that have arrived and are not over.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_HEALTH_SERVICE_H_
