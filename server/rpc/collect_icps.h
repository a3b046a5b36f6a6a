#ifndef BANTAM_SERVER_RPC_COLLECT_ICPS_H_
#define BANTAM_SERVER_RPC_COLLECT_ICPS_H_

#include <memory>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
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

// What CollectIcps() hands to `done`, if `settings` names a single ICP that is at hand.
absl::optional<absl::StatusOr<CollectedIcps>> FindIcp(Catalog* catalog,
                                                      const v1::EvaluationSettings& settings);

// Gets the ICPs as CollectIcps() does, also those that are not at hand.
void GetIcps(Catalog* catalog, const v1::EvaluationSettings& settings,
             absl::AnyInvocable<void(absl::StatusOr<CollectedIcps>)> done);

// Gets the ICPs that `settings` (valid) names, or all of its tenant, from `catalog`, as fresh as it
// wants. Calls `done` exactly once: at once where all are at hand, else later on a thread of the
// catalog's.
//
// Errors are the catalog's, with the messages of all ICPs that failed; NOT_FOUND also for a tenant
// without ICPs.
template <typename Done>
void CollectIcps(Catalog* catalog, const v1::EvaluationSettings& settings, Done done) {
  // A callback that may be called later costs more than to find an ICP, which is what most ask for.
  absl::optional<absl::StatusOr<CollectedIcps>> found = FindIcp(catalog, settings);
  if (found.has_value()) return done(*std::move(found));
  GetIcps(catalog, settings, std::move(done));
}

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_COLLECT_ICPS_H_
