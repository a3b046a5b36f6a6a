#include "tests/rpc/tls_server.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/health_check_service_interface.h"
#include "gtest/gtest.h"
#include "server/access/token_set.h"
#include "server/rpc/health.pb.h"
#include "server/rpc/parse.h"
#include "server/store/file_descriptor.h"

namespace bantam {
namespace {

FileWatcherOptions Quick() {
  FileWatcherOptions options;
  options.poll_interval = absl::Milliseconds(20);
  options.quiet_time = absl::Milliseconds(1);
  return options;
}

}  // namespace

void DenialLog::OnDenied(const DeniedCall& call) {
  absl::MutexLock lock(&mu_);
  denied_.push_back(absl::StrCat(absl::StatusCodeToString(call.status.code()), " ",
                                 call.full_method, " ",
                                 call.caller == nullptr ? "?" : call.caller->name(), " ",
                                 call.request_id, " ", call.traceparent));
}

std::vector<std::string> DenialLog::Take() {
  absl::MutexLock lock(&mu_);
  return std::exchange(denied_, {});
}

TlsServer::TlsServer(Clients clients, const std::string& host) : watcher_(Quick()) {
  Replace(authority_.IssueServer());
  directory_.Write("ca.crt", authority_.certificate());
  CertificateFiles files;
  files.certificate = directory_.Path("tls.crt");
  files.key = directory_.Path("tls.key");
  if (clients != Clients::kNotAsked) files.client_ca = directory_.Path("ca.crt");
  auto certificates = Certificates::Open(files, &watcher_, events_.Recorder());
  EXPECT_TRUE(certificates.ok()) << certificates.status();
  certificates_ = *std::move(certificates);

  PortSecurity security;
  security.certificates = certificates_.get();
  security.require_client_certificate = clients == Clients::kRequired;
  security.access = &access_;
  security.observer = &denials_;
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(absl::StrCat(host, ":0"), TlsServerCredentials(security), &port_);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  EXPECT_NE(server_, nullptr);
}

TlsServer::~TlsServer() { server_->Shutdown(std::chrono::system_clock::now()); }

void TlsServer::Replace(const TestIdentity& identity) {
  directory_.Replace("tls.crt", identity.certificate);
  directory_.Replace("tls.key", identity.key);
}

void TlsServer::Rotate(const TestIdentity& identity) {
  Replace(identity);
  while (certificates_->Current()->certificate_chain != identity.certificate) {
    ASSERT_TRUE(events_.WaitFor(ReloadEvent::Kind::kLoaded, "new content"));
  }
}

void TlsServer::SetPolicy(absl::string_view yaml) {
  const LoadedPolicy loaded = LoadAccessPolicy(yaml, "policy.yaml");
  for (const v1::Issue& issue : loaded.issues) ADD_FAILURE() << issue.rendered();
  access_.SetPolicy(loaded.policy);
}

void TlsServer::SetTokens(const std::vector<std::string>& tokens) {
  std::vector<Caller::Token> known;
  for (const std::string& token : tokens) known.push_back({token, DigestOfToken(token)});
  access_.SetTokens(std::make_shared<const TokenSet>(known));
}

std::shared_ptr<grpc::Channel> TlsServer::Connect(const absl::optional<TestIdentity>& client,
                                                  const std::string& host) const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority_.certificate();
  if (client.has_value()) {
    options.pem_cert_chain = client->certificate;
    options.pem_private_key = client->key;
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(absl::StrCat(host, ":", port_), grpc::SslCredentials(options),
                                   arguments);
}

grpc::Status CallHealth(const std::shared_ptr<grpc::Channel>& channel,
                        const std::vector<std::pair<std::string, std::string>>& headers,
                        const std::string& method) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
  for (const auto& [name, value] : headers) context.AddMetadata(name, value);
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  grpc::ByteBuffer answer;
  grpc::Status status;
  const auto call = stub.PrepareUnaryCall(
      &context, method, SerializeMessage(grpc::health::v1::HealthCheckRequest()), &queue);
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  return status;
}

std::string Handshake(int port, int max_version, std::string* certificate) {
  const FileDescriptor connection(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(connection.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return "";
  }
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  // So that the library itself would do with old versions.
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context, max_version);
  SSL* const tls = SSL_new(context);
  SSL_set_alpn_protos(tls, reinterpret_cast<const unsigned char*>("\x02h2"), 3);
  SSL_set_fd(tls, connection.get());
  std::string version;
  if (SSL_connect(tls) == 1) {
    version = SSL_get_version(tls);
    if (certificate != nullptr) {
      BIO* const bio = BIO_new(BIO_s_mem());
      PEM_write_bio_X509(bio, SSL_get0_peer_certificate(tls));
      char* data = nullptr;
      const auto size = BIO_get_mem_data(bio, &data);
      certificate->assign(data, static_cast<size_t>(size));
      BIO_free(bio);
    }
  }
  SSL_free(tls);
  SSL_CTX_free(context);
  return version;
}

}  // namespace bantam
