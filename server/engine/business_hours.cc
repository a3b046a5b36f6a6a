#include "server/engine/business_hours.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace bantam {
namespace {

constexpr int kMinutesOfDay = 24 * 60;
constexpr int kSearchDays = 20 * 366;

// absl::Weekday and v1::Weekday both begin with Monday.
int IndexOf(absl::CivilDay day) { return static_cast<int>(absl::GetWeekday(day)); }

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
    : zone_(zone),
      opens_minute_(ParseMinuteOfDay(hours.opens()).value_or(0)),
      closes_minute_(ParseMinuteOfDay(hours.closes()).value_or(kMinutesOfDay)) {
  for (const int day : hours.days()) {
    if (day >= v1::WEEKDAY_MONDAY && day <= v1::WEEKDAY_SUNDAY) {
      open_days_[day - v1::WEEKDAY_MONDAY] = true;
    }
  }
  for (const std::string& holiday : hours.holidays()) {
    if (const std::optional<absl::CivilDay> day = ParseDate(holiday)) holidays_.insert(*day);
  }
}

absl::Time BusinessHoursCalendar::Due(absl::Time start, const v1::Sla& sla) const {
  const absl::CivilDay first_day = absl::ToCivilDay(start, zone_);
  const absl::CivilDay end = first_day + kSearchDays;
  std::optional<OpenTime> open = NextOpen(first_day, end, start);
  if (!open.has_value()) return start;
  absl::Time due = std::max(start, open->opens);
  absl::Time last_closing = open->closes;

  if (sla.business_days() > 0) {
    const absl::CivilSecond local = absl::ToCivilSecond(due, zone_);
    const int64_t time_of_day = local - absl::CivilSecond(open->day);
    const absl::Duration fraction = due - absl::FromUnixSeconds(absl::ToUnixSeconds(due));
    for (int i = 0; i < sla.business_days(); ++i) {
      open = NextOpen(open->day + 1, end, absl::InfinitePast());
      if (!open.has_value()) return last_closing;
      last_closing = open->closes;
    }
    // Skipped by a change of clocks, it may be the day's opening or closing.
    due = std::clamp(At(absl::CivilSecond(open->day) + time_of_day) + fraction, open->opens,
                     open->closes);
  }

  absl::Duration rest = absl::Minutes(sla.business_minutes());
  while (open->closes - due < rest) {
    rest -= open->closes - due;
    open = NextOpen(open->day + 1, end, due);
    if (!open.has_value()) return last_closing;
    last_closing = open->closes;
    due = std::max(due, open->opens);
  }
  return due + rest;
}

std::optional<BusinessHoursCalendar::OpenTime> BusinessHoursCalendar::OpenOn(
    absl::CivilDay day) const {
  if (!open_days_[IndexOf(day)] || holidays_.count(day) > 0) return std::nullopt;
  const absl::CivilSecond midnight(day);
  OpenTime open;
  open.day = day;
  open.opens = At(midnight + int64_t{opens_minute_} * 60);
  open.closes = At(midnight + int64_t{closes_minute_} * 60);
  if (open.opens >= open.closes) return std::nullopt;
  return open;
}

std::optional<BusinessHoursCalendar::OpenTime> BusinessHoursCalendar::NextOpen(
    absl::CivilDay day, absl::CivilDay end, absl::Time time) const {
  for (; day < end; ++day) {
    std::optional<OpenTime> open = OpenOn(day);
    if (open.has_value() && open->closes > time) return open;
  }
  return std::nullopt;
}

absl::Time BusinessHoursCalendar::At(absl::CivilSecond local) const {
  const absl::TimeZone::TimeInfo info = zone_.At(local);
  // Of a repeated time `pre` is the first; of a unique one it is the only one.
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

}  // namespace bantam
