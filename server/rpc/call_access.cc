#include "server/rpc/call_access.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

// "tenants/acme" of "tenants/acme/icps/b2b".
absl::string_view TenantOf(absl::string_view icp) {
  const size_t slash = icp.find('/', icp.find('/') + 1);
  return icp.substr(0, slash);
}

}  // namespace

absl::InlinedVector<absl::string_view, 1> TenantsOf(const v1::EvaluationSettings& settings) {
  if (!settings.all_icps_of().empty()) return {absl::string_view(settings.all_icps_of())};
  absl::InlinedVector<absl::string_view, 1> tenants;
  for (const v1::IcpReference& icp : settings.icps()) {
    const absl::string_view tenant = TenantOf(icp.name());
    if (std::find(tenants.begin(), tenants.end(), tenant) == tenants.end()) {
      tenants.push_back(tenant);
    }
  }
  return tenants;
}

absl::Status CallAccess::CheckTenant(absl::string_view name) const {
  if (access_ == nullptr) return absl::OkStatus();
  absl::Status identified;
  const Caller* const caller = call_->Identify(&identified);
  if (caller == nullptr) return identified;
  return access_->CheckTenant(*caller, call_->method().name, name);
}

absl::Status CallAccess::CheckTenants(absl::Span<const absl::string_view> names) const {
  for (const absl::string_view name : names) {
    const absl::Status status = CheckTenant(name);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CallAccess::TakeQuotas(absl::Span<const absl::string_view> tenants, int leads) const {
  if (access_ == nullptr) return absl::OkStatus();
  const QuotaAnswer answer = access_->TakeQuotas(tenants, leads, absl::Now());
  if (answer.granted) return absl::OkStatus();
  return RetryLater(absl::StrCat("tenants/", answer.tenant,
                                 " has used up its leads per second; try again after the time that "
                                 "this answer tells, and send less at a time"),
                    answer.retry_after);
}

absl::Status CallAccess::BeginLeads(CallObserver* observer,
                                    absl::Span<const absl::string_view> tenants, int leads,
                                    absl::optional<Refusal>* refusal) const {
  const absl::Status announced = observer->OnLeads(*call_, leads);
  if (!announced.ok()) {
    *refusal = Refusal::kDecisionLog;
    return RefusedLeads(announced);
  }
  const absl::Status granted = TakeQuotas(tenants, leads);
  if (!granted.ok()) {
    *refusal = Refusal::kQuota;
    observer->OnLeadsSkipped(*call_, leads);
  }
  return granted;
}

bool CallAccess::MaySee(absl::string_view name) const {
  if (access_ == nullptr) return true;
  absl::Status identified;
  const Caller* const caller = call_->Identify(&identified);
  return caller != nullptr && access_->MaySeeTenant(*caller, call_->method().name, name);
}

bool CallAccess::SeesAll() const {
  if (access_ == nullptr) return true;
  absl::Status identified;
  const Caller* const caller = call_->Identify(&identified);
  return caller != nullptr && access_->SeesAllTenants(*caller, call_->method().name);
}

}  // namespace bantam
