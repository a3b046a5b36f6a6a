#ifndef BANTAM_SERVER_CATALOG_CIRCUIT_BREAKER_H_
#define BANTAM_SERVER_CATALOG_CIRCUIT_BREAKER_H_

#include <functional>

#include "absl/time/time.h"

namespace bantam {

struct CircuitBreakerOptions {
  // After how many failures in a row it opens. At least 1.
  int failures_until_open = 5;

  // The pause before the first probe, at most; each failed probe doubles it, up to `max_pause`.
  absl::Duration min_pause = absl::Milliseconds(100);
  absl::Duration max_pause = absl::Seconds(5);
};

// Keeps calls from something that is down:
//
//   CLOSED ── failures in a row ──► OPEN ── after a pause ──► HALF_OPEN (one call, the probe)
//      ▲                              ▲                          │
//      └────────── success ───────────┼───────── success ────────┤
//                                     └───────── failure ────────┘ (the next pause is longer)
//
// Each pause is drawn anew between zero and its bound, so that replicas do not probe together.
// Whoever is let through tells how it ended; a probe that never tells is given up after
// `max_pause`, and another one is let through.
//
// Pure code: time is a parameter. Not safe for concurrent use.
class CircuitBreaker {
 public:
  enum class State { kClosed, kOpen, kHalfOpen };

  // A number drawn evenly from [0, 1).
  using Random = std::function<double()>;

  CircuitBreaker(const CircuitBreakerOptions& options, Random random);

  // Whether a call may be made now. Where the pause is over, the call that is told so is the probe.
  bool Allow(absl::Time now);

  // Whether Allow() would let a call through, without making it the probe.
  bool WouldAllow(absl::Time now) const;

  // How a call ended that was made, let through or not: a poll that goes on whatever the state is
  // a probe as well. Success closes; failure counts. Return whether the state became or ceased to
  // be kClosed by it.
  bool OnSuccess();
  bool OnFailure(absl::Time now);

  State state() const { return state_; }

  // When the next probe is let through; InfinitePast() if it is closed.
  absl::Time next_probe() const;

 private:
  void Open(absl::Time now);

  const CircuitBreakerOptions options_;
  const Random random_;
  State state_ = State::kClosed;
  int failures_ = 0;            // In a row, while it is closed.
  absl::Duration pause_bound_;  // Of the present pause.
  absl::Time next_probe_ = absl::InfinitePast();
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_CIRCUIT_BREAKER_H_
