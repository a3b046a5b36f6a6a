#include "server/engine/points.h"

#include <cmath>

#include "server/engine/decimal.h"

namespace bantam {

Points FromWire(double points) { return std::llround(points * 100.0); }

bool HasTwoDecimals(double points) {
  return std::fabs(points) < kMostExact && ToWire(FromWire(points)) == points;
}

PointsText::PointsText(Points points) {
  char* const end = bytes_ + kLongest;
  char* start = end;
  uint64_t whole = points < 0 ? -static_cast<uint64_t>(points) : points;
  const uint64_t hundredths = whole % 100;
  whole /= 100;
  if (hundredths != 0) {
    if (hundredths % 10 != 0) *--start = static_cast<char>('0' + hundredths % 10);
    *--start = static_cast<char>('0' + hundredths / 10);
    *--start = '.';
  }
  start = WriteDigitsBefore(start, whole);
  if (points < 0) *--start = '-';
  text_ = absl::string_view(start, end - start);
}

std::string FormatPoints(Points points) {
  const PointsText text(points);
  return std::string(absl::string_view(text));
}

}  // namespace bantam
