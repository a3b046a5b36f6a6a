#ifndef BANTAM_CLIENT_QUALIFIER_TLS_DIAGNOSIS_H_
#define BANTAM_CLIENT_QUALIFIER_TLS_DIAGNOSIS_H_

#include <string>

#include "client/qualifier/channel.h"

namespace bantam {

// Why no TLS connection to `options.server` can be made, and what to do, for people: gRPC says
// little more than that the handshake failed. Contacts the server once, for 3 s at most. Empty: it
// cannot be reached at all, or the handshake is good.
std::string DiagnoseTls(const ChannelOptions& options);

// Whether `options.server`, which was called without TLS, speaks TLS: then what to do; else empty.
std::string DiagnosePlaintext(const ChannelOptions& options);

}  // namespace bantam

#endif  // BANTAM_CLIENT_QUALIFIER_TLS_DIAGNOSIS_H_
