#ifndef BANTAM_TESTS_FAKES_MEMORY_REVISION_CACHE_H_
#define BANTAM_TESTS_FAKES_MEMORY_REVISION_CACHE_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/mutex.h"
#include "server/catalog/revision_cache.h"

namespace bantam {

// What a cache server would hold, in memory: reached through any number of MemoryRevisionCaches,
// which stand for the replicas' connections. With switches for faults. Safe for concurrent use.
class MemoryCachedRevisions {
 public:
  MemoryCachedRevisions();
  ~MemoryCachedRevisions();

  // Empties it, and tells everybody that everything may have changed.
  void FlushAll();

  // Down: reads are UNAVAILABLE at once, writes are lost, nothing is told. When it is up again, it
  // holds what it held (unless flushed), and everybody is told that everything may have changed.
  void SetDown(bool down);

  // Whether writes are lost, as by a server that is out of memory; whether messages of changes are,
  // as by a connection that went deaf.
  void SetLosesWrites(bool loses);
  void SetDeaf(bool deaf);

  // From now on reads are made but not answered before Release(), or until the time-out of 10 ms:
  // then they are UNAVAILABLE. Hold(true): without a time-out.
  void Hold(bool without_time_out = false);
  void Release();

  // Waits until `count` reads are held; false after two minutes.
  bool WaitUntilHeld(size_t count) const;

  // From HoldConnections() on whoever begins to watch is told only by LetConnect() that its
  // connection has come.
  void HoldConnections();
  void LetConnect();

  // Waits until everything has been told and answered; false after two minutes.
  bool WaitUntilQuiet() const;

  // Sets what is current under a name, even if its sequence is lower than the one that is held;
  // everybody is told. Loses the pointer, or the text, of a name: nobody is told.
  void ForcePointer(const CurrentRevision& current, absl::Time read_time);
  void LosePointer(absl::string_view name);
  void LoseRecords(absl::string_view name);

  // Tells everybody that the names changed, though they did not.
  void Tell(const std::vector<std::string>& names);

  // What is held.
  absl::optional<CurrentRevision> Pointer(absl::string_view name) const;
  absl::Time PointerReadTime(absl::string_view name) const;  // InfinitePast(): there is none.
  bool HasRecord(absl::string_view name, int64_t number) const;
  absl::optional<TenantNames> Tenant(absl::string_view tenant) const;
  std::map<std::string, int64_t> uses() const;

  // How many reads and writes there were, of all kinds, lost ones included.
  int reads() const;
  int writes() const;

 private:
  friend class MemoryRevisionCache;

  // Answers a read: with an error if that is not OK.
  using Answer = absl::AnyInvocable<void(absl::Status)>;

  struct Pointed {
    CurrentRevision current;
    absl::Time read_time;
  };
  struct Pending {
    const void* owner = nullptr;  // The cache whose read it is.
    absl::Time deadline;
    Answer answer;
  };

  // A message to everybody who watches. No names: everything may have changed.
  struct Message {
    std::vector<std::string> names;
    const void* only = nullptr;  // Null: everybody.
  };

  void Submit(const void* owner, Answer answer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveUp(const void* owner);
  void Watch(const void* owner, CacheEvents events);

  // Whether a write arrives.
  bool BeginWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Send(std::vector<std::string> names) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Deliver(const Message& message);
  void Run();

  mutable Mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::map<std::string, Pointed, std::less<>> pointers_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, int64_t>, RevisionRecord> records_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, RevisionRecord> pinned_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, TenantNames, std::less<>> tenants_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> dropped_ ABSL_GUARDED_BY(mutex_);  // Tenants, by which change.
  std::map<std::string, int64_t> uses_ ABSL_GUARDED_BY(mutex_);
  bool down_ ABSL_GUARDED_BY(mutex_) = false;
  bool loses_writes_ ABSL_GUARDED_BY(mutex_) = false;
  bool deaf_ ABSL_GUARDED_BY(mutex_) = false;
  bool holding_ ABSL_GUARDED_BY(mutex_) = false;
  bool without_time_out_ ABSL_GUARDED_BY(mutex_) = false;
  bool holding_connections_ ABSL_GUARDED_BY(mutex_) = false;
  int reads_ ABSL_GUARDED_BY(mutex_) = 0;
  int writes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::list<Pending> held_ ABSL_GUARDED_BY(mutex_);
  std::list<Pending> ready_ ABSL_GUARDED_BY(mutex_);
  std::list<Message> messages_ ABSL_GUARDED_BY(mutex_);
  std::list<Message> connections_ ABSL_GUARDED_BY(mutex_);  // Held.
  std::map<const void*, CacheEvents> watchers_ ABSL_GUARDED_BY(mutex_);
  const void* calling_ ABSL_GUARDED_BY(mutex_) = nullptr;  // Who is being answered or told.
  bool idle_ ABSL_GUARDED_BY(mutex_) = false;  // Nothing is told or answered, nor to be.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

// A RevisionCache over MemoryCachedRevisions. Answers and tells on a thread of theirs.
class MemoryRevisionCache : public RevisionCache {
 public:
  explicit MemoryRevisionCache(std::shared_ptr<MemoryCachedRevisions> cached);
  ~MemoryRevisionCache() override;

  void ReadCurrent(absl::string_view name, int64_t known_number, Done<CachedRead> done) override;
  void ReadRevision(absl::string_view name, absl::string_view revision,
                    Done<absl::optional<RevisionRecord>> done) override;
  void ReadPointers(const std::vector<std::string>& names,
                    Done<std::vector<absl::optional<CurrentRevision>>> done) override;
  void ReadTenant(absl::string_view tenant, Done<absl::optional<TenantNames>> done) override;
  void WritePointers(const std::vector<CurrentRevision>& current, absl::Time read_time) override;
  void WriteRecord(const RevisionRecord& record) override;
  void WriteRevision(const RevisionRecord& record) override;
  void WriteTenant(const TenantNames& names) override;
  void DropTenant(absl::string_view tenant, int64_t sequence) override;
  void AddUses(const std::vector<std::pair<std::string, int64_t>>& uses) override;
  void ReadMostUsed(int limit, Done<std::vector<std::string>> done) override;
  void Watch(CacheEvents events) override;

 private:
  // Has `done` called with what `read` returns, which is called at once, under the lock.
  template <typename Result, typename Read>
  void Answer(Done<Result> done, Read read);

  const std::shared_ptr<MemoryCachedRevisions> cached_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_FAKES_MEMORY_REVISION_CACHE_H_
