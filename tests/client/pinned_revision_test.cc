// Revisions as they are named: by a number or digits of the server's history.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/client/fake_catalog_server.h"
#include "tests/client/run_command.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kName[] = "tenants/a/icps/b";

std::string Icp(const std::string& points) {
  return absl::StrCat("name: ", kName, "\nbusiness_hours: {time_zone: UTC}\n",
                      "bant: {budget: {points: ", points, "}}\n");
}

class PinnedRevisionTest : public ::testing::Test {
 protected:
  PinnedRevisionTest() {
    for (const char* points : {"10", "12"}) server_.Add(Icp(points));
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

// The first four digits of one revision in seven are decimal.
TEST_F(PinnedRevisionTest, DigitsMayLookLikeANumber) {
  server_.AddAs(Icp("14"), "63409d73de58");
  const std::string revision = server_.History(kName)[2].revision;
  for (const char* text : {"6340", "63409"}) {
    server_.settings.clear();
    const Finished finished = Qualify(text);
    EXPECT_EQ(finished.exit_code, 0) << finished.err;
    ASSERT_THAT(server_.settings, SizeIs(1)) << text;
    EXPECT_EQ(server_.settings[0].icps(0).revision(), revision) << text;
  }
  const std::string server = " --server=" + server_.address();
  EXPECT_EQ(RunBantam("icp get a/b --revision 6340" + server).out, Icp("14"));
  EXPECT_THAT(RunBantam("icp diff a/b@6340 @1" + server).out, HasSubstr("points 14 → 10"));
  EXPECT_THAT(RunBantam("icp rollback a/b --to 6340" + server).out,
              HasSubstr("back to number 3\n"));

  const Finished neither = RunBantam("icp get a/b --revision 6341" + server);
  EXPECT_EQ(neither.exit_code, 4);
  EXPECT_EQ(neither.err,
            "bantam: no revision of tenants/a/icps/b has the number 6341, and none begins with "
            "6341; `bantam icp history` lists them\n");
  server_.AddAs(Icp("16"), "634055555555");
  const Finished several = RunBantam("icp get a/b --revision 6340" + server);
  EXPECT_EQ(several.exit_code, 2);
  EXPECT_EQ(several.err,
            "bantam: --revision: 2 revisions of tenants/a/icps/b begin with 6340; give more "
            "digits\n");
}

TEST(RevisionNumberTest, ANumberThatIsThereGoesBeforeDigits) {
  FakeCatalogServer server;
  server.first_number = 6339;
  server.Add(Icp("10"));
  server.Add(Icp("12"));
  server.AddAs(Icp("14"), "63409d73de58");
  server.AddAs(Icp("16"), "06340d73de58");
  const auto get = [&server](const std::string& revision) {
    return RunBantam(
               absl::StrCat("icp get a/b --server=", server.address(), " --revision=", revision))
        .out;
  };
  EXPECT_EQ(get("6340"), Icp("12"));
  EXPECT_EQ(get("63409"), Icp("14"));
  // No number is shown so.
  EXPECT_EQ(get("06340"), Icp("16"));
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

TEST_F(PinnedRevisionTest, ABadOneIsRefusedWithItsErrors) {
  server_.bad_name = kName;
  const Finished bad = Qualify("2");
  EXPECT_EQ(bad.exit_code, 4);
  EXPECT_THAT(bad.err, HasSubstr("number 2 of tenants/a/icps/b is bad; "));
  EXPECT_THAT(bad.err, HasSubstr("error: too old\n"));
  EXPECT_THAT(server_.settings, IsEmpty());
}

}  // namespace
}  // namespace bantam
