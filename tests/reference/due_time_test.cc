// The engine's due times against counting day by day, on random business hours, starts and
// SLAs, around daylight-saving changes most of all.
#include "tests/reference/due_time.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "server/engine/business_hours.h"
#include "tests/reference/random_input.h"
#include "tests/reference/seed.h"

namespace bantam {
namespace reference {
namespace {

constexpr int kCases = 20000;

// Within twelve days around a change of the clocks, now and then to the nanosecond.
absl::Time RandomStart(Dice* dice) {
  const int64_t change = dice->Pick(std::vector<int64_t>{
      1772953200, 1774746000, 1775314800, 1792893600, 1793512800});  // In 2026, zones as above.
  absl::Time start = absl::FromUnixSeconds(change) + absl::Minutes(dice->Roll(17280) - 12960);
  if (dice->Chance(30)) start += absl::Seconds(dice->Roll(60));
  if (dice->Chance(10)) start += absl::Nanoseconds(dice->Roll(1000000000));
  return start;
}

v1::Sla RandomSla(Dice* dice) {
  v1::Sla sla;
  if (dice->Chance(50)) sla.set_business_days(dice->Roll(4));
  if (dice->Chance(70)) sla.set_business_minutes(dice->Pick(std::vector<int>{0, 1, 15, 240, 1500}));
  return sla;
}

TEST(DueTimeTest, EngineAgreesWithCountingDays) {
  const uint64_t seed = Seed();
  std::cout << "BANTAM_SEED=" << seed << "\n";
  Dice dice(seed);
  int failures = 0;
  for (int i = 0; i < kCases && failures < 5; ++i) {
    const v1::BusinessHours hours = RandomHours(&dice);
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(hours.time_zone(), &zone)) << hours.time_zone();
    const BusinessHoursCalendar calendar(hours, zone);
    const absl::Time start = RandomStart(&dice);
    const v1::Sla sla = RandomSla(&dice);
    const absl::Time want = DueTime(hours, zone, start, sla);
    const absl::Time got = calendar.Due(start, sla);
    if (want == got) continue;
    ++failures;
    ADD_FAILURE() << "BANTAM_SEED=" << seed << "\nstart " << absl::FormatTime(start, zone)
                  << "\nwant " << absl::FormatTime(want, zone) << "\ngot "
                  << absl::FormatTime(got, zone) << "\n"
                  << sla.ShortDebugString() << "\n"
                  << hours.ShortDebugString();
  }
}

}  // namespace
}  // namespace reference
}  // namespace bantam
