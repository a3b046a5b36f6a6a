#ifndef BANTAM_SERVER_STORE_POSTGRES_URL_H_
#define BANTAM_SERVER_STORE_POSTGRES_URL_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace bantam {

// Where a PostgreSQL is and how to get in. What the URL does not say, libpq takes from where it
// always does (PGPASSWORD, ~/.pgpass, …). Immutable.
class PostgresUrl {
 public:
  // Addresses by name.
  using Addresses = std::map<std::string, std::vector<std::string>>;

  // Parses "postgres://[user[:password]@]host[:port][,…][/database][?parameter=value&…]", also
  // "postgresql://…". INVALID_ARGUMENT otherwise, also where a part of a password that is not
  // percent-encoded might pass for a host, a port or a database; the message repeats nothing of
  // `url`.
  static absl::StatusOr<PostgresUrl> Parse(const std::string& url);

  // For messages, such as "PostgreSQL at db.example:5432": neither user nor password.
  const std::string& description() const { return description_; }

  // The bound on the making of one connection, all told. Default: 2 s.
  absl::Duration connect_timeout() const { return connect_timeout_; }

  // How many hosts there are; at least 1.
  size_t host_count() const { return hosts_.empty() ? 1 : hosts_.size(); }

  // How many places there are to connect to, each address of a host being one; at least 1.
  size_t PlaceCount(const Addresses& addresses) const;

  // The names of hosts whose addresses must be looked up, each once. None for Unix sockets and
  // where the URL says `hostaddr`.
  std::vector<std::string> names() const;

  // What to hand to libpq for a long-living connection: keywords and values. A host is tried at
  // each of its addresses, in their order, with the host's name for TLS; one of names() without any
  // is left out. Of several hosts number `first` (modulo their number) comes first.
  //
  // Where a host refuses, libpq goes on to the next address by itself. It does not where one is
  // silent: another one must stand in front then.
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  Parameters ForServing(const Addresses& addresses, size_t first) const;

  // The same for a command that may take long and may block: libpq looks up the names.
  Parameters ForCommand() const;

 private:
  struct Host {
    std::string name;     // Empty: libpq's default; with a leading '/' or '@': a Unix socket.
    std::string address;  // From `hostaddr`; empty: none given.
    std::string port;     // Empty: the default.
  };

  PostgresUrl() = default;

  absl::Status SetHosts(const std::string& names, const std::string& addresses,
                        const std::string& ports);
  bool Has(const std::string& keyword) const;

  // The hosts from number `first` on, once with each address.
  std::vector<Host> Places(const Addresses& addresses, size_t first) const;

  // Adds what serving and commands have in common.
  Parameters Common() const;

  Parameters given_;  // Without host, hostaddr and options; `port` only if there are no hosts.
  std::string given_options_;
  std::vector<Host> hosts_;  // None: libpq's default.
  std::string description_;
  absl::Duration connect_timeout_ = absl::Seconds(2);
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_POSTGRES_URL_H_
