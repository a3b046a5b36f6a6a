// More than a replica can do: what it admits it answers soon, the rest it refuses at once.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "bantam/v1/qualification_service.pb.h"
#include "gmock/gmock.h"
#include "tests/bench/load/load.h"
#include "tests/integration/production/standard.h"
#include "tests/integration/server_process.h"

namespace bantam {
namespace {

constexpr int kLeads = 100;

// What tests may lose to other work on the machine: the bounds below are those of a quiet one, plus
// this.
constexpr absl::Duration kMachineNoise = absl::Milliseconds(100);

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

class OverloadTest : public ::testing::Test {
 protected:
  OverloadTest() {
    icps_.Write("standard.yaml", StandardIcpText());
    // One processor for the server, so that the load's process has others.
    server_ = ServerProcess::Serving(icps_.path(), {"--threads=1"});
    v1::BatchQualifyRequest request;
    for (int i = 0; i < kLeads; ++i) *request.add_leads() = StandardLead();
    request.mutable_settings()->add_icps()->set_name(kStandardIcp);
    requests_ = {{"/bantam.v1.QualificationService/BatchQualify", request.SerializeAsString(), ""}};
    options_.target = absl::StrCat("127.0.0.1:", server_->WaitForPort());
    options_.warm_up = absl::Milliseconds(500);
    options_.duration = absl::Seconds(3);
    options_.check_every = 0;
  }

  LoadResult Closed(int in_flight, absl::Duration warm_up = absl::Milliseconds(500)) {
    LoadOptions options = options_;
    options.in_flight = in_flight;
    options.warm_up = warm_up;
    return StartUnaryLoad(options, requests_)->Wait();
  }

  // After an overload: the first second, of up to five, whose 99th percentile is below `bound`, and
  // which of them that is. A busy machine may need another second or two, which is printed.
  std::pair<LoadResult, int> Recover(absl::Duration bound) {
    int seconds = 0;
    LoadResult after;
    do {
      ++seconds;
      after = Closed(1, absl::Seconds(1));
      EXPECT_EQ(after.ok, after.calls);
    } while (after.latencies.Quantile(0.99) >= bound && seconds < 5);
    return {std::move(after), seconds};
  }

