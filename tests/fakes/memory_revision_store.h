#ifndef BANTAM_TESTS_FAKES_MEMORY_REVISION_STORE_H_
#define BANTAM_TESTS_FAKES_MEMORY_REVISION_STORE_H_

#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/mutex.h"
#include "server/catalog/revision_store.h"

namespace bantam {

// A call of a RevisionStore, for counting and for faults.
enum class StoreCall {
  kReadCurrent,
  kReadRevision,
  kReadBefore,
  kReadPointers,
  kReadTenant,
  kReadChanges,
  kListCurrent,
  kListRevisions,
  kApply,
};

// What a database would hold, in memory: reached through any number of MemoryRevisionStores, which
// stand for the replicas' connections. With switches for faults. Safe for concurrent use.
class MemoryRevisions {
 public:
  MemoryRevisions();
  ~MemoryRevisions();

  // Saves `yaml` as anybody could who has access to the database: unchecked, whatever the etag. The
  // revision is made from the text, as of one that is saved by hand. Returns the record. Works in
  // spite of all faults.
  RevisionRecord Put(absl::string_view name, absl::string_view yaml);
  void Delete(absl::string_view name);

  // The newest change.
  int64_t sequence() const;

  // What is current under `name`.
  CurrentRevision Current(absl::string_view name) const;

  // Goes back to what was held when the backup was made: a restore.
  struct Data;
  std::shared_ptr<const Data> MakeBackup() const;
  void Restore(const Data& backup);

  // Not OK: every call fails with it at once. OK: none does.
  void SetFailure(absl::Status failure);

  // From now on calls of this kind (or all calls) are made, but not answered before Release(), or
  // until their deadline: then they are UNAVAILABLE.
  void Hold(StoreCall call);
  void HoldAll();
  void Release();

  // Waits until `count` calls are held; false after two minutes.
  bool WaitUntilHeld(size_t count) const;

  // How many calls of this kind there were; how many ReadCurrent() of one name.
  int calls(StoreCall call) const;
  int reads_of(absl::string_view name) const;

 private:
  friend class MemoryRevisionStore;

  // Answers a call: with an error if that is not OK.
  using Answer = absl::AnyInvocable<void(absl::Status)>;

  struct Pending {
    const void* owner = nullptr;  // The store whose call it is.
    absl::Time deadline;
    Answer answer;
  };

  // Counts a call and answers it in due course, on the thread.
  void Submit(const void* owner, StoreCall call, absl::Time deadline, Answer answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Answers everything of `owner` that is under way, with UNAVAILABLE.
  void GiveUp(const void* owner) ABSL_LOCKS_EXCLUDED(mutex_);

  absl::StatusOr<AppliedChange> Apply(const RevisionChange& change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  RevisionRecord Append(const RevisionChange& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  void Run();

  mutable Mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::shared_ptr<Data> data_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  std::set<StoreCall> holding_ ABSL_GUARDED_BY(mutex_);
  std::list<Pending> held_ ABSL_GUARDED_BY(mutex_);
  std::list<Pending> ready_ ABSL_GUARDED_BY(mutex_);
  const void* answering_ ABSL_GUARDED_BY(mutex_) = nullptr;  // Whose call is being answered.
  std::map<StoreCall, int> calls_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int, std::less<>> reads_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// A RevisionStore over MemoryRevisions. Answers on a thread of theirs, never before a call returns.
class MemoryRevisionStore : public RevisionStore {
 public:
  explicit MemoryRevisionStore(std::shared_ptr<MemoryRevisions> revisions);
  ~MemoryRevisionStore() override;

  void ReadCurrent(absl::string_view name, int64_t known_number, absl::Time deadline,
                   Done<CurrentRead> done) override;
  void ReadRevision(absl::string_view name, absl::string_view revision, int64_t number,
                    absl::Time deadline, Done<absl::optional<RevisionRecord>> done) override;
  void ReadBefore(absl::string_view name, int64_t number, absl::Time deadline,
                  Done<absl::optional<RevisionRecord>> done) override;
  void ReadPointers(const std::vector<std::string>& names, absl::Time deadline,
                    Done<std::vector<CurrentRevision>> done) override;
  void ReadTenant(absl::string_view tenant, absl::Time deadline, Done<TenantNames> done) override;
  void ReadChanges(int64_t after, absl::Time deadline, Done<StoreChanges> done) override;
  void ListCurrent(absl::string_view parent, absl::string_view after, int limit,
                   absl::Time deadline, Done<std::vector<RevisionRecord>> done) override;
  void ListRevisions(absl::string_view name, int64_t before, int limit, absl::Time deadline,
                     Done<std::vector<RevisionRecord>> done) override;
  void Apply(RevisionChange change, absl::Time deadline, Done<AppliedChange> done) override;

 private:
  // Has `done` called with what `read` returns, which is called at once, under the lock.
  template <typename Result, typename Read>
  void Answer(StoreCall call, absl::Time deadline, Done<Result> done, Read read);

  const std::shared_ptr<MemoryRevisions> revisions_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_FAKES_MEMORY_REVISION_STORE_H_
