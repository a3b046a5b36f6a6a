#include "client/qualifier/server_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace bantam {
namespace {

constexpr absl::string_view kDefaultPort = "7770";

// A zone, as in fe80::1%eth0, is left to the system.
bool IsIpv6(absl::string_view text) {
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text.substr(0, text.find('%'))).c_str(), &address) == 1;
}

bool IsHost(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || absl::StrContains("-._", c);
  });
}

bool IsPort(absl::string_view text) {
  int port;
  return text.find_first_not_of("0123456789") == absl::string_view::npos &&
         absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535;
}

absl::optional<std::string> WithPort(absl::string_view text) {
  if (IsIpv6(text)) return absl::StrCat("[", text, "]:", kDefaultPort);
  // Behind the brackets, if there are any.
  const size_t colon =
      text.find(':', text.rfind(']') == absl::string_view::npos ? 0 : text.rfind(']'));
  const absl::string_view host = text.substr(0, colon);
  const absl::string_view port =
      colon == absl::string_view::npos ? kDefaultPort : text.substr(colon + 1);
  const bool in_brackets = absl::StartsWith(host, "[") && absl::EndsWith(host, "]") &&
                           IsIpv6(host.substr(1, host.size() - 2));
  if (!(in_brackets || IsHost(host)) || !IsPort(port)) return absl::nullopt;
  return absl::StrCat(host, ":", port);
}

}  // namespace

absl::optional<std::string> ServerAddress(absl::string_view text) {
  const absl::string_view scheme = text.substr(0, text.find(':') + 1);
  const absl::string_view rest = text.substr(scheme.size());
  if (scheme == "unix:" || scheme == "unix-abstract:") {
    return rest.empty() ? absl::nullopt : absl::make_optional(std::string(text));
  }
  if (scheme == "dns:") {
    // dns:host, or dns://[server of names]/host.
    const size_t host =
        text.rfind('/') == absl::string_view::npos ? scheme.size() : text.rfind('/') + 1;
    const absl::optional<std::string> complete = WithPort(text.substr(host));
    if (!complete.has_value()) return absl::nullopt;
    return absl::StrCat(text.substr(0, host), *complete);
  }
  if (scheme != "ipv4:" && scheme != "ipv6:") return WithPort(text);
  std::vector<std::string> addresses;
  for (const absl::string_view address : absl::StrSplit(rest, ',')) {
    const absl::optional<std::string> complete = WithPort(address);
    if (!complete.has_value()) return absl::nullopt;
    addresses.push_back(*complete);
  }
  return absl::StrCat(scheme, absl::StrJoin(addresses, ","));
}

}  // namespace bantam
