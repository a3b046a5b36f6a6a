#include "server/engine/zone_offsets.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace bantam {
namespace {

constexpr int64_t kHour = 3600;

// Changes by an hour, by half an hour, by a day, of both signs; twice a year, once, never.
constexpr const char* kZones[] = {"UTC",
                                  "Europe/Berlin",
                                  "Europe/Dublin",
                                  "America/New_York",
                                  "America/Caracas",
                                  "America/Santiago",
                                  "Asia/Kolkata",
                                  "Asia/Pyongyang",
                                  "Asia/Tehran",
                                  "Africa/Casablanca",
                                  "Australia/Lord_Howe",
                                  "Pacific/Apia",
                                  "Pacific/Kwajalein",
                                  "Antarctica/Troll"};

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

// The local time as a number, by absl.
int64_t LocalOf(absl::TimeZone zone, int64_t second) {
  return absl::ToCivilSecond(absl::FromUnixSeconds(second), zone) - absl::CivilSecond(1970, 1, 1);
}

int64_t SecondOf(absl::TimeZone zone, int64_t local) {
  const auto info = zone.At(absl::CivilSecond(1970, 1, 1) + local);
  return absl::ToUnixSeconds(info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans
                                                                            : info.pre);
}

// Around each change of clocks from 1995 to 2065, which is further than the table, in steps that
// hit the change itself.
std::vector<int64_t> Seconds(absl::TimeZone zone) {
  std::vector<int64_t> seconds;
  const absl::Time end = absl::FromCivil(absl::CivilDay(2065, 1, 1), zone);
  absl::Time time = absl::FromCivil(absl::CivilDay(1995, 1, 1), zone);
  absl::TimeZone::CivilTransition change;
  for (; time < end; time += absl::Hours(24 * 40)) {
    const int64_t second = absl::ToUnixSeconds(time);
    seconds.push_back(second);
    if (!zone.NextTransition(time, &change)) continue;
    const int64_t moment = absl::ToUnixSeconds(zone.At(change.from).trans);
    for (int64_t steps = -60; steps <= 60; ++steps) {
      seconds.push_back(moment + steps * kHour / 2);
      seconds.push_back(moment + steps * kHour / 2 - 1);
    }
  }
  return seconds;
}

class ZoneOffsetsTest : public ::testing::TestWithParam<const char*> {};

TEST_P(ZoneOffsetsTest, AgreeWithTheZone) {
  const absl::TimeZone zone = Zone(GetParam());
  const ZoneOffsets offsets(zone);
  LocalClock clock(offsets);
  for (const int64_t second : Seconds(zone)) {
    const int64_t local = LocalOf(zone, second);
    ASSERT_EQ(clock.ToLocal(second), local) << second;
    ASSERT_EQ(clock.FromLocal(local), SecondOf(zone, local)) << second;
    ASSERT_EQ(LocalClock(offsets).FromLocal(local), SecondOf(zone, local)) << second;
  }
}

// Times that clocks skip are no instant's local time.
TEST_P(ZoneOffsetsTest, AgreeAboutLocalTimesThatNeverCome) {
  const absl::TimeZone zone = Zone(GetParam());
  const ZoneOffsets offsets(zone);
  LocalClock clock(offsets);
  for (const int64_t second : Seconds(zone)) {
    for (const int64_t ahead : {kHour / 4, kHour, 24 * kHour}) {
      const int64_t local = LocalOf(zone, second) + ahead;
      ASSERT_EQ(clock.FromLocal(local), SecondOf(zone, local)) << second;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Zones, ZoneOffsetsTest, ::testing::ValuesIn(kZones),
                         [](const ::testing::TestParamInfo<const char*>& info) {
                           std::string name = info.param;
                           for (char& c : name) {
                             if (c == '/') c = '_';
                           }
                           return name;
                         });

TEST(ZoneOffsetsTest, StretchesEndAtChangesOfClocks) {
  const ZoneOffsets offsets(Zone("Europe/Berlin"));
  const ZoneOffsets::Stretch summer = offsets.Find(1790000000);  // In September 2026.
  EXPECT_EQ(summer.offset, 2 * kHour);
  EXPECT_EQ(summer.begins, 1774746000);  // 2026-03-29T01:00:00Z.
  EXPECT_EQ(summer.ends, 1792890000);    // 2026-10-25T01:00:00Z.
  EXPECT_EQ(summer.local_begins, summer.begins + 2 * kHour);
  EXPECT_EQ(summer.local_ends, summer.ends + kHour) << "the hour that comes twice is not its own";
}

TEST(ZoneOffsetsTest, NoStretchIsKnownBeyondTheTable) {
  const ZoneOffsets offsets(absl::UTCTimeZone());
  for (const int64_t second : {int64_t{946684799}, int64_t{2840140800}, int64_t{-2208988800}}) {
    EXPECT_EQ(offsets.Find(second).begins, offsets.Find(second).ends) << second;
  }
  EXPECT_LT(offsets.Find(946684800).begins, offsets.Find(2840140799).ends);
}

}  // namespace
}  // namespace bantam
