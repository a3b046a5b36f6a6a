// How `bantam` reaches a server securely, and what it says when that fails. The server is a small
// one of gRPC's own: real handshakes, and switches for what it answers.
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bantam/v1/icp_catalog_service.grpc.pb.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/run_command.h"
#include "tests/servers/test_certificates.h"

namespace bantam {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Answers `icp list` and `score`, and remembers who asked.
class SmallServer final : public v1::IcpCatalogService::Service,
                          public v1::QualificationService::Service {
 public:
  // Null `credentials`: plaintext.
  explicit SmallServer(std::shared_ptr<grpc::ServerCredentials> credentials) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0",
                             credentials ? credentials : grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(static_cast<v1::IcpCatalogService::Service*>(this));
    builder.RegisterService(static_cast<v1::QualificationService::Service*>(this));
    server_ = builder.BuildAndStart();
    EXPECT_NE(server_, nullptr);
  }
  ~SmallServer() override { server_->Shutdown(std::chrono::system_clock::now()); }

  int port() const { return port_; }

  // What calls come to from now on; `times`: only so many, then OK.
  void Answer(grpc::Status status, int times = 1 << 20) {
    std::lock_guard<std::mutex> lock(mutex_);
    status_ = std::move(status);
    times_ = times;
  }

  // The `authorization` of the last call; empty: none.
  std::string authorization() const {
    std::lock_guard<std::mutex> lock(mutex_);
    return authorization_;
  }
  int calls() const { return calls_; }

  grpc::Status ListIcps(grpc::ServerContext* context, const v1::ListIcpsRequest* request,
                        v1::ListIcpsResponse* response) override {
    return Note(*context);
  }
  grpc::Status Score(grpc::ServerContext* context, const v1::ScoreRequest* request,
                     v1::ScoreResponse* response) override {
    response->mutable_evaluation()->set_icp("tenants/acme/icps/software");
    return Note(*context);
  }

 private:
  grpc::Status Note(const grpc::ServerContext& context) {
    std::lock_guard<std::mutex> lock(mutex_);
    ++calls_;
    const auto found = context.client_metadata().find("authorization");
    authorization_ = found == context.client_metadata().end()
                         ? ""
                         : std::string(found->second.data(), found->second.size());
    return times_-- > 0 ? status_ : grpc::Status::OK;
  }

