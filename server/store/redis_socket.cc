#include "server/store/redis_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

absl::Status Failed(absl::string_view what, int error) {
  return absl::UnavailableError(absl::StrCat(what, ": ", strerror(error)));
}

// The newest reason that OpenSSL gives.
std::string TlsReason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  return reason == nullptr ? "the connection broke" : reason;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisTls>> RedisTls::Make() {
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  if (context == nullptr) {
    return absl::InternalError(absl::StrCat("TLS cannot be set up: ", TlsReason()));
  }
  std::unique_ptr<RedisTls> tls(new RedisTls(context));
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  // The rest of a long output may have moved when it is its turn.
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_default_verify_paths(context) != 1) {
    return absl::InternalError(absl::StrCat("TLS cannot be set up: ", TlsReason()));
  }
  return tls;
}

RedisTls::~RedisTls() { SSL_CTX_free(context_); }

RedisSocket::RedisSocket(int descriptor, const RedisTls* tls, std::string host)
    : descriptor_(descriptor), tls_(tls), host_(std::move(host)) {}

RedisSocket::~RedisSocket() { SSL_free(ssl_); }

absl::StatusOr<std::unique_ptr<RedisSocket>> RedisSocket::Connect(const std::string& address,
                                                                  int port, const RedisTls* tls,
                                                                  const std::string& host) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), absl::StrCat(port).c_str(), &hints, &found) != 0) {
    return absl::UnavailableError(absl::StrCat(address, " is no numeric address"));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  std::unique_ptr<RedisSocket> result(new RedisSocket(
      socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP), tls,
      host));
  if (!result->descriptor_.valid()) return Failed("no socket can be made", errno);
  // Commands are small, and somebody waits for each.
  const int on = 1;
  setsockopt(result->descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (connect(result->descriptor(), found->ai_addr, found->ai_addrlen) != 0 &&
      errno != EINPROGRESS) {
    return Failed("it cannot be connected to", errno);
  }
  return result;
}

absl::StatusOr<bool> RedisSocket::Connected() {
  if (ssl_ != nullptr) return ShakeHands();
  int error = 0;
  socklen_t size = sizeof(error);
  if (getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return Failed("it cannot be connected to", error);
  if (tls_ == nullptr) return true;
  ssl_ = SSL_new(tls_->context());
  if (ssl_ == nullptr || SSL_set_fd(ssl_, descriptor()) != 1) {
    return absl::UnavailableError("TLS cannot be begun: out of memory");
  }
  // A certificate is good for a name, or for an address.
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), host_.c_str()) != 1) {
    if (SSL_set1_host(ssl_, host_.c_str()) != 1 ||
        SSL_set_tlsext_host_name(ssl_, host_.c_str()) != 1) {
      return absl::UnavailableError("TLS cannot be begun: no certificate is good for such a host");
    }
  }
  return ShakeHands();
}

absl::StatusOr<bool> RedisSocket::ShakeHands() {
  ERR_clear_error();
  const int result = SSL_connect(ssl_);
  if (result == 1) return true;
  const int64_t verified = SSL_get_verify_result(ssl_);
  if (verified != X509_V_OK) {
    return absl::UnavailableError(
        absl::StrCat("its certificate is not trusted: ", X509_verify_cert_error_string(verified)));
  }
  const absl::StatusOr<size_t> later = TlsProblem(result);
  if (!later.ok()) {
    return absl::UnavailableError(absl::StrCat("no TLS: ", later.status().message()));
  }
  return false;
}

absl::StatusOr<size_t> RedisSocket::TlsProblem(int result) {
  const int error_number = errno;
  const int kind = SSL_get_error(ssl_, result);
  wants_write_ = kind == SSL_ERROR_WANT_WRITE;
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) return 0;
  if (kind == SSL_ERROR_ZERO_RETURN) return absl::UnavailableError("it closed the connection");
  if (kind == SSL_ERROR_SYSCALL && error_number != 0) return Failed("TLS failed", error_number);
  return absl::UnavailableError(absl::StrCat("TLS failed: ", TlsReason()));
}

bool RedisSocket::HasReceived() const { return ssl_ != nullptr && SSL_pending(ssl_) > 0; }

absl::StatusOr<size_t> RedisSocket::Read(char* bytes, size_t size) {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    const int count = SSL_read(ssl_, bytes, static_cast<int>(size));
    return count > 0 ? static_cast<size_t>(count) : TlsProblem(count);
  }
  const ssize_t count = recv(descriptor(), bytes, size, 0);
  if (count > 0) return static_cast<size_t>(count);
  if (count == 0) return absl::UnavailableError("it closed the connection");
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  return Failed("reading failed", errno);
}

absl::StatusOr<size_t> RedisSocket::Write(absl::string_view bytes) {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    const int count =
        SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<size_t>(bytes.size(), 1 << 20)));
    return count > 0 ? static_cast<size_t>(count) : TlsProblem(count);
  }
  const ssize_t count = send(descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count >= 0) return static_cast<size_t>(count);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  return Failed("writing failed", errno);
}

}  // namespace bantam
