// Calls of the catalog outlive a first failure to connect: nothing was asked yet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/client/door.h"
#include "tests/client/fake_catalog_server.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

constexpr char kIcp[] =
    "name: tenants/acme/icps/software\n"
    "title: Software\n"
    "business_hours: {time_zone: UTC}\n"
    "bant: {budget: {points: 10}}\n";

class ConnectingTest : public ::testing::Test {
 protected:
  ConnectingTest() { server_.Add(kIcp, "jo", "the first"); }

  Finished Run(const std::string& arguments) const {
    return RunBantam(absl::StrCat(arguments, " --server=", door_.address()));
  }

  FakeCatalogServer server_;
  // Turns the first connection away.
  const Door door_{[this](int number, int socket) {
    if (number == 1) return Door::Fate::kTurnedAway;
    server_.TakeConnection(socket);
    return Door::Fate::kHandedOver;
  }};
};

TEST_F(ConnectingTest, WhatReadsTheCatalogConnectsAgain) {
  const Finished list = Run("icp list");
  EXPECT_EQ(list.exit_code, 0) << list.err;
  EXPECT_THAT(list.out, HasSubstr("tenants/acme/icps/software"));
  EXPECT_EQ(door_.connections(), 2);
}

TEST_F(ConnectingTest, WhatChangesTheCatalogConnectsAgainAndChangesItOnce) {
  const Finished deletion = Run("icp delete acme/software --yes -m over --author=al");
  EXPECT_EQ(deletion.exit_code, 0) << deletion.err;
  EXPECT_EQ(server_.History("tenants/acme/icps/software").size(), 2u);
  EXPECT_EQ(door_.connections(), 2);
}

TEST_F(ConnectingTest, HealthConnectsAgain) {
  const Finished health = Run("health");
  EXPECT_EQ(health.exit_code, 0) << health.err;
  EXPECT_EQ(door_.connections(), 2);
}

}  // namespace
}  // namespace bantam
