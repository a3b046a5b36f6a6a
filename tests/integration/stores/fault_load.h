// Load on bantamd while something fails, with every answer checked.
#ifndef BANTAM_TESTS_INTEGRATION_STORES_FAULT_LOAD_H_
#define BANTAM_TESTS_INTEGRATION_STORES_FAULT_LOAD_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "server/catalog/mutex.h"
#include "tests/bench/load/load.h"
#include "tests/integration/stores/cluster.h"
#include "tests/integration/stores/versions.h"

namespace bantam {

// What the fault under test lets be.
struct FaultLoadOptions {
  // How old an answer may be, on a machine that is not slow. Infinite where the database cannot be
  // reached for a while.
  absl::Duration bound = kStalenessBound;

  // Whether calls for what is not held may be UNAVAILABLE.
  bool cold_calls_may_fail = false;

  // Whether saves may be UNAVAILABLE.
  bool saves_may_fail = false;

  // Further flags for bantamd.
  std::vector<std::string> flags;
};

// Two replicas. One has 200 calls in flight at any time for a few ICPs, which it holds ("warm"),
// and 20 for many more than it can hold ("cold"); through the other one the warm ICPs are saved
// again and again. Begins with the construction, which returns when everything is under way.
//
// Whatever fails, the loaded replica must be ready all the time, answer every warm call without
// waiting for what failed, and never go back to a version older than one that it has answered by.
class FaultLoad {
 public:
  FaultLoad(Cluster* cluster, const FaultLoadOptions& options);
  ~FaultLoad();

  // Waits that long under load, in which warm calls are answered: how long a fault lasts.
  void Run(absl::Duration duration);

  // Waits until a save that begins now is acknowledged and the loaded replica has answered by it;
  // fails the test if that takes a minute. Then both replicas are over the fault.
  void ExpectChangesShow();

  // Ends the load and fails the test for each promise that was broken.
  void Finish();

  Replica& loaded() { return *loaded_; }
  Replica& editing() { return *editing_; }
  static std::string WarmName(int i) { return VersionedName("load", "warm", i); }
  static std::string ColdName(int i) { return VersionedName("load", "cold", i); }

  // Keeps the ICP WarmName(i) from being saved, from now on; its newest version.
  int Freeze(int i);

  // Every save so far.
  VersionLog& versions() { return versions_; }

  // The newest version that the loaded replica has answered by for WarmName(i).
  int Seen(int i) const { return seen_[i].newest(); }

 private:
  static constexpr int kWarmIcps = 5, kColdIcps = 3000, kWarmInFlight = 200;

  void SaveEverything();
  void Edit();
  grpc::Status SaveNext(const std::string& name, std::string* etag);
  std::unique_ptr<Load> Start(bool warm);
  void OnEnd(bool warm, const LoadOutcome& outcome);
  void CheckVersion(int warm, int version, absl::Time call_time);
  void Complain(const std::string& problem);

  // Has a complaint for each time that the loaded replica says it does not serve.
  void WatchReadiness();

  // How often the loaded replica has had to load so far.
  double Misses() const { return loaded_->Metric("bantam_catalog_misses_total "); }

  Cluster* const cluster_;
  const FaultLoadOptions options_;
  VersionLog versions_;
  const std::unique_ptr<Replica> editing_;
  const std::unique_ptr<Replica> loaded_;

  SeenVersions seen_[kWarmIcps];
  Slowness slowness_;  // Of warm calls.
  std::atomic<int64_t> stalled_{0};
  absl::Duration machine_pause_;  // The longest that was noticed; of `readiness_`.
  std::atomic<int> frozen_{-1};
  std::atomic<int64_t> saves_{0}, failed_saves_{0};

  mutable Mutex mutex_;
  int64_t problems_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> first_problems_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> cold_failures_ ABSL_GUARDED_BY(mutex_);
  absl::Duration slowest_cold_ ABSL_GUARDED_BY(mutex_);

  double misses_before_ = 0;
  std::unique_ptr<Load> warm_, cold_;
  std::atomic<bool> stopping_{false};
  std::thread editor_, readiness_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_INTEGRATION_STORES_FAULT_LOAD_H_
