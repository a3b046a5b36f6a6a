#ifndef BANTAM_TESTS_TELEMETRY_HTTP_CLIENT_H_
#define BANTAM_TESTS_TELEMETRY_HTTP_CLIENT_H_

#include <map>
#include <string>

#include "absl/time/time.h"

namespace bantam {

struct HttpAnswer {
  int code = 0;                                // 0: there was none.
  std::map<std::string, std::string> headers;  // Names in lower case.
  std::string body;
};

// A TCP connection to a port of this machine. Gives up after 10 s without a byte.
class RawConnection {
 public:
  explicit RawConnection(int port, bool ipv6 = false);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  bool connected() const { return fd_ >= 0; }
  void Send(const std::string& bytes);

  // Whether the other side closes within `limit`, or has closed. What it sends is lost.
  bool IsClosedWithin(absl::Duration limit);

  // All that comes until the other side closes.
  std::string ReadAll();

 private:
  int fd_ = -1;
};

// What the server answers to these bytes, and that it closes the connection then.
HttpAnswer Ask(int port, const std::string& request);

// The answer to a request of this method without a body.
HttpAnswer Ask(int port, const std::string& method, const std::string& path);

}  // namespace bantam

#endif  // BANTAM_TESTS_TELEMETRY_HTTP_CLIENT_H_
