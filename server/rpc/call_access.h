#ifndef BANTAM_SERVER_RPC_CALL_ACCESS_H_
#define BANTAM_SERVER_RPC_CALL_ACCESS_H_

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "bantam/v1/qualification_service.pb.h"
#include "server/access/access_control.h"
#include "server/rpc/call_metadata.h"

namespace bantam {

// The tenants ("tenants/acme", each once) whose ICPs `settings` (valid) names. Refers to its texts.
absl::InlinedVector<absl::string_view, 1> TenantsOf(const v1::EvaluationSettings& settings);

// What one call may do. Its method has been checked before it got here (server_credentials.h); this
// is about tenants. Everything is asked anew each time, so that a change of the policy counts for
// calls that have begun. Without an AccessControl everything is allowed.
//
// All checks come before anything is looked up, and their errors say the same whether a tenant or
// ICP exists or not.
class CallAccess {
 public:
  // Both outlive this; `access` may be null.
  CallAccess(AccessControl* access, const CallMetadata* call) : access_(access), call_(call) {}

  // Whether the call may be about a tenant, or an ICP, of this name. Errors as of
  // AccessControl::CheckTenant().
  absl::Status CheckTenant(absl::string_view name) const;

  // Of all of these.
  absl::Status CheckTenants(absl::Span<const absl::string_view> names) const;

  // Tells that so many leads of these tenants are about to be evaluated, and takes them from the
  // quota of each. Just before that is so: what fails earlier costs nothing. Error: they are
  // refused, `refusal` says why, and nothing was taken.
  absl::Status BeginLeads(CallObserver* observer, absl::Span<const absl::string_view> tenants,
                          int leads, absl::optional<Refusal>* refusal) const;

  // Whether the call may show an ICP of this name in a list of all tenants', and whether it may
  // show all of them.
  bool MaySee(absl::string_view name) const;
  bool SeesAll() const;

 private:
  absl::Status TakeQuotas(absl::Span<const absl::string_view> tenants, int leads) const;

  AccessControl* access_;
  const CallMetadata* call_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_CALL_ACCESS_H_