  TemporaryFolder icps_;
  std::unique_ptr<ServerProcess> server_;
  std::vector<LoadRequest> requests_;
  LoadOptions options_;
};

TEST_F(OverloadTest, AdmittedCallsStayFastAndTheRestIsRefusedAtOnce) {
  const LoadResult unloaded = Closed(1);
  ASSERT_EQ(unloaded.ok, unloaded.calls);
  const absl::Duration unloaded_p99 = unloaded.latencies.Quantile(0.99);
  // What it can do: two in flight keep its one worker busy.
  const LoadResult sustained = Closed(2);
  const double sustainable = sustained.ok / absl::ToDoubleSeconds(sustained.elapsed);
  const int64_t bytes_before = server_->ResidentBytes();

  Latencies refusals;
  absl::Mutex mutex;
  LoadOptions options = options_;
  options.calls_per_second = 4 * sustainable;
  options.connections = 8;
  options.on_end = [&](const LoadOutcome& outcome) {
    if (outcome.status.ok()) return;
    absl::MutexLock lock(&mutex);
    refusals.Add(outcome.end - outcome.begin);
  };
  const std::unique_ptr<Load> load = StartUnaryLoad(options, requests_);
  int64_t most_bytes = 0;
  const absl::Time end = absl::Now() + options.warm_up + options.duration;
  WaitUntil([&] {
    most_bytes = std::max(most_bytes, server_->ResidentBytes());
    return absl::Now() >= end;
  });
  const LoadResult overload = load->Wait();
  const absl::Duration admitted_p99 = overload.latencies.Quantile(0.99);
  const auto [after, seconds] = Recover(2 * unloaded_p99 + kMachineNoise);

  std::printf("figure: unloaded p99 %.1f ms; sustainable %.0f batches/s of %d leads\n",
              Milliseconds(unloaded_p99), sustainable, kLeads);
  std::printf(
      "figure: at 4 times that: admitted %.0f/s, p99 %.1f ms (%.1f times); refused %.0f/s, p50 "
      "%.1f ms, p99 %.1f ms; calls began late p99 %.1f ms\n",
      overload.ok / absl::ToDoubleSeconds(overload.elapsed), Milliseconds(admitted_p99),
      absl::FDivDuration(admitted_p99, unloaded_p99),
      (overload.calls - overload.ok) / absl::ToDoubleSeconds(overload.elapsed),
      Milliseconds(refusals.Quantile(0.5)), Milliseconds(refusals.Quantile(0.99)),
      Milliseconds(overload.lateness.Quantile(0.99)));
  std::printf("figure: resident memory before %lld MiB, most %lld MiB; %d s later p99 %.1f ms\n",
              static_cast<long long>(bytes_before >> 20), static_cast<long long>(most_bytes >> 20),
              seconds, Milliseconds(after.latencies.Quantile(0.99)));

  EXPECT_GT(overload.ok, sustained.ok / 2);  // It goes on working.
  EXPECT_LT(admitted_p99, 3 * unloaded_p99 + kMachineNoise);
  for (const auto& [code, count] : overload.by_status) {
    if (code == grpc::StatusCode::OK) continue;
    EXPECT_EQ(code, grpc::StatusCode::RESOURCE_EXHAUSTED)
        << count << " " << overload.messages.at(code);
  }
  EXPECT_GT(refusals.count(), 0);
  EXPECT_LT(refusals.Quantile(0.99), 3 * unloaded_p99 + kMachineNoise);
  EXPECT_LT(most_bytes - bytes_before, int64_t{256} << 20);
  EXPECT_LT(after.latencies.Quantile(0.99), 2 * unloaded_p99 + kMachineNoise);
}

// Single calls, the main use. The load shares the processors with the server, and a call costs its
// caller as much as the server, so that four times what can be sustained is more than the load can
// really ask, and its own latencies are mostly its own. So a caller of its own, who has one call at
// a time on a connection of his own, tells how soon calls are answered. Without a bound all that
// the load's connections can hold waits before him: some seconds. So his bound is wide: it tells
// that from a backlog with an end, not how good the latter is, which the figures say.
TEST_F(OverloadTest, SingleCallsAreAnsweredSoonOrRefused) {
  v1::QualifyRequest request;
  *request.mutable_lead() = StandardLead();
  request.mutable_settings()->add_icps()->set_name(kStandardIcp);
  requests_ = {{"/bantam.v1.QualificationService/Qualify", request.SerializeAsString(), ""}};
  const LoadResult unloaded = Closed(1);
  ASSERT_EQ(unloaded.ok, unloaded.calls);
  const absl::Duration unloaded_p99 = unloaded.latencies.Quantile(0.99);
  const LoadResult sustained = Closed(16);
  const double sustainable = sustained.ok / absl::ToDoubleSeconds(sustained.elapsed);
  const int64_t bytes_before = server_->ResidentBytes();

  LoadOptions options = options_;
  options.calls_per_second = 4 * sustainable;
  options.connections = 8;
  options.duration = absl::InfiniteDuration();
  const std::unique_ptr<Load> load = StartUnaryLoad(options, requests_);
  ASSERT_TRUE(WaitUntil([&] { return load->failed_so_far() > 0; }));
  const LoadResult beside = Closed(1);
  const int64_t bytes_grown = server_->ResidentBytes() - bytes_before;
  const LoadResult overload = load->Stop();
  const absl::Duration recovered = 3 * unloaded_p99 + 2 * kMachineNoise;
  const auto [after, seconds_after] = Recover(recovered);

  const double seconds = absl::ToDoubleSeconds(overload.elapsed);
  std::printf(
      "figure: single calls: sustainable %.0f/s; asked %.0f/s: admitted %.0f/s, refused "
      "%.0f/s; calls began late p99 %.1f ms\n",
      sustainable, options.calls_per_second, overload.ok / seconds,
      (overload.calls - overload.ok) / seconds, Milliseconds(overload.lateness.Quantile(0.99)));
  std::printf(
      "figure: a caller beside them: p50 %.2f ms, p99 %.1f ms; unloaded p50 %.2f ms, p99 "
      "%.1f ms; %d s later p99 %.1f ms; memory grew by %lld MiB\n",
      Milliseconds(beside.latencies.Quantile(0.5)), Milliseconds(beside.latencies.Quantile(0.99)),
      Milliseconds(unloaded.latencies.Quantile(0.5)), Milliseconds(unloaded_p99), seconds_after,
      Milliseconds(after.latencies.Quantile(0.99)), static_cast<long long>(bytes_grown >> 20));
  EXPECT_GT(overload.ok, 0);
  EXPECT_GT(beside.ok, 0);
  for (const auto& [code, count] : overload.by_status) {
    if (code == grpc::StatusCode::OK) continue;
    EXPECT_EQ(code, grpc::StatusCode::RESOURCE_EXHAUSTED)
        << count << " " << overload.messages.at(code);
  }
  EXPECT_LT(beside.latencies.Quantile(0.99), 3 * unloaded_p99 + 15 * kMachineNoise);
  EXPECT_LT(bytes_grown, int64_t{256} << 20);
  EXPECT_LT(after.latencies.Quantile(0.99), recovered);
}

// Bulk streams that always have work for every worker leave single calls their share: small ones
// need no worker, and the batch that does is next as soon as calls have had less than streams.
TEST_F(OverloadTest, StreamsThatKeepAllBusyLeaveOtherCallsTheirShare) {
  const LoadResult unloaded = Closed(1);
  ASSERT_EQ(unloaded.ok, unloaded.calls);
  v1::BulkEvaluateRequest start;
  start.mutable_start()->set_operation(v1::BULK_OPERATION_QUALIFY);
  start.mutable_start()->mutable_settings()->add_icps()->set_name(kStandardIcp);
  v1::BulkChunk chunk;
  for (int i = 0; i < 64; ++i) *chunk.add_leads() = StandardLead();
  LoadOptions options = options_;
  options.in_flight = 16;
  options.duration = absl::InfiniteDuration();
  const std::unique_ptr<Load> streams =
      StartBulkLoad(options, {start.SerializeAsString(), {{chunk.SerializeAsString(), 64, ""}}});
  ASSERT_TRUE(WaitUntil([&] { return streams->ok_so_far() > 100; }));
  const LoadResult batches = Closed(1);
  const LoadResult bulk = streams->Stop();
  std::printf(
      "figure: batches beside 16 busy streams: p50 %.1f ms, p99 %.1f ms; alone p50 %.1f ms, "
      "p99 %.1f ms; the streams %.0f leads/s\n",
      Milliseconds(batches.latencies.Quantile(0.5)), Milliseconds(batches.latencies.Quantile(0.99)),
      Milliseconds(unloaded.latencies.Quantile(0.5)),
      Milliseconds(unloaded.latencies.Quantile(0.99)), bulk.LeadsPerSecond());
  EXPECT_EQ(batches.ok, batches.calls);
  EXPECT_EQ(bulk.ok, bulk.calls);
  // One chunk may be in work when a batch comes, and 64 chunks of other streams may wait: in turn
  // with those it would take some 40 times as long as alone.
  EXPECT_LT(batches.latencies.Quantile(0.5), 10 * unloaded.latencies.Quantile(0.5) + kMachineNoise);
}

}  // namespace
}  // namespace bantam
