// Any text as a policy file: its problems are told, or it decides. What no grant says is denied.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "server/access/access_policy.h"
#include "tests/fuzz/require.h"

namespace bantam {
namespace {

std::vector<Caller> Callers() {
  Credentials certificate;
  certificate.spiffe_ids = {"spiffe://example.org/ns/crm/importer"};
  certificate.dns_names = {"CRM.example.com"};
  return {Caller(), Caller(certificate, absl::nullopt),
          Caller({}, Caller::Token{"crm-import", {}})};
}

void FuzzPolicy(absl::string_view text) {
  const LoadedPolicy loaded = LoadAccessPolicy(text, "policy.yaml");
  const bool has_error = std::any_of(
      loaded.issues.begin(), loaded.issues.end(),
      [](const v1::Issue& issue) { return issue.severity() == v1::ISSUE_SEVERITY_ERROR; });
  Require(has_error == (loaded.policy == nullptr), "there is a policy unless there are errors");
  for (const v1::Issue& issue : loaded.issues) {
    Require(!issue.message().empty() && !issue.rendered().empty(), "every issue says something");
  }
  if (loaded.policy == nullptr) return;
  const AccessPolicy& policy = *loaded.policy;
  static const auto* const callers = new std::vector<Caller>(Callers());
  for (const Caller& caller : *callers) {
    for (const absl::string_view method : {"/bantam.v1.QualificationService/Score",
                                           "/grpc.health.v1.Health/Watch", "/no.Such/Call"}) {
      const bool all = policy.GrantsAllTenants(caller, method);
      for (const absl::string_view tenant : {"acme", "zebra", ""}) {
        const bool granted = policy.GrantsTenant(caller, method, tenant);
        Require(!granted || policy.GrantsMethod(caller, method), "a tenant comes with the method");
        Require(!all || tenant.empty() || granted, "all tenants are each tenant");
      }
    }
  }
  const Quota* const quota = policy.QuotaOf("acme");
  Require(quota == nullptr || (quota->leads_per_second > 0 && quota->burst_leads > 0),
          "a quota lets something pass");
}

}  // namespace
}  // namespace bantam

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bantam::FuzzPolicy({reinterpret_cast<const char*>(data), size});
  return 0;
}
