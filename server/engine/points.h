#ifndef BANTAM_SERVER_ENGINE_POINTS_H_
#define BANTAM_SERVER_ENGINE_POINTS_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace bantam {

// Points in exact hundredths: 12.5 points are 1250. Only the wire has fractions.
using Points = int64_t;

// For the wire: the nearest double to a number with two decimals.
inline double ToWire(Points points) { return static_cast<double>(points) / 100.0; }

// From a definition. Compile() has refused numbers with more than two decimals.
Points FromWire(double points);

// Below this the doubles lie closer than hundredths (2^46 is 7.04 × 10^13), so that each hundredth
// has one of its own.
inline constexpr double kMostExact = 7e13;

// Whether `points` is a number between −kMostExact and kMostExact with at most two decimals.
bool HasTwoDecimals(double points);

// A share in hundredths of a percent: 20 % is 2000.
using Share = int64_t;
inline constexpr Share kWholeShare = 10000;

// Whether `points` are at least `share` of `cap`; exact.
inline bool Reaches(Points points, Share share, Points cap) {
  return points * kWholeShare >= share * cap;
}

// numerator ÷ denominator, rounded half away from zero. `denominator` must be positive.
constexpr int64_t DivideRounded(int64_t numerator, int64_t denominator) {
  return numerator >= 0 ? (2 * numerator + denominator) / (2 * denominator)
                        : -((-2 * numerator + denominator) / (2 * denominator));
}

// Points as text: "12.5", "-3", "0", without trailing zeros.
class PointsText {
 public:
  // Bytes it has at most.
  static constexpr size_t kLongest = 24;

  explicit PointsText(Points points);
  PointsText(const PointsText&) = delete;  // It refers to its own bytes.
  PointsText& operator=(const PointsText&) = delete;

  operator absl::string_view() const { return text_; }  // NOLINT: the same in another form.

 private:
  char bytes_[kLongest];
  absl::string_view text_;
};

// The same as a string.
std::string FormatPoints(Points points);

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_POINTS_H_
