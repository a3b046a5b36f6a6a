// Local time by integers: due times need a handful of conversions each, and a conversion by
// absl::TimeZone costs hundreds of instructions.
#ifndef BANTAM_SERVER_ENGINE_ZONE_OFFSETS_H_
#define BANTAM_SERVER_ENGINE_ZONE_OFFSETS_H_

#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace bantam {

inline constexpr int64_t kSecondsPerDay = 86400;

// The offsets from UTC of one time zone. Those of 2000 to 2060 are kept in a table; other times,
// and local times around a change of clocks, are looked up in the zone: slower, with the same
// answer. Immutable; safe for concurrent use.
class ZoneOffsets {
 public:
  explicit ZoneOffsets(absl::TimeZone zone);

  // A stretch of time without a change of clocks. All in seconds: instants since 1970 by UTC, local
  // times since 1970 by the zone's own clocks.
  struct Stretch {
    int64_t begins = 0;
    int64_t ends = 0;  // Not part of it.

    // The local times that come in this stretch and in no other; `local_ends` is not one.
    int64_t local_begins = 0;
    int64_t local_ends = 0;

    int64_t offset = 0;  // Local time − UTC.
  };

  // The stretch of the table that `second` lies in; an empty one if it is not in the table.
  Stretch Find(int64_t second) const;

  // The same as those of LocalClock, by the zone.
  int64_t ToLocal(int64_t second) const;
  int64_t FromLocal(int64_t local) const;

 private:
  struct Change {
    int64_t second = 0;
    int64_t offset = 0;  // From then on.
  };

  absl::TimeZone zone_;
  std::vector<Change> changes_;  // Oldest first; the first and the last are the table's bounds.
};

// Reckons with the offsets of one zone, fast as long as times are near each other. For one thread.
class LocalClock {
 public:
  // `offsets` must outlive this.
  explicit LocalClock(const ZoneOffsets& offsets) : offsets_(offsets) {}

  // The local time of an instant.
  int64_t ToLocal(int64_t second) {
    if (second < stretch_.begins || second >= stretch_.ends) stretch_ = offsets_.Find(second);
    const bool found = stretch_.begins < stretch_.ends;
    return found ? second + stretch_.offset : offsets_.ToLocal(second);
  }

  // The instant of a local time. One that clocks skip is the moment of the change; of one that
  // comes twice the first counts.
  int64_t FromLocal(int64_t local) {
    if (IsKnown(local)) return local - stretch_.offset;
    stretch_ = offsets_.Find(local - stretch_.offset);
    return IsKnown(local) ? local - stretch_.offset : offsets_.FromLocal(local);
  }

 private:
  bool IsKnown(int64_t local) const {
    return local >= stretch_.local_begins && local < stretch_.local_ends;
  }

  const ZoneOffsets& offsets_;
  ZoneOffsets::Stretch stretch_;  // That of the last time.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_ZONE_OFFSETS_H_
