#ifndef BANTAM_CLIENT_OUTPUT_PROGRESS_H_
#define BANTAM_CLIENT_OUTPUT_PROGRESS_H_

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "absl/time/time.h"

namespace bantam {

// A line that is redrawn: done, rate, time left. Draws at most ten times a second, and nothing at
// all in the first second. Not thread-safe.
class Progress {
 public:
  // `expected`: how many there will be, about; -1: not known. `output` null: draws nothing.
  Progress(std::ostream* output, int64_t expected, std::function<absl::Time()> clock);

  // Wipes the line.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Add(int64_t done);

 private:
  std::ostream* const output_;
  const int64_t expected_;
  const std::function<absl::Time()> clock_;
  const absl::Time start_;
  absl::Time next_draw_;
  int64_t done_ = 0;
  bool drawn_ = false;
};

// "12,345 of 50,000 leads, 8,200/s, 5 s left".
std::string DescribeProgress(int64_t done, int64_t expected, absl::Duration elapsed);

}  // namespace bantam

#endif  // BANTAM_CLIENT_OUTPUT_PROGRESS_H_
