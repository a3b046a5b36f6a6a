#include "server/access/tenant_quotas.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

const absl::Time kStart = absl::UnixEpoch() + absl::Hours(1);
const Quota kTenPerSecond = {10, 20};

// Of one tenant.
QuotaAnswer Take(TenantQuotas* quotas, absl::string_view tenant, const Quota& quota, int leads,
                 absl::Time now) {
  return quotas->Take({{tenant, quota}}, leads, now);
}

TEST(TenantQuotasTest, ANewTenantHasItsBurst) {
  TenantQuotas quotas;
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(Take(&quotas, "acme", kTenPerSecond, 1, kStart).granted) << i;
  }
  const QuotaAnswer answer = Take(&quotas, "acme", kTenPerSecond, 1, kStart);
  EXPECT_FALSE(answer.granted);
  EXPECT_EQ(answer.retry_after, absl::Milliseconds(100));
}

TEST(TenantQuotasTest, AfterTheTimeToldItIsGranted) {
  TenantQuotas quotas;
  EXPECT_TRUE(Take(&quotas, "acme", kTenPerSecond, 70, kStart).granted);
  const QuotaAnswer answer = Take(&quotas, "acme", kTenPerSecond, 5, kStart);
  ASSERT_FALSE(answer.granted);
  EXPECT_EQ(answer.retry_after, absl::Milliseconds(5100));
  const absl::Time then = kStart + answer.retry_after;
  EXPECT_FALSE(Take(&quotas, "acme", kTenPerSecond, 5, then - absl::Milliseconds(2)).granted);
  EXPECT_TRUE(Take(&quotas, "acme", kTenPerSecond, 5, then).granted);
}

TEST(TenantQuotasTest, TheRateHoldsInTheLongRunWhateverTheSizeOfCalls) {
  for (const int leads : {1, 7, 1000}) {
    TenantQuotas quotas;
    int64_t granted = 0;
    for (absl::Duration t; t < absl::Seconds(1000); t += absl::Milliseconds(50)) {
      if (Take(&quotas, "acme", kTenPerSecond, leads, kStart + t).granted) granted += leads;
    }
    EXPECT_GE(granted, 10000 - 10) << leads;
    EXPECT_LE(granted, 10000 + 20 + leads) << leads;
  }
}

TEST(TenantQuotasTest, TenantsDoNotShare) {
  TenantQuotas quotas;
  EXPECT_TRUE(Take(&quotas, "acme", kTenPerSecond, 20, kStart).granted);
  EXPECT_FALSE(Take(&quotas, "acme", kTenPerSecond, 1, kStart).granted);
  EXPECT_TRUE(Take(&quotas, "beta", kTenPerSecond, 1, kStart).granted);
}

TEST(TenantQuotasTest, ANewQuotaCountsAtOnceAndForgivesNoDebt) {
  TenantQuotas quotas;
  EXPECT_TRUE(Take(&quotas, "acme", kTenPerSecond, 120, kStart).granted);
  const Quota faster = {1000, 1000};
  EXPECT_FALSE(Take(&quotas, "acme", faster, 1, kStart).granted);
  EXPECT_TRUE(Take(&quotas, "acme", faster, 1, kStart + absl::Milliseconds(102)).granted);
}

TEST(TenantQuotasTest, AClockThatIsSetBackStopsNobodyForLong) {
  TenantQuotas quotas;
  EXPECT_TRUE(Take(&quotas, "acme", kTenPerSecond, 20, kStart).granted);
  const absl::Time earlier = kStart - absl::Hours(1);
  EXPECT_FALSE(Take(&quotas, "acme", kTenPerSecond, 1, earlier).granted);
  EXPECT_TRUE(Take(&quotas, "acme", kTenPerSecond, 1, earlier + absl::Milliseconds(100)).granted);
}

TEST(TenantQuotasTest, ThreadsThatReadTheClockInAnotherOrderGainNothing) {
  TenantQuotas quotas;
  EXPECT_TRUE(Take(&quotas, "acme", kTenPerSecond, 20, kStart).granted);
  int granted = 0;
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration step = absl::Milliseconds(i % 2 == 0 ? 99 : 0);
    if (Take(&quotas, "acme", kTenPerSecond, 1, kStart + step).granted) ++granted;
  }
  EXPECT_EQ(granted, 0);
}

TEST(TenantQuotasTest, TenantsBeyondTheBoundShareUntilOthersAreQuiet) {
  TenantQuotas quotas;
  for (size_t i = 0; i < TenantQuotas::kMaxTenants; ++i) {
    EXPECT_TRUE(Take(&quotas, absl::StrCat("t", i), kTenPerSecond, 20, kStart).granted);
  }
  EXPECT_TRUE(Take(&quotas, "late", kTenPerSecond, 20, kStart).granted);
  EXPECT_FALSE(Take(&quotas, "later", kTenPerSecond, 1, kStart).granted);
  // All others have everything they could have.
  const absl::Time quiet = kStart + absl::Seconds(2);
  EXPECT_TRUE(Take(&quotas, "late", kTenPerSecond, 20, quiet).granted);
  EXPECT_TRUE(Take(&quotas, "later", kTenPerSecond, 20, quiet).granted);
}

TEST(TenantQuotasTest, OfSeveralTenantsEachIsChargedOrNone) {
  TenantQuotas quotas;
  const std::vector<TenantQuota> both = {{"acme", kTenPerSecond}, {"beta", kTenPerSecond}};
  EXPECT_TRUE(Take(&quotas, "beta", kTenPerSecond, 21, kStart).granted);
  for (int i = 0; i < 100; ++i) {
    const QuotaAnswer answer = quotas.Take(both, 10, kStart);
    ASSERT_FALSE(answer.granted);
    EXPECT_EQ(answer.tenant, "beta");
    EXPECT_EQ(answer.retry_after, absl::Milliseconds(200));
  }
  const absl::Time then = kStart + absl::Milliseconds(200);
  EXPECT_TRUE(quotas.Take(both, 20, then).granted);  // All of what acme has.
  const QuotaAnswer answer = quotas.Take(both, 1, then);
  EXPECT_FALSE(answer.granted);
  EXPECT_EQ(answer.tenant, "beta");  // It needs longer.
  EXPECT_FALSE(Take(&quotas, "acme", kTenPerSecond, 1, then).granted);
}

}  // namespace
}  // namespace bantam
