#include "tests/rpc/tls_server.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <chrono>
#include <utility>

#include "absl/strings/match.h"
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

// An OpenSSL client of one connection, over at most this version of TLS.
class TlsConnection {
 public:
  TlsConnection(int port, int max_version)
      : socket_(socket(AF_INET, SOCK_STREAM, 0)), context_(SSL_CTX_new(TLS_client_method())) {
    const timeval limit = {60, 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // So that the library itself would do with old versions.
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_, max_version);
    tls_ = SSL_new(context_);
    SSL_set_alpn_protos(tls_, reinterpret_cast<const unsigned char*>("\x02h2"), 3);
    SSL_set_fd(tls_, socket_.get());
    connected_ =
        connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
        SSL_connect(tls_) == 1;
  }
  ~TlsConnection() {
    SSL_free(tls_);
    SSL_CTX_free(context_);
  }
  TlsConnection(const TlsConnection&) = delete;
  TlsConnection& operator=(const TlsConnection&) = delete;

  bool connected() const { return connected_; }
  SSL* tls() const { return tls_; }

 private:
  const FileDescriptor socket_;
  SSL_CTX* const context_;
  SSL* tls_ = nullptr;
  bool connected_ = false;
};

// A text of HPACK that is not compressed.
void AppendHpackText(absl::string_view text, std::string* block) {
  constexpr size_t kPrefix = 127;
  if (text.size() < kPrefix) {
    block->push_back(static_cast<char>(text.size()));
  } else {
    block->push_back(static_cast<char>(kPrefix));
    size_t rest = text.size() - kPrefix;
    for (; rest >= 128; rest /= 128) block->push_back(static_cast<char>(rest % 128 + 128));
    block->push_back(static_cast<char>(rest));
  }
  absl::StrAppend(block, text);
}

// A frame of HTTP/2 on a stream with a number below 256.
std::string Frame(int type, int flags, int stream, absl::string_view payload) {
  std::string frame;
  for (const int shift : {16, 8, 0}) frame.push_back(static_cast<char>(payload.size() >> shift));
  for (const int byte : {type, flags, 0, 0, 0, stream}) frame.push_back(static_cast<char>(byte));
  return absl::StrCat(frame, payload);
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

TlsPort::TlsPort(Clients clients) : clients_(clients), watcher_(Quick()) {
  Replace(authority_.IssueServer());
  directory_.Write("ca.crt", authority_.certificate());
  CertificateFiles files;
  files.certificate = directory_.Path("tls.crt");
  files.key = directory_.Path("tls.key");
  if (clients != Clients::kNotAsked) files.client_ca = directory_.Path("ca.crt");
  auto certificates = Certificates::Open(files, &watcher_, events_.Recorder());
  EXPECT_TRUE(certificates.ok()) << certificates.status();
  certificates_ = *std::move(certificates);
}

std::shared_ptr<grpc::ServerCredentials> TlsPort::ServerCredentials() {
  PortSecurity security;
  security.certificates = certificates_.get();
  security.require_client_certificate = clients_ == Clients::kRequired;
  security.access = &access_;
  security.observer = &denials_;
  return TlsServerCredentials(security);
}

void TlsPort::Replace(const TestIdentity& identity) {
  directory_.Replace("tls.crt", identity.certificate);
  directory_.Replace("tls.key", identity.key);
}

void TlsPort::Rotate(const TestIdentity& identity) {
  Replace(identity);
  while (certificates_->Current()->certificate_chain != identity.certificate) {
    ASSERT_TRUE(events_.WaitFor(ReloadEvent::Kind::kLoaded, "new content"));
  }
}

void TlsPort::ReplaceClientCa(const std::string& pem) { directory_.Replace("ca.crt", pem); }

void TlsPort::RotateClientCa(const std::string& authorities) {
  ReplaceClientCa(authorities);
  while (certificates_->Current()->client_ca != authorities) {
    ASSERT_TRUE(events_.WaitFor(ReloadEvent::Kind::kLoaded, "new content"));
  }
}

void TlsPort::SetPolicy(absl::string_view yaml) {
  const LoadedPolicy loaded = LoadAccessPolicy(yaml, "policy.yaml");
  for (const v1::Issue& issue : loaded.issues) ADD_FAILURE() << issue.rendered();
  access_.SetPolicy(loaded.policy);
}

void TlsPort::SetTokens(const std::vector<std::string>& tokens) {
  std::vector<Caller::Token> known;
  for (const std::string& token : tokens) known.push_back({token, DigestOfToken(token)});
  access_.SetTokens(std::make_shared<const TokenSet>(known));
}

std::shared_ptr<grpc::Channel> TlsPort::ConnectTo(
    const std::string& address, const absl::optional<TestIdentity>& client) const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = authority_.certificate();
  if (client.has_value()) {
    options.pem_cert_chain = client->certificate;
    options.pem_private_key = client->key;
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), arguments);
}

TlsServer::TlsServer(Clients clients, const std::string& host) : TlsPort(clients) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort(absl::StrCat(host, ":0"), ServerCredentials(), &port_);
  builder.RegisterService(&service_);
  server_ = builder.BuildAndStart();
  EXPECT_NE(server_, nullptr);
}

TlsServer::~TlsServer() { server_->Shutdown(std::chrono::system_clock::now()); }

std::shared_ptr<grpc::Channel> TlsServer::Connect(const absl::optional<TestIdentity>& client,
                                                  const std::string& host) const {
  return ConnectTo(absl::StrCat(host, ":", port_), client);
}

void TlsServer::SetServing(bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(serving);
}

grpc::Status CallHealth(const std::shared_ptr<grpc::Channel>& channel, const Headers& headers,
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
  const TlsConnection connection(port, max_version);
  if (!connection.connected()) return "";
  if (certificate != nullptr) {
    BIO* const bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, SSL_get0_peer_certificate(connection.tls()));
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio, &data);
    certificate->assign(data, static_cast<size_t>(size));
    BIO_free(bio);
  }
  return SSL_get_version(connection.tls());
}

std::string CallRaw(int port, const Headers& headers, const std::string& end) {
  const TlsConnection connection(port, TLS1_3_VERSION);
  if (!connection.connected()) return "";
  constexpr absl::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  constexpr int kHeaders = 1;
  constexpr int kSettings = 4;
  constexpr int kEndOfStreamAndHeaders = 5;
  std::string block;
  for (const auto& [name, value] : headers) {
    block += '\0';  // A literal that is not indexed, with a new name.
    AppendHpackText(name, &block);
    AppendHpackText(value, &block);
  }
  const std::string bytes = absl::StrCat(kPreface, Frame(kSettings, 0, 0, ""),
                                         Frame(kHeaders, kEndOfStreamAndHeaders, 1, block));
  SSL_write(connection.tls(), bytes.data(), static_cast<int>(bytes.size()));
  std::string answer;
  char buffer[4096];
  int count = 0;
  while ((count = SSL_read(connection.tls(), buffer, sizeof(buffer))) > 0) {
    answer.append(buffer, static_cast<size_t>(count));
    if (absl::StrContains(answer, end)) return answer;
  }
  return "";
}

}  // namespace bantam
