#include "tests/reference/due_time.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "absl/time/civil_time.h"

namespace bantam {
namespace reference {
namespace {

// "09:30" is 570.
int MinuteOfDay(const std::string& text) {
  return std::stoi(text.substr(0, 2)) * 60 + std::stoi(text.substr(3, 2));
}

bool IsBusinessDay(const v1::BusinessHours& hours, absl::CivilDay day) {
  // absl counts weekdays from Monday = 0, the contract from Monday = 1.
  const int weekday = static_cast<int>(absl::GetWeekday(day)) + 1;
  if (std::find(hours.days().begin(), hours.days().end(), weekday) == hours.days().end()) {
    return false;
  }
  char date[32];
  std::snprintf(date, sizeof date, "%04d-%02d-%02d", static_cast<int>(day.year()), day.month(),
                day.day());
  return std::find(hours.holidays().begin(), hours.holidays().end(), date) ==
         hours.holidays().end();
}

// CHOICE, as the engine documents it: a local time that clocks skip is the moment of the change; of
// one that comes twice the first counts.
absl::Time At(absl::TimeZone zone, absl::CivilSecond local) {
  const absl::TimeZone::TimeInfo info = zone.At(local);
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

// The first open time of a day that ends after `time`.
std::pair<absl::Time, absl::Time> OpenAfter(const v1::BusinessHours& hours, absl::TimeZone zone,
                                            absl::Time time) {
  for (absl::CivilDay day(absl::ToCivilSecond(time, zone));; ++day) {
    if (!IsBusinessDay(hours, day)) continue;
    const absl::CivilMinute midnight(day);
    const absl::Time opens = At(zone, absl::CivilSecond(midnight + MinuteOfDay(hours.opens())));
    const absl::Time closes = At(zone, absl::CivilSecond(midnight + MinuteOfDay(hours.closes())));
    if (opens < closes && time < closes) return {opens, closes};
  }
}

}  // namespace

absl::Time DueTime(const v1::BusinessHours& hours, absl::TimeZone zone, absl::Time start,
                   const v1::Sla& sla) {
  absl::Time time = std::max(start, OpenAfter(hours, zone, start).first);
  if (sla.business_days() > 0) {
    const absl::CivilSecond local = absl::ToCivilSecond(time, zone);
    const absl::Duration fraction = time - absl::FromUnixSeconds(absl::ToUnixSeconds(time));
    absl::CivilDay day(local);
    for (int i = 0; i < sla.business_days(); ++i) {
      do ++day;
      while (!IsBusinessDay(hours, day));
    }
    time = fraction + At(zone, absl::CivilSecond(day.year(), day.month(), day.day(), local.hour(),
                                                 local.minute(), local.second()));
    // A change of clocks may put that local time outside the day's open time: then it is the
    // opening or the closing.
    const absl::CivilMinute midnight(day);
    const absl::Time opens = At(zone, absl::CivilSecond(midnight + MinuteOfDay(hours.opens())));
    const absl::Time closes = At(zone, absl::CivilSecond(midnight + MinuteOfDay(hours.closes())));
    if (opens < closes) time = std::clamp(time, opens, closes);
  }
  absl::Duration left = absl::Minutes(sla.business_minutes());
  while (left > absl::ZeroDuration()) {
    const std::pair<absl::Time, absl::Time> open = OpenAfter(hours, zone, time);
    time = std::max(time, open.first);
    const absl::Duration spent = std::min(left, open.second - time);
    time += spent;
    left -= spent;
  }
  return time;
}

}  // namespace reference
}  // namespace bantam
