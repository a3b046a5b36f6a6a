#include "server/store/postgres_pool.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace bantam {

struct PostgresPool::Waiting {
  PostgresRequest request;
  bool is_repeated = false;
  int64_t answers_before = 0;  // Of the server, when it came.
  EventLoop::TimerId deadline_timer;
};

struct PostgresPool::Slot {
  enum State { kConnecting, kIdle, kBusy };

  State state = kConnecting;
  std::unique_ptr<PostgresConnection> connection;
  size_t first_host = 0;     // That it began with.
  RequestPtr request;        // While busy.
  EventLoop::TimerId timer;  // While connecting: how long that may take. While idle: how long yet.
};

PostgresPool::PostgresPool(EventLoop* loop, PostgresUrl url, Check check,
                           const PostgresPoolOptions& options)
    : loop_(loop), url_(std::move(url)), check_(std::move(check)), options_(options) {}

PostgresPool::~PostgresPool() {
  is_closing_ = true;
  loop_->Cancel(backoff_timer_);
  std::list<std::unique_ptr<Slot>> slots = std::move(slots_);
  for (const std::unique_ptr<Slot>& slot : slots) {
    loop_->Cancel(slot->timer);
    slot->connection.reset();
    if (slot->request != nullptr) waiting_.push_back(std::move(slot->request));
  }
  FailWaiting(absl::UnavailableError("the store is being closed"));
}

void PostgresPool::Send(PostgresRequest request) {
  auto waiting = std::make_unique<Waiting>();
  waiting->request = std::move(request);
  Update([](PostgresPoolStats& stats) { ++stats.requests; });
  if (is_closing_) {
    return Finish(std::move(waiting), absl::UnavailableError("the store is being closed"));
  }
  if (waiting_.size() >= static_cast<size_t>(options_.max_waiting)) {
    Update([](PostgresPoolStats& stats) { ++stats.refused; });
    return Finish(std::move(waiting),
                  absl::ResourceExhaustedError(absl::StrCat(
                      url_.description(), ": ", waiting_.size(), " requests wait already")));
  }
  if (waiting->request.deadline <= absl::Now()) {
    Update([](PostgresPoolStats& stats) { ++stats.timeouts; });
    return Finish(std::move(waiting), absl::UnavailableError(absl::StrCat(
                                          url_.description(), ": no time was left to ask")));
  }
  Waiting* const raw = waiting.get();
  waiting->deadline_timer =
      loop_->RunAfter(waiting->request.deadline - absl::Now(), [this, raw] { OnDeadline(raw); });
  waiting->answers_before = answers_;
  Queue(std::move(waiting));
  Dispatch();
}

void PostgresPool::Queue(RequestPtr request) {
  const PostgresPriority priority = request->request.priority;
  auto place = waiting_.end();
  while (place != waiting_.begin() && (*std::prev(place))->request.priority < priority) --place;
  waiting_.insert(place, std::move(request));
}

void PostgresPool::Dispatch() {
  if (is_closing_) return;
  while (!waiting_.empty()) {
    const auto idle = std::find_if(slots_.begin(), slots_.end(),
                                   [](const auto& slot) { return slot->state == Slot::kIdle; });
    if (idle == slots_.end()) break;
    RequestPtr request = std::move(waiting_.front());
    waiting_.pop_front();
    Assign(idle->get(), std::move(request));
  }
  // After a failure one attempt at a time tells enough.
  const size_t attempts = failures_ > 0 ? std::min<size_t>(1, waiting_.size()) : waiting_.size();
  while (!is_backing_off_ && Count(Slot::kConnecting) < attempts &&
         slots_.size() < static_cast<size_t>(options_.max_connections)) {
    Open();
  }
  UpdateCounts();
}

