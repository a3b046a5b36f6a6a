#ifndef BANTAM_SERVER_ACCESS_CHECK_CERTIFICATES_H_
#define BANTAM_SERVER_ACCESS_CHECK_CERTIFICATES_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/mutex.h"

namespace bantam {

// What a server needs for TLS, as PEM texts. Must not be logged.
struct CertificateSet {
  std::string certificate_chain;  // The server's certificate first.
  std::string private_key;

  // Absent: client certificates are not asked for. Else it holds at least one certificate.
  absl::optional<std::string> client_ca;

  // From when on the chain is not accepted any more: of its certificates the earliest time.
  absl::Time not_after;
};

// The set of these PEM texts, if a server can use it at `now`: they can be read, the key is that of
// the first certificate, every certificate of the chain is within its time, and the library takes
// them. `client_ca` is absent if clients are not asked for certificates; an empty text is a bad
// one, like any other without a certificate. Pure, but for the library's own configuration.
//
// Error: INVALID_ARGUMENT, with a line for each reason. It quotes nothing of the key.
absl::StatusOr<CertificateSet> CheckCertificates(absl::string_view certificate_chain,
                                                 absl::string_view private_key,
                                                 absl::optional<absl::string_view> client_ca,
                                                 absl::Time now);

// Until when client certificates hold. A handshake checks that too, but a connection may outlive
// its certificate, and a session that is resumed is not checked again. Remembers those that were
// asked about, at most kMostRemembered, since it is asked for each call. Safe for concurrent use.
class CertificateExpiries {
 public:
  static constexpr size_t kMostRemembered = 4096;

  // The end of this certificate's time (PEM); infinitely long ago if it cannot be read.
  absl::Time Of(absl::string_view certificate) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  Mutex mutex_;
  absl::flat_hash_map<std::string, absl::Time> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_CHECK_CERTIFICATES_H_
