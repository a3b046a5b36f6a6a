#ifndef BANTAM_SERVER_RPC_COLLECT_ICPS_H_
#define BANTAM_SERVER_RPC_COLLECT_ICPS_H_

#include <memory>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "bantam/v1/qualification_service.pb.h"
#include "server/catalog/catalog.h"
#include "server/engine/compiled_icp.h"

namespace bantam {

// The ICPs a request is evaluated against, at least one.
using IcpList = absl::InlinedVector<std::shared_ptr<const CompiledIcp>, 1>;

// Gets the ICPs that `settings` (valid) names, or all of its tenant, from `catalog`. Calls `done`
// exactly once: at once where all are at hand, else later on the catalog's thread.
//
// Errors are the catalog's, with the messages of all ICPs that failed; NOT_FOUND also for a tenant
// without ICPs.
void CollectIcps(Catalog* catalog, const v1::EvaluationSettings& settings,
                 absl::AnyInvocable<void(absl::StatusOr<IcpList>)> done);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_COLLECT_ICPS_H_
