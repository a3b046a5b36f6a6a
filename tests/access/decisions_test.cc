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

std::string TokenOf(const std::string& name) { return absl::StrCat("the token of ", name); }

// What a case's caller shows; `token` keeps the text of its token.
Credentials CredentialsOf(const access_testing::CaseCaller& says, std::string* token) {
  Credentials credentials;
  credentials.spiffe_ids.assign(says.spiffe_ids().begin(), says.spiffe_ids().end());
  credentials.dns_names.assign(says.dns_names().begin(), says.dns_names().end());
  *token = TokenOf(says.token());
  if (!says.token().empty()) credentials.bearer_token = *token;
  return credentials;
}

// The tenants for which `access` allows `caller` the method; checks that its answers agree.
std::vector<std::string> AllowedTenants(const AccessControl& access, const Caller& caller,
                                        const std::string& method,
                                        const access_testing::AccessCase& c) {
  std::vector<std::string> allowed;
  for (const std::string& tenant : c.tenants()) {
    const std::string name = absl::StrCat("tenants/", tenant);
    const absl::Status status = access.CheckTenant(caller, method, name);
    EXPECT_EQ(access.MaySeeTenant(caller, method, name), status.ok());
    EXPECT_EQ(access.CheckTenant(caller, method, name + "/icps/a"), status);
    if (status.ok()) {
      allowed.push_back(tenant);
    } else {
      EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
      EXPECT_FALSE(access.SeesAllTenants(caller, method));
    }
  }
  const absl::Status status = access.CheckMethod(caller, method);
  if (status.ok() && allowed.empty()) allowed.push_back("-");
  if (!status.ok()) {
    EXPECT_THAT(allowed, IsEmpty());
    EXPECT_EQ(status.code(), caller.identities().empty() ? absl::StatusCode::kUnauthenticated
                                                         : absl::StatusCode::kPermissionDenied);
  }
  return allowed;
}

// Every combination that `access` allows, as the case files write it.
std::set<std::string> Allowed(const access_testing::AccessCase& c, const AccessControl& access) {
  std::set<std::string> allowed;
  for (const access_testing::CaseCaller& says : c.callers()) {
    std::string token;
    const auto caller = access.Identify(CredentialsOf(says, &token));
    EXPECT_TRUE(caller.ok()) << says.name() << ": " << caller.status();
    if (!caller.ok()) continue;
    for (const std::string& method : c.methods()) {
      EXPECT_NE(FullName(method), "") << method;
      for (const std::string& tenant : AllowedTenants(access, **caller, FullName(method), c)) {
        allowed.insert(absl::StrCat(says.name(), " ", method, " ", tenant));
      }
    }
  }
  return allowed;
}

TEST(DecisionsTest, FolderIsNotEmpty) { EXPECT_THAT(ListYamlFiles(kFolder), Not(IsEmpty())); }

// A new method fails this until it has its rows there.
TEST(DecisionsTest, EveryMethodStandsInTheTable) {
  const access_testing::AccessCase c = LoadCase("every_method.yaml");
  std::set<std::string> listed;
  for (const std::string& method : c.methods()) listed.insert(FullName(method));
  for (const ServedMethod& method : ServedMethods()) {
    EXPECT_EQ(listed.count(method.full_name), 1u) << method.full_name;
  }
}

class DecisionsFileTest : public ::testing::TestWithParam<std::string> {};

TEST_P(DecisionsFileTest, AllowsExactlyWhatIsListed) {
  const access_testing::AccessCase c = LoadCase(GetParam());
  SCOPED_TRACE(c.description());
  AccessControl access;
  access.SetPolicy(std::make_shared<const AccessPolicy>(c.policy()));
  std::vector<Caller::Token> tokens;
  for (const access_testing::CaseCaller& caller : c.callers()) {
    if (!caller.token().empty())
      tokens.push_back({caller.token(), DigestOfToken(TokenOf(caller.token()))});
  }
  access.SetTokens(std::make_shared<const TokenSet>(tokens));
  const std::set<std::string> want(c.allowed().begin(), c.allowed().end());
  EXPECT_EQ(Allowed(c, access), want);
}

INSTANTIATE_TEST_SUITE_P(Files, DecisionsFileTest, ::testing::ValuesIn(ListYamlFiles(kFolder)),
                         TestName);

}  // namespace
}  // namespace bantam
