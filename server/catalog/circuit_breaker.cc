#include "server/catalog/circuit_breaker.h"

#include <algorithm>
#include <utility>

namespace bantam {

CircuitBreaker::CircuitBreaker(const CircuitBreakerOptions& options, Random random)
    : options_(options), random_(std::move(random)) {}

bool CircuitBreaker::WouldAllow(absl::Time now) const {
  return state_ == State::kClosed || now >= next_probe_;
}

bool CircuitBreaker::Allow(absl::Time now) {
  if (!WouldAllow(now)) return false;
  if (state_ == State::kClosed) return true;
  state_ = State::kHalfOpen;
  next_probe_ = now + options_.max_pause;  // Should this one never tell.
  return true;
}

bool CircuitBreaker::OnSuccess() {
  failures_ = 0;
  const bool was_closed = state_ == State::kClosed;
  state_ = State::kClosed;
  next_probe_ = absl::InfinitePast();
  return !was_closed;
}

bool CircuitBreaker::OnFailure(absl::Time now) {
  switch (state_) {
    case State::kClosed:
      if (++failures_ < options_.failures_until_open) return false;
      pause_bound_ = options_.min_pause;
      Open(now);
      return true;
    case State::kHalfOpen:
      pause_bound_ = std::min(2 * pause_bound_, options_.max_pause);
      Open(now);
      return false;
    case State::kOpen:  // A call from before it opened: nothing new.
      return false;
  }
  return false;
}

void CircuitBreaker::Open(absl::Time now) {
  state_ = State::kOpen;
  next_probe_ = now + random_() * pause_bound_;
}

absl::Time CircuitBreaker::next_probe() const { return next_probe_; }

}  // namespace bantam
