// Real handshakes: who gets a connection, and whose calls pass.
#include "server/rpc/server_credentials.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/store/file_descriptor.h"
#include "tests/rpc/tls_server.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;

// Whether anybody listens on that port of ::1.
bool ListensOnIpv6Loopback(int port) {
  const FileDescriptor connection(socket(AF_INET6, SOCK_STREAM, 0));
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<uint16_t>(port));
  address.sin6_addr = in6addr_loopback;
  return connect(connection.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
}

grpc::StatusCode Code(const grpc::Status& status) { return status.error_code(); }

TEST(HandshakeTest, WithoutClientCasNoCertificateIsNeeded) {
  TlsServer server(Clients::kNotAsked);
  EXPECT_TRUE(CallHealth(server.Connect()).ok());
  // One that is shown is not asked for, and proves nothing.
  server.SetPolicy("grants: [{identities: ['dns:*'], methods: ['Health/*']}]");
  EXPECT_EQ(Code(CallHealth(server.Connect(server.authority().IssueClient(kCrmNames)))),
            grpc::StatusCode::UNAUTHENTICATED);
}

TEST(HandshakeTest, ARequiredCertificateMustBeThereAndGood) {
  TlsServer server(Clients::kRequired);
  EXPECT_TRUE(CallHealth(server.Connect(server.authority().IssueClient(kCrmNames))).ok());
  EXPECT_EQ(Code(CallHealth(server.Connect())), grpc::StatusCode::UNAVAILABLE);
  const TestAuthority other;
  EXPECT_EQ(Code(CallHealth(server.Connect(other.IssueClient(kCrmNames)))),
            grpc::StatusCode::UNAVAILABLE);
  TestCertificate expired;
  expired.not_after = absl::Now() - absl::Minutes(1);
  EXPECT_EQ(Code(CallHealth(server.Connect(server.authority().Issue(expired)))),
            grpc::StatusCode::UNAVAILABLE);
  TestCertificate early;
  early.not_before = absl::Now() + absl::Minutes(10);
  EXPECT_EQ(Code(CallHealth(server.Connect(server.authority().Issue(early)))),
            grpc::StatusCode::UNAVAILABLE);
}

// No handshake notices: the connection stays open, and a session that is resumed is not checked
// again.
TEST(HandshakeTest, ACertificateThatExpiresMeanwhileCountsNoMore) {
  TlsServer server(Clients::kRequired);
  TestCertificate short_lived;
  short_lived.alternative_names = kCrmNames;
  short_lived.not_after = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()) + 8);
  const auto channel = server.Connect(server.authority().Issue(short_lived));
  grpc::Status status = CallHealth(channel);
  const absl::Time limit = absl::Now() + absl::Minutes(1);
  while (status.ok() && absl::Now() < limit) status = CallHealth(channel);
  EXPECT_GT(absl::Now(), short_lived.not_after);
  EXPECT_EQ(Code(status), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("the client certificate has expired"));
}

TEST(HandshakeTest, AnOptionalCertificateMustBeGoodIfItIsThere) {
  TlsServer server(Clients::kOptional);
  EXPECT_TRUE(CallHealth(server.Connect()).ok());
  EXPECT_TRUE(CallHealth(server.Connect(server.authority().IssueClient(kCrmNames))).ok());
  const TestAuthority other;
  EXPECT_EQ(Code(CallHealth(server.Connect(other.IssueClient(kCrmNames)))),
            grpc::StatusCode::UNAVAILABLE);
}

TEST(HandshakeTest, ClientsDoNotTrustAServerOfAnotherAuthority) {
  TlsServer server(Clients::kNotAsked);
  const TestAuthority other;
  server.Rotate(other.IssueServer());
  EXPECT_EQ(Code(CallHealth(server.Connect())), grpc::StatusCode::UNAVAILABLE);
}

TEST(HandshakeTest, OldVersionsOfTlsAreRefused) {
  for (const Clients clients : {Clients::kNotAsked, Clients::kOptional}) {
    TlsServer server(clients);
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(Handshake(server.port(), TLS1_VERSION), "");
      EXPECT_EQ(Handshake(server.port(), TLS1_1_VERSION), "");
      EXPECT_EQ(Handshake(server.port(), TLS1_2_VERSION), "TLSv1.2");
      EXPECT_EQ(Handshake(server.port(), TLS1_3_VERSION), "TLSv1.3");
      // The same once more for what replaces it.
      server.Rotate(server.authority().IssueServer());
    }
  }
}

