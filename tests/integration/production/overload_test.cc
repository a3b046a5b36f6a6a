// More than a replica can do: what it admits it answers soon, the rest it refuses at once.
#include <algorithm>
#include <cstdio>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "bantam/v1/qualification_service.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/bench/load/load.h"
#include "tests/bench/load/recording_file.h"
#include "tests/integration/production/standard.h"
#include "tests/integration/server_process.h"

namespace bantam {
namespace {

// What tests may lose to other work on the machine: the bounds below are those of a quiet one, plus
// this.
constexpr absl::Duration kMachineNoise = absl::Milliseconds(100);

// The same beside large batches, of which one takes some 10 ms: little, so that it hides nothing.
constexpr absl::Duration kLittleNoise = absl::Milliseconds(30);

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

// What a command writes to its standard output, whatever its exit code.
std::string OutputOf(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  std::string output;
  char piece[4096];
  for (size_t size; (size = fread(piece, 1, sizeof piece, pipe)) > 0;) output.append(piece, size);
  pclose(pipe);
  return output;
}

class OverloadTest : public ::testing::Test {
 protected:
  OverloadTest() {
    icps_.Write("standard.yaml", StandardIcpText());
    // One processor for the server, so that the load's process has others.
    server_ = ServerProcess::Serving(icps_.path(), {"--threads=1"});
    AskForBatchesOf(100);
    options_.target = absl::StrCat("127.0.0.1:", server_->WaitForPort());
    options_.warm_up = absl::Milliseconds(500);
    options_.duration = absl::Seconds(3);
    options_.check_every = 0;
  }

