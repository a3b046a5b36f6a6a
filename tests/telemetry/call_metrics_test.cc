#include "server/telemetry/call_metrics.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Key;
using ::testing::Pair;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1800000000);

std::vector<CallMethod> TwoMethods() {
  return {{"bantam.v1.QualificationService", "Score", "unary"},
          {"bantam.v1.QualificationService", "BulkEvaluate", "bidi_stream"}};
}

void InNewThread(const std::function<void()>& act) { std::thread(act).join(); }

std::vector<std::string> NamesOf(const CallSnapshot& snapshot) {
  std::vector<std::string> names;
  for (const IcpCounts& counts : snapshot.icps) names.push_back(counts.icp);
  return names;
}

// All leads of the ICP with this name; -1: it has no place.
int64_t LeadsOf(const CallSnapshot& snapshot, absl::string_view icp) {
  for (const IcpCounts& counts : snapshot.icps) {
    if (counts.icp != icp) continue;
    int64_t leads = 0;
    for (const int64_t count : counts.verdicts) leads += count;
    return leads;
  }
  return -1;
}

TEST(CallMetricsTest, CountsCallsByMethodAndCode) {
  CallMetrics metrics(TwoMethods(), 10);
  for (int i = 0; i < 3; ++i) metrics.OnStart(0);
  metrics.OnEnd(0, absl::StatusCode::kOk, absl::Milliseconds(3));
  metrics.OnEnd(0, absl::StatusCode::kUnauthenticated, absl::Microseconds(1));
  metrics.OnStart(1);
  metrics.OnAbandoned(1);
  metrics.OnRefused(RefusalReason::kQuota);
  metrics.OnLeadError();

  const CallSnapshot snapshot = metrics.Snapshot(kNow);
  ASSERT_THAT(snapshot.methods, SizeIs(2));
  const MethodCounts& score = snapshot.methods[0];
  EXPECT_EQ(score.method.method, "Score");
  EXPECT_EQ(score.started, 3);
  EXPECT_EQ(score.handled[0], 1);
  EXPECT_EQ(score.handled[16], 1);
  EXPECT_EQ(score.Handled(), 2);
  EXPECT_EQ(score.Failed(), 1);
  EXPECT_EQ(score.InFlight(), 1);
  EXPECT_EQ(score.latency_sum, absl::Microseconds(3001));
  EXPECT_EQ(snapshot.methods[1].abandoned, 1);
  EXPECT_THAT(snapshot.refused, ElementsAre(0, 1, 0, 0, 0));
  EXPECT_EQ(snapshot.lead_errors, 1);
}

TEST(CallMetricsTest, ACodeThatGrpcDoesNotKnowCountsAsUnknown) {
  CallMetrics metrics(TwoMethods(), 10);
  metrics.OnEnd(0, static_cast<absl::StatusCode>(99), absl::ZeroDuration());
  metrics.OnEnd(0, static_cast<absl::StatusCode>(-1), absl::ZeroDuration());
  EXPECT_EQ(metrics.Snapshot(kNow).methods[0].handled[2], 2);
}

TEST(CallMetricsTest, ACallThatTakesABoundIsInThatBucket) {
  CallMetrics metrics(TwoMethods(), 10);
  for (const absl::Duration bound : kLatencyBounds) {
    metrics.OnEnd(0, absl::StatusCode::kOk, bound);
    metrics.OnEnd(0, absl::StatusCode::kOk, bound + absl::Nanoseconds(1));
  }
  metrics.OnEnd(0, absl::StatusCode::kOk, -absl::Seconds(1));
  std::array<int64_t, kLatencyBuckets> want;
  want.fill(2);
  want.back() = 1;
  EXPECT_EQ(metrics.Snapshot(kNow).methods[0].latency, want);
}

TEST(CallMetricsTest, QuantilesAreSpreadWithinTheirBucket) {
  MethodCounts counts;
  EXPECT_EQ(counts.LatencyQuantile(0.5), absl::ZeroDuration());
  counts.latency[3] = 100;  // 0.5 ms to 1 ms.
  EXPECT_EQ(counts.LatencyQuantile(0.5), absl::Microseconds(750));
  counts.latency[4] = 100;  // 1 ms to 2 ms.
  EXPECT_EQ(counts.LatencyQuantile(0.5), absl::Milliseconds(1));
  EXPECT_EQ(counts.LatencyQuantile(0.75), absl::Microseconds(1500));
  counts.latency.back() = 1000;
  EXPECT_EQ(counts.LatencyQuantile(0.99), absl::Seconds(10));
}

