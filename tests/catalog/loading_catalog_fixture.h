#ifndef BANTAM_TESTS_CATALOG_LOADING_CATALOG_FIXTURE_H_
#define BANTAM_TESTS_CATALOG_LOADING_CATALOG_FIXTURE_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "server/catalog/loading_catalog.h"
#include "server/catalog/mutex.h"
#include "tests/fakes/memory_revision_cache.h"
#include "tests/fakes/memory_revision_store.h"

namespace bantam {

// How long tests wait for what must come: a limit for when it does not.
constexpr std::chrono::minutes kPatience(2);

// Evaluates `condition` until it is true; false if it is not within kPatience.
bool WaitUntil(const std::function<bool()>& condition);

// A result that a thread waits for.
template <typename Result>
class Promised {
 public:
  // What is to be called with the result. May be called when nobody waits any more.
  std::function<void(absl::StatusOr<Result>)> Taker() {
    return [shared = shared_](absl::StatusOr<Result> result) {
      MutexLock lock(shared->mutex);
      EXPECT_FALSE(shared->result.has_value()) << "called twice";
      shared->result = std::move(result);
      shared->come.notify_all();
    };
  }

  bool HasCome() const {
    MutexLock lock(shared_->mutex);
    return shared_->result.has_value();
  }

  // DEADLINE_EXCEEDED: it has not come within kPatience.
  absl::StatusOr<Result> Wait() const {
    const auto limit = std::chrono::steady_clock::now() + kPatience;
    MutexLock lock(shared_->mutex);
    while (!shared_->result.has_value()) {
      if (shared_->come.wait_until(shared_->mutex, limit) == std::cv_status::timeout) {
        return absl::DeadlineExceededError("no result has come");
      }
    }
    const absl::StatusOr<Result>& result = *shared_->result;
    if (result.ok()) return result;
    // A copy that shares nothing: the thread sanitizer does not see how the library counts
    // references (races.supp), and takes it for a race where the one who gave the result deletes it
    // last.
    return absl::Status(result.status().code(), result.status().message());
  }

 private:
  struct Shared {
    Mutex mutex;
    std::condition_variable_any come;
    absl::optional<absl::StatusOr<Result>> result ABSL_GUARDED_BY(mutex);
  };
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

// One replica: a catalog with its connections to a store and perhaps a cache.
class Replica {
 public:
  // `cached` null: no cache. Ends the test process if Open() fails.
  Replica(std::shared_ptr<MemoryRevisions> revisions, std::shared_ptr<MemoryCachedRevisions> cached,
          const LoadingCatalogOptions& options);
  ~Replica();

  LoadingCatalog* operator->() { return catalog_.get(); }

  // Each waits for the answer.
  absl::StatusOr<IcpAnswer> Get(absl::string_view name,
                                absl::optional<absl::Duration> max_staleness = absl::nullopt);
  absl::StatusOr<IcpAnswer> GetRevision(absl::string_view name, absl::string_view revision);
  absl::StatusOr<IcpAnswer> GetNumber(absl::string_view name, int64_t number);
  absl::StatusOr<TenantAnswer> GetTenant(
      absl::string_view tenant, absl::optional<absl::Duration> max_staleness = absl::nullopt);
  absl::StatusOr<IcpPage> List(absl::string_view parent, absl::string_view after, int limit);

  // `yaml` as FakeLoadIcp() understands it.
  absl::StatusOr<EditedIcp> Save(absl::string_view yaml, absl::string_view etag,
                                 bool validate_only = false);
  absl::StatusOr<EditedIcp> Delete(absl::string_view name, absl::string_view etag);
  absl::StatusOr<EditedIcp> Rollback(absl::string_view name, int64_t number,
                                     absl::string_view etag);
  absl::StatusOr<StoredRevision> ReadRevision(absl::string_view name, int64_t number);
  absl::StatusOr<HistoryPage> ListRevisions(absl::string_view name, int64_t before, int limit);

  // The title of the ICP; else the error.
  std::string Title(absl::string_view name,
                    absl::optional<absl::Duration> max_staleness = absl::nullopt);

  // The titles of a tenant's ICPs, joined by a blank; else the error.
  std::string Titles(absl::string_view tenant,
                     absl::optional<absl::Duration> max_staleness = absl::nullopt);

  // The events so far; how many of a kind.
  std::vector<CatalogEvent> events() const;
  int count(CatalogEvent::Kind kind) const;

  // The first of a kind; ends the test process if there is none.
  CatalogEvent First(CatalogEvent::Kind kind) const;

 private:
  mutable Mutex mutex_;
  std::vector<CatalogEvent> events_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<MemoryRevisionStore> store_;
  std::unique_ptr<MemoryRevisionCache> cache_;
  std::unique_ptr<LoadingCatalog> catalog_;
};

// A store and a cache, both in memory, with replicas over them. By default the store is polled
// once an hour: tests that are about polls ask for more.
class LoadingCatalogTest : public ::testing::Test {
 protected:
  static constexpr char kName[] = "tenants/acme/icps/software";
  static constexpr char kOther[] = "tenants/acme/icps/hardware";

  LoadingCatalogTest();

  // The first has polled twice: when it was opened, and when its connection to the cache had come.
  std::unique_ptr<Replica> Open();
  std::unique_ptr<Replica> OpenWithoutCache();

  // Waits until the replica loads nothing and doubts nothing. What it wrote to the cache it is told
  // by the cache, and loads it again.
  bool WaitUntilSettled(Replica& replica) const;

  // Writes straight into the store, which only polls tell.
  RevisionRecord Put(absl::string_view name, absl::string_view title);
  RevisionRecord PutBad(absl::string_view name);

  // Fills the cache, by a replica of its own.
  void FillCache(absl::string_view name);

  // Polls soon. Only with a cache.
  void TellAllChanged() { cached_->Tell({}); }

  LoadingCatalogOptions options_;
  const std::shared_ptr<MemoryRevisions> revisions_ = std::make_shared<MemoryRevisions>();
  const std::shared_ptr<MemoryCachedRevisions> cached_ = std::make_shared<MemoryCachedRevisions>();
};

}  // namespace bantam

#endif  // BANTAM_TESTS_CATALOG_LOADING_CATALOG_FIXTURE_H_
