#include "server/store/redis_link.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/catalog/steady_time.h"

namespace bantam {
namespace {

// For how long no write may have been refused before writes count as working again.
constexpr absl::Duration kWritesCalm = absl::Seconds(5);

// How many reasons are told of one outage.
constexpr size_t kMaxReasons = 8;

}  // namespace

absl::StatusOr<std::unique_ptr<RedisLink>> RedisLink::Open(RedisUrl url,
                                                           const RedisCacheOptions& options,
                                                           OnEvent on_event) {
  std::unique_ptr<RedisTls> tls;
  if (url.tls) {
    absl::StatusOr<std::unique_ptr<RedisTls>> made = RedisTls::Make();
    if (!made.ok()) return made.status();
    tls = *std::move(made);
  }
  absl::StatusOr<std::unique_ptr<EventLoop>> loop = EventLoop::Start();
  if (!loop.ok()) return loop.status();
  return std::unique_ptr<RedisLink>(new RedisLink(std::move(url), std::move(tls), options,
                                                  std::move(on_event), *std::move(loop)));
}

RedisLink::RedisLink(RedisUrl url, std::unique_ptr<RedisTls> tls, const RedisCacheOptions& options,
                     OnEvent on_event, std::unique_ptr<EventLoop> loop)
    : url_(std::move(url)),
      tls_(std::move(tls)),
      options_(options),
      on_event_(std::move(on_event)),
      loop_(std::move(loop)) {
  loop_->RunAndWait([this] {
    reading_ = Connect("reads");
    writing_ = Connect("writes");
  });
}

RedisLink::~RedisLink() {
  if (!stopped_) Stop();
}

void RedisLink::Stop() {
  stopped_ = true;
  loop_->RunAndWait([this] {
    invalidation_ = nullptr;
    RunSubmitted();
    reading_->Stop();
    writing_->Stop();
  });
  // What was submitted by whoever was told.
  loop_->RunAndWait([] {});
}

void RedisLink::Submit(Task task) {
  bool first;
  {
    MutexLock lock(mutex_);
    first = submitted_.empty();
    submitted_.push_back(std::move(task));
  }
  if (first) loop_->Post([this] { RunSubmitted(); });
}

void RedisLink::RunSubmitted() {
  std::vector<Task> tasks;
  {
    MutexLock lock(mutex_);
    tasks.swap(submitted_);
  }
  for (Task& task : tasks) task();
  reading_->Flush();
  writing_->Flush();
}

RedisConnection* RedisLink::reading() {
  return reading_->down() && !writing_->down() ? writing_.get() : reading_.get();
}

RedisConnectionOptions RedisLink::ConnectionOptions(absl::string_view role) const {
  RedisConnectionOptions options;
  options.client_name = absl::StrCat("bantam-", role);
  options.silence_limit = std::max(50 * options_.timeout, options.silence_limit);
  options.min_pause = options_.min_pause;
  options.max_pause = options_.max_pause;
  options.copy_patience = options_.copy_patience;
  options.max_commands = options_.max_waiting_commands;
  options.max_bytes = options_.max_waiting_bytes;
  return options;
}

std::unique_ptr<RedisConnection> RedisLink::Connect(absl::string_view role) {
  RedisConnectionEvents events;
  events.on_ready = [this] { OnData(absl::OkStatus()); };
  events.on_down = [this](const absl::Status& why, bool) { OnData(why); };
  return std::make_unique<RedisConnection>(loop_.get(), url_, tls_.get(), ConnectionOptions(role),
                                           std::move(events));
}

void RedisLink::OnData(const absl::Status& status) {
  if (!status.ok()) {
    ++connection_failures_;
    Tell(RedisCacheEvent::Part::kData, status);
  } else if (reading_->ready() && writing_->ready()) {
    Tell(RedisCacheEvent::Part::kData, status);
  }
}

void RedisLink::Watch(std::vector<std::string> prefixes, RedisInvalidationEvents events) {
  events.on_watching = [this,
                        on_watching = std::move(events.on_watching)](const absl::Status& watching) {
    if (!watching.ok()) ++connection_failures_;
    Tell(RedisCacheEvent::Part::kWatching, watching);
    on_watching(watching);
  };
  RedisConnectionOptions options = ConnectionOptions("changes");
  // It waits for nothing but answers to PING: better late than lost for nothing.
  options.silence_limit = std::max(options.silence_limit, absl::Seconds(1));
  invalidation_ = std::make_unique<RedisInvalidation>(
      loop_.get(), url_, tls_.get(), std::move(options), std::move(prefixes), std::move(events));
}

void RedisLink::NoteWrite(const absl::Status& status) {
  if (!status.ok()) {
    last_refusal_ = SteadyNow();
  } else if (SteadyNow() - last_refusal_ < kWritesCalm) {
    return;
  }
  Tell(RedisCacheEvent::Part::kWrites, status);
}

void RedisLink::NoteError(const absl::Status& status) {
  last_error_ = std::string(status.message());
}

void RedisLink::Tell(RedisCacheEvent::Part part, const absl::Status& status) {
  Told& told = told_[static_cast<int>(part)];
  if (status.ok()) {
    if (told.ok) return;
    told.ok = true;
    told.reasons.clear();
  } else {
    NoteError(status);
    told.ok = false;
    if (told.reasons.size() >= kMaxReasons ||
        !told.reasons.insert(std::string(status.message())).second) {
      return;
    }
  }
  if (on_event_) on_event_({part, status});
}

void RedisLink::FillStats(RedisCacheStats* stats) const {
  stats->connected = reading_->ready() && writing_->ready();
  stats->watching = invalidation_ != nullptr && invalidation_->watching();
  stats->connection_failures = connection_failures_;
  stats->invalidation_messages = invalidation_ == nullptr ? 0 : invalidation_->messages();
  stats->last_error = last_error_;
}

}  // namespace bantam
