#include "server/store/postgres_url.h"

#include <arpa/inet.h>
#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace bantam {
namespace {

using OptionsPtr = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

// libpq's own messages may repeat a password that is not well written, so they are not shown.
absl::Status BadUrl(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(
      "the PostgreSQL URL ", why,
      "; expected postgres://[user[:password]@]host[:port][/database][?parameter=value], with "
      "special characters in user and password written as %XX"));
}

constexpr absl::string_view kEncode =
    "; in user and password write %40 for an @, %2F for a / and %25 for a %";

// Whether an @ stands among the hosts or in the name of the database. libpq takes the first @ or /
// for the end of the password, so that what is before this one may be the rest of it.
bool HasStrayAt(absl::string_view url) {
  absl::string_view rest = url.substr(url.find("://") + 3);
  const size_t end = rest.find_first_of("@/");
  if (end != absl::string_view::npos && rest[end] == '@') rest.remove_prefix(end + 1);
  return absl::StrContains(rest.substr(0, rest.find('?')), '@');
}

bool IsPort(const std::string& text) {
  int port;
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535;
}

// What libpq would take for `keyword` if it is not told: the environment's, or what is built in.
std::string Default(const std::string& keyword) {
  const OptionsPtr options(PQconndefaults(), &PQconninfoFree);
  for (const PQconninfoOption* option = options.get();
       option != nullptr && option->keyword != nullptr; ++option) {
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  }
  return "";
}

bool IsSocket(const std::string& host) {
  return absl::StartsWith(host, "/") || absl::StartsWith(host, "@");
}

bool IsAddress(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address) == 1;
}

std::vector<std::string> SplitList(const std::string& list) {
  if (list.empty()) return {};
  return absl::StrSplit(list, ',');
}

}  // namespace

absl::StatusOr<PostgresUrl> PostgresUrl::Parse(const std::string& url) {
  if (!absl::StartsWith(url, "postgres://") && !absl::StartsWith(url, "postgresql://")) {
    return BadUrl("has another scheme");
  }
  if (HasStrayAt(url)) {
    return BadUrl(absl::StrCat("has an @ among the hosts or in the database", kEncode,
                               ", and %40 before the name of an abstract socket"));
  }
  char* error = nullptr;
  const OptionsPtr options(PQconninfoParse(url.c_str(), &error), &PQconninfoFree);
  PQfreemem(error);
  if (options == nullptr) return BadUrl("cannot be parsed, or has a parameter that libpq lacks");
  PostgresUrl parsed;
  std::string names, addresses, ports;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    const std::string keyword = option->keyword;
    if (keyword == "host") {
      names = option->val;
    } else if (keyword == "hostaddr") {
      addresses = option->val;
    } else if (keyword == "port") {
      ports = option->val;
    } else if (keyword == "options") {
      parsed.given_options_ = option->val;
    } else {
      parsed.given_.emplace_back(keyword, option->val);
    }
    if (keyword == "connect_timeout") {
      int seconds;
      if (!absl::SimpleAtoi(option->val, &seconds) || seconds < 1 || seconds > 60) {
        return BadUrl("has a connect_timeout that is no number of seconds from 1 to 60");
      }
      parsed.connect_timeout_ = absl::Seconds(seconds);
    }
  }
  // What a service file says is for libpq to find out.
  const bool has_service = parsed.Has("service");
  if (names.empty() && addresses.empty() && !has_service) {
    names = Default("host");
    addresses = Default("hostaddr");
  }
  if (ports.empty() && !has_service) ports = Default("port");
  const absl::Status hosts = parsed.SetHosts(names, addresses, ports);
  if (!hosts.ok()) return hosts;
  return parsed;
}

absl::Status PostgresUrl::SetHosts(const std::string& names, const std::string& addresses,
                                   const std::string& ports) {
  const std::vector<std::string> name_list = SplitList(names);
  const std::vector<std::string> address_list = SplitList(addresses);
  const std::vector<std::string> port_list = SplitList(ports);
  const size_t count = std::max(name_list.size(), address_list.size());
  if (!name_list.empty() && !address_list.empty() && name_list.size() != address_list.size()) {
    return BadUrl("has not as many hostaddr as hosts");
  }
  if (port_list.size() > 1 && port_list.size() != count) {
    return BadUrl("has not as many ports as hosts");
  }
  const absl::Status bad_port = BadUrl(
      absl::StrCat("has a port (or PGPORT is one) that is no number from 1 to 65535", kEncode));
  // A port alone is that of libpq's default host.
  if (count == 0 && !ports.empty()) {
    if (!IsPort(ports)) return bad_port;
    given_.emplace_back("port", ports);
  }
  std::vector<std::string> shown;
  for (size_t i = 0; i < count; ++i) {
    Host host;
    if (!name_list.empty()) host.name = name_list[i];
    if (!address_list.empty()) host.address = address_list[i];
    if (!port_list.empty()) host.port = port_list[port_list.size() == 1 ? 0 : i];
    // Of what is no host or port, any part may be a password in the wrong place.
    if (host.name.find('@', 1) != std::string::npos) {
      return BadUrl(absl::StrCat("has an @ in a host", kEncode));
    }
    if (!host.port.empty() && !IsPort(host.port)) return bad_port;
    const std::string& place = host.name.empty() ? host.address : host.name;
    shown.push_back(absl::StrCat(place, place.empty() || host.port.empty() ? "" : ":", host.port));
    hosts_.push_back(std::move(host));
  }
  description_ =
      absl::StrCat("PostgreSQL at ", shown.empty() ? "libpq's default" : absl::StrJoin(shown, ","));
  return absl::OkStatus();
}

