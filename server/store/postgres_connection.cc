#include "server/store/postgres_connection.h"

#include <libpq-fe.h>
#include <openssl/ssl.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace bantam {

PostgresConnection::PostgresConnection(EventLoop* loop, const PostgresUrl* url,
                                       const PostgresResolver* resolve,
                                       const SilentAddresses* silent)
    : loop_(loop), url_(url), resolve_(resolve), silent_(silent), place_count_(url->host_count()) {}

PostgresConnection::~PostgresConnection() {
  watch_.reset();
  PQfinish(connection_);
}

void PostgresConnection::Connect(size_t first, absl::AnyInvocable<void(absl::Status)> done) {
  first_ = first;
  connect_done_ = std::move(done);
  const std::vector<std::string> names = url_->names();
  names_left_ = names.size();
  if (names.empty()) return Begin();
  for (const std::string& name : names) LookUp(name);
}

void PostgresConnection::LookUp(const std::string& name) {
  lookups_.push_back(
      (*resolve_)(loop_, name, [this, name](absl::StatusOr<std::vector<std::string>> found) {
        if (found.ok())
          addresses_.emplace(name, *std::move(found));
        else
          lookup_status_ = found.status();
        if (--names_left_ == 0) Begin();
      }));
}

void PostgresConnection::Begin() {
  // One host that is known may do.
  if (addresses_.empty() && !lookup_status_.ok()) {
    return EndConnect(
        absl::UnavailableError(absl::StrCat(url_->description(), ": ", lookup_status_.message())));
  }
  PostgresUrl::Addresses addresses = addresses_;
  for (const std::string& name : url_->names()) silent_->PutLast(&addresses[name]);
  place_count_ = url_->PlaceCount(addresses);
  const PostgresUrl::Parameters parameters = url_->ForServing(addresses, first_);
  std::vector<const char*> keywords, values;
  for (const auto& [keyword, value] : parameters) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  connection_ = PQconnectStartParams(keywords.data(), values.data(), 0);
  if (connection_ == nullptr) {
    return EndConnect(absl::UnavailableError(absl::StrCat(url_->description(), ": no memory")));
  }
  PQsetNoticeReceiver(
      connection_, [](void*, const PGresult*) {}, nullptr);
  // libpq wants the socket to be writable before the first step.
  if (PQstatus(connection_) != CONNECTION_BAD) {
    watch_ = loop_->Watch(
        PQsocket(connection_), [this] { Advance(); }, [this] { Advance(); });
  }
  if (watch_ == nullptr) return EndConnect(Lost("cannot be reached"));
  watch_->WantWrite(true);
}

void PostgresConnection::Advance() {
  // The next step may close the socket and open another, even under the same number.
  watch_.reset();
  const PostgresPollingStatusType state = PQconnectPoll(connection_);
  if (state == PGRES_POLLING_FAILED) return EndConnect(Lost("cannot be reached"));
  if (state == PGRES_POLLING_OK) {
    PQsetnonblocking(connection_, 1);
    watch_ = loop_->Watch(
        PQsocket(connection_), [this] { OnReadable(); }, [this] { Flush(); });
    if (watch_ == nullptr) return EndConnect(Lost("cannot be watched"));
    watch_->WantRead(true);
    return EndConnect(absl::OkStatus());
  }
  watch_ = loop_->Watch(
      PQsocket(connection_), [this] { Advance(); }, [this] { Advance(); });
  if (watch_ == nullptr) return EndConnect(Lost("cannot be watched"));
  if (state == PGRES_POLLING_READING)
    watch_->WantRead(true);
  else
    watch_->WantWrite(true);
}

void PostgresConnection::EndConnect(absl::Status status) {
  // Later, since the caller may still be in Connect().
  loop_->Post([this, alive = std::weak_ptr<int>(alive_), status = std::move(status)] {
    if (alive.expired()) return;
    auto done = std::move(connect_done_);
    done(status);
  });
}

bool PostgresConnection::broken() const {
  return connection_ == nullptr || PQstatus(connection_) != CONNECTION_OK;
}

std::string PostgresConnection::address() const {
  const char* const address = PQhostaddr(connection_);
  return address == nullptr ? "" : address;
}

void PostgresConnection::Send(const PostgresQuery& query, QueryDone done) {
  std::vector<Oid> types;
  std::vector<const char*> values;
  std::vector<int> lengths;
  const std::vector<int> formats(query.values.size(), 1);
  for (const PostgresValue& value : query.values) {
    types.push_back(value.type);
    values.push_back(value.is_null ? nullptr : value.bytes.data());
    lengths.push_back(static_cast<int>(value.bytes.size()));
  }
  is_asked_ = true;
  query_done_ = std::move(done);
  if (PQsendQueryParams(connection_, query.sql, static_cast<int>(query.values.size()), types.data(),
                        values.data(), lengths.data(), formats.data(), 0) == 1) {
    return Flush();
  }
  PostLost();
}

void PostgresConnection::Flush() {
  if (watch_ == nullptr) return PostLost();
  const int left = PQflush(connection_);
  if (left < 0) return PostLost();
  watch_->WantWrite(left > 0);
}

void PostgresConnection::PostLost() {
  // Later, since the caller may still be in Send().
  watch_.reset();
  loop_->Post([this, alive = std::weak_ptr<int>(alive_)] {
    if (!alive.expired()) EndQuery(Lost("connection lost"));
  });
}

bool PostgresConnection::Consume() {
  while (PQconsumeInput(connection_) == 1) {
    // OpenSSL may hold more than libpq had room for, and of that the socket tells nothing.
    SSL* const tls = static_cast<SSL*>(PQsslStruct(connection_, "OpenSSL"));
    if (tls == nullptr || SSL_pending(tls) == 0) return true;
  }
  return false;
}

void PostgresConnection::OnReadable() {
  const bool is_good = Consume();
  if (is_asked_) {
    if (is_good) return Receive();
    return EndQuery(Lost("connection lost"));
  }
  // Nothing was asked: notices, or the end.
  PQisBusy(connection_);  // Takes in what has come.
  if (is_good && !broken()) return;
  watch_.reset();
  if (on_lost_) {
    const std::function<void()> on_lost = on_lost_;
    on_lost();
  }
}

void PostgresConnection::Receive() {
  while (PQisBusy(connection_) == 0) {
    PGresult* const result = PQgetResult(connection_);
    if (result == nullptr) {
      if (broken() || !result_.has_value()) return EndQuery(Lost("connection lost"));
      PostgresResult last = *std::move(result_);
      return EndQuery(std::move(last));
    }
    result_.emplace(result);
  }
  // While sending, the server must be listened to, and the other way round.
  if (PQflush(connection_) > 0) watch_->WantWrite(true);
}

void PostgresConnection::EndQuery(absl::StatusOr<PostgresResult> result) {
  is_asked_ = false;
  result_.reset();
  QueryDone done = std::move(query_done_);
  done(std::move(result));
}

absl::Status PostgresConnection::Lost(absl::string_view what) const {
  return absl::UnavailableError(
      absl::StrCat(url_->description(), ": ", what, ": ",
                   OneLine(PQerrorMessage(connection_), PQpass(connection_))));
}

}  // namespace bantam
