#include "server/access/access_policy.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "server/access/served_methods.h"

namespace bantam {

absl::string_view TenantIdOf(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, "tenants/")) return "";
  const absl::string_view id = name.substr(0, name.find('/'));
  name.remove_prefix(id.size());
  return name.empty() || absl::StartsWith(name, "/icps/") ? id : "";
}

AccessPolicy::AccessPolicy(const access::Policy& policy) {
  for (const access::Grant& written : policy.grants()) {
    Grant grant;
    for (const std::string& pattern : written.methods()) {
      grant.all_methods = grant.all_methods || pattern == "*";
      for (const ServedMethod* method : MethodsNamed(pattern)) {
        grant.methods.insert(method->full_name);
      }
    }
    for (const std::string& tenant : written.tenants()) {
      grant.all_tenants = grant.all_tenants || tenant == "*";
      grant.tenants.insert(tenant);
    }
    for (const std::string& identity : written.identities()) AddIdentity(identity, grants_.size());
    grants_.push_back(std::move(grant));
  }
  for (const access::TenantQuota& written : policy.quotas()) {
    Quota quota;
    quota.leads_per_second = written.leads_per_second();
    quota.burst_leads = written.has_burst_leads() ? written.burst_leads()
                                                  : std::max(1.0, written.leads_per_second());
    for (const std::string& tenant : written.tenants()) quotas_.emplace(tenant, quota);
  }
}

void AccessPolicy::AddIdentity(const std::string& pattern, size_t grant) {
  if (pattern == "*") {
    to_everybody_.push_back(grant);
  } else if (pattern == "anonymous") {
    to_anonymous_.push_back(grant);
  } else if (absl::EndsWith(pattern, "*")) {
    const std::string prefix = pattern.substr(0, pattern.size() - 1);
    prefix_lengths_.insert(prefix.size());
    to_prefix_[prefix].push_back(grant);
  } else {
    const bool is_dns_name = absl::StartsWith(pattern, "dns:");
    to_identity_[is_dns_name ? absl::AsciiStrToLower(pattern) : pattern].push_back(grant);
  }
}

bool AccessPolicy::Grant::HasMethod(absl::string_view full_method) const {
  return all_methods || methods.contains(full_method);
}

template <typename Condition>
bool AccessPolicy::AnyGrant(const Caller& caller, absl::string_view full_method,
                            Condition condition) const {
  const auto any = [&](const Grants& grants) {
    return std::any_of(grants.begin(), grants.end(), [&](size_t i) {
      return grants_[i].HasMethod(full_method) && condition(grants_[i]);
    });
  };
  if (any(to_everybody_)) return true;
  if (caller.identities().empty()) return any(to_anonymous_);
  for (const absl::string_view identity : caller.identities()) {
    const auto exact = to_identity_.find(identity);
    if (exact != to_identity_.end() && any(exact->second)) return true;
    for (const size_t length : prefix_lengths_) {
      if (length > identity.size()) break;
      const auto prefix = to_prefix_.find(identity.substr(0, length));
      if (prefix != to_prefix_.end() && any(prefix->second)) return true;
    }
  }
  return false;
}

bool AccessPolicy::GrantsMethod(const Caller& caller, absl::string_view full_method) const {
  return AnyGrant(caller, full_method, [](const Grant&) { return true; });
}

bool AccessPolicy::GrantsTenant(const Caller& caller, absl::string_view full_method,
                                absl::string_view tenant) const {
  return AnyGrant(caller, full_method, [tenant](const Grant& grant) {
    return grant.all_tenants || grant.tenants.contains(tenant);
  });
}

bool AccessPolicy::GrantsAllTenants(const Caller& caller, absl::string_view full_method) const {
  return AnyGrant(caller, full_method, [](const Grant& grant) { return grant.all_tenants; });
}

const Quota* AccessPolicy::QuotaOf(absl::string_view tenant) const {
  if (quotas_.empty()) return nullptr;
  auto it = quotas_.find(tenant);
  if (it == quotas_.end()) it = quotas_.find("*");
  return it == quotas_.end() ? nullptr : &it->second;
}

std::vector<std::string> AccessPolicy::TokenNames() const {
  std::vector<std::string> names;
  for (const auto& [identity, grants] : to_identity_) {
    absl::string_view name = identity;
    if (absl::ConsumePrefix(&name, "token:")) names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace bantam
