#include "server/catalog/part_health.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "server/catalog/steady_time.h"
#include "server/catalog/store_errors.h"

namespace bantam {
namespace {

CircuitBreaker::Random MakeRandom() {
  return [engine = std::mt19937_64(std::random_device()())]() mutable {
    return std::uniform_real_distribution<double>()(engine);
  };
}

}  // namespace

PartHealth::PartHealth(std::string name, CatalogEvent::Kind down, CatalogEvent::Kind up,
                       const CircuitBreakerOptions& options, CatalogEvents* events)
    : name_(std::move(name)),
      down_(down),
      up_(up),
      events_(events),
      breaker_(options, MakeRandom()) {}

PartHealth::~PartHealth() { WaitUntilIdle(); }

bool PartHealth::Allow() {
  MutexLock lock(mutex_);
  return breaker_.Allow(SteadyNow());
}

bool PartHealth::WouldAsk() const {
  MutexLock lock(mutex_);
  return breaker_.WouldAllow(SteadyNow());
}

bool PartHealth::up() const {
  MutexLock lock(mutex_);
  return breaker_.state() == CircuitBreaker::State::kClosed;
}

bool PartHealth::answered() const {
  MutexLock lock(mutex_);
  return answered_;
}

int64_t PartHealth::failures() const {
  MutexLock lock(mutex_);
  return failures_;
}

std::string PartHealth::cause() const {
  MutexLock lock(mutex_);
  return cause_;
}

std::string PartHealth::DownMessage() const {
  MutexLock lock(mutex_);
  return absl::StrCat(name_, " is not asked while it does not work: ", cause_);
}

void PartHealth::Note(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kPermissionDenied:
      return NoteAnswer();
    case absl::StatusCode::kResourceExhausted:
      return;
    default:
      return NoteFailure(status);
  }
}

void PartHealth::NoteAnswer() {
  CatalogEvent event;
  event.kind = up_;
  {
    MutexLock lock(mutex_);
    answered_ = true;
    if (!breaker_.OnSuccess()) return;
    told_refusal_.clear();
  }
  events_->Tell(std::move(event));
}

void PartHealth::NoteFailure(const absl::Status& status) {
  CatalogEvent event;
  event.part = name_;
  // A copy of its own: threads share no status.
  event.cause = CopyOf(status);
  bool is_new_refusal = false;
  bool is_down = false;
  {
    MutexLock lock(mutex_);
    ++failures_;
    cause_ = std::string(status.message());
    is_new_refusal = !absl::IsUnavailable(status) && cause_ != told_refusal_;
    if (is_new_refusal) told_refusal_ = cause_;
    is_down = breaker_.OnFailure(SteadyNow());
  }
  event.kind = CatalogEvent::Kind::kRefused;
  if (is_new_refusal) events_->Tell(event);
  event.kind = down_;
  if (is_down) events_->Tell(std::move(event));
}

void PartHealth::WaitUntilIdle() {
  MutexLock lock(mutex_);
  while (under_way_ > 0) idle_.wait(mutex_);
}

void PartHealth::Close() {
  {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  WaitUntilIdle();
}

bool PartHealth::closed() const {
  MutexLock lock(mutex_);
  return closed_;
}

PartHealth::UnderWay::UnderWay(PartHealth* health) : health_(health) {
  MutexLock lock(health_->mutex_);
  ++health_->under_way_;
}

PartHealth::UnderWay::~UnderWay() {
  if (health_ == nullptr) return;
  MutexLock lock(health_->mutex_);
  if (--health_->under_way_ == 0) health_->idle_.notify_all();
}

}  // namespace bantam