  void AskForBatchesOf(int leads) {
    leads_ = leads;
    v1::BatchQualifyRequest request;
    for (int i = 0; i < leads; ++i) *request.add_leads() = StandardLead();
    request.mutable_settings()->add_icps()->set_name(kStandardIcp);
    requests_ = {{"/bantam.v1.QualificationService/BatchQualify", request.SerializeAsString(), ""}};
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

  // A replica without load, with as much as it can do, with four times that, and after it.
  struct Overload {
    LoadResult unloaded;
    LoadResult sustained;
    LoadResult overload;
    LoadResult after;
    Latencies refusals;
    int64_t bytes_grown = 0;

    absl::Duration unloaded_p99() const { return unloaded.latencies.Quantile(0.99); }
    absl::Duration bound() const { return 3 * unloaded_p99() + kLittleNoise; }
    absl::Duration recovered() const { return 2 * unloaded_p99() + kLittleNoise; }
    bool IsSoonAnswered() const {
      return overload.ok > sustained.ok / 2 && overload.latencies.Quantile(0.99) < bound() &&
             refusals.Quantile(0.99) < bound() && after.latencies.Quantile(0.99) < recovered();
    }
  };

  // Prints what it finds. Fails the test if a call ends as none may.
  Overload MeasureOverload() {
    Overload seen;
    seen.unloaded = Closed(1);
    EXPECT_EQ(seen.unloaded.ok, seen.unloaded.calls);
    // What it can do: two in flight keep its one worker busy.
    seen.sustained = Closed(2);
    const double sustainable = seen.sustained.ok / absl::ToDoubleSeconds(seen.sustained.elapsed);
    const int64_t bytes_before = server_->ResidentBytes();

    absl::Mutex mutex;
    LoadOptions options = options_;
    options.calls_per_second = 4 * sustainable;
    options.connections = 8;
    options.on_end = [&](const LoadOutcome& outcome) {
      if (outcome.status.ok()) return;
      absl::MutexLock lock(&mutex);
      seen.refusals.Add(outcome.end - outcome.begin);
    };
    const std::unique_ptr<Load> load = StartUnaryLoad(options, requests_);
    const absl::Time end = absl::Now() + options.warm_up + options.duration;
    WaitUntil([&] {
      seen.bytes_grown = std::max(seen.bytes_grown, server_->ResidentBytes() - bytes_before);
      return absl::Now() >= end;
    });
    seen.overload = load->Wait();
    for (const auto& [code, count] : seen.overload.by_status) {
      if (code == grpc::StatusCode::OK) continue;
      EXPECT_EQ(code, grpc::StatusCode::RESOURCE_EXHAUSTED)
          << count << " " << seen.overload.messages.at(code);
    }
    int seconds = 0;
    std::tie(seen.after, seconds) = Recover(seen.recovered());
    Print(seen, sustainable, seconds);
    return seen;
  }

  void Print(const Overload& seen, double sustainable, int seconds_after) const {
    const LoadResult& overload = seen.overload;
    const double seconds = absl::ToDoubleSeconds(overload.elapsed);
    const absl::Duration admitted_p99 = overload.latencies.Quantile(0.99);
    std::printf("figure: unloaded p99 %.1f ms; sustainable %.0f batches/s of %d leads\n",
                Milliseconds(seen.unloaded_p99()), sustainable, leads_);
    std::printf(
        "figure: at 4 times that: admitted %.0f/s, p99 %.1f ms (%.1f times); refused %.0f/s, p50 "
        "%.1f ms, p99 %.1f ms; calls began late p99 %.1f ms\n",
        overload.ok / seconds, Milliseconds(admitted_p99),
        absl::FDivDuration(admitted_p99, seen.unloaded_p99()),
        (overload.calls - overload.ok) / seconds, Milliseconds(seen.refusals.Quantile(0.5)),
        Milliseconds(seen.refusals.Quantile(0.99)), Milliseconds(overload.lateness.Quantile(0.99)));
    std::printf("figure: resident memory grew by %lld MiB; %d s later p99 %.1f ms\n",
                static_cast<long long>(seen.bytes_grown >> 20), seconds_after,
                Milliseconds(seen.after.latencies.Quantile(0.99)));
  }

  // What a caller sees who has one call at a time, in a process of his own: how long the answers
  // took that he got in three seconds, or in the first three in which he got any.
  struct Caller {
    absl::Duration p50;
    absl::Duration p99;
  };
  Caller AskOneByOne(const std::string& target) {
    bench::Recording recording;
    bench::Exchange& call = *recording.add_calls();
    call.set_method(requests_.front().method);
    call.set_request(requests_.front().bytes);
    WriteRecording(recording, icps_.path() + "/recording");
    const std::string command = absl::StrCat(
        BANTAM_LOAD_GENERATOR " --in_flight=1 --connections=1 --seconds=3 ",
        "--check_every=0 --target=", target, " --recording=", icps_.path(), "/recording");
    google::protobuf::Struct result;
    const auto number = [&](const char* name) { return result.fields().at(name).number_value(); };
    for (int tries = 0; tries < 10; ++tries) {
      const std::string json = OutputOf(command);
      result.Clear();
      if (!google::protobuf::util::JsonStringToMessage(json, &result).ok()) {
        ADD_FAILURE() << command << ": " << json;
        return {};
      }
      if (number("ok") > 0) break;
    }
    EXPECT_GT(number("ok"), 0) << command;
    return {absl::Microseconds(number("p50_us")), absl::Microseconds(number("p99_us"))};
  }

  TemporaryFolder icps_;
  std::unique_ptr<ServerProcess> server_;
  int leads_ = 0;  // Of each of `requests_`.
  std::vector<LoadRequest> requests_;
  LoadOptions options_;
};

TEST_F(OverloadTest, AdmittedCallsStayFastAndTheRestIsRefusedAtOnce) {
  AskForBatchesOf(1000);
  // Other programs may take the machine from the server, or from the load, for a while.
  Overload seen = MeasureOverload();
  for (int looks = 1; looks < 5 && !seen.IsSoonAnswered(); ++looks) seen = MeasureOverload();
  EXPECT_GT(seen.overload.ok, seen.sustained.ok / 2);  // It goes on working.
  EXPECT_LT(seen.overload.latencies.Quantile(0.99), seen.bound());
  EXPECT_GT(seen.refusals.count(), 0);
  EXPECT_LT(seen.refusals.Quantile(0.99), seen.bound());
#ifndef __SANITIZE_ADDRESS__  // It keeps freed memory for a while.
  EXPECT_LT(seen.bytes_grown, int64_t{256} << 20);
#endif
  EXPECT_LT(seen.after.latencies.Quantile(0.99), seen.recovered());
}

// Small single calls. To refuse one costs gRPC nearly as much as to answer it, so that a load that
// asks more than can be done is held back by what its connections may ask at a time, and most of it
// waits at home. This one always asks all that it may. What others notice of it tells a caller of
// his own, in a process of his own, who has one call at a time on one connection. The load takes
// the machine from him as well, so he is compared with himself beside the same load, asking a
// server that has nothing else to do.
TEST_F(OverloadTest, SingleCallsAreAnsweredSoonOrRefused) {
  v1::QualifyRequest request;
  *request.mutable_lead() = StandardLead();
  request.mutable_settings()->add_icps()->set_name(kStandardIcp);
  requests_ = {{"/bantam.v1.QualificationService/Qualify", request.SerializeAsString(), ""}};
  const auto idle = ServerProcess::Serving(icps_.path(), {"--threads=1"});
  const std::string idle_target = absl::StrCat("127.0.0.1:", idle->WaitForPort());
  const Caller unloaded = AskOneByOne(options_.target);
  const LoadResult sustained = Closed(16);
  const int64_t bytes_before = server_->ResidentBytes();

  LoadOptions options = options_;
  options.connections = 8;
  options.in_flight = 8 * 100;  // --max_concurrent_streams of each.
  options.pause_after_failure = absl::ZeroDuration();
  options.duration = absl::InfiniteDuration();
  const std::unique_ptr<Load> load = StartUnaryLoad(options, requests_);
  // It has gone round several times. A fast machine refuses nothing: each waits less than it may.
  ASSERT_TRUE(
      WaitUntil([&] { return load->ok_so_far() + load->failed_so_far() > 4 * options.in_flight; }));
  const Caller elsewhere = AskOneByOne(idle_target);
  const Caller beside = AskOneByOne(options_.target);
  const int64_t bytes_grown = server_->ResidentBytes() - bytes_before;
  const LoadResult overload = load->Stop();
  const absl::Duration recovered = 3 * unloaded.p99 + kMachineNoise;
  const auto [after, seconds_after] = Recover(recovered);

  const double seconds = absl::ToDoubleSeconds(overload.elapsed);
  std::printf(
      "figure: single calls: %.0f/s with 16 in flight; with %d: admitted %.0f/s, refused %.0f/s\n",
      sustained.ok / absl::ToDoubleSeconds(sustained.elapsed), options.in_flight,
      overload.ok / seconds, (overload.calls - overload.ok) / seconds);
  std::printf(
      "figure: a caller beside them: p50 %.2f ms, p99 %.1f ms (%.1f times); of an idle server "
      "p50 %.2f ms, p99 %.1f ms; without load p50 %.2f ms, p99 %.1f ms; %d s later p99 %.1f ms; "
      "memory grew by %lld MiB\n",
      Milliseconds(beside.p50), Milliseconds(beside.p99),
      absl::FDivDuration(beside.p99, elsewhere.p99), Milliseconds(elsewhere.p50),
      Milliseconds(elsewhere.p99), Milliseconds(unloaded.p50), Milliseconds(unloaded.p99),
      seconds_after, Milliseconds(after.latencies.Quantile(0.99)),
      static_cast<long long>(bytes_grown >> 20));
  EXPECT_GT(overload.ok, sustained.ok / 2);  // It goes on working.
  for (const auto& [code, count] : overload.by_status) {
    if (code == grpc::StatusCode::OK) continue;
    EXPECT_EQ(code, grpc::StatusCode::RESOURCE_EXHAUSTED)
        << count << " " << overload.messages.at(code);
  }
  // At worst he waits for all that others may ask at a time; the figures tell how good it is.
  const absl::Duration turn =
      options.in_flight * overload.elapsed / std::max<int64_t>(1, overload.calls);
  EXPECT_LT(beside.p99, 3 * turn + kMachineNoise);
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
