#ifndef BANTAM_SERVER_RPC_LISTEN_ADDRESS_H_
#define BANTAM_SERVER_RPC_LISTEN_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bantam {

struct ListenAddress {
  std::string host;  // A name or an address, without brackets.
  int port = 0;      // Range: [0, 65535].
};

// Takes "host:port" or "[IPv6]:port" apart. INVALID_ARGUMENT says what was expected.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// Whether only this machine reaches the address `text`: localhost, 127.0.0.0/8 or ::1.
bool IsLoopback(absl::string_view text);

// Why nobody could listen at `text` just now: tries it and tells the system's reason, in one line.
std::string ExplainListenFailure(absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_LISTEN_ADDRESS_H_
