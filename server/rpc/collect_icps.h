#ifndef BANTAM_SERVER_RPC_COLLECT_ICPS_H_
#define BANTAM_SERVER_RPC_COLLECT_ICPS_H_

#include <memory>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "bantam/v1/qualification_service.pb.h"
#include "server/catalog/catalog.h"
#include "server/engine/compiled_icp.h"

namespace bantam {

// The ICPs a request is evaluated against, at least one.
using IcpList = absl::InlinedVector<std::shared_ptr<const CompiledIcp>, 1>;

struct CollectedIcps {
  IcpList icps;
  absl::Duration age;  // The longest of theirs, as in IcpAnswer and TenantAnswer.
};

// Gets the ICPs that `settings` (valid) names, or all of its tenant, from `catalog`, as fresh as it
// wants. Calls `done` exactly once: at once where all are at hand, else later on a thread of the
// catalog's.
//
// Errors are the catalog's, with the messages of all ICPs that failed; NOT_FOUND also for a tenant
// without ICPs.
void CollectIcps(Catalog* catalog, const v1::EvaluationSettings& settings,
                 absl::AnyInvocable<void(absl::StatusOr<CollectedIcps>)> done);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_COLLECT_ICPS_H_
