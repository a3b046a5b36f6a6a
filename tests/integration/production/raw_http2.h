// HTTP/2 by hand, for callers that mean no good.
#ifndef BANTAM_TESTS_INTEGRATION_PRODUCTION_RAW_HTTP2_H_
#define BANTAM_TESTS_INTEGRATION_PRODUCTION_RAW_HTTP2_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace bantam {

// What a connection begins with.
inline constexpr absl::string_view kHttp2Preface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
inline constexpr absl::string_view kEmptySettings("\0\0\0\x4\0\0\0\0\0", 9);

// Types of frames and their flags, as far as they are used.
enum FrameType { kData = 0, kHeaders = 1, kSettings = 4, kGoAway = 7, kWindowUpdate = 8 };
inline constexpr int kEndStream = 1;    // Of DATA and HEADERS.
inline constexpr int kEndHeaders = 4;   // Of HEADERS.
inline constexpr int kAcknowledge = 1;  // Of SETTINGS.

// One frame; `length` is what its head says, whatever `payload` is.
std::string Frame(size_t length, int type, int flags, uint32_t stream, absl::string_view payload);

// The same for an honest one.
std::string Frame(int type, int flags, uint32_t stream, absl::string_view payload);

// HEADERS that begin a gRPC call of `path`, such as "/bantam.v1.QualificationService/Score".
std::string CallHeaders(uint32_t stream, absl::string_view path);

// `message` with its length before it, as gRPC wants it in DATA.
std::string WithLength(absl::string_view message);

// A TCP connection to a port of 127.0.0.1.
class Connection {
 public:
  struct Received {
    int type = 0;
    int flags = 0;
    uint32_t stream = 0;
    std::string payload;
  };

  explicit Connection(int port);
  ~Connection();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;

  bool connected() const { return connected_; }

  // False: the other side has closed it.
  bool Send(absl::string_view bytes) const;

  // The next frame that the server sends; absent: none within `limit`, or it has closed the
  // connection.
  absl::optional<Received> Receive(absl::Duration limit);

  // Whether the server closes the connection within a minute, whatever it says before.
  bool IsClosed() const;

 private:
  int descriptor_;
  bool connected_;
  std::string received_;  // Of a frame that is not complete.
};

// By how much a WINDOW_UPDATE opens its window, in bytes.
int64_t WindowIncrement(const Connection::Received& frame);

}  // namespace bantam

#endif  // BANTAM_TESTS_INTEGRATION_PRODUCTION_RAW_HTTP2_H_