TEST(CallMetricsTest, WhatThreadsCountedStaysWhenTheyEnd) {
  CallMetrics metrics(TwoMethods(), 10);
  for (int i = 0; i < 20; ++i) {
    InNewThread([&] {
      metrics.OnStart(0);
      metrics.OnLead("tenants/a/icps/x", v1::VERDICT_OPEN, "A", "lead");
    });
    InNewThread([&] { metrics.OnEnd(0, absl::StatusCode::kOk, absl::ZeroDuration()); });
  }
  const CallSnapshot snapshot = metrics.Snapshot(kNow);
  EXPECT_EQ(snapshot.methods[0].started, 20);
  EXPECT_EQ(snapshot.methods[0].InFlight(), 0);
  EXPECT_EQ(LeadsOf(snapshot, "tenants/a/icps/x"), 20);
}

TEST(CallMetricsTest, TwoObjectsDoNotMixInOneThread) {
  CallMetrics a(TwoMethods(), 10);
  CallMetrics b(TwoMethods(), 10);
  for (int i = 0; i < 5; ++i) {
    a.OnStart(0);
    b.OnStart(1);
  }
  EXPECT_EQ(a.Snapshot(kNow).methods[0].started, 5);
  EXPECT_EQ(a.Snapshot(kNow).methods[1].started, 0);
  EXPECT_EQ(b.Snapshot(kNow).methods[1].started, 5);
}

TEST(CallMetricsTest, LeadsAreCountedByVerdictGradeAndStage) {
  CallMetrics metrics(TwoMethods(), 10);
  metrics.OnLead("tenants/a/icps/x", v1::VERDICT_QUALIFIED, "B", "sql");
  metrics.OnLead("tenants/a/icps/x", v1::VERDICT_RESTRICTED, "", "");
  metrics.OnLead("tenants/a/icps/x", v1::VERDICT_OPEN, "F", "sql");
  const CallSnapshot snapshot = metrics.Snapshot(kNow);
  ASSERT_THAT(NamesOf(snapshot), ElementsAre("tenants/a/icps/x", "other"));
  const IcpCounts& counts = snapshot.icps[0];
  EXPECT_THAT(counts.verdicts, ElementsAre(0, 1, 0, 0, 1, 1));
  EXPECT_THAT(counts.grades, ElementsAre(0, 1, 0, 0, 1, 1));
  EXPECT_THAT(counts.stages, ElementsAre(Pair("none", 1), Pair("sql", 2)));
}

TEST(CallMetricsTest, OtherIsThereFromTheStartWithTheUsualStages) {
  CallMetrics metrics(TwoMethods(), 10);
  const CallSnapshot snapshot = metrics.Snapshot(kNow);
  ASSERT_THAT(NamesOf(snapshot), ElementsAre("other"));
  EXPECT_THAT(
      snapshot.icps[0].stages,
      ElementsAre(Pair("customer", 0), Pair("disqualified", 0), Pair("lead", 0), Pair("mql", 0),
                  Pair("none", 0), Pair("nurture", 0), Pair("opportunity", 0), Pair("sql", 0)));
}

TEST(CallMetricsTest, IcpsBeyondTheBoundCountAsOther) {
  CallMetrics metrics(TwoMethods(), 2);
  for (const char* icp : {"a", "b", "c", "a", "d", "c", "b", "a"}) {
    metrics.OnLead(icp, v1::VERDICT_OPEN, "A", "their own stage");
  }
  // In a thread that has seen none of them before.
  InNewThread([&] {
    for (const char* icp : {"d", "b"}) metrics.OnLead(icp, v1::VERDICT_OPEN, "A", "lead");
  });
  const CallSnapshot snapshot = metrics.Snapshot(kNow);
  EXPECT_THAT(NamesOf(snapshot), ElementsAre("a", "b", "other"));
  EXPECT_EQ(LeadsOf(snapshot, "a"), 3);
  EXPECT_EQ(LeadsOf(snapshot, "b"), 3);
  EXPECT_EQ(LeadsOf(snapshot, "other"), 4);
  EXPECT_THAT(snapshot.icps.back().stages, Contains(Pair("other", 3)));
  EXPECT_THAT(snapshot.icps.back().stages, Contains(Pair("lead", 1)));
}

TEST(CallMetricsTest, WithoutPlacesAllCountAsOther) {
  CallMetrics metrics(TwoMethods(), 0);
  metrics.OnLead("a", v1::VERDICT_OPEN, "A", "lead");
  EXPECT_EQ(LeadsOf(metrics.Snapshot(kNow), "other"), 1);
  EXPECT_THAT(NamesOf(metrics.Snapshot(kNow)), ElementsAre("other"));
}