void PostgresPool::Open() {
  auto slot = std::make_unique<Slot>();
  Slot* const raw = slot.get();
  slot->first_host = first_host_;
  slot->connection =
      std::make_unique<PostgresConnection>(loop_, &url_, &options_.resolve, &silent_addresses_);
  slot->timer = loop_->RunAfter(url_.connect_timeout(), [this, raw] { OnConnectTimeout(raw); });
  slots_.push_back(std::move(slot));
  raw->connection->Connect(first_host_,
                           [this, raw](absl::Status status) { OnConnected(raw, status); });
}

void PostgresPool::OnConnected(Slot* slot, absl::Status status) {
  if (!status.ok()) return FailConnect(slot, std::move(status));
  slot->connection->Send(check_.query, [this, slot](absl::StatusOr<PostgresResult> result) {
    OnChecked(slot, std::move(result));
  });
}

void PostgresPool::OnChecked(Slot* slot, absl::StatusOr<PostgresResult> result) {
  const absl::Status status = result.ok() ? check_.judge(*result) : result.status();
  if (!status.ok()) return FailConnect(slot, status);
  failures_ = 0;
  silent_attempts_ = 0;
  silent_addresses_.Remove(slot->connection->address());
  Update([](PostgresPoolStats& stats) {
    ++stats.connected;
    stats.last_connect = absl::OkStatus();
  });
  slot->connection->set_on_lost([this, slot] {
    Update([](PostgresPoolStats& stats) { ++stats.lost_connections; });
    Remove(slot);
    UpdateCounts();
  });
  loop_->Cancel(slot->timer);
  Release(slot);
  Dispatch();
}

void PostgresPool::OnConnectTimeout(Slot* slot) {
  const absl::Status status = absl::UnavailableError(absl::StrCat(
      url_.description(), ": no connection within ", absl::FormatDuration(url_.connect_timeout())));
  // Perhaps it is only this host that is silent, or this one of its addresses, and not the next
  // one. Several attempts at one time count once.
  silent_addresses_.Add(slot->connection->address());
  if (slot->first_host == first_host_) {
    ++first_host_;
    ++silent_attempts_;
  }
  if (silent_attempts_ >= slot->connection->place_count()) return FailConnect(slot, status);
  Remove(slot);
  Update([&status](PostgresPoolStats& stats) {
    ++stats.connect_failures;
    stats.last_connect = status;
  });
  Dispatch();
}

void PostgresPool::FailConnect(Slot* slot, absl::Status status) {
  Remove(slot);
  Update([&status](PostgresPoolStats& stats) {
    ++stats.connect_failures;
    stats.last_connect = status;
  });
  BackOff();
  // With other connections at work this only means that there are no more to be had.
  if (slots_.size() == Count(Slot::kConnecting)) FailWaiting(status);
  UpdateCounts();
}

void PostgresPool::BackOff() {
  silent_attempts_ = 0;
  // Several attempts at one time fail as one.
  if (is_backing_off_) return;
  absl::Duration bound = options_.first_backoff;
  for (int i = 0; i < failures_ && bound < options_.max_backoff; ++i) bound *= 2;
  bound = std::min(bound, options_.max_backoff);
  ++failures_;
  is_backing_off_ = true;
  backoff_timer_ = loop_->RunAfter(bound * absl::Uniform(random_, 0.0, 1.0), [this] {
    is_backing_off_ = false;
    Dispatch();
  });
}

void PostgresPool::Assign(Slot* slot, RequestPtr request) {
  loop_->Cancel(slot->timer);
  slot->state = Slot::kBusy;
  slot->request = std::move(request);
  slot->connection->Send(
      slot->request->request.query,
      [this, slot](absl::StatusOr<PostgresResult> result) { OnAnswer(slot, std::move(result)); });
}

