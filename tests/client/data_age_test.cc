// --max-staleness and --newest, what is said of old data, and the health of a server's parts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/client/fake_catalog_server.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kOld[] =
    "note: the server last knew its ICPs to be current 1m5s ago; --newest asks for what is saved "
    "now\n";

class DataAgeTest : public ::testing::Test {
 protected:
  DataAgeTest() { server_.Add("name: tenants/a/icps/b\nbusiness_hours: {time_zone: UTC}\n"); }

  Finished Qualify(const std::string& flags, const std::string& leads = "{id: x}") {
    return RunBantam(
        absl::StrCat("qualify - --icp=a/b -o json --server=", server_.address(), " ", flags),
        leads);
  }
  Finished Run(const std::string& command) {
    return RunBantam(absl::StrCat(command, " --server=", server_.address()));
  }

  FakeCatalogServer server_;
};

TEST_F(DataAgeTest, TheBoundGoesWithTheRequest) {
  EXPECT_EQ(Qualify("").exit_code, 0);
  EXPECT_EQ(Qualify("--newest").exit_code, 0);
  EXPECT_EQ(Qualify("--max-staleness=1m30s").exit_code, 0);
  EXPECT_EQ(Qualify("--max-staleness=0", "[{id: x}, {id: y}]").exit_code, 0);
  ASSERT_THAT(server_.settings, SizeIs(4));
  EXPECT_FALSE(server_.settings[0].has_max_staleness());
  EXPECT_TRUE(server_.settings[1].has_max_staleness());
  EXPECT_EQ(server_.settings[1].max_staleness().seconds(), 0);
  EXPECT_EQ(server_.settings[2].max_staleness().seconds(), 90);
  EXPECT_TRUE(server_.settings[3].has_max_staleness());
  EXPECT_EQ(Run("icp get a/b --newest").exit_code, 0);
  EXPECT_TRUE(server_.gets[0].has_max_staleness());
  EXPECT_EQ(Run("icp get a/b").exit_code, 0);
  EXPECT_FALSE(server_.gets[1].has_max_staleness());
}

TEST_F(DataAgeTest, OldDataIsNotedForOneLeadForManyAndForAnIcp) {
  server_.data_age_ms = 65432;
  const Finished one = Qualify("");
  EXPECT_EQ(one.exit_code, 0);
  EXPECT_EQ(one.err, kOld);
  EXPECT_EQ(Qualify("", "[{id: x}, {id: y}]").err, kOld);
  const Finished get = Run("icp get a/b");
  EXPECT_EQ(get.exit_code, 0);
  EXPECT_EQ(get.err, kOld);
}

TEST_F(DataAgeTest, FreshDataIsNoNews) {
  server_.data_age_ms = 5000;
  EXPECT_THAT(Qualify("").err, IsEmpty());
  EXPECT_THAT(Run("icp get a/b").err, IsEmpty());
}

TEST_F(DataAgeTest, NothingFreshEnoughIsToldFromNoServer) {
  server_.broken = "the ICP was last read 70 s ago, and its database cannot be reached";
  for (const char* leads : {"{id: x}", "[{id: x}, {id: y}]"}) {
    const Finished finished = Qualify("--max-staleness=10s", leads);
    EXPECT_EQ(finished.exit_code, 3);
    EXPECT_EQ(finished.err, absl::StrCat("bantam: the server at ", server_.address(),
                                         " cannot answer now: ", server_.broken, "\n"));
  }
}

TEST_F(DataAgeTest, BadBoundsAreUsageErrors) {
  EXPECT_EQ(Qualify("--max-staleness=-1s").exit_code, 2);
  const Finished bad = Qualify("--max-staleness=soon");
  EXPECT_EQ(bad.exit_code, 2);
  EXPECT_THAT(bad.err, HasSubstr("expected a duration such as 0, 500ms, 10s or 2m"));
  EXPECT_EQ(Qualify("--max-staleness=1s --newest").exit_code, 2);
}

TEST_F(DataAgeTest, FilesAreAlwaysTheNewest) {
  const Finished local =
      RunBantam("qualify - --newest --icp-file=client/samples/icps/fortune_5000.yaml", "{id: x}");
  EXPECT_EQ(local.exit_code, 0) << local.err;
}

TEST_F(DataAgeTest, HealthNamesPartsThatAreUsedOnly) {
  const Finished plain = Run("health");
  EXPECT_EQ(plain.exit_code, 0) << plain.err;
  EXPECT_EQ(plain.out, absl::StrCat("serving  ", server_.address(),
                                    "\nserving  bantam.v1.QualificationService\n"
                                    "serving  bantam.v1.IcpCatalogService\n"));
  server_.SetHealth("bantam.source", true);
  server_.SetHealth("bantam.cache", false);
  server_.SetHealth("bantam.icps", false);
  const Finished degraded = Run("health");
  EXPECT_EQ(degraded.exit_code, 0) << degraded.err;
  EXPECT_THAT(degraded.out, HasSubstr("serving  bantam.source  where the ICPs come from\n"
                                      "degraded  bantam.cache  the shared cache\n"
                                      "degraded  bantam.icps  whether the newest definition of "
                                      "every ICP is good\n"));
  server_.SetHealth("bantam.v1.IcpCatalogService", false);
  const Finished down = Run("health");
  EXPECT_EQ(down.exit_code, 1);
  EXPECT_THAT(down.out, HasSubstr("not serving  bantam.v1.IcpCatalogService\n"));
}

}  // namespace
}  // namespace bantam
