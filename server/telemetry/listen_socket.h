#ifndef BANTAM_SERVER_TELEMETRY_LISTEN_SOCKET_H_
#define BANTAM_SERVER_TELEMETRY_LISTEN_SOCKET_H_

#include <string>

#include "absl/status/statusor.h"

namespace bantam {

struct ListenSocket {
  int fd = -1;   // Listens; the caller closes it.
  int port = 0;  // On which.
};

// Listens by TCP at `host`, a name or an address without brackets ("::": IPv4 as well), and `port`
// (0: any free one). UNAVAILABLE: that cannot be; one line that says where and why.
absl::StatusOr<ListenSocket> ListenAt(const std::string& host, int port);

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_LISTEN_SOCKET_H_
