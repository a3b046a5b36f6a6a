#include "server/access/access_control.h"

#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"

namespace bantam {

void AccessControl::SetPolicy(std::shared_ptr<const AccessPolicy> policy) {
  MutexLock lock(mutex_);
  rules_.policy.swap(policy);
}

void AccessControl::SetTokens(std::shared_ptr<const TokenSet> tokens) {
  MutexLock lock(mutex_);
  rules_.tokens.swap(tokens);
}

AccessControl::Rules AccessControl::Current() const {
  MutexLock lock(mutex_);
  return rules_;
}

bool AccessControl::has_policy() const {
  MutexLock lock(mutex_);
  return rules_.policy != nullptr;
}

absl::StatusOr<std::shared_ptr<const Caller>> AccessControl::Identify(
    const Credentials& credentials) const {
  const Rules rules = Current();
  absl::optional<Caller::Token> token;
  if (rules.tokens != nullptr && credentials.bearer_token.has_value()) {
    token = rules.tokens->Find(*credentials.bearer_token);
    if (!token.has_value()) {
      unknown_tokens_.fetch_add(1, std::memory_order_relaxed);
      return absl::UnauthenticatedError("the bearer token is not known");
    }
  }
  return std::make_shared<const Caller>(credentials, std::move(token));
}

absl::Status AccessControl::CheckProofs(const Rules& rules, const Caller& caller) const {
  if (caller.certificate_end() != absl::InfiniteFuture() && clock_() > caller.certificate_end()) {
    return absl::UnauthenticatedError("the client certificate has expired; connect with a new one");
  }
  if (!caller.token().has_value()) return absl::OkStatus();
  if (rules.tokens != nullptr && rules.tokens->Contains(*caller.token())) return absl::OkStatus();
  unknown_tokens_.fetch_add(1, std::memory_order_relaxed);
  return absl::UnauthenticatedError("the bearer token is not valid any more");
}

absl::Status AccessControl::CheckMethod(const Caller& caller, absl::string_view full_method) const {
  const Rules rules = Current();
  const absl::Status proofs = CheckProofs(rules, caller);
  if (!proofs.ok()) return proofs;
  if (rules.policy == nullptr || rules.policy->GrantsMethod(caller, full_method)) {
    return absl::OkStatus();
  }
  denied_methods_.fetch_add(1, std::memory_order_relaxed);
  if (caller.identities().empty()) {
    return absl::UnauthenticatedError(
        "this method is not for anonymous callers: a client certificate or a bearer token is "
        "needed");
  }
  return absl::PermissionDeniedError(
      absl::StrCat("the access policy does not allow this method to ", caller.name()));
}

absl::Status AccessControl::CheckTenant(const Caller& caller, absl::string_view full_method,
                                        absl::string_view name) const {
  const Rules rules = Current();
  const absl::Status proofs = CheckProofs(rules, caller);
  if (!proofs.ok()) return proofs;
  if (rules.policy == nullptr ||
      rules.policy->GrantsTenant(caller, full_method, TenantIdOf(name))) {
    return absl::OkStatus();
  }
  denied_tenants_.fetch_add(1, std::memory_order_relaxed);
  return absl::PermissionDeniedError(absl::StrCat(
      "the access policy does not allow this method for this tenant to ", caller.name()));
}

bool AccessControl::MaySeeTenant(const Caller& caller, absl::string_view full_method,
                                 absl::string_view name) const {
  const Rules rules = Current();
  return rules.policy == nullptr ||
         rules.policy->GrantsTenant(caller, full_method, TenantIdOf(name));
}

bool AccessControl::SeesAllTenants(const Caller& caller, absl::string_view full_method) const {
  const Rules rules = Current();
  return rules.policy == nullptr || rules.policy->GrantsAllTenants(caller, full_method);
}

QuotaAnswer AccessControl::TakeQuotas(absl::Span<const absl::string_view> names, int leads,
                                      absl::Time now) {
  const Rules rules = Current();
  if (rules.policy == nullptr) return {};
  absl::InlinedVector<TenantQuota, 1> tenants;
  for (const absl::string_view name : names) {
    const absl::string_view tenant = TenantIdOf(name);
    const Quota* const quota = rules.policy->QuotaOf(tenant);
    if (quota != nullptr) tenants.push_back({tenant, *quota});
  }
  if (tenants.empty()) return {};
  const QuotaAnswer answer = quotas_.Take(tenants, leads, now);
  if (!answer.granted) exceeded_quotas_.fetch_add(1, std::memory_order_relaxed);
  return answer;
}

AccessStats AccessControl::Stats() const {
  AccessStats stats;
  stats.unknown_tokens = unknown_tokens_.load(std::memory_order_relaxed);
  stats.denied_methods = denied_methods_.load(std::memory_order_relaxed);
  stats.denied_tenants = denied_tenants_.load(std::memory_order_relaxed);
  stats.exceeded_quotas = exceeded_quotas_.load(std::memory_order_relaxed);
  return stats;
}

}  // namespace bantam
