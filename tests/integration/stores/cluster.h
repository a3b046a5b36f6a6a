// Several bantamd over one PostgreSQL and, perhaps, one Redis.
#ifndef BANTAM_TESTS_INTEGRATION_STORES_CLUSTER_H_
#define BANTAM_TESTS_INTEGRATION_STORES_CLUSTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "bantam/v1/icp_catalog_service.grpc.pb.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "tests/integration/server_process.h"
#include "tests/servers/postgres_server.h"
#include "tests/servers/redis_server.h"

namespace bantam {

// How old an answer may be while the database can be reached: polls of a second and their jitter of
// 20 %, and a load's 3 s (server/catalog/README.md).
constexpr absl::Duration kStalenessBound = absl::Milliseconds(1200 + 3000);

// One bantamd and the calls that tests make of it. Calls may be made from several threads.
class Replica {
 public:
  explicit Replica(const std::vector<std::string>& flags);

  // Kills the process and starts another one, with the same flags.
  void KillAndRestart();

  // Sends only the signal.
  void Signal(int signal) { process_->Signal(signal); }

  // Waits until it takes calls. False: it ended, or a minute has passed.
  bool WaitUntilServing();

  // Whether its health service says that `service` ("": the whole server; "bantam.source",
  // "bantam.cache" and "bantam.icps": its parts) serves. False also if it cannot be reached.
  bool IsServing(const std::string& service = "") const;

  // The sum of its metrics whose lines start with `prefix`.
  double Metric(const std::string& prefix) const;

  // The end of its log, without the lines of failed calls.
  std::string LogEnd() const;

  ServerProcess& process() { return *process_; }
  std::string target() const { return target_; }

  // One call each, for a minute at most.
  grpc::Status Save(const std::string& yaml, const std::string& etag,
                    v1::SaveIcpResponse* response) const;
  grpc::Status Save(const std::string& yaml) const;  // Whatever is there.
  grpc::Status Get(const v1::GetIcpRequest& request, v1::GetIcpResponse* response) const;
  grpc::Status Score(const v1::ScoreRequest& request, v1::ScoreResponse* response) const;

  const std::unique_ptr<v1::IcpCatalogService::Stub>& catalog() const { return catalog_; }
  const std::unique_ptr<v1::QualificationService::Stub>& qualification() const {
    return qualification_;
  }

 private:
  void Start();

  const std::vector<std::string> flags_;
  std::unique_ptr<ServerProcess> process_;
  std::shared_ptr<grpc::Channel> channel_;
  std::string target_;
  std::unique_ptr<v1::IcpCatalogService::Stub> catalog_;
  std::unique_ptr<v1::QualificationService::Stub> qualification_;
};

class Cluster {
 public:
  // Starts the stores and sets up the database. `redis` may be null.
  explicit Cluster(std::unique_ptr<RedisServer> redis = std::make_unique<RedisServer>());

  // Starts a bantamd over them, with further flags; of these, --redis replaces that of the cluster.
  std::unique_ptr<Replica> NewReplica(const std::vector<std::string>& flags = {}) const;

  // The same, once it serves.
  std::unique_ptr<Replica> NewServingReplica(const std::vector<std::string>& flags = {}) const;

  // Makes `yaml` current under `name` as anybody could who has access to the database: unchecked.
  void WriteStraight(const std::string& name, const std::string& yaml) const;

  // The same with each number from 0 to `count` - 1 in the place of "*" in both.
  void WriteManyStraight(const std::string& name, const std::string& yaml, int count) const;

  // How many changes the database has counted.
  int64_t ChangeCount() const;

  PostgresServer& postgres() { return postgres_; }
  RedisServer& redis() { return *redis_; }
  const std::string& database() const { return database_; }

 private:
  PostgresServer postgres_;
  const std::string database_;
  const std::unique_ptr<RedisServer> redis_;
};

// Runs `bantamd migrate` and waits for it; the process, which has ended.
std::unique_ptr<ServerProcess> Migrate(const std::string& database);

}  // namespace bantam

#endif  // BANTAM_TESTS_INTEGRATION_STORES_CLUSTER_H_
