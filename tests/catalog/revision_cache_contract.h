// What every RevisionCache must do, as tests to be run against each implementation:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, RevisionCacheContract, ::testing::Values(MakeMemoryBench));
#ifndef BANTAM_TESTS_CATALOG_REVISION_CACHE_CONTRACT_H_
#define BANTAM_TESTS_CATALOG_REVISION_CACHE_CONTRACT_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "server/catalog/mutex.h"
#include "server/catalog/revision_cache.h"

namespace bantam {

// One implementation with what it keeps things in. It begins empty.
class RevisionCacheBench {
 public:
  virtual ~RevisionCacheBench() = default;

  // A cache over what this holds, connected, with a time-out of seconds; several are as those of
  // several replicas. Destroyed before the bench.
  virtual std::unique_ptr<RevisionCache> Open() = 0;

  // Makes it unreachable; makes it reachable again, with or without what it held.
  virtual void TakeAway() = 0;
  virtual void GiveBack() = 0;
};

using MakeRevisionCacheBench = std::function<std::unique_ptr<RevisionCacheBench>()>;

// How long to wait for what must happen.
inline constexpr std::chrono::seconds kCacheContractLimit(120);

// Keeps what a cache tells. Outlives it.
class CacheEventLog {
 public:
  // To be handed to Watch(), once.
  CacheEvents Events();

  // Waits until `name` was told so often; false after the limit.
  bool WaitForName(absl::string_view name, int count = 1);

  // Waits until it was told so often that anything may have changed; false after the limit.
  bool WaitForAllChanged(int count);

  // How often `name` was told.
  int CountOf(absl::string_view name) const;
  int all_changed() const;

 private:
  bool WaitUntil(const std::function<bool()>& condition);

  mutable Mutex mutex_;
  std::condition_variable_any told_;
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
  int all_changed_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Calls a read and waits for what it answers; fails the test after the limit.
template <typename Result>
absl::StatusOr<Result> WaitForRead(
    const std::function<void(RevisionCache::Done<Result> done)>& read) {
  auto promise = std::make_shared<std::promise<absl::StatusOr<Result>>>();
  std::future<absl::StatusOr<Result>> answer = promise->get_future();
  read([promise](absl::StatusOr<Result> result) { promise->set_value(std::move(result)); });
  if (answer.wait_for(kCacheContractLimit) != std::future_status::ready) {
    ADD_FAILURE() << "a read was not answered in time";
    return absl::DeadlineExceededError("not answered");
  }
  return answer.get();
}

class RevisionCacheContract : public ::testing::TestWithParam<MakeRevisionCacheBench> {
 public:
  // A pointer to revision `number`, which is called after it; 0: there is no such ICP.
  static CurrentRevision Pointer(absl::string_view name, int64_t sequence, int64_t number);

 protected:
  RevisionCacheContract() : bench_(GetParam()()), cache_(bench_->Open()) {}

  // What caches are given; all of it was read at kReadTime.
  static TenantNames Names(absl::string_view tenant, int64_t sequence,
                           std::vector<std::string> names);
  // The text that such a pointer leads to.
  static RevisionRecord Record(absl::string_view name, int64_t number);

  // Each waits for the answer. `cache`: another one than cache_.
  absl::StatusOr<CachedRead> ReadCurrent(absl::string_view name, int64_t known_number = 0,
                                         RevisionCache* cache = nullptr);
  absl::StatusOr<absl::optional<RevisionRecord>> ReadRevision(absl::string_view name,
                                                              absl::string_view revision);
  absl::StatusOr<std::vector<absl::optional<CurrentRevision>>> ReadPointers(
      const std::vector<std::string>& names);
  absl::StatusOr<absl::optional<TenantNames>> ReadTenant(absl::string_view tenant);
  absl::StatusOr<std::vector<std::string>> ReadMostUsed(int limit);

  // The sequence that is held for `name`, -1: a miss.
  int64_t SequenceOf(absl::string_view name);

  // The names that are held for `tenant`, joined by commas; "(miss)".
  std::string NamesOf(absl::string_view tenant);

  // Waits until what `cache` wrote before has arrived.
  void Settle(RevisionCache* cache);
  void Settle() { Settle(cache_.get()); }

  // Waits until what was written through cache_ before has been told to `log`.
  void SettleEvents(CacheEventLog* log);

  static constexpr absl::Time kReadTime = absl::FromUnixMicros(1780000000123456);
  CacheEventLog log_;
  const std::unique_ptr<RevisionCacheBench> bench_;
  std::unique_ptr<RevisionCache> cache_;

 private:
  int64_t markers_ = 0;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_CATALOG_REVISION_CACHE_CONTRACT_H_