bool PostgresUrl::Has(const std::string& keyword) const {
  return std::any_of(given_.begin(), given_.end(),
                     [&keyword](const auto& parameter) { return parameter.first == keyword; });
}

std::vector<std::string> PostgresUrl::names() const {
  std::vector<std::string> names;
  for (const Host& host : hosts_) {
    if (!host.address.empty() || host.name.empty() || IsSocket(host.name)) continue;
    if (IsAddress(host.name)) continue;
    if (std::find(names.begin(), names.end(), host.name) == names.end()) names.push_back(host.name);
  }
  return names;
}

std::vector<PostgresUrl::Host> PostgresUrl::Places(const Addresses& addresses, size_t first) const {
  std::vector<Host> places;
  for (size_t i = 0; i < hosts_.size(); ++i) {
    const Host& host = hosts_[(first + i) % hosts_.size()];
    std::vector<std::string> found = {host.address};
    if (host.address.empty() && IsAddress(host.name)) found = {host.name};
    const auto it = addresses.find(host.name);
    if (it != addresses.end()) found = it->second;
    for (const std::string& address : found) places.push_back({host.name, address, host.port});
  }
  return places;
}

size_t PostgresUrl::PlaceCount(const Addresses& addresses) const {
  return std::max<size_t>(1, Places(addresses, 0).size());
}

PostgresUrl::Parameters PostgresUrl::Common() const {
  Parameters parameters = given_;
  const auto add = [&](const char* keyword, const char* value, const char* environment) {
    const bool is_set = environment != nullptr && std::getenv(environment) != nullptr;
    if (!Has(keyword) && !is_set) parameters.emplace_back(keyword, value);
  };
  add("application_name", "bantamd", "PGAPPNAME");
  add("client_encoding", "UTF8", nullptr);
  // To look for Kerberos tickets may block.
  add("gssencmode", "disable", "PGGSSENCMODE");
  if (hosts_.size() > 1) {
    add("target_session_attrs", "read-write", "PGTARGETSESSIONATTRS");
  }
  return parameters;
}

PostgresUrl::Parameters PostgresUrl::ForServing(const Addresses& addresses, size_t first) const {
  Parameters parameters = Common();
  const auto add = [&](const char* keyword, const char* value) {
    if (!Has(keyword)) parameters.emplace_back(keyword, value);
  };
  // How a connection is noticed whose other end has vanished.
  add("keepalives_idle", "30");
  add("keepalives_interval", "5");
  add("keepalives_count", "3");
  add("tcp_user_timeout", "10000");
  // What is given up here ends over there as well, a little later.
  parameters.emplace_back("options",
                          absl::StrCat("-c statement_timeout=10s "
                                       "-c default_transaction_isolation=read\\ committed ",
                                       given_options_));
  std::vector<std::string> names, numbers, ports;
  for (const Host& place : Places(addresses, first)) {
    names.push_back(place.name);
    numbers.push_back(place.address);
    ports.push_back(place.port);
  }
  if (!hosts_.empty()) {
    parameters.emplace_back("host", absl::StrJoin(names, ","));
    parameters.emplace_back("hostaddr", absl::StrJoin(numbers, ","));
    parameters.emplace_back("port", absl::StrJoin(ports, ","));
  }
  return parameters;
}

PostgresUrl::Parameters PostgresUrl::ForCommand() const {
  Parameters parameters = Common();
  if (!Has("connect_timeout")) parameters.emplace_back("connect_timeout", "10");
  parameters.emplace_back("options", given_options_);
  std::vector<std::string> names, numbers, ports;
  for (const Host& host : hosts_) {
    names.push_back(host.name);
    numbers.push_back(host.address);
    ports.push_back(host.port);
  }
  parameters.emplace_back("host", absl::StrJoin(names, ","));
  parameters.emplace_back("hostaddr", absl::StrJoin(numbers, ","));
  parameters.emplace_back("port", absl::StrJoin(ports, ","));
  return parameters;
}

}  // namespace bantam
