// Certificates, policies and tokens that change while bantamd runs: a bad file is told of, and what
// was read before serves on.
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "tests/integration/loopback_client.h"
#include "tests/integration/server_process.h"
#include "tests/integration/tls_files.h"

namespace bantam {
namespace {

class AccessReloadTest : public ::testing::Test {
 protected:
  AccessReloadTest() {
    icps_.Write("a.yaml", "name: tenants/a/icps/b\n");
    std::vector<std::string> flags = files_.FlagsWithClientCa();
    flags.push_back("--admin_listen=127.0.0.1:0");
    flags.push_back("--reload_poll_seconds=1");
    server_ = ServerProcess::Serving(icps_.path(), flags);
    admin_port_ = server_->WaitForAdminPort();
  }

  // On a connection of its own, by who has the token of this name.
  grpc::StatusCode Score(const std::string& caller) {
    v1::ScoreRequest request;
    request.mutable_lead()->set_id("l1");
    request.mutable_settings()->add_icps()->set_name("tenants/a/icps/b");
    grpc::ClientContext context;
    TlsFiles::Be(caller, &context);
    v1::ScoreResponse response;
    const auto channel = server_->NewChannel(files_.ChannelCredentials());
    return v1::QualificationService::NewStub(channel)
        ->Score(&context, request, &response)
        .error_code();
  }

  // Of the file with this name in the metrics.
  double Failed(const std::string& file) const {
    return Metric(admin_port_, absl::StrCat("bantam_reload_failed{file=\"", file, "\"}"));
  }
  double Failures(const std::string& file) const {
    return Metric(admin_port_, absl::StrCat("bantam_reload_failures_total{file=\"", file, "\"}"));
  }

  // That `file` is refused as `spoil` leaves it, with this `cause`, and taken as `mend` leaves it.
  void ExpectRefusedUntilMended(const std::string& file, const std::function<void()>& spoil,
                                const std::string& cause, const std::function<void()>& mend) {
    EXPECT_EQ(Failed(file), 0);
    spoil();
    EXPECT_TRUE(WaitUntil([&] { return Failed(file) == 1; })) << server_->errors();
    EXPECT_EQ(Failures(file), 1);
    EXPECT_EQ(Metric(admin_port_, "bantam_reload_failed{"), 1) << "others are not to blame";
    EXPECT_TRUE(server_->WaitForError(cause)) << server_->errors();
    EXPECT_EQ(Score("crm"), grpc::StatusCode::OK) << "what was read before serves on";
    mend();
    EXPECT_TRUE(WaitUntil([&] { return Failed(file) == 0; })) << server_->errors();
    EXPECT_EQ(Failures(file), 1);
    EXPECT_EQ(Score("crm"), grpc::StatusCode::OK);
  }

  const TlsFiles files_;
  const TemporaryFolder icps_;
  std::unique_ptr<ServerProcess> server_;
  int admin_port_ = 0;
};

TEST_F(AccessReloadTest, APairThatDoesNotBelongTogetherIsRefused) {
  const double expiry = Metric(admin_port_, "bantam_certificate_expiry_timestamp_seconds");
  TestCertificate says;
  says.alternative_names = "IP:127.0.0.1";
  says.not_after = absl::Now() + absl::Hours(2);
  const TestIdentity next = files_.authority().Issue(says);
  ExpectRefusedUntilMended(
      "certificate", [&] { files_.WriteCertificate(next.certificate); },
      "tls.key: ", [&] { files_.WriteKey(next.key); });
  EXPECT_GT(Metric(admin_port_, "bantam_certificate_expiry_timestamp_seconds"), expiry + 3000);
}

TEST_F(AccessReloadTest, AnEmptyFileOfClientCasIsRefused) {
  ExpectRefusedUntilMended(
      "certificate", [&] { files_.WriteClientCa(""); },
      "the file of the clients' CAs cannot be read: the file is empty; expected PEM",
      [&] { files_.WriteClientCa(files_.authority().certificate()); });
}

TEST(AccessStartTest, AnEmptyFileOfClientCasIsRefused) {
  const TlsFiles files;
  const TemporaryFolder icps;
  for (const char* const nothing : {"", " \n", "# None.\n"}) {
    files.WriteClientCa(nothing);
    std::vector<std::string> flags = files.FlagsWithClientCa();
    flags.push_back("--listen=127.0.0.1:0");
    flags.push_back("--icps=" + icps.path());
    ServerProcess server(flags);
    EXPECT_GT(server.WaitForExit(), 0) << server.errors();
    EXPECT_THAT(server.errors(),
                ::testing::HasSubstr("the file of the clients' CAs cannot be read"));
  }
}

TEST_F(AccessReloadTest, APolicyWithAMistakeIsRefused) {
  ExpectRefusedUntilMended(
      "access_policy",
      [&] {
        files_.WritePolicy(
            "grants: [{identities: ['token:crm'], methods: [Scoer], tenants: ['*']}]");
      },
      "policy.yaml:1:",
      [&] {
        files_.WritePolicy(TlsFiles::Policy() +
                           "  - {identities: ['token:new'], methods: [Score], tenants: [b]}\n");
      });
}

TEST_F(AccessReloadTest, ATokenFileWithAMistakeIsRefused) {
  EXPECT_EQ(Score("new"), grpc::StatusCode::UNAUTHENTICATED);
  ExpectRefusedUntilMended(
      "tokens", [&] { files_.WriteTokens(TlsFiles::TokenLine("new") + "crm no-hash\n"); },
      "tokens:2: ", [&] { files_.WriteTokens(TlsFiles::TokenLine("new") + TlsFiles::Tokens()); });
  EXPECT_EQ(Score("new"), grpc::StatusCode::PERMISSION_DENIED);  // It is known now.
}

}  // namespace
}  // namespace bantam