  mutable std::mutex mutex_;
  std::string authorization_;
  grpc::Status status_;
  int times_ = 0;
  std::atomic<int> calls_{0};
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

std::shared_ptr<grpc::ServerCredentials> TlsCredentials(const TestIdentity& own,
                                                        const std::string& client_ca = "") {
  grpc::SslServerCredentialsOptions options(
      client_ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                        : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_key_cert_pairs.push_back({own.key, own.certificate});
  options.pem_root_certs = client_ca;
  return grpc::SslServerCredentials(options);
}

// One that was good until a minute ago.
TestCertificate Expired(const std::string& names) {
  TestCertificate certificate;
  certificate.alternative_names = names;
  certificate.not_after = absl::Now() - absl::Minutes(1);
  return certificate;
}

class TlsTest : public ::testing::Test {
 protected:
  // Runs `bantam icp list` against the server by the name localhost.
  Finished List(const std::string& flags, const std::string& environment = "") const {
    return RunBantam(
        absl::StrCat("icp list --server=localhost:", server_->port(), " --timeout=60s ", flags), "",
        environment);
  }

  void Serve(std::shared_ptr<grpc::ServerCredentials> credentials) {
    server_ = std::make_unique<SmallServer>(std::move(credentials));
  }

  // "--tls-cert=… --tls-key=…".
  std::string CertificateFlags(const TestIdentity& identity) const {
    return absl::StrCat("--tls-cert=", WriteTempFile("cert.pem", identity.certificate),
                        " --tls-key=", WriteTempFile("key.pem", identity.key));
  }

  const TestAuthority authority_{"the authority"};
  const std::string ca_flag_ =
      absl::StrCat("--tls-ca=", WriteTempFile("ca.pem", authority_.certificate()));
  std::unique_ptr<SmallServer> server_;
};

TEST_F(TlsTest, TrustedServerIsAsked) {
  Serve(TlsCredentials(authority_.Issue({"DNS:localhost"})));
  const Finished finished = List(ca_flag_);
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(finished.out, "no ICPs\n");
  EXPECT_THAT(server_->authorization(), IsEmpty());
}

TEST_F(TlsTest, EnvironmentCanSayItAll) {
  Serve(TlsCredentials(authority_.Issue({"DNS:localhost"}), authority_.certificate()));
  const TestIdentity own = authority_.Issue({"DNS:client"});
  const Finished finished =
      List("", absl::StrCat("BANTAM_TLS_CA=", WriteTempFile("ca.pem", authority_.certificate()),
                            " BANTAM_TLS_CERT=", WriteTempFile("cert.pem", own.certificate),
                            " BANTAM_TLS_KEY=", WriteTempFile("key.pem", own.key),
                            " BANTAM_TOKEN_FILE=", WriteTempFile("token", "s3cret")));
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(server_->authorization(), "Bearer s3cret");
}

TEST_F(TlsTest, TokenIsReadFromItsFileAndSentOverTls) {
  Serve(TlsCredentials(authority_.Issue({"DNS:localhost"})));
  const Finished finished =
      List(absl::StrCat(ca_flag_, " --token-file=", WriteTempFile("token", "s3cret-TOKEN\n")));
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_EQ(server_->authorization(), "Bearer s3cret-TOKEN");
}

TEST_F(TlsTest, TokenIsNeverSentInTheClear) {
  Serve(nullptr);
  const Finished finished = List(absl::StrCat("--token-file=", WriteTempFile("token", "s3cret")));
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, AllOf(HasSubstr("sent over TLS only"), Not(HasSubstr("s3cret"))));
  EXPECT_EQ(server_->calls(), 0);
}

TEST_F(TlsTest, UnknownAuthorityIsNamedAsTheCause) {
  Serve(TlsCredentials(TestAuthority("another one").Issue({"DNS:localhost"})));
  const Finished finished = List(ca_flag_);
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_THAT(finished.err, AllOf(HasSubstr("certificate is not trusted"),
                                  HasSubstr("ca.pem does not hold the authority")));
  // One line, and none of gRPC's own.
  EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1) << finished.err;
  EXPECT_THAT(List("--tls").err,
              AllOf(HasSubstr("certificate is not trusted"), HasSubstr("--tls-ca=FILE")));
}

TEST_F(TlsTest, ExpiredServerCertificateIsNamedAsTheCause) {
  Serve(TlsCredentials(authority_.Issue(Expired("DNS:localhost"))));
  const Finished finished = List(ca_flag_);
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_THAT(finished.err, HasSubstr("the server's certificate has expired"));
}

TEST_F(TlsTest, CertificateOfAnotherNameIsNamedAsTheCause) {
  Serve(TlsCredentials(authority_.Issue({"DNS:bantam.example.com"})));
  const Finished finished = List(ca_flag_);
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_THAT(finished.err,
              AllOf(HasSubstr("not good for 'localhost'"), HasSubstr("--tls-server-name")));
  EXPECT_EQ(List(ca_flag_ + " --tls-server-name=bantam.example.com").exit_code, 0);
}

TEST_F(TlsTest, MissingClientCertificateIsNamedAsTheCause) {
  Serve(TlsCredentials(authority_.Issue({"DNS:localhost"}), authority_.certificate()));
  const Finished finished = List(ca_flag_);
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_THAT(finished.err, AllOf(HasSubstr("wants a certificate of the client"),
                                  HasSubstr("--tls-cert=FILE and --tls-key=FILE")));
  EXPECT_EQ(List(absl::StrCat(ca_flag_, " ", CertificateFlags(authority_.Issue({"DNS:client"}))))
                .exit_code,
            0);
}

TEST_F(TlsTest, ClientCertificateThatTheServerDoesNotTrustIsNamedAsTheCause) {
  Serve(TlsCredentials(authority_.Issue({"DNS:localhost"}), authority_.certificate()));
  const TestAuthority another("another one");
  const Finished finished =
      List(absl::StrCat(ca_flag_, " ", CertificateFlags(another.Issue({"DNS:client"}))));
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_THAT(finished.err, HasSubstr("refuses the client's certificate"));
}

