// How an event's points fade with its age.
#ifndef BANTAM_SERVER_ENGINE_DECAY_H_
#define BANTAM_SERVER_ENGINE_DECAY_H_

#include <cstdint>

#include "bantam/v1/icp.pb.h"
#include "server/engine/instant.h"
#include "server/engine/points.h"

namespace bantam {

// One rule's decay, compiled. Immutable; safe for concurrent use.
//
// The magnitude of what is left never grows with age, which outlook.cc relies on.
class DecayCurve {
 public:
  // No decay.
  DecayCurve() = default;

  // `decay` has passed Compile()'s checks.
  explicit DecayCurve(const v1::Decay& decay);

  // What is left of `points` at `age`, rounded to hundredths half away from zero.
  // Exact for steps and for whole half-lives; else the nearest hundredth up to a relative error
  // of 1e-15. The same on every platform: only IEEE 754 basic operations are used, in this order.
  Points Apply(Points points, TimeSpan age) const { return decays() ? Left(points, age) : points; }

  // Whether points depend on age at all.
  bool decays() const { return kind_ != Kind::kNone; }

 private:
  Points Left(Points points, TimeSpan age) const;  // Where it decays.

  enum class Kind { kNone, kStepwise, kExponential };

  Kind kind_ = Kind::kNone;
  int64_t rate_ = 0;      // Stepwise: loss by step, in ten-thousandths.
  TimeSpan interval_;     // Step, or half-life.
  double half_life_ = 0;  // The latter in nanoseconds.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_DECAY_H_
