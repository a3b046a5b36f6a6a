#include "tests/bench/load/latencies.h"

#include <algorithm>
#include <cmath>

namespace bantam {

// Values below 2^kSubBits have a bucket each. Above, a value of b bits falls into the buckets of
// its power of two by its highest kSubBits + 1 bits.
int Latencies::BucketOf(int64_t nanoseconds) {
  const int bits = nanoseconds == 0 ? 0 : 64 - __builtin_clzll(nanoseconds);
  if (bits <= kSubBits) return static_cast<int>(nanoseconds);
  const int shift = bits - kSubBits - 1;
  return (shift << kSubBits) + static_cast<int>(nanoseconds >> shift);
}

int64_t Latencies::UpperBoundOf(int bucket) {
  if (bucket < 2 << kSubBits) return bucket;
  const int shift = (bucket >> kSubBits) - 1;
  const int64_t highest_bits = bucket - (int64_t{shift} << kSubBits);
  return ((highest_bits + 1) << shift) - 1;
}

void Latencies::Add(absl::Duration latency) {
  constexpr int64_t kMost = (int64_t{1} << kMaxBits) - 1;
  const int64_t nanoseconds =
      std::min(std::max<int64_t>(absl::ToInt64Nanoseconds(latency), 0), kMost);
  ++buckets_[BucketOf(nanoseconds)];
  ++count_;
  max_ = std::max(max_, nanoseconds);
}

void Latencies::Merge(const Latencies& other) {
  for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

absl::Duration Latencies::Quantile(double q) const {
  const int64_t wanted = std::max<int64_t>(1, static_cast<int64_t>(std::ceil(q * count_)));
  int64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted) {
      return absl::Nanoseconds(std::min(UpperBoundOf(static_cast<int>(i)), max_));
    }
  }
  return absl::ZeroDuration();
}

}  // namespace bantam
