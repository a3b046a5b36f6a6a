// What every RevisionStore must do, as tests to be run against each implementation (they stand in
// revision_store_contract.cc and revision_store_contract_changes.cc):
//
//   INSTANTIATE_TEST_SUITE_P(Memory, RevisionStoreContract, ::testing::Values(MakeMemoryBench));
#ifndef BANTAM_TESTS_CATALOG_REVISION_STORE_CONTRACT_H_
#define BANTAM_TESTS_CATALOG_REVISION_STORE_CONTRACT_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "gtest/gtest.h"
#include "server/catalog/mutex.h"
#include "server/catalog/revision_store.h"

namespace bantam {

// One implementation with what it stores in. It begins empty.
class RevisionStoreBench {
 public:
  virtual ~RevisionStoreBench() = default;

  // A store over what this holds, ready for use; may be called several times, as for several
  // replicas. Destroyed before the bench.
  virtual std::unique_ptr<RevisionStore> Open() = 0;

  // Makes it unreachable, such that calls are UNAVAILABLE at once or at their deadline; makes it
  // reachable again, with what it held.
  virtual void TakeAway() = 0;
  virtual void GiveBack() = 0;
};

using MakeRevisionStoreBench = std::function<std::unique_ptr<RevisionStoreBench>()>;

// Calls `ask` with a deadline and a `done`, and waits for that; fails the test if there is no
// answer within the time and a little more.
template <typename Result, typename Ask>
absl::StatusOr<Result> AskAndWait(absl::Duration timeout, Ask ask) {
  struct Shared {
    Mutex mutex;
    std::condition_variable_any come;
    int calls ABSL_GUARDED_BY(mutex) = 0;
    absl::StatusOr<Result> result ABSL_GUARDED_BY(mutex) = absl::UnknownError("no answer came");
  };
  const auto shared = std::make_shared<Shared>();
  ask(absl::Now() + timeout, [shared](absl::StatusOr<Result> result) {
    MutexLock lock(shared->mutex);
    ++shared->calls;
    shared->result = std::move(result);
    shared->come.notify_all();
  });
  const auto limit = std::chrono::steady_clock::now() + absl::ToChronoMilliseconds(timeout) +
                     std::chrono::seconds(10);
  MutexLock lock(shared->mutex);
  while (shared->calls == 0) {
    if (shared->come.wait_until(shared->mutex, limit) == std::cv_status::timeout) break;
  }
  EXPECT_EQ(shared->calls, 1);
  return shared->result;
}

// A change that saves a text made of `title`; one that deletes.
RevisionChange ChangeTo(absl::string_view name, absl::string_view title, absl::string_view etag);
RevisionChange DeletionOf(absl::string_view name, absl::string_view etag);

// The text that ChangeTo() makes.
std::string TextOf(absl::string_view name, absl::string_view title);

// Of each record, in their order.
std::vector<std::string> NamesOf(const std::vector<RevisionRecord>& records);
std::vector<int64_t> NumbersOf(const std::vector<RevisionRecord>& records);

// Expects `record` to be `other`, or without `with_yaml`, to be it without its text.
void ExpectEqual(const RevisionRecord& record, const RevisionRecord& other, bool with_yaml);

class RevisionStoreContract : public ::testing::TestWithParam<MakeRevisionStoreBench> {
 protected:
  static constexpr char kName[] = "tenants/acme/icps/software";
  static constexpr char kOther[] = "tenants/acme/icps/hardware";
  static constexpr char kElsewhere[] = "tenants/zoo/icps/software";

  RevisionStoreContract() : bench_(GetParam()()), store_(bench_->Open()) {}

  // Each waits for the answer, and fails the test if there is none within the deadline and a
  // little more.
  absl::StatusOr<AppliedChange> Apply(RevisionChange change);
  absl::StatusOr<CurrentRead> ReadCurrent(absl::string_view name, int64_t known_number = 0);
  absl::StatusOr<absl::optional<RevisionRecord>> ReadRevision(absl::string_view name,
                                                              absl::string_view revision,
                                                              int64_t number = 0);
  absl::StatusOr<absl::optional<RevisionRecord>> ReadBefore(absl::string_view name, int64_t number);
  absl::StatusOr<std::vector<CurrentRevision>> ReadPointers(const std::vector<std::string>& names);
  absl::StatusOr<TenantNames> ReadTenant(absl::string_view tenant);
  absl::StatusOr<StoreChanges> ReadChanges(int64_t after);
  absl::StatusOr<std::vector<RevisionRecord>> ListCurrent(absl::string_view parent,
                                                          absl::string_view after = "",
                                                          int limit = 1000);
  absl::StatusOr<std::vector<RevisionRecord>> ListRevisions(absl::string_view name,
                                                            int64_t before = 0, int limit = 1000);

  // Saves a text made of `title`, or deletes, whatever is there; fails the test on an error.
  AppliedChange Save(absl::string_view name, absl::string_view title);
  AppliedChange Delete(absl::string_view name);

  // The newest sequence.
  int64_t Sequence();

  // How long calls may take.
  absl::Duration timeout_ = absl::Seconds(20);

  const std::unique_ptr<RevisionStoreBench> bench_;
  std::unique_ptr<RevisionStore> store_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_CATALOG_REVISION_STORE_CONTRACT_H_
