#include "server/engine/business_hours.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace bantam {
namespace {

struct DueCase {
  std::string name;
  const char* zone;
  const char* hours;  // "09:00-17:00", Monday to Friday; "daily 00:00-24:00": all seven days.
  const char* start;  // RFC 3339.
  int days;
  int minutes;
  const char* want;  // RFC 3339.
};

absl::TimeZone Zone(absl::string_view name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

absl::Time Time(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return time;
}

v1::BusinessHours Hours(std::string hours) {
  v1::BusinessHours message;
  int last_day = v1::WEEKDAY_FRIDAY;
  if (hours.rfind("daily ", 0) == 0) {
    last_day = v1::WEEKDAY_SUNDAY;
    hours = hours.substr(6);
  }
  for (int day = v1::WEEKDAY_MONDAY; day <= last_day; ++day) {
    message.add_days(static_cast<v1::Weekday>(day));
  }
  message.set_opens(hours.substr(0, 5));
  message.set_closes(hours.substr(6));
  return message;
}

v1::Sla Sla(int days, int minutes) {
  v1::Sla sla;
  sla.set_business_days(days);
  sla.set_business_minutes(minutes);
  return sla;
}

class DueTest : public ::testing::TestWithParam<DueCase> {};

TEST_P(DueTest, IsAsWanted) {
  const DueCase& c = GetParam();
  const absl::TimeZone zone = Zone(c.zone);
  const BusinessHoursCalendar calendar(Hours(c.hours), zone);
  const absl::Time due = calendar.Due(Time(c.start), Sla(c.days, c.minutes));
  EXPECT_EQ(due, Time(c.want)) << absl::FormatTime(due, zone);
}

// In Berlin clocks go from 02:00 to 03:00 on 2026-03-29 and from 03:00 back to 02:00 on
// 2026-10-25, both Sundays.
const std::vector<DueCase>& DueCases() {
  static const auto* const cases = new std::vector<DueCase>{
      {"minutes_within_open_time", "UTC", "09:00-17:00", "2026-01-28T10:00:00Z", 0, 15,
       "2026-01-28T10:15:00Z"},
      {"fractions_of_a_second_are_kept", "UTC", "09:00-17:00", "2026-01-28T10:00:00.25Z", 0, 1,
       "2026-01-28T10:01:00.25Z"},
      {"early_start_counts_from_opening", "UTC", "09:00-17:00", "2026-01-28T03:00:00Z", 0, 15,
       "2026-01-28T09:15:00Z"},
      {"late_start_counts_from_the_next_opening", "UTC", "09:00-17:00", "2026-01-28T20:00:00Z", 0,
       15, "2026-01-29T09:15:00Z"},
      {"closing_time_is_outside", "UTC", "09:00-17:00", "2026-01-28T17:00:00Z", 0, 0,
       "2026-01-29T09:00:00Z"},
      {"due_may_be_a_closing_time", "UTC", "09:00-17:00", "2026-01-28T16:45:00Z", 0, 15,
       "2026-01-28T17:00:00Z"},
      {"minutes_go_on_the_next_morning", "UTC", "09:00-17:00", "2026-01-28T16:50:00Z", 0, 15,
       "2026-01-29T09:05:00Z"},
      {"weekend_does_not_count", "UTC", "09:00-17:00", "2026-01-30T15:00:00Z", 0, 240,
       "2026-02-02T11:00:00Z"},
      {"saturday_counts_from_monday", "UTC", "09:00-17:00", "2026-01-31T12:00:00Z", 0, 15,
       "2026-02-02T09:15:00Z"},
      {"day_is_the_same_time_on_the_next_business_day", "UTC", "09:00-17:00",
       "2026-01-30T15:30:00Z", 1, 0, "2026-02-02T15:30:00Z"},
      {"day_from_outside_counts_from_the_next_opening", "UTC", "09:00-17:00",
       "2026-01-31T12:00:00Z", 1, 0, "2026-02-03T09:00:00Z"},
      {"days_come_before_minutes", "UTC", "09:00-17:00", "2026-01-29T16:30:00Z", 1, 60,
       "2026-02-02T09:30:00Z"},
      {"no_time_at_all_is_due_at_once", "UTC", "09:00-17:00", "2026-01-28T10:00:00Z", 0, 0,
       "2026-01-28T10:00:00Z"},
      {"hours_are_local", "America/New_York", "09:00-17:00", "2026-01-28T13:00:00Z", 0, 15,
       "2026-01-28T14:15:00Z"},
      {"local_weekday_decides", "Asia/Tokyo", "09:00-17:00", "2026-01-30T20:00:00Z", 0, 15,
       "2026-02-02T00:15:00Z"},
      {"round_the_clock_runs_through_midnight", "UTC", "daily 00:00-24:00", "2026-01-31T23:50:00Z",
       0, 20, "2026-02-01T00:10:00Z"},
      {"until_midnight_closes_at_midnight", "UTC", "09:00-24:00", "2026-01-30T23:50:00Z", 0, 20,
       "2026-02-02T09:10:00Z"},
      {"day_keeps_local_time_when_clocks_go_forward", "Europe/Berlin", "09:00-17:00",
       "2026-03-27T15:00:00+01:00", 1, 0, "2026-03-30T15:00:00+02:00"},
      {"day_keeps_local_time_when_clocks_go_back", "Europe/Berlin", "09:00-17:00",
       "2026-10-23T15:00:00+02:00", 1, 0, "2026-10-26T15:00:00+01:00"},
      {"minutes_are_real_when_clocks_go_forward", "Europe/Berlin", "daily 00:00-24:00",
       "2026-03-29T01:30:00+01:00", 0, 60, "2026-03-29T03:30:00+02:00"},
      {"minutes_are_real_when_clocks_go_back", "Europe/Berlin", "daily 00:00-24:00",
       "2026-10-25T02:30:00+02:00", 0, 60, "2026-10-25T02:30:00+01:00"},
      {"short_day_is_open_for_23_hours", "Europe/Berlin", "daily 00:00-24:00",
       "2026-03-29T00:00:00+01:00", 0, 23 * 60, "2026-03-30T00:00:00+02:00"},
      {"long_day_is_open_for_25_hours", "Europe/Berlin", "daily 00:00-24:00",
       "2026-10-25T00:00:00+02:00", 0, 25 * 60, "2026-10-26T00:00:00+01:00"},
      {"skipped_opening_is_the_change_of_clocks", "Europe/Berlin", "daily 02:30-17:00",
       "2026-03-29T00:00:00+01:00", 0, 15, "2026-03-29T03:15:00+02:00"},
      {"skipped_closing_is_the_change_of_clocks", "Europe/Berlin", "daily 01:00-02:30",
       "2026-03-29T01:50:00+01:00", 0, 20, "2026-03-30T01:10:00+02:00"},
      {"wholly_skipped_hours_are_closed", "Europe/Berlin", "daily 02:00-02:45",
       "2026-03-29T00:00:00+01:00", 0, 15, "2026-03-30T02:15:00+02:00"},
      {"repeated_opening_is_the_first", "Europe/Berlin", "daily 02:30-17:00",
       "2026-10-25T00:00:00+02:00", 0, 15, "2026-10-25T02:45:00+02:00"},
      {"repeated_closing_is_the_first", "Europe/Berlin", "daily 01:00-02:30",
       "2026-10-25T02:10:00+01:00", 0, 15, "2026-10-26T01:15:00+01:00"},
      {"skipped_local_time_of_a_day_is_the_change_of_clocks", "Europe/Berlin", "daily 00:00-24:00",
       "2026-03-28T02:30:00+01:00", 1, 0, "2026-03-29T03:00:00+02:00"},
      {"local_time_survives_a_day_that_skips_it", "Europe/Berlin", "daily 00:00-24:00",
       "2026-03-28T02:30:00+01:00", 2, 0, "2026-03-30T02:30:00+02:00"},
      {"repeated_local_time_of_a_day_is_the_first", "Europe/Berlin", "daily 00:00-24:00",
       "2026-10-24T02:30:00+02:00", 1, 0, "2026-10-25T02:30:00+02:00"},
      {"clocks_changed_before_the_years_of_the_table", "Europe/Berlin", "daily 00:00-24:00",
       "1985-03-31T01:30:00+01:00", 0, 60, "1985-03-31T03:30:00+02:00"},
      {"clocks_change_after_the_years_of_the_table", "Europe/Berlin", "daily 00:00-24:00",
       "2075-03-30T02:30:00+01:00", 1, 60, "2075-03-31T04:00:00+02:00"},
      {"due_after_the_years_of_the_table", "Europe/Berlin", "09:00-17:00",
       "2059-12-31T16:30:00+01:00", 0, 60, "2060-01-01T09:30:00+01:00"},
      {"skipped_date_is_closed", "Pacific/Apia", "daily 09:00-17:00", "2011-12-29T12:00:00-10:00",
       1, 0, "2011-12-31T12:00:00+14:00"},
  };
  return *cases;
}

INSTANTIATE_TEST_SUITE_P(Cases, DueTest, ::testing::ValuesIn(DueCases()),
                         [](const ::testing::TestParamInfo<DueCase>& info) {
                           return info.param.name;
                         });

TEST(BusinessHoursTest, HolidaysAreClosed) {
  v1::BusinessHours hours = Hours("09:00-17:00");
  hours.add_holidays("2026-12-25");
  hours.add_holidays("2026-12-28");
  const BusinessHoursCalendar calendar(hours, absl::UTCTimeZone());
  EXPECT_EQ(calendar.Due(Time("2026-12-24T16:30:00Z"), Sla(0, 60)), Time("2026-12-29T09:30:00Z"));
  EXPECT_EQ(calendar.Due(Time("2026-12-24T12:00:00Z"), Sla(1, 0)), Time("2026-12-29T12:00:00Z"));
  EXPECT_EQ(calendar.Due(Time("2026-12-25T12:00:00Z"), Sla(0, 15)), Time("2026-12-29T09:15:00Z"));
}

TEST(BusinessHoursTest, WithoutAnyOpenDayTheStartIsDue) {
  const BusinessHoursCalendar calendar(v1::BusinessHours(), absl::UTCTimeZone());
  EXPECT_EQ(calendar.Due(Time("2026-01-28T10:00:00Z"), Sla(5, 15)), Time("2026-01-28T10:00:00Z"));
}

TEST(BusinessHoursTest, AnSlaBeyondTwentyYearsIsDueAtTheLastClosing) {
  v1::BusinessHours hours;
  hours.add_days(v1::WEEKDAY_MONDAY);
  hours.set_opens("09:00");
  hours.set_closes("09:01");
  const BusinessHoursCalendar calendar(hours, absl::UTCTimeZone());
  const absl::Time due = calendar.Due(Time("2026-01-28T10:00:00Z"), Sla(0, 525600));
  EXPECT_EQ(due, Time("2046-02-05T09:01:00Z"));  // A Monday.
}

TEST(BusinessHoursTest, TimesOfDayAreRead) {
  EXPECT_EQ(ParseMinuteOfDay("00:00"), 0);
  EXPECT_EQ(ParseMinuteOfDay("09:30"), 570);
  EXPECT_EQ(ParseMinuteOfDay("24:00"), 1440);
  for (const char* bad : {"", "9:00", "24:01", "12:60", "+1:00", " 9:00", "09-00", "09:00:00"}) {
    EXPECT_EQ(ParseMinuteOfDay(bad), std::nullopt) << bad;
  }
}

TEST(BusinessHoursTest, DatesAreRead) {
  EXPECT_EQ(ParseDate("2024-02-29"), absl::CivilDay(2024, 2, 29));
  for (const char* bad : {"", "2023-02-29", "2026-13-01", "2026-1-1", "26-01-01", "2026/01/01",
                          "2026-01-00", "+026-01-01"}) {
    EXPECT_EQ(ParseDate(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace bantam
