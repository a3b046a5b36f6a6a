#ifndef BANTAM_TESTS_BENCH_LOAD_LATENCIES_H_
#define BANTAM_TESTS_BENCH_LOAD_LATENCIES_H_

#include <array>
#include <cstdint>

#include "absl/time/time.h"

namespace bantam {

// A histogram of durations in the manner of HdrHistogram: from a nanosecond to more than an hour,
// each bucket at most 1/64 wider than its lower bound, so that the tail is as exact as the median.
// Memory is constant (22 KiB). Not safe for concurrent use: each thread has its own, merged at the
// end.
class Latencies {
 public:
  // Negative ones count as 0.
  void Add(absl::Duration latency);
  void Merge(const Latencies& other);

  int64_t count() const { return count_; }

  // The latency that the share `q` of all does not exceed, within [0, 1], up to 1/64 too high; 0 if
  // there is none.
  absl::Duration Quantile(double q) const;

  // The longest, exactly; 0 if there is none.
  absl::Duration max() const { return absl::Nanoseconds(max_); }

 private:
  // Buckets to a power of two.
  static constexpr int kSubBits = 6;
  static constexpr int kMaxBits = 48;

  static int BucketOf(int64_t nanoseconds);
  static int64_t UpperBoundOf(int bucket);

  std::array<int64_t, (kMaxBits - kSubBits + 1) << kSubBits> buckets_{};
  int64_t count_ = 0;
  int64_t max_ = 0;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_BENCH_LOAD_LATENCIES_H_
