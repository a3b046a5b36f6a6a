#ifndef BANTAM_SERVER_ACCESS_TENANT_QUOTAS_H_
#define BANTAM_SERVER_ACCESS_TENANT_QUOTAS_H_

#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/catalog/mutex.h"

namespace bantam {

// What a tenant may ask for.
struct Quota {
  double leads_per_second = 0;  // Positive.
  double burst_leads = 0;       // Positive: what can be saved up in quiet times.
};

// A tenant, by its id, and what it may ask for.
struct TenantQuota {
  absl::string_view tenant;
  Quota quota;
};

// Whether the leads are granted.
struct QuotaAnswer {
  bool granted = true;

  // If not: after how long some would be, if nobody else takes them; and the tenant that needs the
  // longest to have some. Positive.
  absl::Duration retry_after;
  absl::string_view tenant;
};

// What the tenants have left. As long as a tenant has anything left a call is granted, even one of
// more leads than that; the debt is paid before the next call. So batches larger than the burst
// pass, and yet the rate holds in the long run. Safe for concurrent use.
class TenantQuotas {
 public:
  // Tenants that are told apart. If more are active at a time, the further ones share what one
  // tenant has.
  static constexpr size_t kMaxTenants = 10000;

  // Takes `leads` from what each of these tenants has left, or nothing from any of them. Quotas may
  // be others than last time. A clock that is set back only delays.
  QuotaAnswer Take(absl::Span<const TenantQuota> tenants, int leads, absl::Time now)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Account {
    double leads = 0;  // Negative: debt.
    absl::Time time;   // As of when.
    Quota quota;       // As of then.
  };

  // What an account holds at `now`.
  static double LeadsAt(const Account& account, const Quota& quota, absl::Time now);

  // The account of a tenant, until the next one is looked for; makes room for it if it is new.
  Account* Find(const TenantQuota& tenant, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Brings an account up to `now`. How long until it has something left; zero: it has.
  static absl::Duration Update(Account* account, const Quota& quota, absl::Time now);

  // Forgets tenants that have all they could have: they are as if new.
  void ForgetFull(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex mutex_;
  absl::flat_hash_map<std::string, Account> accounts_ ABSL_GUARDED_BY(mutex_);
  absl::Time forget_after_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_TENANT_QUOTAS_H_
