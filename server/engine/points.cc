#include "server/engine/points.h"

#include <cmath>

#include "absl/strings/str_format.h"

namespace bantam {

Points FromWire(double points) { return std::llround(points * 100.0); }

bool HasTwoDecimals(double points) {
  constexpr double kLargest = 1e12;  // Far above any bound, and exact in a double.
  return std::isfinite(points) && std::fabs(points) < kLargest &&
         ToWire(FromWire(points)) == points;
}

std::string FormatPoints(Points points) {
  const char* sign = points < 0 ? "-" : "";
  const uint64_t magnitude = points < 0 ? -static_cast<uint64_t>(points) : points;
  const uint64_t whole = magnitude / 100;
  const uint64_t hundredths = magnitude % 100;
  if (hundredths == 0) return absl::StrFormat("%s%d", sign, whole);
  if (hundredths % 10 == 0) return absl::StrFormat("%s%d.%d", sign, whole, hundredths / 10);
  return absl::StrFormat("%s%d.%02d", sign, whole, hundredths);
}

}  // namespace bantam
