#include "server/engine/decay.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/engine/protobuf_time.h"

namespace bantam {
namespace {

// What is less than half a hundredth of the greatest possible points (100,000 hundredths) rounds
// to zero: 2^-18 × 100,000 < 0.5.
constexpr int64_t kVanishingHalfLives = 18;

// 2^−x for x in [0, 1): the Taylor series of e^(−x ln 2), whose 18th term is below 1e-18. The
// C library's exp2 may differ in the last bit between platforms; this cannot.
double TwoToMinus(double x) {
  constexpr double kLn2 = 0.693147180559945309417;
  constexpr int kTerms = 18;
  const double y = -x * kLn2;
  double sum = 1.0;
  for (int n = kTerms; n >= 1; --n) sum = 1.0 + sum * y / n;
  return sum;
}

}  // namespace

DecayCurve::DecayCurve(const v1::Decay& decay) {
  if (decay.has_stepwise()) {
    kind_ = Kind::kStepwise;
    rate_ = FromWire(decay.stepwise().rate_percent());
    interval_ = ToDuration(decay.stepwise().interval());
  } else if (decay.has_exponential()) {
    kind_ = Kind::kExponential;
    interval_ = ToDuration(decay.exponential().half_life());
  }
}

Points DecayCurve::Apply(Points points, absl::Duration age) const {
  if (kind_ == Kind::kNone) return points;
  absl::Duration rest;
  const int64_t steps = absl::IDivDuration(age, interval_, &rest);
  if (kind_ == Kind::kStepwise) {
    constexpr int64_t kWhole = 10000;
    if (steps >= kWhole) return 0;  // Any rate above zero has taken everything by then.
    return DivideRounded(points * std::max<int64_t>(0, kWhole - rate_ * steps), kWhole);
  }
  if (steps >= kVanishingHalfLives) return 0;
  const int64_t scale = int64_t{1} << steps;
  if (rest == absl::ZeroDuration()) return DivideRounded(points, scale);
  const double left = static_cast<double>(std::abs(points)) / static_cast<double>(scale) *
                      TwoToMinus(absl::FDivDuration(rest, interval_));
  const auto rounded = static_cast<Points>(std::floor(left + 0.5));
  return points < 0 ? -rounded : rounded;
}

}  // namespace bantam
