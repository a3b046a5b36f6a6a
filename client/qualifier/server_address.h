#ifndef BANTAM_CLIENT_QUALIFIER_SERVER_ADDRESS_H_
#define BANTAM_CLIENT_QUALIFIER_SERVER_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace bantam {

// Where a server is, as gRPC wants to be told. `text` is host, host:port, or one of gRPC's dns:,
// ipv4:, ipv6:, unix: and unix-abstract:; hosts are names, IPv4 addresses, or IPv6 addresses, in
// brackets where a port follows. The port is bantamd's, 7770, where none is given. Absent: `text`
// is none of these.
absl::optional<std::string> ServerAddress(absl::string_view text);

}  // namespace bantam

#endif  // BANTAM_CLIENT_QUALIFIER_SERVER_ADDRESS_H_
