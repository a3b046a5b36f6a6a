// Whole numbers as text.
#ifndef BANTAM_SERVER_ENGINE_DECIMAL_H_
#define BANTAM_SERVER_ENGINE_DECIMAL_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace bantam {

// Digits and sign of an int64_t at most.
inline constexpr size_t kLongestInteger = 20;

// Writes the digits of `number` so that they end before `end`, where there is room; returns where
// they begin.
inline char* WriteDigitsBefore(char* end, uint64_t number) {
  do {
    *--end = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  return end;
}

// Writes "-12" into `room`, of kLongestInteger bytes; returns a view of its end.
inline absl::string_view WriteInteger(int64_t number, char* room) {
  char* const end = room + kLongestInteger;
  const uint64_t magnitude = number < 0 ? -static_cast<uint64_t>(number) : number;
  char* start = WriteDigitsBefore(end, magnitude);
  if (number < 0) *--start = '-';
  return absl::string_view(start, end - start);
}

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_DECIMAL_H_
