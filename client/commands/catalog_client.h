#ifndef BANTAM_CLIENT_COMMANDS_CATALOG_CLIENT_H_
#define BANTAM_CLIENT_COMMANDS_CATALOG_CLIENT_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/icp_catalog_service.grpc.pb.h"
#include "client/commands/connection_flags.h"

namespace bantam {

// The calls of IcpCatalogService, each with the deadline that the flags give. Errors are those of
// the contract (proto/README.md) and of Connect(); see PrintFailedCall(). Not thread-safe.
class CatalogClient {
 public:
  // Contacts nobody yet.
  explicit CatalogClient(const ServerFlags& flags);

  absl::StatusOr<v1::IcpRevision> Get(const v1::GetIcpRequest& request);

  // The newest revision there is.
  absl::StatusOr<v1::IcpRevision> GetNewest(const std::string& name);

  absl::StatusOr<v1::SaveIcpResponse> Save(const v1::SaveIcpRequest& request);
  absl::StatusOr<v1::DeleteIcpResponse> Delete(const v1::DeleteIcpRequest& request);
  absl::StatusOr<v1::RollbackIcpResponse> Rollback(const v1::RollbackIcpRequest& request);

  // Calls `take` for every ICP of `parent`, by name, until it returns false. NOT_FOUND: `parent` is
  // one tenant and has none, as with a misspelt name.
  using TakeIcp = std::function<bool(const v1::IcpSummary&)>;
  absl::Status List(const std::string& parent, const TakeIcp& take);

  // Calls `take` for every entry of the ICP's history, newest first, until it returns false.
  // `expected`: how many will be wanted, about; 0: all.
  using TakeRevision = std::function<bool(const v1::IcpRevisionSummary&)>;
  absl::Status ListRevisions(const std::string& name, int64_t expected, const TakeRevision& take);

  // The newest entry of the ICP's history, which may be a deletion.
  absl::StatusOr<v1::IcpRevisionSummary> NewestEntry(const std::string& name);

  // How old the data of the last answer was, where the server said so.
  absl::optional<absl::Duration> data_age() const { return data_age_; }

  // Whom failures name.
  const std::string& server() const { return flags_.server(); }

 private:
  using Stub = v1::IcpCatalogService::StubInterface;

  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request);

  const ServerFlags flags_;
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel_;
  std::unique_ptr<Stub> stub_;  // Null: there is no channel.
  absl::optional<absl::Duration> data_age_;
};

}  // namespace bantam

#endif  // BANTAM_CLIENT_COMMANDS_CATALOG_CLIENT_H_
