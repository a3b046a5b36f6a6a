#include "server/zones/system_time_zones.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

TEST(SystemTimeZones, FindsTheZonesOfTheTzDatabase) {
  const SystemTimeZones zones;
  for (const std::string name :
       {"UTC", "Europe/Berlin", "Etc/GMT+1", "America/Argentina/Buenos_Aires"}) {
    const auto zone = zones.Find(name);
    ASSERT_TRUE(zone.has_value()) << name;
    EXPECT_EQ(zone->name(), name);
  }
}

TEST(SystemTimeZones, HasAVersion) {
  EXPECT_THAT(SystemTimeZones().version(), testing::MatchesRegex("[0-9]+[a-z]+"));
}

TEST(SystemTimeZones, KnowsNoOthers) {
  const SystemTimeZones zones;
  for (const std::string name :
       {"", "Europe", "Europe/", "Europe/Nowhere", "europe berlin", "UTC\n"}) {
    EXPECT_FALSE(zones.Find(name).has_value()) << name;
  }
  EXPECT_FALSE(zones.Find(std::string(100, 'a')).has_value());
}

// The files named here are zones, so that they would be found if they were opened.
TEST(SystemTimeZones, OpensNothingOutsideOfTheTzDatabase) {
  const SystemTimeZones zones;
  const std::string berlin = "/usr/share/zoneinfo/Europe/Berlin";
  for (const std::string& name :
       {berlin, absl::StrCat("file:", berlin), absl::StrCat("file:Europe/Berlin"),
        std::string("../zoneinfo/Europe/Berlin"), std::string("Europe/../Europe/Berlin"),
        std::string("./Europe/Berlin"), std::string("Europe/Berlin\0", 14)}) {
    EXPECT_FALSE(zones.Find(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace bantam
