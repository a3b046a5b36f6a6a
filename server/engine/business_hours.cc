#include "server/engine/business_hours.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace bantam {
namespace {

constexpr int kMinutesOfDay = 24 * 60;
constexpr int64_t kSecondsPerMinute = 60;
constexpr int64_t kSearchDays = 20 * 366;
constexpr absl::CivilDay kDayZero(1970, 1, 1);

// The day that a local time lies on.
int64_t DayOf(int64_t local) {
  return local / kSecondsPerDay - (local % kSecondsPerDay < 0 ? 1 : 0);
}

// absl::Weekday and v1::Weekday both begin with Monday; day 0 was a Thursday.
int WeekdayOf(int64_t day) {
  constexpr int kThursday = 3;
  const int weekday = static_cast<int>((day + kThursday) % 7);
  return weekday < 0 ? weekday + 7 : weekday;
}

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

}  // namespace

std::optional<int> ParseMinuteOfDay(absl::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  int hours = 0;
  int minutes = 0;
  if (!AllDigits(text.substr(0, 2)) || !AllDigits(text.substr(3)) ||
      !absl::SimpleAtoi(text.substr(0, 2), &hours) || !absl::SimpleAtoi(text.substr(3), &minutes) ||
      minutes > 59 || hours * 60 + minutes > kMinutesOfDay) {
    return std::nullopt;
  }
  return hours * 60 + minutes;
}

std::optional<absl::CivilDay> ParseDate(absl::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int year = 0;
  int month = 0;
  int day = 0;
  if (!AllDigits(text.substr(0, 4)) || !AllDigits(text.substr(5, 2)) ||
      !AllDigits(text.substr(8)) || !absl::SimpleAtoi(text.substr(0, 4), &year) ||
      !absl::SimpleAtoi(text.substr(5, 2), &month) || !absl::SimpleAtoi(text.substr(8), &day)) {
    return std::nullopt;
  }
  const absl::CivilDay date(year, month, day);
  // A day that the calendar lacks, such as February 30, is normalized to another.
  if (date.year() != year || date.month() != month || date.day() != day) return std::nullopt;
  return date;
}

BusinessHoursCalendar::BusinessHoursCalendar(const v1::BusinessHours& hours, absl::TimeZone zone)
    : offsets_(zone),
      opens_second_(ParseMinuteOfDay(hours.opens()).value_or(0) * kSecondsPerMinute),
      closes_second_(ParseMinuteOfDay(hours.closes()).value_or(kMinutesOfDay) * kSecondsPerMinute) {
  for (const int day : hours.days()) {
    if (day >= v1::WEEKDAY_MONDAY && day <= v1::WEEKDAY_SUNDAY) {
      open_days_[day - v1::WEEKDAY_MONDAY] = true;
    }
  }
  for (const std::string& holiday : hours.holidays()) {
    if (const auto day = ParseDate(holiday)) holidays_.push_back(*day - kDayZero);
  }
  std::sort(holidays_.begin(), holidays_.end());
}

Instant BusinessHoursCalendar::Due(Instant start, BusinessTime sla) const {
  LocalClock clock(offsets_);
  const int64_t first_day = DayOf(clock.ToLocal(start.Second()));
  const int64_t end = first_day + kSearchDays;
  std::optional<OpenTime> open = NextOpen(first_day, end, start, &clock);
  if (!open.has_value()) return start;
  Instant due = std::max(start, open->opens);
  Instant last_closing = open->closes;

  if (sla.days > 0) {
    const int64_t second = due.Second();
    const int64_t time_of_day = clock.ToLocal(second) - open->day * kSecondsPerDay;
    const int64_t fraction = due.nanos() - second * kNanosPerSecond;
    for (int i = 0; i < sla.days; ++i) {
      open = NextOpen(open->day + 1, end, Instant(), &clock);
      if (!open.has_value()) return last_closing;
      last_closing = open->closes;
    }
    const int64_t same_time = clock.FromLocal(open->day * kSecondsPerDay + time_of_day);
    // Skipped by a change of clocks, it may be the day's opening or closing.
    due = std::clamp(Instant(same_time * kNanosPerSecond + fraction), open->opens, open->closes);
  }

  TimeSpan rest(static_cast<uint64_t>(sla.minutes * kSecondsPerMinute * kNanosPerSecond));
  while (open->closes - due < rest) {
    rest = TimeSpan(rest.nanos() - (open->closes - due).nanos());
    open = NextOpen(open->day + 1, end, due, &clock);
    if (!open.has_value()) return last_closing;
    last_closing = open->closes;
    due = std::max(due, open->opens);
  }
  return Instant(due.nanos() + static_cast<int64_t>(rest.nanos()));
}

bool BusinessHoursCalendar::IsOpen(int64_t day) const {
  return open_days_[WeekdayOf(day)] && !std::binary_search(holidays_.begin(), holidays_.end(), day);
}

std::optional<BusinessHoursCalendar::OpenTime> BusinessHoursCalendar::OpenOn(
    int64_t day, LocalClock* clock) const {
  if (!IsOpen(day)) return std::nullopt;
  const int64_t midnight = day * kSecondsPerDay;
  const OpenTime open = {day, Instant::FromSecond(clock->FromLocal(midnight + opens_second_)),
                         Instant::FromSecond(clock->FromLocal(midnight + closes_second_))};
  if (open.opens >= open.closes) return std::nullopt;
  return open;
}

std::optional<BusinessHoursCalendar::OpenTime> BusinessHoursCalendar::NextOpen(
    int64_t day, int64_t end, Instant time, LocalClock* clock) const {
  for (; day < end; ++day) {
    std::optional<OpenTime> open = OpenOn(day, clock);
    if (open.has_value() && open->closes > time) return open;
  }
  return std::nullopt;
}

}  // namespace bantam
