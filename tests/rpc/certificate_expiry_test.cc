// Client certificates that expire while their callers are connected. That real time ends them too
// is in server_credentials_test.cc.
#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/rpc/rpc_test_base.h"
#include "tests/rpc/tls_server.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

constexpr char kExpired[] = "the client certificate has expired; connect with a new one";

// A server of everything that asks for certificates, with or without a policy, and a client whose
// certificate has an hour left.
class CertificateExpiryTest : public RpcTest, public ::testing::WithParamInterface<bool> {
 protected:
  CertificateExpiryTest() : port_(Clients::kRequired) {
    if (GetParam()) {
      port_.SetPolicy(
          "grants: [{identities: ['dns:crm.example.com'], methods: ['*'], tenants: [acme]}]");
    }
    RpcServerOptions options = DefaultOptions();
    options.credentials = port_.ServerCredentials();
    options.access = &port_.access();
    Start(options);
    Use(port_.ConnectTo(absl::StrCat("127.0.0.1:", server_->port()),
                        port_.authority().IssueClient(kCrmNames)));
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
  }
  // The server uses the port, which ends before the base does.
  ~CertificateExpiryTest() override { server_.reset(); }

  TlsPort port_;
  grpc::ClientContext context_;
};

TEST_P(CertificateExpiryTest, AnOpenStreamEndsWithItsCertificate) {
  const auto stream = qualification_->BulkEvaluate(&context_);
  v1::BulkEvaluateResponse response;
  ASSERT_TRUE(stream->Write(StartOf()) && stream->Write(ChunkOf(1)));
  ASSERT_TRUE(stream->Read(&response));
  port_.PassTime(absl::Minutes(50));
  ASSERT_TRUE(stream->Write(ChunkOf(2)));
  ASSERT_TRUE(stream->Read(&response));
  port_.PassTime(absl::Minutes(15));
  ASSERT_TRUE(stream->Write(ChunkOf(3)));
  EXPECT_FALSE(stream->Read(&response));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(status.error_message(), kExpired);
  EXPECT_EQ(observer_.WaitFor(1)[0].refusal, Refusal::kAccess);
}

TEST_P(CertificateExpiryTest, ACallOnAnOpenConnectionIsToldTheSame) {
  v1::GetIcpRequest request;
  request.set_name(kIcp);
  v1::GetIcpResponse response;
  ASSERT_TRUE(icp_catalog_->GetIcp(&context_, request, &response).ok());
  port_.PassTime(absl::Minutes(65));
  grpc::ClientContext late;
  const grpc::Status status = icp_catalog_->GetIcp(&late, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr(kExpired));
  EXPECT_EQ(port_.denials().Take().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(WithAPolicy, CertificateExpiryTest, ::testing::Bool());

}  // namespace
}  // namespace bantam
