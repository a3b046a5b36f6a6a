// Due times in business hours.
#ifndef BANTAM_SERVER_ENGINE_BUSINESS_HOURS_H_
#define BANTAM_SERVER_ENGINE_BUSINESS_HOURS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "bantam/v1/icp.pb.h"
#include "server/engine/instant.h"
#include "server/engine/zone_offsets.h"

namespace bantam {

// "HH:MM" as minutes of the day, 0 to 1440; "24:00" is the end of the day. nullopt: not a time.
std::optional<int> ParseMinuteOfDay(absl::string_view text);

// "YYYY-MM-DD". nullopt: not a date.
std::optional<absl::CivilDay> ParseDate(absl::string_view text);

// An SLA: business days, then minutes of open time. Neither is negative.
struct BusinessTime {
  BusinessTime() = default;
  BusinessTime(int days, int minutes) : days(days), minutes(minutes) {}
  explicit BusinessTime(const v1::Sla& sla)
      : days(sla.business_days()), minutes(sla.business_minutes()) {}

  int days = 0;
  int minutes = 0;

  friend bool operator==(BusinessTime a, BusinessTime b) {
    return a.days == b.days && a.minutes == b.minutes;
  }
};

// Open days, hours and holidays in one time zone. Immutable; safe for concurrent use.
//
// Opening and closing are local times, so a day on which clocks change may be open for longer or
// shorter. A local time that clocks skip is the moment of the change; of one that comes twice the
// first counts.
class BusinessHoursCalendar {
 public:
  // `hours` has passed Compile()'s checks and has its defaults filled in; `zone` is its time zone.
  BusinessHoursCalendar(const v1::BusinessHours& hours, absl::TimeZone zone);

  // `start` plus the SLA: first its business days (each the same local time on the next business
  // day), then its minutes of open time. A start outside open time (the closing time is outside)
  // counts from the next opening. A due time may be a closing time.
  //
  // Looks 20 years ahead: an SLA that takes longer is due at the last closing time before that.
  Instant Due(Instant start, BusinessTime sla) const;

  // The same, in the forms that the contract and absl give times.
  absl::Time Due(absl::Time start, const v1::Sla& sla) const {
    return Due(Instant(start), BusinessTime(sla)).ToTime();
  }

 private:
  // Open time of one day, from `opens` to just before `closes`.
  struct OpenTime {
    int64_t day;
    Instant opens;
    Instant closes;
  };

  // Days count from 1970-01-01, which is 0.
  bool IsOpen(int64_t day) const;

  // The open time of `day`; nullopt on a closed day, and where a change of clocks skips all of it.
  std::optional<OpenTime> OpenOn(int64_t day, LocalClock* clock) const;

  // The open time of the first day from `day` on, before `end`, that closes after `time`. nullopt:
  // there is none.
  std::optional<OpenTime> NextOpen(int64_t day, int64_t end, Instant time, LocalClock* clock) const;

  ZoneOffsets offsets_;
  bool open_days_[7] = {};         // By absl::Weekday.
  int64_t opens_second_ = 0;       // Of the day.
  int64_t closes_second_ = 0;      // Of the day; up to 86400.
  std::vector<int64_t> holidays_;  // Days, in order.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_ENGINE_BUSINESS_HOURS_H_
