#include "client/watch/redis_client.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace bantam {
namespace {

constexpr absl::Duration kConnectLimit = absl::Seconds(5);
constexpr int kPollMilliseconds = 200;

std::string SystemError() { return std::strerror(errno); }

// Whether an error that Redis answers is one of a fail-over, a start, or a moment.
bool WillPass(absl::string_view error) {
  const absl::string_view code = error.substr(0, error.find(' '));
  for (const absl::string_view passing :
       {"UNBLOCKED", "LOADING", "MASTERDOWN", "READONLY", "BUSY", "TRYAGAIN", "CLUSTERDOWN"}) {
    if (code == passing) return true;
  }
  return false;
}

}  // namespace

void FreeRedisReply::operator()(redisReply* reply) const { freeReplyObject(reply); }

RedisClient::RedisClient() : reader_(redisReaderCreate()) {}

RedisClient::~RedisClient() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  if (socket_ >= 0) close(socket_);
  redisReaderFree(reader_);
}

absl::StatusOr<std::unique_ptr<RedisClient>> RedisClient::Connect(const RedisTarget& target,
                                                                  const IsOver& is_over) {
  std::unique_ptr<RedisClient> client(new RedisClient);
  client->address_ = target.Address();
  absl::Status status = client->Open(target, is_over);
  if (status.ok() && target.tls) {
    status = client->ShakeHands(target, absl::Now() + kConnectLimit, is_over);
  }
  if (status.ok()) status = client->LogIn(target, is_over);
  if (status.ok()) return client;
  return absl::Status(status.code(),
                      absl::StrCat("Redis at ", client->address_, ": ", status.message()));
}

absl::Status RedisClient::Open(const RedisTarget& target, const IsOver& is_over) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(target.host.c_str(), target.port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("its address cannot be found: ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  absl::Status last;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    if (socket_ >= 0) close(socket_);
    socket_ = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket_ < 0) return absl::UnavailableError(absl::StrCat("no socket: ", SystemError()));
    if (connect(socket_, address->ai_addr, address->ai_addrlen) == 0) return absl::OkStatus();
    if (errno == EINPROGRESS) {
      last = Await(/*write=*/true, absl::Now() + kConnectLimit, is_over);
      if (absl::IsCancelled(last)) return last;
      socklen_t size = sizeof(errno);
      int result = 0;
      getsockopt(socket_, SOL_SOCKET, SO_ERROR, &result, &size);
      errno = result;
      if (last.ok() && result == 0) return last;
      if (!last.ok()) continue;
    }
    last = absl::UnavailableError(absl::StrCat("it cannot be connected to: ", SystemError()));
  }
  return last;
}

absl::Status RedisClient::ShakeHands(const RedisTarget& target, absl::Time deadline,
                                     const IsOver& is_over) {
  context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_default_verify_paths(context_);
  ssl_ = SSL_new(context_);
  // A certificate is good for a name, or for an address.
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), target.host.c_str()) != 1) {
    SSL_set1_host(ssl_, target.host.c_str());
    SSL_set_tlsext_host_name(ssl_, target.host.c_str());
  }
  SSL_set_fd(ssl_, socket_);
  while (true) {
    ERR_clear_error();
    const int result = SSL_connect(ssl_);
    if (result == 1) return absl::OkStatus();
    const int64_t verified = SSL_get_verify_result(ssl_);
    if (verified != X509_V_OK) {
      return absl::UnavailableError(
          absl::StrCat("its certificate is not trusted: ",
                       X509_verify_cert_error_string(static_cast<long>(verified)),
                       "; the environment's SSL_CERT_FILE can name further authorities"));
    }
    absl::Status status = TlsProblem(result);
    if (status.ok()) status = Await(wants_write_, deadline, is_over);
    if (!status.ok()) return status;
  }
}

absl::Status RedisClient::LogIn(const RedisTarget& target, const IsOver& is_over) {
  if (!target.password.empty()) {
    std::vector<std::string> login = {"AUTH"};
    if (!target.user.empty()) login.push_back(target.user);
    login.push_back(target.password);
    const absl::Status status = Run(login, kConnectLimit, is_over).status();
    if (absl::IsFailedPrecondition(status)) {
      return absl::UnauthenticatedError("the user or the password is refused");
    }
    if (!status.ok()) return status;
  }
  absl::Status status;
  if (target.database != "0") {
    status = Run({"SELECT", target.database}, kConnectLimit, is_over).status();
  }
  if (status.ok()) status = Run({"PING"}, kConnectLimit, is_over).status();
  return status;
}

