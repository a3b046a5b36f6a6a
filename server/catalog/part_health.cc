#include "server/catalog/part_health.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "server/catalog/steady_time.h"

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
  return absl::StrCat(name_, " is not asked while it does not answer: ", cause_);
}

// Any other error than UNAVAILABLE is an answer too: of a part that can be reached.
void PartHealth::Note(const absl::Status& status) {
  CatalogEvent event;
  {
    MutexLock lock(mutex_);
    if (absl::IsUnavailable(status)) {
      ++failures_;
      cause_ = std::string(status.message());
      if (!breaker_.OnFailure(SteadyNow())) return;
      event.kind = down_;
      // A copy of its own: threads share no status.
      event.cause = absl::Status(status.code(), status.message());
    } else {
      answered_ = true;
      if (!breaker_.OnSuccess()) return;
      event.kind = up_;
    }
  }
  events_->Tell(std::move(event));
}

void PartHealth::WaitUntilIdle() {
  MutexLock lock(mutex_);
  while (under_way_ > 0) idle_.wait(mutex_);
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
