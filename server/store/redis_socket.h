#ifndef BANTAM_SERVER_STORE_REDIS_SOCKET_H_
#define BANTAM_SERVER_STORE_REDIS_SOCKET_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/store/file_descriptor.h"

struct ssl_ctx_st;  // OpenSSL's
struct ssl_st;

namespace bantam {

// What connections with TLS have in common: version 1.2 at least, and a certificate of Redis that
// is good for the host of its URL by the authorities that the system trusts (or those that the
// environment's SSL_CERT_FILE or SSL_CERT_DIR name). Safe for concurrent use.
class RedisTls {
 public:
  // INTERNAL: OpenSSL cannot be set up.
  static absl::StatusOr<std::unique_ptr<RedisTls>> Make();

  ~RedisTls();

  ssl_ctx_st* context() const { return context_; }

 private:
  explicit RedisTls(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* const context_;
};

// A TCP connection, with TLS or not, whose calls never block. Errors are UNAVAILABLE: the
// connection is of no use any more; the text does not say which one it is.
class RedisSocket {
 public:
  // Begins to connect to `address`, a numeric one. `tls`: null: without; must outlive this. `host`:
  // who the certificate must be good for.
  static absl::StatusOr<std::unique_ptr<RedisSocket>> Connect(const std::string& address, int port,
                                                              const RedisTls* tls,
                                                              const std::string& host);

  ~RedisSocket();

  int descriptor() const { return descriptor_.get(); }

  // Whether it is connected. Not at first; to be asked when the descriptor can be written, and then
  // when it can be read or written as wants_write() says.
  absl::StatusOr<bool> Connected();
  bool wants_write() const { return wants_write_; }

  // Reads at most `size` bytes. 0: there are none now.
  absl::StatusOr<size_t> Read(char* bytes, size_t size);

  // Whether there are bytes that were received already, so that the descriptor tells nothing of
  // them.
  bool HasReceived() const;

  // Writes what can be written of `bytes` now; says how many that were.
  absl::StatusOr<size_t> Write(absl::string_view bytes);

 private:
  RedisSocket(int descriptor, const RedisTls* tls, std::string host);

  absl::StatusOr<bool> ShakeHands();

  // What a call of OpenSSL that returned `result` means: 0: later; or an error.
  absl::StatusOr<size_t> TlsProblem(int result);

  const FileDescriptor descriptor_;
  const RedisTls* const tls_;
  const std::string host_;
  bool wants_write_ = true;
  ssl_st* ssl_ = nullptr;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_REDIS_SOCKET_H_
