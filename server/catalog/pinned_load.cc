#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/catalog/entry_load.h"
#include "server/catalog/not_found.h"
#include "server/catalog/revision_search.h"

namespace bantam {

EntryReader::PinnedLoad::PinnedLoad(EntryReader* reader, SingleFlight::FlightPtr flight, Done done)
    : Load(reader, std::move(flight), std::move(done)) {
  const size_t mark = key().find_first_of("@#");
  name_ = key().substr(0, mark);
  revision_ = key().substr(mark + 1);
  if (key()[mark] == '#' && absl::SimpleAtoi(revision_, &number_)) revision_.clear();
}

void EntryReader::PinnedLoad::AskCache() {
  if (revision_.empty()) return AskStore();  // The cache knows no numbers.
  using Record = absl::optional<RevisionRecord>;
  const auto self = std::static_pointer_cast<PinnedLoad>(shared_from_this());
  parts_.cache_health->Ask<Record>(
      [self](absl::StatusOr<Record> record) {
        if (!record.ok()) return self->AskStore();
        if (!record->has_value()) return self->Missed();
        self->OnLoader([self = self.get(), record = **std::move(record)]() mutable {
          self->Found(std::move(record));
        });
      },
      [this](RevisionCache::Done<Record> done) {
        parts_.cache->ReadRevision(name_, revision_, std::move(done));
      });
}

void EntryReader::PinnedLoad::AskStore() {
  origin_ = BeginStoreRead();
  using Record = absl::optional<RevisionRecord>;
  const auto self = std::static_pointer_cast<PinnedLoad>(shared_from_this());
  FindRevision({parts_.store, parts_.store_health, &reader_, parts_.threads}, name_, revision_,
               number_, Deadline(), [self](absl::StatusOr<Record> record) {
                 if (!record.ok()) return self->FailedInStore(record.status());
                 if (!record->has_value()) {
                   return self->Fail(UnknownRevision(self->name_, self->revision_, self->number_));
                 }
                 self->OnLoader([self = self.get(), record = **std::move(record)]() mutable {
                   self->Found(std::move(record));
                 });
               });
}

void EntryReader::PinnedLoad::Found(RevisionRecord record) {
  record_ = std::move(record);
  CompiledRecord compiled = reader_.Compile(record_);
  if (compiled.entry == nullptr) return Fail(BadRevision(name_, revision_, number_));
  Finding finding;
  finding.current.name = name_;
  finding.entry = std::move(compiled.entry);
  Hold(std::move(finding));
}

void EntryReader::PinnedLoad::FillCache() { parts_.cache->WriteRevision(record_); }

}  // namespace bantam