// Not by the name: Debian's c-ares, which looks it up, leaks a few bytes.
TEST(HandshakeTest, EveryAddressOfAHostIsServed) {
  TlsServer server(Clients::kRequired, "localhost");
  const TestIdentity client = server.authority().IssueClient(kCrmNames);
  EXPECT_TRUE(CallHealth(server.Connect(client)).ok());
  EXPECT_EQ(Code(CallHealth(server.Connect())), grpc::StatusCode::UNAVAILABLE);
  // On some machines the name has no IPv6 address.
  if (!ListensOnIpv6Loopback(server.port())) return;
  EXPECT_TRUE(CallHealth(server.Connect(client, "[::1]")).ok());
  EXPECT_EQ(Code(CallHealth(server.Connect(absl::nullopt, "[::1]"))),
            grpc::StatusCode::UNAVAILABLE);
}

TEST(CallCheckTest, MethodsAreDecidedByTheIdentitiesOfTheCertificate) {
  TlsServer server(Clients::kOptional);
  server.SetPolicy(
      "grants:\n"
      "  - {identities: ['spiffe://example.org/ns/crm/*'], methods: [Health/Check]}\n"
      "  - {identities: ['dns:crm.example.com'], methods: [Health/Watch]}\n");
  const auto both = server.Connect(server.authority().IssueClient(kCrmNames));
  EXPECT_TRUE(CallHealth(both).ok());
  const auto spiffe =
      server.Connect(server.authority().IssueClient("URI:spiffe://example.org/ns/crm/importer"));
  EXPECT_TRUE(CallHealth(spiffe).ok());
  EXPECT_EQ(Code(CallHealth(spiffe, {}, kHealthWatch)), grpc::StatusCode::PERMISSION_DENIED);
  const auto dns = server.Connect(
      server.authority().IssueClient("DNS:b.example.com,DNS:CRM.example.com,email:a@b.c"));
  EXPECT_EQ(Code(CallHealth(dns)), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Code(CallHealth(server.Connect())), grpc::StatusCode::UNAUTHENTICATED);
  // A certificate that proves no name.
  EXPECT_EQ(Code(CallHealth(server.Connect(server.authority().IssueClient("IP:127.0.0.1")))),
            grpc::StatusCode::UNAUTHENTICATED);
}

