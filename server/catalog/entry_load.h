// The loads of entry_reader.h, one class for each kind of key.
#ifndef BANTAM_SERVER_CATALOG_ENTRY_LOAD_H_
#define BANTAM_SERVER_CATALOG_ENTRY_LOAD_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/catalog/entry_reader.h"

namespace bantam {

// One load: keeps itself alive while something is under way. Every function but Begin() runs by
// itself, one after the other, on threads of the store, the cache or the loader.
class EntryReader::Load : public std::enable_shared_from_this<EntryReader::Load> {
 public:
  Load(EntryReader* reader, SingleFlight::FlightPtr flight, Done done)
      : reader_(*reader),
        parts_(reader->parts_),
        flight_(std::move(flight)),
        done_(std::move(done)) {}
  virtual ~Load() = default;

  void Begin();

 protected:
  // Asks the cache, if it can be of use; else, or if it is not, the store.
  virtual void AskCache() = 0;
  virtual void AskStore() = 0;

  // Writes to the cache what was read from the store. Only if there is one.
  virtual void FillCache() = 0;

  // Goes on with `step` on a loader thread.
  template <typename Step>
  void OnLoader(Step step) {
    parts_.threads->Post([self = shared_from_this(), step = std::move(step)]() mutable { step(); });
  }

  // Has `finding` held, and ends; or asks the store again, if something newer has become known. On
  // a loader thread.
  void Hold(Finding finding);

  // The store is asked now. Returns the origin of its answer.
  FindingOrigin BeginStoreRead();

  // Ends with an error. `status` is the store's, and told to callers in other words.
  void FailedInStore(const absl::Status& status);

  // Ends with an error for callers.
  void Fail(absl::Status status);

  // The cache's answer was none, or cannot be used.
  void Missed();

  // When the store must have answered, by the system's clock.
  absl::Time Deadline() const;

  const std::string& key() const { return flight_->key; }

  EntryReader& reader_;
  const Parts& parts_;
  const SingleFlight::FlightPtr flight_;

  // Of what was found.
  FindingOrigin origin_;

 private:
  Done done_;
};

// What is current under an ICP's name.
class EntryReader::CurrentLoad : public Load {
 public:
  CurrentLoad(EntryReader* reader, SingleFlight::FlightPtr flight, Done done);

 protected:
  void AskCache() override;
  void AskStore() override;
  void FillCache() override;

 private:
  void OnCached(absl::StatusOr<CachedRead> read);
  void OnStored(absl::StatusOr<CurrentRead> read);

  // Goes on with what is current; without a text: it is what is held already.
  void Found(const CurrentRevision& current, absl::optional<RevisionRecord> record);

  // On a loader thread, each.
  void FoundRecord();
  void FoundAbsence();
  void HoldAbsence(const std::vector<std::string>& names);

  // What is current is bad: the newest good one before it serves in its place, but none from before
  // a deletion.
  void FindLastGood();
  void TryWhatIsBefore(int64_t number);
  void HoldKnownUnlessDeleted(int64_t number);
  void ReadBefore(int64_t number);
  void TryBefore(RevisionRecord record);
  void HoldLastGood(CatalogEntryPtr entry, absl::Time until);
  void HoldKnown();
  void HoldBroken();

  // The number whose text is known and need not be read; 0: none.
  int64_t known_number() const;

  // Whether `current` is what was held when it began, so that its text is known.
  bool IsKnown(const CurrentRevision& current) const;

  const HeldEntryPtr known_;  // What was held when it began.
  bool text_wanted_ = false;  // What is current has the number of `known_`, and is another text.
  CurrentRevision current_;
  absl::optional<RevisionRecord> record_;  // Its text, if that was read.
  std::vector<v1::Issue> issues_;          // Of what is current.
  absl::Time bad_since_;
  int tries_ = 0;
};

// A pinned revision.
class EntryReader::PinnedLoad : public Load {
 public:
  PinnedLoad(EntryReader* reader, SingleFlight::FlightPtr flight, Done done);

 protected:
  void AskCache() override;
  void AskStore() override;
  void FillCache() override;

 private:
  // On a loader thread.
  void Found(RevisionRecord record);

  std::string name_;
  std::string revision_;  // Empty: by its number.
  int64_t number_ = 0;
  RevisionRecord record_;
};

// The names of a tenant's ICPs.
class EntryReader::TenantLoad : public Load {
 public:
  using Load::Load;

  // What is to be held of `names`.
  static Finding FindingOf(const TenantNames& names);

  // Writes `names` to the cache, if there is one and they are not outdated.
  static void FillCache(const Parts& parts, const TenantNames& names);

 protected:
  void AskCache() override;
  void AskStore() override;
  void FillCache() override;

 private:
  void Found(TenantNames names);

  TenantNames names_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_ENTRY_LOAD_H_
