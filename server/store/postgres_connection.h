#ifndef BANTAM_SERVER_STORE_POSTGRES_CONNECTION_H_
#define BANTAM_SERVER_STORE_POSTGRES_CONNECTION_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "server/store/event_loop.h"
#include "server/store/postgres_query.h"
#include "server/store/postgres_url.h"
#include "server/store/silent_addresses.h"

struct pg_conn;  // libpq's PGconn.

namespace bantam {

// Finds the addresses of a host, as EventLoop::Resolve() does.
using PostgresResolver = std::function<std::unique_ptr<NameLookup>(
    EventLoop* loop, const std::string& host,
    std::function<void(absl::StatusOr<std::vector<std::string>>)> done)>;

// One connection to a PostgreSQL, which never blocks, and knows no deadlines: whoever has waited
// long enough destroys it, at any time, also within its callbacks; then these are not called any
// more. Belongs to the thread of its event loop.
class PostgresConnection {
 public:
  // All must outlive it. Of a host's addresses those in `silent` are tried last.
  PostgresConnection(EventLoop* loop, const PostgresUrl* url, const PostgresResolver* resolve,
                     const SilentAddresses* silent);
  ~PostgresConnection();

  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  // Connects; of several hosts number `first` is tried first. Once. `done` is called later:
  // UNAVAILABLE: it cannot be made.
  void Connect(size_t first, absl::AnyInvocable<void(absl::Status)> done);

  // Sends one query; when the one before has been answered, and not if broken(). `done` is called
  // later: with the result, which may be an error of the server, or UNAVAILABLE: the connection was
  // lost, and what came of the query is not known.
  using QueryDone = absl::AnyInvocable<void(absl::StatusOr<PostgresResult>)>;
  void Send(const PostgresQuery& query, QueryDone done);

  // Called when the connection is lost while nothing is asked.
  void set_on_lost(std::function<void()> on_lost) { on_lost_ = std::move(on_lost); }

  // Whether it cannot be used any more.
  bool broken() const;

  // The address that it leads to, or that it is trying. Empty: a Unix socket, or none yet.
  std::string address() const;

  // How many places it has to try until it is made; hosts, until their addresses are known.
  size_t place_count() const { return place_count_; }

 private:
  // The steps of connecting.
  void LookUp(const std::string& name);
  void Begin();
  void Advance();
  void EndConnect(absl::Status status);

  void OnReadable();
  void Flush();

  // Reads what has come. False: the connection is lost.
  bool Consume();

  // Ends the query because the connection is lost.
  void PostLost();

  // Takes what has come of the answer.
  void Receive();
  void EndQuery(absl::StatusOr<PostgresResult> result);

  // What libpq said last.
  absl::Status Lost(absl::string_view what) const;

  EventLoop* const loop_;
  const PostgresUrl* const url_;
  const PostgresResolver* const resolve_;
  const SilentAddresses* const silent_;
  const std::shared_ptr<int> alive_ = std::make_shared<int>();  // For what is posted.

  size_t first_ = 0;
  size_t names_left_ = 0;
  std::vector<std::unique_ptr<NameLookup>> lookups_;
  PostgresUrl::Addresses addresses_;
  size_t place_count_;
  absl::Status lookup_status_;
  absl::AnyInvocable<void(absl::Status)> connect_done_;

  pg_conn* connection_ = nullptr;
  std::unique_ptr<FdWatch> watch_;  // Goes before connection_'s descriptor is closed.
  bool is_asked_ = false;
  QueryDone query_done_;
  absl::optional<PostgresResult> result_;
  std::function<void()> on_lost_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_POSTGRES_CONNECTION_H_
