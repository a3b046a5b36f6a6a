#include "server/access/access_control.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr absl::string_view kScore = "/bantam.v1.QualificationService/Score";
constexpr absl::string_view kGetIcp = "/bantam.v1.IcpCatalogService/GetIcp";

std::shared_ptr<const AccessPolicy> Policy(absl::string_view yaml) {
  const LoadedPolicy loaded = LoadAccessPolicy(yaml, "policy.yaml");
  for (const v1::Issue& issue : loaded.issues) ADD_FAILURE() << issue.rendered();
  return loaded.policy;
}

std::shared_ptr<const TokenSet> Tokens(
    const std::vector<std::pair<std::string, std::string>>& all) {
  std::vector<Caller::Token> tokens;
  for (const auto& [name, text] : all) tokens.push_back({name, DigestOfToken(text)});
  return std::make_shared<const TokenSet>(tokens);
}

Credentials WithToken(absl::string_view token) {
  Credentials credentials;
  credentials.bearer_token = token;
  return credentials;
}

TEST(CallerTest, HasEveryIdentityItProved) {
  Credentials credentials;
  credentials.spiffe_ids = {"spiffe://example.org/ns/crm"};
  credentials.dns_names = {"CRM.Example.com", "b.example.com"};
  const Caller caller(credentials, Caller::Token{"crm-import", {}});
  EXPECT_THAT(caller.identities(), ElementsAre("token:crm-import", "spiffe://example.org/ns/crm",
                                               "dns:crm.example.com", "dns:b.example.com"));
  EXPECT_EQ(caller.name(), "token:crm-import");
}

TEST(CallerTest, NamesThatCouldFoolAReaderAreLeftOut) {
  Credentials credentials;
  credentials.spiffe_ids = {"https://example.org", "spiffe://example.org/a\nb", ""};
  credentials.dns_names = {std::string("a.example.com\0.evil.org", 23), "a b", "", "b\xC3\xBC"};
  const Caller caller(credentials, absl::nullopt);
  EXPECT_THAT(caller.identities(), IsEmpty());
  EXPECT_EQ(caller.name(), "anonymous");
}

TEST(AccessControlTest, WithoutAPolicyEverythingIsAllowed) {
  AccessControl access;
  EXPECT_FALSE(access.has_policy());
  const auto caller = access.Identify(WithToken("whatever"));
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ((*caller)->name(), "anonymous");
  EXPECT_EQ(access.CheckMethod(**caller, kScore), absl::OkStatus());
  EXPECT_EQ(access.CheckTenant(**caller, kScore, "tenants/acme"), absl::OkStatus());
  EXPECT_TRUE(access.SeesAllTenants(**caller, kScore));
  EXPECT_TRUE(access.TakeQuotas({"tenants/acme"}, 1000000, absl::UnixEpoch()).granted);
}

TEST(AccessControlTest, WithoutAPolicyTokensOnlyTellWhoCalls) {
  AccessControl access;
  access.SetTokens(Tokens({{"crm", "secret"}}));
  const auto known = access.Identify(WithToken("secret"));
  ASSERT_TRUE(known.ok());
  EXPECT_EQ((*known)->name(), "token:crm");
  EXPECT_EQ(access.CheckMethod(**known, kScore), absl::OkStatus());
  const auto nobody = access.Identify({});
  ASSERT_TRUE(nobody.ok());
  EXPECT_EQ(access.CheckMethod(**nobody, kScore), absl::OkStatus());
  EXPECT_EQ(access.Identify(WithToken("Secret")).status().code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(access.Identify(WithToken("")).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(access.Stats().unknown_tokens, 2);
}

TEST(AccessControlTest, AnUnknownTokenSpoilsAGoodCertificate) {
  AccessControl access;
  access.SetTokens(Tokens({{"crm", "secret"}}));
  Credentials credentials = WithToken("guess");
  credentials.dns_names = {"crm.example.com"};
  const absl::Status status = access.Identify(credentials).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("guess")));
}