absl::Status RedisClient::Await(bool write, absl::Time deadline, const IsOver& is_over) {
  while (!is_over()) {
    pollfd descriptor = {socket_, static_cast<int16_t>(write ? POLLOUT : POLLIN), 0};
    if (poll(&descriptor, 1, kPollMilliseconds) > 0) return absl::OkStatus();
    if (absl::Now() > deadline) return absl::UnavailableError("no answer in time");
  }
  return absl::CancelledError("given up");
}

absl::Status RedisClient::TlsProblem(int result) {
  const int kind = SSL_get_error(ssl_, result);
  wants_write_ = kind == SSL_ERROR_WANT_WRITE;
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) return absl::OkStatus();
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  return absl::UnavailableError(
      absl::StrCat("no TLS: ", reason == nullptr ? "the connection was closed" : reason));
}

absl::StatusOr<size_t> RedisClient::Receive(char* bytes, size_t size) {
  wants_write_ = false;
  if (ssl_ != nullptr) {
    ERR_clear_error();
    const int count = SSL_read(ssl_, bytes, static_cast<int>(size));
    if (count > 0) return static_cast<size_t>(count);
    const absl::Status status = TlsProblem(count);
    if (!status.ok()) return status;
    return 0;
  }
  const ssize_t count = recv(socket_, bytes, size, 0);
  if (count > 0) return static_cast<size_t>(count);
  if (count == 0) return absl::UnavailableError("it closed the connection");
  if (errno == EAGAIN || errno == EINTR) return 0;
  return absl::UnavailableError(absl::StrCat("reading failed: ", SystemError()));
}

absl::StatusOr<size_t> RedisClient::Send(const char* bytes, size_t size) {
  wants_write_ = true;
  if (ssl_ != nullptr) {
    ERR_clear_error();
    const int count = SSL_write(ssl_, bytes, static_cast<int>(size));
    if (count > 0) return static_cast<size_t>(count);
    const absl::Status status = TlsProblem(count);
    if (!status.ok()) return status;
    return 0;
  }
  const ssize_t count = send(socket_, bytes, size, MSG_NOSIGNAL);
  if (count >= 0) return static_cast<size_t>(count);
  if (errno == EAGAIN || errno == EINTR) return 0;
  return absl::UnavailableError(absl::StrCat("writing failed: ", SystemError()));
}

absl::StatusOr<RedisReplyPtr> RedisClient::Run(const std::vector<std::string>& command,
                                               absl::Duration limit, const IsOver& is_over) {
  const absl::Time deadline = absl::Now() + limit;
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string& argument : command) {
    texts.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  char* formatted = nullptr;
  const auto size = redisFormatCommandArgv(&formatted, static_cast<int>(texts.size()), texts.data(),
                                           sizes.data());
  const std::string wire(formatted, static_cast<size_t>(size));
  redisFreeCommand(formatted);
  for (size_t sent = 0; sent < wire.size();) {
    const absl::StatusOr<size_t> count = Send(wire.data() + sent, wire.size() - sent);
    if (!count.ok()) return count.status();
    sent += *count;
    if (*count > 0) continue;
    const absl::Status status = Await(wants_write_, deadline, is_over);
    if (!status.ok()) return status;
  }
  while (true) {
    void* next = nullptr;
    if (redisReaderGetReply(reader_, &next) != REDIS_OK) {
      return absl::UnavailableError("its answer cannot be read: this is not Redis' protocol");
    }
    if (next != nullptr) {
      RedisReplyPtr reply(static_cast<redisReply*>(next));
      if (reply->type != REDIS_REPLY_ERROR) return reply;
      const std::string text(reply->str, std::min<size_t>(reply->len, 160));
      return WillPass(text) ? absl::UnavailableError(text) : absl::FailedPreconditionError(text);
    }
    char bytes[64 << 10];
    const absl::StatusOr<size_t> count = Receive(bytes, sizeof(bytes));
    if (!count.ok()) return count.status();
    if (*count > 0) {
      redisReaderFeed(reader_, bytes, *count);
      continue;
    }
    const absl::Status status = Await(wants_write_, deadline, is_over);
    if (!status.ok()) return status;
  }
}

}  // namespace bantam
