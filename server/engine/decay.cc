#include "server/engine/decay.h"

#include <algorithm>
#include <array>

namespace bantam {
namespace {

// What is less than half a hundredth of the greatest possible points (100,000 hundredths) rounds
// to zero: 2^-18 × 100,000 < 0.5.
constexpr int64_t kVanishingHalfLives = 18;

// 1 + sum × y/n, of which sum is the same for n + 1: the last `n` terms of e^y's Taylor series by
// Horner's rule. The recursion is unrolled by the compiler.
template <int n>
constexpr double FinishTaylor(double y, double sum) {
  if constexpr (n == 0) {
    return sum;
  } else {
    return FinishTaylor<n - 1>(y, 1.0 + sum * y / n);
  }
}

// 2^−x for x in [0, 1): the Taylor series of e^(−x ln 2), whose terms after the `terms`-th are too
// small to count. The C library's exp2 may differ in the last bit between platforms; this cannot.
template <int terms>
constexpr double TaylorTwoToMinus(double x) {
  constexpr double kLn2 = 0.693147180559945309417;
  return FinishTaylor<terms>(-x * kLn2, 1.0);
}

// 2^−(i/64).
constexpr int kParts = 64;
constexpr std::array<double, kParts> MakeParts() {
  constexpr int kTerms = 18;  // The next is below 1e-18.
  std::array<double, kParts> parts = {};
  for (int i = 0; i < kParts; ++i) {
    parts[i] = TaylorTwoToMinus<kTerms>(static_cast<double>(i) / kParts);
  }
  return parts;
}

// The same from a table and a short series: 2^−x = 2^−(i/64) × 2^−rest, with rest below 1/64.
double TwoToMinus(double x) {
  static constexpr std::array<double, kParts> kTable = MakeParts();
  constexpr int kTerms = 7;  // The next is below 1e-20.
  const int part = static_cast<int>(x * kParts);
  return kTable[part] * TaylorTwoToMinus<kTerms>(x - static_cast<double>(part) / kParts);
}

// Rounded to the nearest double. Compile() allows no span that an int64_t cannot hold.
double ToNanos(TimeSpan span) { return static_cast<double>(static_cast<int64_t>(span.nanos())); }

}  // namespace

DecayCurve::DecayCurve(const v1::Decay& decay) {
  if (decay.has_stepwise()) {
    kind_ = Kind::kStepwise;
    rate_ = FromWire(decay.stepwise().rate_percent());
    interval_ = TimeSpan(decay.stepwise().interval());
  } else if (decay.has_exponential()) {
    kind_ = Kind::kExponential;
    interval_ = TimeSpan(decay.exponential().half_life());
    half_life_ = ToNanos(interval_);
  }
}

Points DecayCurve::Left(Points points, TimeSpan age) const {
  if (points < 0) return -Left(-points, age);
  const auto steps = static_cast<int64_t>(age.nanos() / interval_.nanos());
  const TimeSpan rest(age.nanos() % interval_.nanos());
  if (kind_ == Kind::kStepwise) {
    constexpr int64_t kWhole = 10000;
    if (steps >= kWhole) return 0;  // Any rate above zero has taken everything by then.
    return DivideRounded(points * std::max<int64_t>(0, kWhole - rate_ * steps), kWhole);
  }
  if (steps >= kVanishingHalfLives) return 0;
  const int64_t scale = int64_t{1} << steps;
  if (rest == TimeSpan()) return DivideRounded(points, scale);
  const double left = static_cast<double>(points) / static_cast<double>(scale) *
                      TwoToMinus(ToNanos(rest) / half_life_);
  return static_cast<Points>(left + 0.5);  // Never negative: rounds down.
}

}  // namespace bantam
