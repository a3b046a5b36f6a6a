#ifndef BANTAM_CLIENT_QUALIFIER_TLS_FILES_H_
#define BANTAM_CLIENT_QUALIFIER_TLS_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "client/qualifier/channel.h"

namespace bantam {

// What the files of ChannelOptions hold. Empty: there is none.
struct TlsFiles {
  std::string ca;
  std::string cert;
  std::string key;
  std::string token;
};

// Reads and checks them, so that what is wrong with them need not be guessed from a failed
// handshake. INVALID_ARGUMENT: all that is wrong, by option and file; never what they hold.
absl::StatusOr<TlsFiles> ReadTlsFiles(const ChannelOptions& options);

}  // namespace bantam

#endif  // BANTAM_CLIENT_QUALIFIER_TLS_FILES_H_
