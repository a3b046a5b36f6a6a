#include "server/engine/decay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "server/engine/protobuf_time.h"

namespace bantam {
namespace {

// What is less than half a hundredth of the greatest possible points (100,000 hundredths) rounds
// to zero: 2^-18 × 100,000 < 0.5.
constexpr int64_t kVanishingHalfLives = 18;

// 2^−x for x in [0, 1): the Taylor series of e^(−x ln 2), whose terms after the `terms`-th are too
// small to count. The C library's exp2 may differ in the last bit between platforms; this cannot.
constexpr double TaylorTwoToMinus(double x, int terms) {
  constexpr double kLn2 = 0.693147180559945309417;
  const double y = -x * kLn2;
  double sum = 1.0;
  for (int n = terms; n >= 1; --n) sum = 1.0 + sum * y / n;
  return sum;
}

// 2^−(i/64).
constexpr int kParts = 64;
constexpr std::array<double, kParts> MakeParts() {
  constexpr int kTerms = 18;  // The next is below 1e-18.
  std::array<double, kParts> parts = {};
  for (int i = 0; i < kParts; ++i) {
    parts[i] = TaylorTwoToMinus(static_cast<double>(i) / kParts, kTerms);
  }
  return parts;
}

// The same from a table and a short series: 2^−x = 2^−(i/64) × 2^−rest, with rest below 1/64.
double TwoToMinus(double x) {
  static constexpr std::array<double, kParts> kTable = MakeParts();
  constexpr int kTerms = 7;  // The next is below 1e-20.
  const int part = static_cast<int>(x * kParts);
  return kTable[part] * TaylorTwoToMinus(x - static_cast<double>(part) / kParts, kTerms);
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
  absl::Duration rest = age;
  const int64_t steps = age < interval_ ? 0 : absl::IDivDuration(age, interval_, &rest);
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
