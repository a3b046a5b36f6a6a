#include "server/telemetry/status_page.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/html.h"
#include "tests/telemetry/sample_status.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

int CountOf(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(StatusPageTest, MarkupInTextsIsShownAsTyped) {
  ServerStatus status = SampleStatus();
  const std::string evil = "<b onclick='x'>\"&";
  status.version = status.icp_source = evil;
  status.readiness.degraded = {evil};
  status.parts[0].detail = status.files[1].error = status.decision_log->target = evil;
  status.icps[0].name = status.icps[0].revision = evil;
  const std::string page = StatusPage(status, SampleCalls());
  EXPECT_THAT(page, Not(HasSubstr("<b onclick")));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("<img")));
  EXPECT_GE(CountOf(page, "&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;"), 7);
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
}

TEST(StatusPageTest, NothingIsFetchedFromElsewhere) {
  const std::string page = StatusPage(SampleStatus(), SampleCalls());
  EXPECT_THAT(page, Not(HasSubstr("://")));
  EXPECT_THAT(page, Not(HasSubstr("url(")));
  EXPECT_THAT(page, Not(HasSubstr("@import")));
}

TEST(StatusPageTest, IcpsAreSortedAndBounded) {
  const std::string page = StatusPage(SampleStatus(), SampleCalls());
  EXPECT_EQ(CountOf(page, "<td>tenants/"), kMaxShownIcps);
  EXPECT_THAT(page, HasSubstr("And at least 734 more."));
  EXPECT_LT(page.find("enterprise-software-000"), page.find("enterprise-software-007"));
  EXPECT_LT(page.find("enterprise-software-007"), page.find("enterprise-software-001"));
}

TEST(StatusPageTest, IcpsThatCannotBeListedAreNotSaidToBeNone) {
  ServerStatus status = PlainStatus();
  status.icp_count.reset();
  const std::string page = StatusPage(status, NoCalls());
  EXPECT_THAT(page, HasSubstr("They cannot be listed now."));
  EXPECT_THAT(page, Not(HasSubstr("There are none.")));
}

TEST(StatusPageTest, SaysWhatStateItIsIn) {
  ServerStatus status = PlainStatus();
  EXPECT_THAT(StatusPage(status, NoCalls()), HasSubstr("badge good\">ready<"));
  status.readiness.degraded = {"the cache is down"};
  EXPECT_THAT(StatusPage(status, NoCalls()), HasSubstr("badge warn\">ready, degraded<"));
  status.readiness.ready = false;
  status.readiness.missing = {"the database was never reached"};
  EXPECT_THAT(StatusPage(status, NoCalls()), HasSubstr("badge bad\">not ready<"));
  EXPECT_THAT(StatusPage(status, NoCalls()), HasSubstr("<li>the database was never reached</li>"));
  status.readiness.draining = true;
  EXPECT_THAT(StatusPage(status, NoCalls()), HasSubstr("badge warn\">draining<"));
}

TEST(StatusPageTest, APlainServerSaysWhatItHasNot) {
  const std::string page = StatusPage(PlainStatus(), NoCalls());
  EXPECT_THAT(page, HasSubstr("Calls come without TLS."));
  EXPECT_THAT(page, HasSubstr("Decisions are not logged."));
  EXPECT_THAT(page, HasSubstr("There are none."));
  EXPECT_THAT(page, HasSubstr("directory /etc/bantam/icps"));
}

TEST(StatusPageTest, TellsHowTheSharedCacheDoesIfThereIsOne) {
  const std::string page = StatusPage(SampleStatus(), NoCalls());
  const size_t unusable = page.find("Entries in Redis that were no good");
  ASSERT_NE(unusable, std::string::npos);
  const size_t next = page.find("Written to Redis", unusable);
  EXPECT_THAT(page.substr(unusable, next - unusable), HasSubstr(">7<"));
  EXPECT_THAT(page.substr(next), HasSubstr(">612<"));
  EXPECT_THAT(StatusPage(PlainStatus(), NoCalls()), Not(HasSubstr("Redis")));
}

TEST(StatusPageTest, AnExpiredCertificateIsSaidToBe) {
  ServerStatus status = SampleStatus();
  status.certificate_expiry = status.now - absl::Seconds(1);
  EXPECT_THAT(StatusPage(status, NoCalls()), HasSubstr("badge bad\">expired<"));
}

TEST(HtmlTest, FiguresAreForPeople) {
  EXPECT_EQ(Count(0).markup(), "0");
  EXPECT_EQ(Count(999).markup(), "999");
  EXPECT_EQ(Count(-1000).markup(), "-1,000");
  EXPECT_EQ(Count(1234567).markup(), "1,234,567");
  EXPECT_EQ(Bytes(1023).markup(), "1023 B");
  EXPECT_EQ(Bytes(1536).markup(), "1.5 KiB");
  EXPECT_EQ(Bytes(int64_t{3} << 50).markup(), "3072.0 TiB");
  EXPECT_EQ(LongDuration(absl::Seconds(59)).markup(), "59 s");
  EXPECT_EQ(LongDuration(absl::Seconds(61)).markup(), "1 min 1 s");
  EXPECT_EQ(LongDuration(absl::Hours(75)).markup(), "3 d 3 h");
  EXPECT_EQ(LongDuration(-absl::Hours(1)).markup(), "0 s");
  EXPECT_EQ(ShortDuration(absl::Microseconds(250)).markup(), "250 µs");
  EXPECT_EQ(ShortDuration(absl::Microseconds(1250)).markup(), "1.2 ms");
  EXPECT_EQ(ShortDuration(absl::Milliseconds(1250)).markup(), "1.2 s");
  EXPECT_EQ(Ago(absl::InfinitePast(), absl::UnixEpoch()).markup(), "never");
}

}  // namespace
}  // namespace bantam
