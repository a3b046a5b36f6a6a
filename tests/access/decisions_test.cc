// Runs every file in tests/testdata/access/decisions: a policy, and a table of callers, methods and
// tenants. To add a case, add a file.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/access/access_control.h"
#include "server/access/check_policy.h"
#include "server/access/served_methods.h"
#include "server/definition/yaml.h"
#include "tests/access/access_case.pb.h"
#include "tests/definition/case_files.h"

namespace bantam {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kFolder[] = "../access/decisions";

access_testing::AccessCase LoadCase(const std::string& file) {
  access_testing::AccessCase loaded;
  const std::string path = CasePath(kFolder, file);
  const std::vector<v1::Issue> issues = ParseYaml(ReadFile(path), file, &loaded, nullptr);
  EXPECT_EQ(RenderedText(issues), "");
  for (const PolicyProblem& problem : CheckPolicy(loaded.policy())) {
    ADD_FAILURE() << problem.field << ": " << problem.message;
  }
  return loaded;
}

std::string FullName(const std::string& method) {
  if (method[0] == '/') return method;
  const std::vector<const ServedMethod*> named = MethodsNamed(method);
  return named.size() == 1 ? named[0]->full_name : "";
}

TokenDigest DigestOf(const std::string& name) {
  return DigestOfToken(absl::StrCat("the token of ", name));
}

// Every combination that `access` allows, as the case files write it. What is allowed whatever the
// tenant, without any being allowed, is written with "-".
std::set<std::string> Allowed(const access_testing::AccessCase& c, const AccessControl& access) {
  std::set<std::string> allowed;
  for (const access_testing::CaseCaller& says : c.callers()) {
    Credentials credentials;
    credentials.spiffe_ids.assign(says.spiffe_ids().begin(), says.spiffe_ids().end());
    credentials.dns_names.assign(says.dns_names().begin(), says.dns_names().end());
    const std::string token = absl::StrCat("the token of ", says.token());
    if (!says.token().empty()) credentials.bearer_token = token;
    const auto caller = access.Identify(credentials);
    if (!caller.ok()) {
      ADD_FAILURE() << says.name() << ": " << caller.status();
      continue;
    }
    for (const std::string& method : c.methods()) {
      const std::string full_name = FullName(method);
      EXPECT_NE(full_name, "") << method;
      const absl::Status may_call = access.CheckMethod(**caller, full_name);
      bool any_tenant = false;
      bool all_tenants = true;
      for (const std::string& tenant : c.tenants()) {
        const std::string name = absl::StrCat("tenants/", tenant);
        const absl::Status status = access.CheckTenant(**caller, full_name, name);
        EXPECT_EQ(access.MaySeeTenant(**caller, full_name, name), status.ok());
        EXPECT_EQ(access.CheckTenant(**caller, full_name, name + "/icps/a"), status);
        if (status.ok()) {
          allowed.insert(absl::StrCat(says.name(), " ", method, " ", tenant));
        } else {
          EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
        }
        any_tenant = any_tenant || status.ok();
        all_tenants = all_tenants && status.ok();
      }
      EXPECT_TRUE(all_tenants || !access.SeesAllTenants(**caller, full_name));
      EXPECT_TRUE(may_call.ok() || !any_tenant);
      if (may_call.ok() && !any_tenant)
        allowed.insert(absl::StrCat(says.name(), " ", method, " -"));
      if (!may_call.ok()) {
        EXPECT_EQ(may_call.code(), (*caller)->identities().empty()
                                       ? absl::StatusCode::kUnauthenticated
                                       : absl::StatusCode::kPermissionDenied);
      }
    }
  }
  return allowed;
}

TEST(DecisionsTest, FolderIsNotEmpty) { EXPECT_THAT(ListYamlFiles(kFolder), Not(IsEmpty())); }

class DecisionsFileTest : public ::testing::TestWithParam<std::string> {};

TEST_P(DecisionsFileTest, AllowsExactlyWhatIsListed) {
  const access_testing::AccessCase c = LoadCase(GetParam());
  SCOPED_TRACE(c.description());
  AccessControl access;
  access.SetPolicy(std::make_shared<const AccessPolicy>(c.policy()));
  std::vector<Caller::Token> tokens;
  for (const access_testing::CaseCaller& caller : c.callers()) {
    if (!caller.token().empty()) tokens.push_back({caller.token(), DigestOf(caller.token())});
  }
  access.SetTokens(std::make_shared<const TokenSet>(tokens));
  const std::set<std::string> want(c.allowed().begin(), c.allowed().end());
  EXPECT_EQ(Allowed(c, access), want);
}

INSTANTIATE_TEST_SUITE_P(Files, DecisionsFileTest, ::testing::ValuesIn(ListYamlFiles(kFolder)),
                         TestName);

}  // namespace
}  // namespace bantam