TEST(AccessControlTest, ARevokedTokenCountsNoMoreForThoseWhoHaveShownIt) {
  AccessControl access;
  access.SetPolicy(Policy("grants: [{identities: ['*'], methods: ['*'], tenants: ['*']}]"));
  access.SetTokens(Tokens({{"crm", "old"}, {"crm", "new"}, {"billing", "other"}}));
  const auto old_caller = access.Identify(WithToken("old"));
  const auto new_caller = access.Identify(WithToken("new"));
  const auto other = access.Identify(WithToken("other"));
  ASSERT_TRUE(old_caller.ok() && new_caller.ok() && other.ok());
  EXPECT_EQ(access.CheckTenant(**old_caller, kScore, "tenants/acme"), absl::OkStatus());
  // "other" becomes the token of somebody else.
  access.SetTokens(Tokens({{"crm", "new"}, {"support", "other"}}));
  EXPECT_EQ(access.CheckMethod(**old_caller, kScore).code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(access.CheckTenant(**old_caller, kScore, "tenants/acme").code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(access.CheckMethod(**new_caller, kScore), absl::OkStatus());
  EXPECT_EQ(access.CheckTenant(**other, kScore, "tenants/acme").code(),
            absl::StatusCode::kUnauthenticated);
  access.SetTokens(nullptr);
  EXPECT_EQ(access.CheckMethod(**new_caller, kScore).code(), absl::StatusCode::kUnauthenticated);
}

TEST(AccessControlTest, ACertificateCountsUntilItsEndWhateverIsAsked) {
  absl::Time now = absl::FromUnixSeconds(1000);
  AccessControl access([&now] { return now; });
  Credentials credentials;
  credentials.dns_names = {"crm.example.com"};
  credentials.certificate_end = now;
  const auto caller = access.Identify(credentials);
  ASSERT_TRUE(caller.ok());
  const auto other = access.Identify({});
  ASSERT_TRUE(other.ok());
  for (const bool with_policy : {false, true}) {
    if (with_policy) {
      access.SetPolicy(Policy("grants: [{identities: ['*'], methods: ['*'], tenants: ['*']}]"));
    }
    now = credentials.certificate_end;
    EXPECT_EQ(access.CheckMethod(**caller, kScore), absl::OkStatus());
    EXPECT_EQ(access.CheckTenant(**caller, kScore, "tenants/acme"), absl::OkStatus());
    now += absl::Seconds(1);
    const absl::Status expired =
        absl::UnauthenticatedError("the client certificate has expired; connect with a new one");
    EXPECT_EQ(access.CheckMethod(**caller, kScore), expired);
    EXPECT_EQ(access.CheckTenant(**caller, kScore, "tenants/acme"), expired);
    EXPECT_EQ(access.CheckTenant(**other, kScore, "tenants/acme"), absl::OkStatus());
  }
}

TEST(AccessControlTest, ANewPolicyCountsForCallersWhoWereIdentifiedBefore) {
  AccessControl access;
  access.SetPolicy(Policy("grants: [{identities: ['dns:a'], methods: [Score], tenants: [acme]}]"));
  EXPECT_TRUE(access.has_policy());
  Credentials credentials;
  credentials.dns_names = {"a"};
  const auto caller = access.Identify(credentials);
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ(access.CheckTenant(**caller, kScore, "tenants/acme"), absl::OkStatus());
  access.SetPolicy(Policy("grants: [{identities: ['dns:a'], methods: [Score], tenants: [beta]}]"));
  EXPECT_EQ(access.CheckMethod(**caller, kScore), absl::OkStatus());
  EXPECT_EQ(access.CheckTenant(**caller, kScore, "tenants/acme").code(),
            absl::StatusCode::kPermissionDenied);
  access.SetPolicy(Policy("grants: [{identities: ['dns:b'], methods: [Score], tenants: [beta]}]"));
  EXPECT_EQ(access.CheckMethod(**caller, kScore).code(), absl::StatusCode::kPermissionDenied);
}

TEST(AccessControlTest, DenialsSayWhoIsDeniedAndNothingOfTenants) {
  AccessControl access;
  access.SetPolicy(Policy("grants: [{identities: ['dns:a'], methods: [Score], tenants: [acme]}]"));
  Credentials credentials;
  credentials.dns_names = {"a"};
  const auto caller = access.Identify(credentials);
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ(access.CheckMethod(**caller, kGetIcp),
            absl::PermissionDeniedError("the access policy does not allow this method to dns:a"));
  const absl::Status beta = access.CheckTenant(**caller, kScore, "tenants/beta/icps/b2b");
  EXPECT_EQ(beta, absl::PermissionDeniedError(
                      "the access policy does not allow this method for this tenant to dns:a"));
  EXPECT_EQ(access.CheckTenant(**caller, kScore, "tenants/no-such-tenant"), beta);
  const auto nobody = access.Identify({});
  ASSERT_TRUE(nobody.ok());
  EXPECT_EQ(access.CheckMethod(**nobody, kScore).code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(access.Stats().denied_methods, 2);
  EXPECT_EQ(access.Stats().denied_tenants, 2);
}

TEST(AccessControlTest, WhatIsNoTenantsNameBelongsToNobody) {
  EXPECT_EQ(TenantIdOf("tenants/acme"), "acme");
  EXPECT_EQ(TenantIdOf("tenants/acme/icps/b2b"), "acme");
  EXPECT_EQ(TenantIdOf("tenants/acme/leads/1"), "");
  EXPECT_EQ(TenantIdOf("tenants/"), "");
  EXPECT_EQ(TenantIdOf("tenant/acme"), "");
  EXPECT_EQ(TenantIdOf("acme"), "");
  AccessControl access;
  access.SetPolicy(Policy("grants: [{identities: [anonymous], methods: ['*'], tenants: [acme]}]"));
  const Caller nobody;
  for (const char* const name : {"", "acme", "tenants/", "tenants/-", "tenants/acme/leads/1"}) {
    EXPECT_EQ(access.CheckTenant(nobody, kScore, name).code(), absl::StatusCode::kPermissionDenied)
        << name;
  }
}

TEST(AccessControlTest, QuotasAreThoseOfThePolicyInForce) {
  AccessControl access;
  const std::string grants = "grants: [{identities: ['*'], methods: ['*'], tenants: ['*']}]\n";
  access.SetPolicy(Policy(absl::StrCat(grants,
                                       "quotas:\n"
                                       "  - {tenants: [acme, beta], leads_per_second: 10}\n"
                                       "  - {tenants: ['*'], leads_per_second: 1}\n")));
  const absl::Time now = absl::UnixEpoch();
  // acme and beta have an account each.
  EXPECT_TRUE(access.TakeQuotas({"tenants/acme/icps/b2b"}, 10, now).granted);
  EXPECT_FALSE(access.TakeQuotas({"tenants/acme"}, 1, now).granted);
  EXPECT_TRUE(access.TakeQuotas({"tenants/beta"}, 10, now).granted);
  EXPECT_TRUE(access.TakeQuotas({"tenants/gamma"}, 1, now).granted);
  EXPECT_FALSE(access.TakeQuotas({"tenants/gamma"}, 1, now).granted);
  EXPECT_EQ(access.Stats().exceeded_quotas, 2);
  access.SetPolicy(Policy(grants));
  EXPECT_TRUE(access.TakeQuotas({"tenants/acme"}, 1, now).granted);
}

// Mostly for the address sanitizer: nothing is used after it was exchanged.
TEST(AccessControlTest, RulesAreExchangedWhileTheyAreUsed) {
  AccessControl access;
  const auto policy = Policy(
      "grants: [{identities: ['token:a'], methods: [Score], tenants: [acme]}]\n"
      "quotas: [{tenants: [acme], leads_per_second: 1000000}]");
  access.SetPolicy(policy);
  access.SetTokens(Tokens({{"a", "secret"}}));
  std::atomic<bool> done{false};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        const auto caller = access.Identify(WithToken("secret"));
        if (!caller.ok() || !access.CheckMethod(**caller, kScore).ok() ||
            !access.CheckTenant(**caller, kScore, "tenants/acme").ok()) {
          ++refused;
        }
        access.TakeQuotas({"tenants/acme"}, 1, absl::UnixEpoch());
      }
    });
  }
  for (int i = 0; i < 300; ++i) {
    access.SetTokens(Tokens({{"a", "secret"}, {"b", absl::StrCat("other", i)}}));
    access.SetPolicy(Policy(absl::StrCat(
        "grants: [{identities: ['token:a'], methods: ['*'], tenants: [acme, t", i, "]}]")));
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace bantam
