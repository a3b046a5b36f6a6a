#include "server/access/check_policy.h"

#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/access/served_methods.h"
#include "server/definition/source_text.h"
#include "server/engine/suggest.h"
#include "server/engine/validate.h"

namespace bantam {
namespace {

constexpr int kMaxGrants = 10000;
constexpr double kMaxLeads = 1e9;

class PolicyCheck {
 public:
  explicit PolicyCheck(const access::Policy& policy) : policy_(policy) {}

  std::vector<PolicyProblem> Run() {
    if (policy_.grants().empty()) {
      Add("grants", "must hold at least one grant: a policy without any denies every call");
    } else if (policy_.grants_size() > kMaxGrants) {
      Add("grants",
          absl::StrCat("must hold at most ", kMaxGrants, " grants, not ", policy_.grants_size()));
    }
    for (int i = 0; i < policy_.grants_size(); ++i) {
      CheckGrant(policy_.grants(i), absl::StrCat("grants[", i, "]"));
    }
    for (int i = 0; i < policy_.quotas_size(); ++i) {
      CheckQuota(policy_.quotas(i), absl::StrCat("quotas[", i, "]"));
    }
    return std::move(problems_);
  }

 private:
  void Add(std::string field, std::string message) {
    problems_.push_back({std::move(field), std::move(message)});
  }

  // Calls `check` with each text of a list and its path.
  template <typename List, typename Check>
  static void ForEach(const List& list, const std::string& path, Check check) {
    for (int i = 0; i < list.size(); ++i) check(list[i], absl::StrCat(path, "[", i, "]"));
  }

  void CheckGrant(const access::Grant& grant, const std::string& path) {
    const std::string identities = path + ".identities";
    if (grant.identities().empty()) {
      Add(identities, "must say who, such as [token:crm-import], or ['*'] for everybody");
    }
    ForEach(grant.identities(), identities, [this](const auto& identity, std::string place) {
      const std::string problem = CheckIdentity(identity);
      if (problem.empty()) return;
      Add(place, absl::StrCat(problem, Not(identity), DidYouMean(identity, {"anonymous"})));
    });
    const std::string methods = path + ".methods";
    if (grant.methods().empty()) {
      Add(methods, "must say what, such as [Score, Qualify], or ['*'] for every method");
    }
    ForEach(grant.methods(), methods, [this](const auto& method, std::string place) {
      if (!MethodsNamed(method).empty()) return;
      Add(place, absl::StrCat(Quoted(method), " names no method", MethodHint(method)));
    });
    const std::string tenants = path + ".tenants";
    if (grant.tenants().empty() && ConcernsTenants(grant)) {
      Add(tenants, "must say for which tenants, such as [acme], or ['*'] for all");
    }
    ForEach(grant.tenants(), tenants,
            [this](const auto& tenant, std::string place) { CheckTenant(tenant, place); });
  }

  static bool ConcernsTenants(const access::Grant& grant) {
    for (const std::string& pattern : grant.methods()) {
      for (const ServedMethod* method : MethodsNamed(pattern)) {
        if (method->concerns_tenants) return true;
      }
    }
    return false;
  }

  void CheckTenant(absl::string_view tenant, const std::string& place) {
    if (tenant == "*" || IsTenantName(absl::StrCat("tenants/", tenant))) return;
    if (absl::StartsWith(tenant, "tenants/")) {
      Add(place, absl::StrCat("must be the id alone", Not(tenant)));
      return;
    }
    Add(place, absl::StrCat("must be a tenant's id, of lower-case letters, digits and hyphens, or "
                            "'*' for all",
                            Not(tenant)));
  }

  void CheckQuota(const access::TenantQuota& quota, const std::string& path) {
    const std::string tenants = path + ".tenants";
    if (quota.tenants().empty()) {
      Add(tenants, "must say for which tenants, such as [acme], or ['*'] for all others");
    }
    ForEach(quota.tenants(), tenants, [this](const auto& tenant, std::string place) {
      CheckTenant(tenant, place);
      if (!limited_.emplace(tenant, place).second) {
        Add(place,
            absl::StrCat("must not name ", Quoted(tenant), " again: it has a quota already"));
      }
    });
    // Written so that what is not a number is refused as well.
    if (!(quota.leads_per_second() > 0 && quota.leads_per_second() <= kMaxLeads)) {
      Add(path + ".leads_per_second", "must be above 0 and at most 1000000000");
    }
    if (quota.has_burst_leads() &&
        !(quota.burst_leads() >= 1 && quota.burst_leads() <= kMaxLeads)) {
      Add(path + ".burst_leads",
          "must be from 1 to 1000000000; leave it out for one second's worth");
    }
  }

  static std::string Not(absl::string_view text) { return absl::StrCat(", not ", Quoted(text)); }

  const access::Policy& policy_;
  std::vector<PolicyProblem> problems_;
  std::map<std::string, std::string> limited_;  // Tenant → where its quota stands.
};

}  // namespace

std::vector<PolicyProblem> CheckPolicy(const access::Policy& policy) {
  return PolicyCheck(policy).Run();
}

}  // namespace bantam
