// The room's front door: who calls, and may they?
//
//   Credentials --Identify()--> Caller --CheckMethod(), CheckTenant()--> OK or why not
//
// Knows nothing of gRPC. README.md describes the files that a policy and tokens stand in;
// access_files.h loads them and keeps them loaded.
#ifndef BANTAM_SERVER_ACCESS_ACCESS_CONTROL_H_
#define BANTAM_SERVER_ACCESS_ACCESS_CONTROL_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/access/access_policy.h"
#include "server/access/caller.h"
#include "server/access/tenant_quotas.h"
#include "server/access/token_set.h"
#include "server/catalog/mutex.h"

namespace bantam {

// How many were turned away since the start.
struct AccessStats {
  int64_t unknown_tokens = 0;   // By Identify(), and tokens that were revoked meanwhile.
  int64_t denied_methods = 0;   // By CheckMethod().
  int64_t denied_tenants = 0;   // By CheckTenant().
  int64_t exceeded_quotas = 0;  // By TakeQuotas().
};

// Decides by the policy and the tokens in force, which may be exchanged at any time: what is asked
// after that is decided by the new ones, also for callers that were identified before. Never
// blocks. Safe for concurrent use.
//
// The messages of its errors may be shown to the caller.
class AccessControl {
 public:
  // Without a policy everything is allowed to everybody; without tokens none is looked at. `clock`
  // tells whether a client certificate still holds.
  explicit AccessControl(std::function<absl::Time()> clock = absl::Now)
      : clock_(std::move(clock)) {}

  // From now on decides by these. Null: there are none.
  void SetPolicy(std::shared_ptr<const AccessPolicy> policy);
  void SetTokens(std::shared_ptr<const TokenSet> tokens);

  // Whether there is a policy. Without one, the checks below may be left out for a caller without a
  // token and a certificate.
  bool has_policy() const;

  // Who calls. Never null.
  //
  // Error: UNAUTHENTICATED: there are tokens, but not the one that was shown.
  absl::StatusOr<std::shared_ptr<const Caller>> Identify(const Credentials& credentials) const;

  // Whether `caller` may call `full_method`, such as "/bantam.v1.QualificationService/Score". Of a
  // long stream it should be asked again now and then; with CheckTenant() it need not be.
  //
  // Errors: UNAUTHENTICATED: the caller is anonymous, its certificate has expired, or its token was
  // revoked; PERMISSION_DENIED: it is known, but may not.
  absl::Status CheckMethod(const Caller& caller, absl::string_view full_method) const;

  // Whether `caller` may call `full_method` for a tenant: "tenants/acme", or the name of an ICP,
  // "tenants/acme/icps/b2b". What is neither belongs to no tenant, so that only those see it who
  // see all. The answer says nothing of whether there is such a tenant or ICP.
  //
  // Errors: PERMISSION_DENIED; UNAUTHENTICATED: the caller's certificate has expired, or its token
  // was revoked.
  absl::Status CheckTenant(const Caller& caller, absl::string_view full_method,
                           absl::string_view name) const;

  // The same for choosing among what exists ("tenants/-"): not counted as denied.
  bool MaySeeTenant(const Caller& caller, absl::string_view full_method,
                    absl::string_view name) const;

  // Whether MaySeeTenant() is true for all.
  bool SeesAllTenants(const Caller& caller, absl::string_view full_method) const;

  // Takes `leads` from the quota of each of these tenants, named as for CheckTenant(). A refused
  // call takes nothing from any of them. The answer's tenant (its id) refers to `names`.
  QuotaAnswer TakeQuotas(absl::Span<const absl::string_view> names, int leads, absl::Time now);

  AccessStats Stats() const;

 private:
  // What is in force.
  struct Rules {
    std::shared_ptr<const AccessPolicy> policy;
    std::shared_ptr<const TokenSet> tokens;
  };

  Rules Current() const ABSL_LOCKS_EXCLUDED(mutex_);

  // OK, or UNAUTHENTICATED: the certificate or the token that the caller has shown does not count
  // any more.
  absl::Status CheckProofs(const Rules& rules, const Caller& caller) const;

  const std::function<absl::Time()> clock_;
  mutable Mutex mutex_;
  Rules rules_ ABSL_GUARDED_BY(mutex_);
  TenantQuotas quotas_;
  mutable std::atomic<int64_t> unknown_tokens_{0};
  mutable std::atomic<int64_t> denied_methods_{0};
  mutable std::atomic<int64_t> denied_tenants_{0};
  std::atomic<int64_t> exceeded_quotas_{0};
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_ACCESS_CONTROL_H_
