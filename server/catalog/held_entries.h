#ifndef BANTAM_SERVER_CATALOG_HELD_ENTRIES_H_
#define BANTAM_SERVER_CATALOG_HELD_ENTRIES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/catalog/bounded_cache.h"
#include "server/catalog/held_entry.h"
#include "server/catalog/known_sequences.h"
#include "server/catalog/mutex.h"

namespace bantam {

// Where a finding comes from, and so how fresh it is.
struct FindingOrigin {
  // When it was known to be current.
  absl::Time known_time;

  // Whether the store itself said so, in answer to a question asked at `known_time`.
  bool from_store = false;

  // The newest sequence that was known before that question; -1: none.
  int64_t known_sequence = -1;

  // What was held when it was read, if it was found to be current still. Null: something new.
  HeldEntryPtr same_as;
};

// Everything that the catalog holds, bounded by bytes, and what is known of its freshness. Find()
// takes no lock that is contended; all else takes one lock for a short time. Safe for concurrent
// use.
//
// The sequences decide what is newer. The newest one of every name is remembered, whoever told it,
// also when the entry is not held any more: so neither a late load nor an outdated cache brings
// back a state older than one that was answered.
class HeldEntries {
 public:
  struct Options {
    size_t max_bytes = 0;
    absl::Duration absence_ttl;
  };

  struct Stats {
    int64_t entries = 0;  // Of any kind.
    int64_t icps = 0;     // Of these, ICPs that serve.
    size_t bytes = 0;
    int64_t hits = 0;  // Of Find(), found.
    int64_t evictions = 0;
    int64_t suspects = 0;
  };

  explicit HeldEntries(const Options& options);

  // ---- Reading ----

  // What is held under `key`, which counts as a use; null: nothing.
  HeldEntryPtr Find(absl::string_view key);

  // The same without counting.
  HeldEntryPtr Peek(absl::string_view key) const;

  // Whether `held` was read since the store's counter went back last: if not, its number may stand
  // for another text by now.
  bool IsOfThisEpoch(const HeldEntry& held) const;

  // When the newest poll began that has been worked off. For Freshness::KnownTime(): to be read
  // before Find().
  absl::Time polled() const { return polled_.load(); }
  int64_t polled_nanos() const { return polled_.load_nanos(); }

  // How often entries were used since the last call; ICPs only.
  std::vector<std::pair<std::string, int64_t>> TakeUses();

  // The keys of everything that is held.
  std::vector<std::string> Keys() const;

  Stats GetStats() const;

  // ---- What loads find ----

  // The origin of what the store says of `key` in answer to a question asked from now on.
  FindingOrigin OriginInStore(absl::string_view key) const;

  // Holds `finding`, unless something newer is held by now. Returns what is held. Null: something
  // newer has become known since the question was asked, and is not held; the store must be asked
  // again. Where the store contradicts what was known before, it is right.
  HeldEntryPtr Install(absl::string_view key, Finding finding, const FindingOrigin& origin);

  // Whether a state of `key` with this sequence is as new as all that is known, so that it may be
  // believed and handed on. `read_time`: when it was read.
  bool MayBeCurrent(absl::string_view key, int64_t sequence, absl::Time read_time) const;

  // Whether `full` per cent of the byte bound are taken.
  bool IsFull(int percent) const;

  // ---- What is heard of changes ----

  // There is, or may be, a newer state of `key`. Returns whether anything is held under it, which
  // is a suspect then.
  bool Suspect(absl::string_view key);

  // The store says that `current` is current; a question asked at `time`. Suspects what is held if
  // that is older. Returns whether what is held was confirmed.
  bool Hear(const CurrentRevision& current, absl::Time time);

  // The store says that an ICP of `tenant` came or went, by change `sequence`. What was asked for
  // before that is not held any more.
  void HearOfTenant(absl::string_view tenant, int64_t sequence);

  // This catalog made the change `current`, by which its tenant got or lost an ICP. What is held of
  // the tenant is changed accordingly, and becomes a suspect: others may have changed it as well.
  void ChangeTenant(const CurrentRevision& current);

  // A poll that began at `time` has been worked off: all changes up to `sequence` were told.
  // Confirms everything but suspects; those that were suspected before it began without a reason
  // are cleared.
  void EndPoll(int64_t sequence, absl::Time time);

  // The polls begin anew at `sequence`, as of `time`: at the start, and when the store's counter
  // went back (`went_back`), after which no sequence from before can be compared; pinned revisions
  // are dropped then, since their numbers may stand for other texts.
  void BeginTracking(int64_t sequence, absl::Time time, bool went_back);

  // ---- What is to be done ----

  // Entries to be loaded again, be it only to find that they are current. Those that are not held
  // any more are forgotten.
  std::vector<std::string> Suspects();

  // Names of ICPs that the polls do not track, to be confirmed by the store, at most `limit`.
  std::vector<std::string> Unconfirmed(size_t limit);

 private:
  using Cache = BoundedCache<HeldEntry>;

  // Holds `finding` in place of `existing` (null: nothing is held). Returns what is held.
  HeldEntryPtr Hold(absl::string_view key, Finding finding, const FindingOrigin& origin,
                    const HeldEntryPtr& existing) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What is held under `key`, dropped if its time is over: nobody has asked for it since, so that
  // to load it again would keep it for ever.
  HeldEntryPtr PeekOrExpire(absl::string_view key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SuspectLocked(absl::string_view key, const HeldEntry& held)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Time Expiry(absl::string_view key, const Finding& finding)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Put(absl::string_view key, const HeldEntryPtr& held) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // What is held under `key` was read before the tracking began.
  void LoseTrack(const std::string& key, const HeldEntry& held) ABSL_LOCKS_EXCLUDED(mutex_);

  // Forgets those that are not held any more, once they are many.
  void PruneUnconfirmed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  AtomicTime polled_{absl::InfinitePast()};

  // Absences, the empty lists of tenants among them, stand by themselves, so that names made up at
  // random push out nothing but each other.
  Cache entries_;
  Cache absences_;

  mutable Mutex mutex_;
  KnownSequences known_ ABSL_GUARDED_BY(mutex_);
  std::atomic<int> epoch_{0};                      // Written under the mutex.
  int64_t sequence_ ABSL_GUARDED_BY(mutex_) = -1;  // Of the newest poll.
  absl::Time tracking_since_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  absl::Time went_back_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::flat_hash_map<std::string, absl::Time> suspects_ ABSL_GUARDED_BY(mutex_);  // Since when.
  absl::flat_hash_set<std::string> unconfirmed_ ABSL_GUARDED_BY(mutex_);
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_HELD_ENTRIES_H_
