// qualify --revision: a number or digits of the server's history.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/client/fake_catalog_server.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kName[] = "tenants/a/icps/b";

class PinnedRevisionTest : public ::testing::Test {
 protected:
  PinnedRevisionTest() {
    for (const char* points : {"10", "12"}) {
      server_.Add(absl::StrCat("name: ", kName, "\nbusiness_hours: {time_zone: UTC}\n",
                               "bant: {budget: {points: ", points, "}}\n"));
    }
  }

  Finished Qualify(const std::string& revision, const std::string& leads = "{id: x}") {
    return RunBantam(absl::StrCat("qualify - --icp=a/b -o ndjson --server=", server_.address(),
                                  " --revision=", revision),
                     leads);
  }

  FakeCatalogServer server_;
};

TEST_F(PinnedRevisionTest, IsTakenAsTheHistoryShowsIt) {
  const std::string first = server_.History(kName)[0].revision;
  for (const std::string& text : {std::string("1"), first.substr(0, 12), first}) {
    server_.settings.clear();
    const Finished finished = Qualify(text);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    ASSERT_THAT(server_.settings, SizeIs(1)) << text;
    EXPECT_EQ(server_.settings[0].icps(0).name(), kName);
    EXPECT_EQ(server_.settings[0].icps(0).revision(), first) << text;
  }
  server_.settings.clear();
  EXPECT_EQ(Qualify("1", "[{id: x}, {id: y}]").exit_code, 0);
  EXPECT_EQ(server_.settings[0].icps(0).revision(), first);
  EXPECT_EQ(Qualify("current").exit_code, 0);
  EXPECT_THAT(server_.settings[1].icps(0).revision(), IsEmpty());
}

TEST_F(PinnedRevisionTest, OneThatIsNotThereIsRefused) {
  EXPECT_EQ(Qualify("7").exit_code, 4);
  const Finished digits = Qualify("0000");
  EXPECT_EQ(digits.exit_code, 4);
  EXPECT_THAT(digits.err, HasSubstr("no revision of tenants/a/icps/b begins with 0000"));
  const Finished none = Qualify("first");
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("bantam: --revision: 'first' is no revision; expected a number"));
  EXPECT_THAT(server_.settings, IsEmpty());
}

}  // namespace
}  // namespace bantam
