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
  // Clocks change at even intervals, or hardly ever: the search begins where the former would put
  // it.
  const size_t stretches = changes_.size() - 1;
  size_t i = (second - kFirstSecond) * stretches / (kLimitSecond - kFirstSecond);
  while (second < changes_[i].second) --i;
  while (second >= changes_[i + 1].second) ++i;
  const Change& current = changes_[i];
  const Change& next = changes_[i + 1];
  const int64_t offset = current.offset;
  const bool is_first = i == 0;
  const bool is_last = i + 1 == stretches;
  Stretch stretch;
  stretch.begins = current.second;
  stretch.ends = next.second;
  stretch.local_begins = is_first ? current.second + offset + kMargin
                                  : current.second + std::max(offset, changes_[i - 1].offset);
  stretch.local_ends =
      is_last ? next.second + offset - kMargin : next.second + std::min(offset, next.offset);
  stretch.offset = offset;
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
