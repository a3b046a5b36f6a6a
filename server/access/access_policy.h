#ifndef BANTAM_SERVER_ACCESS_ACCESS_POLICY_H_
#define BANTAM_SERVER_ACCESS_ACCESS_POLICY_H_

#include <cstddef>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/access/caller.h"
#include "server/access/policy.pb.h"
#include "server/access/tenant_quotas.h"

namespace bantam {

// The id in "tenants/acme" or "tenants/acme/icps/b2b"; empty for anything else.
absl::string_view TenantIdOf(absl::string_view name);

// A policy in the form in which it is asked. What it does not grant is denied. Immutable; safe for
// concurrent use.
class AccessPolicy {
 public:
  // `policy` must be one that LoadAccessPolicy() finds no fault with.
  explicit AccessPolicy(const access::Policy& policy);

  // Whether any identity of `caller` may call `full_method`.
  bool GrantsMethod(const Caller& caller, absl::string_view full_method) const;

  // Whether a single grant allows it for the tenant with the id `tenant`.
  bool GrantsTenant(const Caller& caller, absl::string_view full_method,
                    absl::string_view tenant) const;

  // Whether GrantsTenant() is true for every tenant.
  bool GrantsAllTenants(const Caller& caller, absl::string_view full_method) const;

  // The quota of a tenant; null: it has none.
  const Quota* QuotaOf(absl::string_view tenant) const;

  // The names of tokens that are granted something, those with a `*` left out; sorted.
  std::vector<std::string> TokenNames() const;

 private:
  struct Grant {
    bool all_methods = false;
    absl::flat_hash_set<std::string> methods;  // Full names.
    bool all_tenants = false;
    absl::flat_hash_set<std::string> tenants;  // Ids.

    bool HasMethod(absl::string_view full_method) const;
  };

  // Places in grants_, ascending.
  using Grants = std::vector<size_t>;

  void AddIdentity(const std::string& pattern, size_t grant);

  // Whether a grant to `caller` for `full_method` meets `condition`.
  template <typename Condition>
  bool AnyGrant(const Caller& caller, absl::string_view full_method, Condition condition) const;

  std::vector<Grant> grants_;
  Grants to_everybody_;
  Grants to_anonymous_;
  absl::flat_hash_map<std::string, Grants> to_identity_;  // By the whole identity.
  absl::flat_hash_map<std::string, Grants> to_prefix_;    // By what stands before the *.
  std::set<size_t> prefix_lengths_;                       // Of the keys of to_prefix_.
  absl::flat_hash_map<std::string, Quota> quotas_;        // By tenant id; "*": of all others.
};

// A policy file that was read.
struct LoadedPolicy {
  // Null if and only if an issue of severity ERROR is present.
  std::shared_ptr<const AccessPolicy> policy;

  // Every problem found, in order of line and column, with `rendered` filled in.
  std::vector<v1::Issue> issues;
};

// Reads the YAML of a policy file (policy.proto). `file` is how issues call it.
LoadedPolicy LoadAccessPolicy(absl::string_view yaml, absl::string_view file);

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_ACCESS_POLICY_H_