void PostgresPool::OnAnswer(Slot* slot, absl::StatusOr<PostgresResult> result) {
  RequestPtr request = std::move(slot->request);
  if (result.ok()) ++answers_;
  // A standby that was the primary: another host is that now.
  const bool is_read_only = result.ok() && result->sqlstate() == "25006";
  if (!result.ok() || is_read_only || slot->connection->broken()) {
    Remove(slot);
  } else {
    Release(slot);
  }
  if (!result.ok() && request->request.is_repeatable && !request->is_repeated) {
    Update([](PostgresPoolStats& stats) { ++stats.retries; });
    request->is_repeated = true;
    waiting_.push_front(std::move(request));
    return Dispatch();
  }
  Dispatch();
  Finish(std::move(request), std::move(result));
}

// A server that answers others has too much to do; one that answers nobody may be gone.
absl::Status PostgresPool::TurnNeverCame(const Waiting& request) const {
  const std::string message = absl::StrCat(url_.description(), ": no connection was free in time");
  if (answers_ > request.answers_before) return absl::ResourceExhaustedError(message);
  return absl::UnavailableError(message);
}

void PostgresPool::OnDeadline(Waiting* request) {
  Update([](PostgresPoolStats& stats) { ++stats.timeouts; });
  for (auto it = waiting_.begin(); it != waiting_.end(); ++it) {
    if (it->get() != request) continue;
    RequestPtr owned = std::move(*it);
    waiting_.erase(it);
    UpdateCounts();
    absl::Status status = TurnNeverCame(*owned);
    if (absl::IsResourceExhausted(status)) {
      Update([](PostgresPoolStats& stats) { ++stats.refused; });
    }
    return Finish(std::move(owned), std::move(status));
  }
  for (const std::unique_ptr<Slot>& slot : slots_) {
    if (slot->request.get() != request) continue;
    RequestPtr owned = std::move(slot->request);
    Remove(slot.get());
    CloseIdle();
    Dispatch();
    return Finish(std::move(owned),
                  absl::UnavailableError(absl::StrCat(url_.description(), ": no answer in time")));
  }
}

void PostgresPool::Release(Slot* slot) {
  slot->state = Slot::kIdle;
  slot->timer = loop_->RunAfter(options_.idle_timeout, [this, slot] {
    if (slots_.size() == 1) return;
    Remove(slot);
    UpdateCounts();
  });
  const auto it = std::find_if(slots_.begin(), slots_.end(),
                               [slot](const auto& other) { return other.get() == slot; });
  slots_.splice(slots_.begin(), slots_, it);
}

void PostgresPool::Remove(Slot* slot) {
  loop_->Cancel(slot->timer);
  slots_.remove_if([slot](const auto& other) { return other.get() == slot; });
}

void PostgresPool::CloseIdle() {
  slots_.remove_if([this](const std::unique_ptr<Slot>& slot) {
    if (slot->state != Slot::kIdle) return false;
    loop_->Cancel(slot->timer);
    return true;
  });
}

void PostgresPool::Finish(RequestPtr request, absl::StatusOr<PostgresResult> result) {
  loop_->Cancel(request->deadline_timer);
  auto done = std::move(request->request.done);
  request.reset();
  done(std::move(result));
}

void PostgresPool::FailWaiting(const absl::Status& status) {
  std::list<RequestPtr> waiting = std::move(waiting_);
  waiting_.clear();
  for (RequestPtr& request : waiting) Finish(std::move(request), status);
}

size_t PostgresPool::Count(int state) const {
  return static_cast<size_t>(std::count_if(
      slots_.begin(), slots_.end(), [state](const auto& slot) { return slot->state == state; }));
}

PostgresPoolStats PostgresPool::Stats() const {
  MutexLock lock(mutex_);
  return stats_;
}

void PostgresPool::Update(absl::FunctionRef<void(PostgresPoolStats&)> change) {
  MutexLock lock(mutex_);
  change(stats_);
}

void PostgresPool::UpdateCounts() {
  const int connecting = static_cast<int>(Count(Slot::kConnecting));
  Update([&](PostgresPoolStats& stats) {
    stats.connecting = connecting;
    stats.connections = static_cast<int>(slots_.size()) - connecting;
    stats.waiting = static_cast<int>(waiting_.size());
  });
}

}  // namespace bantam
