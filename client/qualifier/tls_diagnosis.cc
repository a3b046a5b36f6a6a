#include "client/qualifier/tls_diagnosis.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/qualifier/tls_files.h"

namespace bantam {
namespace {

// For one step of the handshake.
constexpr timeval kStepLimit = {1, 0};

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

// Keeps a server that hangs up from ending this process, as long as this lives.
class WithoutSigpipe {
 public:
  WithoutSigpipe() : before_(signal(SIGPIPE, SIG_IGN)) {}
  ~WithoutSigpipe() { signal(SIGPIPE, before_); }

 private:
  void (*const before_)(int);
};

// A TCP connection whose steps take kStepLimit at most.
class Socket {
 public:
  // Connects to the first address that takes it.
  Socket(const std::string& host, const std::string& port) {
    addrinfo hints = {};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) return;
    for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
      descriptor_ = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
      setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &kStepLimit, sizeof(kStepLimit));
      setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &kStepLimit, sizeof(kStepLimit));
      if (connect(descriptor_, address->ai_addr, address->ai_addrlen) == 0) break;
      close(descriptor_);
      descriptor_ = -1;
    }
    freeaddrinfo(found);
  }
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  bool connected() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

// Host and port of a target such as "host:port", "[::1]:443" or "dns:///host:port".
std::pair<std::string, std::string> HostAndPort(absl::string_view server) {
  absl::ConsumePrefix(&server, "dns:///");
  absl::ConsumePrefix(&server, "dns:");
  absl::ConsumePrefix(&server, "ipv4:");
  absl::ConsumePrefix(&server, "ipv6:");
  server = server.substr(0, server.find(','));
  const size_t colon = server.rfind(':');
  if (colon == absl::string_view::npos) return {std::string(server), "443"};
  absl::string_view host = server.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  return {std::string(host), std::string(server.substr(colon + 1))};
}

// As gRPC does it: HTTP/2, and the files of the options.
std::unique_ptr<SSL_CTX, Free> MakeContext(const TlsFiles& files) {
  std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kHttp2, sizeof(kHttp2));
  const auto bio_of = [](const std::string& text) {
    return std::unique_ptr<BIO, Free>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  };
  if (files.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else {
    const auto bio = bio_of(files.ca);
    while (true) {
      const std::unique_ptr<X509, Free> authority(
          PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
      if (authority == nullptr) break;
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority.get());
    }
  }
  if (!files.cert.empty()) {
    const auto bio = bio_of(files.cert);
    const std::unique_ptr<X509, Free> own(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    SSL_CTX_use_certificate(context.get(), own.get());
    while (X509* const next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
      SSL_CTX_add_extra_chain_cert(context.get(), next);
    }
    const auto key_bio = bio_of(files.key);
    const std::unique_ptr<EVP_PKEY, Free> key(
        PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
    SSL_CTX_use_PrivateKey(context.get(), key.get());
  }
  ERR_clear_error();
  return context;
}

// Why the server's certificate is not believed, and what to do.
std::string Untrusted(int64_t verified, const ChannelOptions& options, const std::string& name) {
  switch (verified) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "the server's certificate has expired; its operators must renew it";
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "the server's certificate is not valid yet; compare the clocks of both machines";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return absl::StrCat("the server's certificate is not good for '", name,
                          "'; call the server by a name that it is good for, or say with "
                          "--tls-server-name which one that is");
    default:
      return absl::StrCat(
          "the server's certificate is not trusted (",
          X509_verify_cert_error_string(static_cast<long>(verified)), "); ",
          options.tls_ca_file.empty()
              ? "say who signed it with --tls-ca=FILE"
              : absl::StrCat(options.tls_ca_file, " does not hold the authority that signed it"));
  }
}

// Why the server ended the handshake, as far as OpenSSL's newest error tells, and what to do.
// `wants_certificate`: it asked for a certificate of the client. A server of gRPC hangs up without
// an alert if it does not like the answer.
std::string Refused(const ChannelOptions& options, bool wants_certificate) {
  const uint64_t error = ERR_peek_last_error();
  const int reason = ERR_GET_REASON(error);
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG) {
    return "the server does not speak TLS; leave --tls and its like out";
  }
  const char* const text = ERR_reason_error_string(error);
  const std::string cause = text == nullptr ? "" : absl::StrCat(" (", text, ")");
  if (!wants_certificate) return text == nullptr ? "" : absl::StrCat("no TLS", cause);
  if (options.tls_cert_file.empty()) {
    return absl::StrCat("the server wants a certificate of the client", cause,
                        "; give --tls-cert=FILE and --tls-key=FILE");
  }
  return absl::StrCat("the server refuses the client's certificate", cause,
                      "; use one that it trusts instead of ", options.tls_cert_file);
}

}  // namespace

std::string DiagnoseTls(const ChannelOptions& options) {
  const absl::StatusOr<TlsFiles> files = ReadTlsFiles(options);
  if (!files.ok()) return "";
  const auto [host, port] = HostAndPort(options.server);
  const std::string name = options.tls_server_name.empty() ? host : options.tls_server_name;
  const WithoutSigpipe without_sigpipe;
  const Socket socket(host, port);
  if (!socket.connected()) return "";
  const std::unique_ptr<SSL_CTX, Free> context = MakeContext(*files);
  bool wants_certificate = false;
  SSL_CTX_set_cert_cb(
      context.get(),
      [](SSL* /*ssl*/, void* wanted) {
        *static_cast<bool*>(wanted) = true;
        return 1;
      },
      &wants_certificate);
  const std::unique_ptr<SSL, Free> ssl(SSL_new(context.get()));
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), name.c_str()) != 1) {
    SSL_set1_host(ssl.get(), name.c_str());
    SSL_set_tlsext_host_name(ssl.get(), name.c_str());
  }
  SSL_set_fd(ssl.get(), socket.descriptor());
  ERR_clear_error();
  if (SSL_connect(ssl.get()) == 1) {
    // With TLS 1.3 the server says only now what it thinks of the client's certificate; else it
    // says something, or nothing for a while.
    char byte;
    const int count = SSL_read(ssl.get(), &byte, 1);
    if (count == 1 || SSL_get_error(ssl.get(), count) == SSL_ERROR_WANT_READ) return "";
    return Refused(options, wants_certificate);
  }
  const int64_t verified = SSL_get_verify_result(ssl.get());
  if (verified != X509_V_OK) return Untrusted(verified, options, name);
  return Refused(options, wants_certificate);
}

std::string DiagnosePlaintext(const ChannelOptions& options) {
  const auto [host, port] = HostAndPort(options.server);
  const WithoutSigpipe without_sigpipe;
  const Socket socket(host, port);
  if (!socket.connected()) return "";
  const std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_client_method()));
  const std::unique_ptr<SSL, Free> ssl(SSL_new(context.get()));
  SSL_set_fd(ssl.get(), socket.descriptor());
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl.get(), kHttp2, sizeof(kHttp2));
  ERR_clear_error();
  const bool speaks_tls = SSL_connect(ssl.get()) == 1;
  ERR_clear_error();
  return speaks_tls ? "the server speaks TLS; add --tls, or --tls-ca=FILE if the system does not "
                      "trust who signed its certificate"
                    : "";
}

}  // namespace bantam
