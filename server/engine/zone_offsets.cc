#include "server/engine/zone_offsets.h"

#include <algorithm>

#include "absl/time/civil_time.h"

namespace bantam {
namespace {

constexpr int64_t kFirstSecond = 946684800;   // 2000-01-01.
constexpr int64_t kLimitSecond = 2840140800;  // 2060-01-01.

// No offset is larger than a day, so what lies beyond a bound of the table has no part in the local
// times that are further from it than this.
constexpr int64_t kMargin = 2 * kSecondsPerDay;

constexpr absl::CivilSecond kLocalZero(1970, 1, 1);

}  // namespace

ZoneOffsets::ZoneOffsets(absl::TimeZone zone) : zone_(zone) {
  Change change = {kFirstSecond, ToLocal(kFirstSecond) - kFirstSecond};
  changes_.push_back(change);
  absl::TimeZone::CivilTransition next;
  while (zone.NextTransition(absl::FromUnixSeconds(change.second), &next)) {
    change.second = next.from - kLocalZero - change.offset;
    if (change.second >= kLimitSecond) break;
    change.offset += next.to - next.from;
    changes_.push_back(change);
  }
  changes_.push_back({kLimitSecond, change.offset});
}

ZoneOffsets::Stretch ZoneOffsets::Find(int64_t second) const {
  if (second < kFirstSecond || second >= kLimitSecond) return {};
  const auto next =
      std::upper_bound(changes_.begin(), changes_.end(), second,
                       [](int64_t second, const Change& change) { return second < change.second; });
  const auto current = next - 1;
  const int64_t offset = current->offset;
  Stretch stretch = {current->second, next->second, current->second + offset, next->second + offset,
                     offset};
  if (current == changes_.begin()) {
    stretch.local_begins += kMargin;
  } else {
    stretch.local_begins = current->second + std::max(offset, (current - 1)->offset);
  }
  if (next + 1 == changes_.end()) {
    stretch.local_ends -= kMargin;
  } else {
    stretch.local_ends = next->second + std::min(offset, next->offset);
  }
  return stretch;
}

int64_t ZoneOffsets::ToLocal(int64_t second) const {
  return second + zone_.At(absl::FromUnixSeconds(second)).offset;
}

int64_t ZoneOffsets::FromLocal(int64_t local) const {
  const absl::TimeZone::TimeInfo info = zone_.At(kLocalZero + local);
  // Of a repeated time `pre` is the first; of a unique one it is the only one.
  const bool skipped = info.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return absl::ToUnixSeconds(skipped ? info.trans : info.pre);
}

}  // namespace bantam
