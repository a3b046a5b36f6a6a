// Who calls.
#ifndef BANTAM_SERVER_ACCESS_CALLER_H_
#define BANTAM_SERVER_ACCESS_CALLER_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace bantam {

// SHA-256.
using TokenDigest = std::array<uint8_t, 32>;

// What the transport tells of a caller. The certificate's names have been verified; the token has
// not.
struct Credentials {
  // URIs of the client certificate that begin with "spiffe://".
  std::vector<std::string> spiffe_ids;

  // DNS names of the client certificate.
  std::vector<std::string> dns_names;

  // Until when the client certificate holds. Infinite: none was shown.
  absl::Time certificate_end = absl::InfiniteFuture();

  // As sent, without "Bearer". Absent: none was sent. Must not be logged.
  absl::optional<absl::string_view> bearer_token;
};

// Everything that a caller has proved of itself. Says nothing of what it may do: that is looked up
// whenever it does something, so that a change of the policy counts at once. Immutable.
class Caller {
 public:
  // A token that the caller has shown.
  struct Token {
    std::string name;    // As in the token file.
    TokenDigest digest;  // Of the token.

    // Which TokenSet found it; while that one is in force nothing need be looked up again. 0: none.
    uint64_t set_id = 0;
  };

  // The anonymous caller.
  Caller() : Caller({}, absl::nullopt) {}

  // Names that hold anything but printable ASCII are left out.
  Caller(const Credentials& credentials, absl::optional<Token> token);

  // For logs: the first of identities(), or "anonymous".
  const std::string& name() const { return name_; }

  // Such as "token:crm-import", "spiffe://example.org/ns/crm/importer", "dns:crm.example.com", in
  // this order; DNS names in lower case. Empty: the caller is anonymous.
  const std::vector<std::string>& identities() const { return identities_; }

  // By what it is looked up whether the token still counts. Absent: the caller has shown none.
  const absl::optional<Token>& token() const { return token_; }

  // As of Credentials: after it, what the certificate proved is proved no more.
  absl::Time certificate_end() const { return certificate_end_; }

 private:
  absl::Time certificate_end_;
  absl::optional<Token> token_;
  std::vector<std::string> identities_;
  std::string name_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ACCESS_CALLER_H_