TEST(CallMetricsTest, StagesOfAnIcpAreBounded) {
  CallMetrics metrics(TwoMethods(), 10);
  for (int i = 0; i < 100; ++i) {
    metrics.OnLead("a", v1::VERDICT_OPEN, "A", absl::StrCat("stage", i));
  }
  const IcpCounts counts = metrics.Snapshot(kNow).icps[0];
  EXPECT_THAT(counts.stages, SizeIs(kMaxStages + 1));
  EXPECT_THAT(counts.stages, Contains(Pair("other", 100 - kMaxStages)));
}

TEST(CallMetricsTest, AnIdleIcpGivesItsPlaceToAnotherWhenThereIsNone) {
  CallMetrics metrics(TwoMethods(), 2);
  metrics.OnLead("gone", v1::VERDICT_OPEN, "A", "lead");
  metrics.OnLead("busy", v1::VERDICT_OPEN, "A", "lead");
  metrics.Snapshot(kNow);
  metrics.OnLead("busy", v1::VERDICT_OPEN, "A", "lead");
  metrics.OnLead("new", v1::VERDICT_OPEN, "A", "lead");
  EXPECT_THAT(NamesOf(metrics.Snapshot(kNow + absl::Minutes(59))),
              ElementsAre("busy", "gone", "other"));
  metrics.Snapshot(kNow + absl::Hours(1));
  metrics.OnLead("new", v1::VERDICT_OPEN, "A", "lead");
  const CallSnapshot snapshot = metrics.Snapshot(kNow + absl::Hours(1));
  EXPECT_THAT(NamesOf(snapshot), ElementsAre("busy", "new", "other"));
  EXPECT_EQ(LeadsOf(snapshot, "busy"), 2);
  EXPECT_EQ(LeadsOf(snapshot, "new"), 1);
  // Counters never go down.
  EXPECT_EQ(LeadsOf(snapshot, "other"), 1);
}

TEST(CallMetricsTest, AnIcpThatIsIdleForAWeekIsForgotten) {
  CallMetrics metrics(TwoMethods(), 200);
  metrics.OnLead("gone", v1::VERDICT_OPEN, "A", "lead");
  metrics.Snapshot(kNow);
  EXPECT_EQ(LeadsOf(metrics.Snapshot(kNow + absl::Hours(24 * 6)), "gone"), 1);
  metrics.Snapshot(kNow + absl::Hours(24 * 7));
  EXPECT_EQ(LeadsOf(metrics.Snapshot(kNow + absl::Hours(24 * 7)), "gone"), -1);
  metrics.OnLead("gone", v1::VERDICT_OPEN, "A", "lead");
  EXPECT_EQ(LeadsOf(metrics.Snapshot(kNow + absl::Hours(24 * 7)), "gone"), 1);
}

TEST(CallMetricsTest, LosesNothingWhileThreadsCountAndScrapesGoOn) {
  constexpr int kThreads = 4;
  constexpr int kLeads = 20000;
  CallMetrics metrics(TwoMethods(), 5);
  std::atomic<bool> done{false};
  std::thread scraper([&] {
    int64_t last = 0;
    while (!done) {
      const CallSnapshot snapshot = metrics.Snapshot(kNow);
      int64_t leads = 0;
      for (const std::string& name : NamesOf(snapshot)) leads += LeadsOf(snapshot, name);
      EXPECT_GE(leads, last);
      EXPECT_GE(snapshot.methods[0].InFlight(), 0);
      last = leads;
    }
  });
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&metrics] {
      for (int i = 0; i < kLeads; ++i) {
        metrics.OnStart(0);
        metrics.OnLead(absl::StrCat("icp", i % 8), v1::VERDICT_OPEN, "A",
                       absl::StrCat("stage", i % 40));
        metrics.OnEnd(0, absl::StatusCode::kOk, absl::Microseconds(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  done = true;
  scraper.join();
  const CallSnapshot snapshot = metrics.Snapshot(kNow);
  ASSERT_THAT(snapshot.icps, SizeIs(6));
  int64_t leads = 0;
  int64_t stages = 0;
  for (const IcpCounts& counts : snapshot.icps) {
    leads += LeadsOf(snapshot, counts.icp);
    for (const auto& [stage, count] : counts.stages) stages += count;
  }
  EXPECT_EQ(leads, kThreads * kLeads);
  EXPECT_EQ(stages, kThreads * kLeads);
  EXPECT_EQ(snapshot.methods[0].started, kThreads * kLeads);
  EXPECT_EQ(snapshot.methods[0].InFlight(), 0);
}

}  // namespace
}  // namespace bantam
