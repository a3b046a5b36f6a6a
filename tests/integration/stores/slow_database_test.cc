// A database that is slow to give texts: who needs none does not notice, and all who need the same
// one cost one read.
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/catalog/mutex.h"
#include "tests/bench/load/latencies.h"
#include "tests/bench/load/load.h"
#include "tests/integration/stores/cluster.h"
#include "tests/integration/stores/versions.h"

namespace bantam {
namespace {

// How long the database takes for a text, at least.
constexpr absl::Duration kSlow = absl::Seconds(4);

// Of what is held, each call. Far more than it takes on a busy machine, less than the database.
constexpr absl::Duration kMaxWarmP99 = absl::Seconds(2);

// Has every read of a text wait in the database, from the construction until Open().
class TextsHeldBack {
 public:
  explicit TextsHeldBack(Cluster* cluster) : cluster_(*cluster) {
    Query("CREATE TABLE public.texts_may_go (yes boolean)");
    holder_ = std::thread([this] {
      Query(R"(DO $$ BEGIN
        LOCK TABLE bantam.revisions;
        FOR look IN 1..60000 LOOP  -- Five minutes.
          EXIT WHEN EXISTS (SELECT FROM public.texts_may_go);
          PERFORM pg_sleep(0.005);
        END LOOP;
      END $$)");
    });
    EXPECT_TRUE(WaitUntil([this] {
      return Query(
                 "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' "
                 "AND relation = 'bantam.revisions'::regclass")[0][0] == "1";
    }));
  }
  ~TextsHeldBack() { Open(); }

  void Open() {
    if (!holder_.joinable()) return;
    Query("INSERT INTO public.texts_may_go VALUES (true)");
    holder_.join();
  }

 private:
  PostgresServer::Rows Query(const std::string& sql) const {
    return cluster_.postgres().Query(cluster_.database(), sql);
  }

  Cluster& cluster_;
  std::thread holder_;
};

class SlowDatabaseTest : public ::testing::Test {
 protected:
  SlowDatabaseTest() {
    for (const char* const word : {"warm", "cold"}) {
      const std::string name = absl::StrCat("tenants/slow/icps/", word, "-*");
      cluster_.WriteManyStraight(name, VersionedIcp(name, 1), kCold);
    }
    // Nothing is to end before the texts may go, however busy the machine.
    replica_ = cluster_.NewServingReplica({"--load_timeout_ms=60000", "--max_waiting_ms=60000"});
  }

  // Calls for the first `icps` of "warm" or "cold", in turn.
  std::unique_ptr<Load> Start(LoadOptions options, const std::string& word, int icps) {
    options.target = replica_->target();
    options.threads = 1;
    options.check_every = 0;
    options.deadline = absl::Minutes(1);
    std::vector<LoadRequest> requests;
    for (int i = 0; i < icps; ++i) {
      requests.push_back({"/bantam.v1.QualificationService/Score",
                          VersionRequest(VersionedName("slow", word, i)).SerializeAsString(), ""});
    }
    return StartUnaryLoad(options, std::move(requests));
  }

  bool WaitUntilWaiting(int calls) {
    return WaitUntil([&] { return replica_->Metric("bantam_catalog_calls_waiting ") == calls; });
  }

  static constexpr int kCold = 200;
  Cluster cluster_{nullptr};  // Without Redis, which would have the texts.
  std::unique_ptr<Replica> replica_;
};

// Of calls by when they began.
class CallsByPhase {
 public:
  void Add(const LoadOutcome& outcome) {
    const MutexLock lock(mutex_);
    calls_.push_back({outcome.begin, outcome.end - outcome.begin});
  }

  Latencies Between(absl::Time begin, absl::Time end) const {
    const MutexLock lock(mutex_);
    Latencies latencies;
    for (const auto& [call_begin, latency] : calls_) {
      if (begin <= call_begin && call_begin < end) latencies.Add(latency);
    }
    return latencies;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::pair<absl::Time, absl::Duration>> calls_ ABSL_GUARDED_BY(mutex_);
};

std::string Figures(const Latencies& latencies) {
  return absl::StrCat("p50 ", absl::FormatDuration(latencies.Quantile(0.5)), ", p99 ",
                      absl::FormatDuration(latencies.Quantile(0.99)), " of ", latencies.count());
}

TEST_F(SlowDatabaseTest, TwoHundredColdCallsLeaveWarmOnesAlone) {
  CallsByPhase by_phase;
  LoadOptions options;
  options.calls_per_second = 100;  // Begun at fixed times, so that one which blocks is not hidden.
  options.on_end = [&by_phase](const LoadOutcome& outcome) { by_phase.Add(outcome); };
  const std::unique_ptr<Load> warm = Start(options, "warm", 5);
  ASSERT_TRUE(WaitUntil([&] { return warm->ok_so_far() >= 100; }));
  const absl::Time alone = absl::Now();
  ASSERT_TRUE(WaitUntil([&] { return absl::Now() >= alone + kSlow; }));

  TextsHeldBack texts(&cluster_);
  const absl::Time held_back = absl::Now();
  options.calls_per_second = 0;
  options.in_flight = kCold;
  options.on_end = nullptr;
  const std::unique_ptr<Load> cold = Start(options, "cold", kCold);
  ASSERT_TRUE(WaitUntilWaiting(kCold));
  EXPECT_EQ(replica_->Metric("bantam_catalog_loads_in_flight "), kCold);
  const absl::Time beside = absl::Now();
  ASSERT_TRUE(WaitUntil([&] { return absl::Now() >= beside + kSlow; }));
  EXPECT_EQ(cold->ok_so_far() + cold->failed_so_far(), 0);
  const absl::Time end = absl::Now();
  texts.Open();
  EXPECT_TRUE(WaitUntil([&] { return cold->ok_so_far() >= kCold; }));
  for (Load* const load : {cold.get(), warm.get()}) {
    const LoadResult result = load->Stop();
    EXPECT_EQ(result.ok, result.calls);
  }

  const Latencies before = by_phase.Between(alone, held_back);
  const Latencies during = by_phase.Between(beside, end);
  std::cout << "figure: warm Score alone: " << Figures(before) << "; beside " << kCold
            << " cold calls that wait for a slow database: " << Figures(during) << "\n";
  EXPECT_GT(during.count(), 100);
  EXPECT_LT(during.Quantile(0.99), kMaxWarmP99);
}

TEST_F(SlowDatabaseTest, FiveHundredFirstCallsForOneIcpCostOneRead) {
  constexpr int kCalls = 500;
  TextsHeldBack texts(&cluster_);
  LoadOptions options;
  options.in_flight = kCalls;
  const std::unique_ptr<Load> calls = Start(options, "cold", 1);
  ASSERT_TRUE(WaitUntilWaiting(kCalls));
  EXPECT_EQ(calls->ok_so_far() + calls->failed_so_far(), 0);
  texts.Open();
  EXPECT_TRUE(WaitUntil([&] { return calls->ok_so_far() >= kCalls; }));
  const LoadResult result = calls->Stop();
  EXPECT_EQ(result.ok, result.calls)
      << (result.messages.empty() ? "" : result.messages.begin()->second);
  EXPECT_EQ(replica_->Metric("bantam_catalog_loads_total{"), 1);
  EXPECT_EQ(replica_->Metric("bantam_catalog_icps "), 1);
}

}  // namespace
}  // namespace bantam
