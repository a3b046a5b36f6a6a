#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/access/check_policy.h"
#include "server/access/token_set.h"

namespace bantam {
namespace {

bool HasOnly(absl::string_view text, absl::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || absl::StrContains(others, c);
  });
}

// What follows "spiffe://". The * must not stand in the trust domain: "spiffe://example*" would
// also admit the domain example.evil.org.
std::string CheckSpiffeId(absl::string_view id) {
  if (id == "*") return "";
  const size_t slash = id.find('/');
  const absl::string_view domain = id.substr(0, slash);
  if (absl::StrContains(domain, '*')) {
    return "must name the trust domain in full; a * may stand behind it only, such as "
           "'spiffe://example.org/*'";
  }
  if (domain.empty() || !HasOnly(domain, ".-_") || slash == absl::string_view::npos ||
      slash + 1 == id.size()) {
    return "must be a SPIFFE ID such as 'spiffe://example.org/ns/crm/importer': a trust domain in "
           "lower case, then a path";
  }
  return "";
}

// What follows "dns:". Names are read from their end: "dns:crm*" would also admit crm.evil.org.
std::string CheckDnsName(absl::string_view name) {
  if (name == "*") return "";
  if (absl::EndsWith(name, "*")) {
    return "must name the host in full, or be 'dns:*' for every DNS name of a client certificate; "
           "for a group of callers use SPIFFE IDs or several names";
  }
  if (name.empty() || !HasOnly(absl::AsciiStrToLower(name), ".-_")) {
    return "must be a DNS name such as 'dns:crm.example.com'";
  }
  return "";
}

std::string CheckTokenName(absl::string_view name) {
  absl::ConsumeSuffix(&name, "*");
  if (!name.empty() && !IsTokenName(name)) {
    return "must be 'token:' and a name in the token file: at most 64 letters, digits, '_', '-' "
           "and '.'";
  }
  return "";
}

}  // namespace

std::string CheckIdentity(const std::string& identity) {
  if (identity == "*" || identity == "anonymous") return "";
  absl::string_view rest = identity;
  const size_t star = identity.find('*');
  if (star != std::string::npos && star + 1 != identity.size()) {
    return "must not have a * before its end";
  }
  if (!std::all_of(identity.begin(), identity.end(), absl::ascii_isgraph)) {
    return "must not have spaces or characters outside ASCII";
  }
  if (absl::ConsumePrefix(&rest, "spiffe://")) return CheckSpiffeId(rest);
  if (absl::ConsumePrefix(&rest, "dns:")) return CheckDnsName(rest);
  if (absl::ConsumePrefix(&rest, "token:")) {
    return rest.empty() ? "must name a token, such as 'token:crm-import'" : CheckTokenName(rest);
  }
  return "must begin with spiffe://, dns: or token:, or be 'anonymous' or '*'";
}

}  // namespace bantam
