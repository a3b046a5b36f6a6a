#include "server/engine/points.h"

#include <cmath>

namespace bantam {

Points FromWire(double points) { return std::llround(points * 100.0); }

bool HasTwoDecimals(double points) {
  constexpr double kLargest = 1e12;  // Far above any bound, and exact in a double.
  return std::isfinite(points) && std::fabs(points) < kLargest &&
         ToWire(FromWire(points)) == points;
}

std::string FormatPoints(Points points) {
  constexpr size_t kLongest = 24;
  char text[kLongest];
  char* const end = text + kLongest;
  char* start = end;
  uint64_t rest = points < 0 ? -static_cast<uint64_t>(points) : points;
  const auto put_digit = [&] {
    *--start = static_cast<char>('0' + rest % 10);
    rest /= 10;
  };
  if (rest % 100 == 0) {
    rest /= 100;
  } else {
    if (rest % 10 == 0) {
      rest /= 10;
    } else {
      put_digit();
    }
    put_digit();
    *--start = '.';
  }
  do {
    put_digit();
  } while (rest != 0);
  if (points < 0) *--start = '-';
  return std::string(start, end);
}

}  // namespace bantam