TEST_F(TlsTest, ServerWithoutTlsIsNamedAsTheCause) {
  Serve(nullptr);
  const Finished finished = List(ca_flag_);
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_THAT(finished.err, HasSubstr("does not speak TLS"));
  EXPECT_EQ(List("").exit_code, 0);
}

TEST_F(TlsTest, ServerWithTlsIsNamedAsTheCause) {
  Serve(TlsCredentials(authority_.Issue({"DNS:localhost"})));
  const Finished finished = List("");
  EXPECT_EQ(finished.exit_code, 3);
  EXPECT_THAT(finished.err, HasSubstr("the server speaks TLS; add --tls"));
}

TEST_F(TlsTest, EveryBadFileIsNamedAtOnce) {
  Serve(nullptr);
  const TestIdentity own = authority_.Issue({"DNS:client"});
  const std::string other_key = WriteTempFile("other.pem", authority_.Issue({"DNS:other"}).key);
  const std::string no_pem = WriteTempFile("no.pem", "no certificate");
  Finished finished = List(absl::StrCat("--tls-ca=", no_pem,
                                        " --tls-cert=", WriteTempFile("cert.pem", own.certificate),
                                        " --tls-key=", other_key, " --token-file=/nonexistent"));
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, AllOf(HasSubstr("no.pem holds no certificate"),
                                  HasSubstr("does not belong to the certificate in"),
                                  HasSubstr("/nonexistent cannot be read: No such file")));
  EXPECT_THAT(List(absl::StrCat("--tls-cert=", no_pem)).err, HasSubstr("add --tls-key=FILE"));
  EXPECT_THAT(List(absl::StrCat("--tls-key=", other_key)).err, HasSubstr("add --tls-cert=FILE"));
  EXPECT_THAT(List(CertificateFlags(authority_.Issue(Expired("DNS:client")))).err,
              HasSubstr("has expired"));
  EXPECT_THAT(List(absl::StrCat("--tls --token-file=", WriteTempFile("token", "two words"))).err,
              AllOf(HasSubstr("is not a token"), Not(HasSubstr("two words"))));
  EXPECT_EQ(server_->calls(), 0);
}

TEST_F(TlsTest, RefusalsSayWhatToDo) {
  Serve(TlsCredentials(authority_.Issue({"DNS:localhost"})));
  server_->Answer(grpc::Status(grpc::UNAUTHENTICATED, "the token is not known"));
  Finished finished = List(ca_flag_);
  EXPECT_EQ(finished.exit_code, 4);
  EXPECT_THAT(finished.err, AllOf(HasSubstr("the token is not known"), HasSubstr("--token-file")));
  server_->Answer(grpc::Status(grpc::PERMISSION_DENIED, "ListIcps is not granted"));
  finished = List(ca_flag_);
  EXPECT_EQ(finished.exit_code, 4);
  EXPECT_THAT(finished.err,
              AllOf(HasSubstr("ListIcps is not granted"), HasSubstr("access policy")));
}

TEST_F(TlsTest, CallThatAServerDidNotTakeIsRepeated) {
  Serve(nullptr);
  const std::string lead = WriteTempFile("lead.yaml", "id: '17'\n");
  const std::string score = absl::StrCat(
      "score ", lead, " --icp=acme/software -o json --server=", "localhost:", server_->port());
  for (const grpc::StatusCode code :
       {grpc::UNAVAILABLE, grpc::CANCELLED, grpc::RESOURCE_EXHAUSTED}) {
    const int calls = server_->calls();
    server_->Answer(grpc::Status(code, "not now"), 2);
    const Finished finished = RunBantam(score);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    EXPECT_EQ(server_->calls(), calls + 3);
  }
  // Not for ever, and not what will not change.
  server_->Answer(grpc::Status(grpc::UNAVAILABLE, "not today"));
  int calls = server_->calls();
  EXPECT_EQ(RunBantam(score).exit_code, 3);
  EXPECT_EQ(server_->calls(), calls + 4);
  server_->Answer(grpc::Status(grpc::INTERNAL, "broken"));
  calls = server_->calls();
  EXPECT_EQ(RunBantam(score).exit_code, 4);
  EXPECT_EQ(server_->calls(), calls + 1);
}

}  // namespace
}  // namespace bantam