TEST(CallCheckTest, TokensAreToldApart) {
  TlsServer server(Clients::kNotAsked);
  server.SetTokens({"alpha", "beta"});
  server.SetPolicy("grants: [{identities: ['token:alpha'], methods: ['Health/*']}]");
  const auto channel = server.Connect();
  EXPECT_TRUE(CallHealth(channel, Bearer("alpha")).ok());
  EXPECT_TRUE(CallHealth(channel, {{"authorization", "bearer  alpha "}}).ok());
  EXPECT_EQ(Code(CallHealth(channel, Bearer("beta"))), grpc::StatusCode::PERMISSION_DENIED);
  const grpc::Status unknown = CallHealth(channel, Bearer("gamma"));
  EXPECT_EQ(Code(unknown), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(unknown.error_message(), Not(HasSubstr("gamma")));
  EXPECT_EQ(Code(CallHealth(channel)), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Code(CallHealth(channel, {{"authorization", "Basic alpha"}})),
            grpc::StatusCode::UNAUTHENTICATED);
  // The first one counts.
  EXPECT_EQ(Code(CallHealth(channel,
                            {{"authorization", "Bearer beta"}, {"authorization", "Bearer alpha"}})),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST(CallCheckTest, WhatIsRevokedCountsNoMoreOnAnOpenConnection) {
  TlsServer server(Clients::kRequired);
  server.SetTokens({"alpha"});
  const std::string crm = "grants: [{identities: ['dns:crm.example.com'], methods: ['Health/*']}]";
  server.SetPolicy(crm);
  const auto channel = server.Connect(server.authority().IssueClient(kCrmNames));
  EXPECT_TRUE(CallHealth(channel).ok());
  server.SetPolicy("grants: [{identities: ['token:alpha'], methods: ['Health/*']}]");
  EXPECT_EQ(Code(CallHealth(channel)), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(CallHealth(channel, Bearer("alpha")).ok());
  server.SetTokens({});
  EXPECT_EQ(Code(CallHealth(channel, Bearer("alpha"))), grpc::StatusCode::UNAUTHENTICATED);
  // An identity of one call does not stick to the connection.
  EXPECT_EQ(Code(CallHealth(channel)), grpc::StatusCode::PERMISSION_DENIED);
  server.SetPolicy(crm);
  EXPECT_TRUE(CallHealth(channel).ok());
}

TEST(CallCheckTest, UnknownMethodsAreDeniedLikeKnownOnes) {
  TlsServer server(Clients::kNotAsked);
  server.SetTokens({"alpha", "admin"});
  server.SetPolicy(
      "grants:\n"
      "  - {identities: ['token:alpha'], methods: ['Health/*']}\n"
      "  - {identities: ['token:admin'], methods: ['*'], tenants: ['*']}\n");
  const auto channel = server.Connect();
  EXPECT_EQ(Code(CallHealth(channel, Bearer("alpha"), "/no.Such/Method")),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Code(CallHealth(channel, Bearer("admin"), "/no.Such/Method")),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST(CallCheckTest, TheObserverHearsOfDeniedCallsAndNotOfTokens) {
  TlsServer server(Clients::kNotAsked);
  server.SetTokens({"alpha"});
  server.SetPolicy("grants: [{identities: ['token:alpha'], methods: [Health/Check]}]");
  const auto channel = server.Connect();
  EXPECT_TRUE(CallHealth(channel, Bearer("alpha")).ok());
  EXPECT_THAT(server.denials().Take(), IsEmpty());
  auto headers = Bearer("alpha");
  headers.emplace_back("x-request-id", "r1");
  headers.emplace_back("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  CallHealth(channel, headers, kHealthWatch);
  CallHealth(channel, Bearer("guess"));
  CallHealth(channel);
  EXPECT_THAT(
      server.denials().Take(),
      ElementsAre(
          absl::StrCat("PERMISSION_DENIED ", kHealthWatch,
                       " token:alpha r1 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
          MatchesRegex(absl::StrCat("UNAUTHENTICATED ", kHealthCheck, " [?] [0-9a-f]{32} ")),
          MatchesRegex(
              absl::StrCat("UNAUTHENTICATED ", kHealthCheck, " anonymous [0-9a-f]{32} "))));
}

TEST(CallCheckTest, ADeniedCallerIsToldTheIdOfTheCall) {
  TlsServer server(Clients::kNotAsked);
  server.SetPolicy("grants: [{identities: ['token:alpha'], methods: [Health/Check]}]");
  const auto channel = server.Connect();
  EXPECT_THAT(CallHealth(channel, {{"x-request-id", "r1"}}).error_message(),
              HasSubstr("(request id r1)"));
  server.denials().Take();
  const std::string message = CallHealth(channel).error_message();
  const std::vector<std::string> denials = server.denials().Take();
  ASSERT_EQ(denials.size(), 1u);
  const std::vector<std::string> words = absl::StrSplit(denials[0], ' ');
  EXPECT_THAT(message, HasSubstr(absl::StrCat("(request id ", words.at(3), ")")));
}

// What a denied caller sends is written to the log, and shown on terminals.
TEST(CallCheckTest, ADeniedCallerDoesNotChooseWhatIsLogged) {
  TlsServer server(Clients::kNotAsked);
  server.SetPolicy("grants: [{identities: ['token:alpha'], methods: [Health/Check]}]");
  for (const std::string& bad : {std::string("\xFF\xFE"), std::string("a\x1B[2Jb"),
                                 std::string(129, 'x'), std::string(4000, 'x')}) {
    const std::string answer = CallRaw(server.port(),
                                       {{":method", "POST"},
                                        {":scheme", "https"},
                                        {":path", "/" + bad},
                                        {":authority", "localhost"},
                                        {"te", "trailers"},
                                        {"content-type", "application/grpc"},
                                        {"x-request-id", bad},
                                        {"traceparent", bad}},
                                       "(request id ");
    EXPECT_NE(answer, "");
    EXPECT_THAT(answer, Not(HasSubstr(bad)));
    const std::vector<std::string> denials = server.denials().Take();
    ASSERT_EQ(denials.size(), 1u);
    const std::string path = ("/" + bad).substr(0, 256);
    EXPECT_EQ(denials[0].substr(0, 16 + path.size()), absl::StrCat("UNAUTHENTICATED ", path));
    EXPECT_THAT(denials[0].substr(16 + path.size()), MatchesRegex(" anonymous [0-9a-f]{32} "));
  }
}

}  // namespace
}  // namespace bantam
