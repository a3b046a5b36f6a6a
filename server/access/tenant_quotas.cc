#include "server/access/tenant_quotas.h"

#include <algorithm>

namespace bantam {
namespace {

// Threads that read the clock may come here in another order; only more than this means that the
// clock was set back.
constexpr absl::Duration kClockSlack = absl::Seconds(1);

// Of a lead, so that what was told to come back in time does not fail for rounding.
constexpr double kRounding = 1e-6;

// How often room for new tenants is looked for.
constexpr absl::Duration kForgetInterval = absl::Seconds(1);

// Whose account all share for whom there is no room. No tenant has this id.
constexpr absl::string_view kOthers = "";

}  // namespace

double TenantQuotas::LeadsAt(const Account& account, const Quota& quota, absl::Time now) {
  const double seconds = std::max(0.0, absl::ToDoubleSeconds(now - account.time));
  return std::min(quota.burst_leads, account.leads + seconds * quota.leads_per_second);
}

TenantQuotas::Account* TenantQuotas::Find(const TenantQuota& tenant, absl::Time now) {
  const auto it = accounts_.find(tenant.tenant);
  if (it != accounts_.end()) return &it->second;
  if (accounts_.size() >= kMaxTenants && now >= forget_after_) {
    ForgetFull(now);
    forget_after_ = now + kForgetInterval;
  }
  const absl::string_view id = accounts_.size() >= kMaxTenants ? kOthers : tenant.tenant;
  const Account full = {tenant.quota.burst_leads, now, tenant.quota};
  return &accounts_.try_emplace(id, full).first->second;
}

void TenantQuotas::ForgetFull(absl::Time now) {
  for (auto it = accounts_.begin(); it != accounts_.end();) {
    const Account& account = it->second;
    const bool full = LeadsAt(account, account.quota, now) >= account.quota.burst_leads;
    // The iterator is moved on before its element goes.
    const auto current = it++;
    if (full) accounts_.erase(current);
  }
}

absl::Duration TenantQuotas::Update(Account* account, const Quota& quota, absl::Time now) {
  account->leads = LeadsAt(*account, quota, now);
  account->quota = quota;
  if (now > account->time || now < account->time - kClockSlack) account->time = now;
  if (account->leads >= 1 - kRounding) return absl::ZeroDuration();
  const double seconds = (1 - account->leads) / quota.leads_per_second;
  return std::max(absl::Milliseconds(1), absl::Seconds(seconds));
}

QuotaAnswer TenantQuotas::Take(absl::Span<const TenantQuota> tenants, int leads, absl::Time now) {
  MutexLock lock(mutex_);
  QuotaAnswer answer;
  for (const TenantQuota& tenant : tenants) {
    const absl::Duration wait = Update(Find(tenant, now), tenant.quota, now);
    if (wait > answer.retry_after) answer = {false, wait, tenant.tenant};
  }
  if (!answer.granted) return answer;
  for (const TenantQuota& tenant : tenants) Find(tenant, now)->leads -= leads;
  return answer;
}

}  // namespace bantam
