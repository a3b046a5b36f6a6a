#include <algorithm>

#include "server/catalog/entry_load.h"
#include "server/catalog/not_found.h"
#include "server/catalog/steady_time.h"

namespace bantam {
namespace {

// How many earlier revisions are tried in place of a bad one.
constexpr int kMaxTries = 5;

// How many entries of the history are looked through for a deletion.
constexpr int64_t kMaxEntries = 1000;

// How many names are compared with an unknown one: bounds the time that it costs.
constexpr size_t kMaxSimilarNames = 500;

}  // namespace

EntryReader::CurrentLoad::CurrentLoad(EntryReader* reader, SingleFlight::FlightPtr flight,
                                      Done done)
    : Load(reader, std::move(flight), std::move(done)), known_(parts_.held->Peek(key())) {}

int64_t EntryReader::CurrentLoad::known_number() const {
  if (known_ == nullptr || text_wanted_ || !parts_.held->IsOfThisEpoch(*known_)) return 0;
  return known_->finding.current.number;
}

bool EntryReader::CurrentLoad::IsKnown(const CurrentRevision& current) const {
  return current.exists() && current.number == known_number() &&
         current.revision == known_->finding.current.revision;
}

void EntryReader::CurrentLoad::AskCache() {
  const auto self = std::static_pointer_cast<CurrentLoad>(shared_from_this());
  parts_.cache_health->Ask<CachedRead>(
      [self](absl::StatusOr<CachedRead> read) { self->OnCached(std::move(read)); },
      [this](RevisionCache::Done<CachedRead> done) {
        parts_.cache->ReadCurrent(key(), known_number(), std::move(done));
      });
}

void EntryReader::CurrentLoad::OnCached(absl::StatusOr<CachedRead> read) {
  if (!read.ok()) return AskStore();
  if (!read->current.has_value()) return Missed();
  const CurrentRevision& current = *read->current;
  const absl::Time read_time = SteadyFromSystem(read->read_time);
  if (!parts_.held->MayBeCurrent(key(), current.sequence, read_time)) {
    ++reader_.cache_refused_;
    return AskStore();
  }
  const bool same = !read->record.has_value() && IsKnown(current);
  if (current.exists() && !same && !read->record.has_value()) return Missed();
  origin_.known_time = read_time;
  if (same) {
    origin_.known_time = std::max(read_time, known_->freshness.KnownTime(parts_.held->polled()));
  }
  if (!parts_.flights->Accepts(flight_, origin_.known_time)) return AskStore();
  origin_.from_store = false;
  Found(current, std::move(read->record));
}

void EntryReader::CurrentLoad::AskStore() {
  origin_ = BeginStoreRead();
  const auto self = std::static_pointer_cast<CurrentLoad>(shared_from_this());
  parts_.store_health->Ask<CurrentRead>(
      [self](absl::StatusOr<CurrentRead> read) { self->OnStored(std::move(read)); },
      [this](RevisionStore::Done<CurrentRead> done) {
        parts_.store->ReadCurrent(key(), known_number(), Deadline(), std::move(done));
      });
}

void EntryReader::CurrentLoad::OnStored(absl::StatusOr<CurrentRead> read) {
  if (!read.ok()) return FailedInStore(read.status());
  if (read->current.exists() && !read->record.has_value() && !IsKnown(read->current)) {
    // The store leaves the text out by the number alone, which stands for another one since the
    // store went back.
    if (text_wanted_) return FailedInStore(absl::DataLossError("the current text is missing"));
    text_wanted_ = true;
    return AskStore();
  }
  Found(read->current, std::move(read->record));
}

// The text first: who finds the pointer is to find the text as well.
void EntryReader::CurrentLoad::FillCache() {
  if (!parts_.held->MayBeCurrent(key(), current_.sequence, SteadyNow())) return;
  if (record_.has_value()) parts_.cache->WriteRecord(*record_);
  parts_.cache->WritePointers({current_}, SystemFromSteady(origin_.known_time));
}

void EntryReader::CurrentLoad::Found(const CurrentRevision& current,
                                     absl::optional<RevisionRecord> record) {
  current_ = current;
  record_ = std::move(record);
  if (!current_.exists()) return OnLoader([this] { FoundAbsence(); });
  if (record_.has_value()) return OnLoader([this] { FoundRecord(); });
  OnLoader([this] {
    origin_.same_as = known_;
    Finding finding = known_->finding;
    finding.current = current_;
    Hold(std::move(finding));
  });
}

void EntryReader::CurrentLoad::FoundRecord() {
  CompiledRecord compiled = reader_.Compile(*record_);
  if (compiled.entry == nullptr) {
    issues_ = std::move(compiled.issues);
    return FindLastGood();
  }
  parts_.bad_revisions->Good(key(), current_.number);
  Finding finding;
  finding.current = current_;
  finding.entry = std::move(compiled.entry);
  Hold(std::move(finding));
}

void EntryReader::CurrentLoad::FindLastGood() {
  bad_since_ = SteadyFromSystem(record_->create_time);
  tries_ = 0;
  TryWhatIsBefore(record_->number);
}

void EntryReader::CurrentLoad::TryWhatIsBefore(int64_t number) {
  const bool serves = known_ != nullptr && known_->finding.entry != nullptr;
  // Numbers have no gaps, so that nothing was deleted between the two.
  if (serves && known_number() != 0 && known_number() == number - 1) return HoldKnown();
  if (tries_++ < kMaxTries) return ReadBefore(number);
  if (!serves || known_number() == 0 || known_number() >= number) return HoldBroken();
  HoldKnownUnlessDeleted(number);
}

void EntryReader::CurrentLoad::HoldKnownUnlessDeleted(int64_t number) {
  const int64_t between = number - known_number() - 1;
  if (between > kMaxEntries) return HoldBroken();
  const auto self = std::static_pointer_cast<CurrentLoad>(shared_from_this());
  using Records = std::vector<RevisionRecord>;
  parts_.store_health->Ask<Records>(
      [self](absl::StatusOr<Records> records) {
        if (!records.ok()) return self->FailedInStore(records.status());
        const bool deleted =
            std::any_of(records->begin(), records->end(),
                        [](const RevisionRecord& record) { return record.deletion(); });
        self->OnLoader(
            [self = self.get(), deleted] { deleted ? self->HoldBroken() : self->HoldKnown(); });
      },
      [&](RevisionStore::Done<Records> done) {
        parts_.store->ListRevisions(key(), number, static_cast<int>(between), Deadline(),
                                    std::move(done));
      });
}

void EntryReader::CurrentLoad::ReadBefore(int64_t number) {
  const auto self = std::static_pointer_cast<CurrentLoad>(shared_from_this());
  using Record = absl::optional<RevisionRecord>;
  parts_.store_health->Ask<Record>(
      [self](absl::StatusOr<Record> record) {
        if (!record.ok()) return self->FailedInStore(record.status());
        self->OnLoader([self = self.get(), record = *std::move(record)]() mutable {
          if (!record.has_value()) return self->HoldBroken();
          self->TryBefore(*std::move(record));
        });
      },
      [this, number](RevisionStore::Done<Record> done) {
        parts_.store->ReadBefore(key(), number, Deadline(), std::move(done));
      });
}

void EntryReader::CurrentLoad::TryBefore(RevisionRecord record) {
  CompiledRecord compiled = reader_.Compile(record);
  if (compiled.entry != nullptr) return HoldLastGood(std::move(compiled.entry), bad_since_);
  bad_since_ = SteadyFromSystem(record.create_time);
  TryWhatIsBefore(record.number);
}

void EntryReader::CurrentLoad::HoldKnown() {
  HoldLastGood(known_->finding.entry, known_->finding.last_good_until.value_or(
                                          known_->freshness.KnownTime(parts_.held->polled())));
}

void EntryReader::CurrentLoad::HoldLastGood(CatalogEntryPtr entry, absl::Time until) {
  parts_.bad_revisions->Bad(key(), current_.number, /*last_good=*/true, issues_);
  Finding finding;
  finding.current = current_;
  finding.entry = std::move(entry);
  finding.last_good_until = until;
  Hold(std::move(finding));
}

void EntryReader::CurrentLoad::HoldBroken() {
  parts_.bad_revisions->Bad(key(), current_.number, /*last_good=*/false, issues_);
  Finding finding;
  finding.current = current_;
  finding.absence = std::string(BrokenIcp(key()).message());
  Hold(std::move(finding));
}

// The tenant's names are looked up for the sake of a helpful message. They are held, so that a
// tenant's second unknown name costs no second look-up.
void EntryReader::CurrentLoad::FoundAbsence() {
  parts_.bad_revisions->Good(key(), 0);
  const std::string tenant = TenantOf(key());
  const HeldEntryPtr held = parts_.held->Peek(tenant);
  if (held != nullptr) return HoldAbsence(held->finding.names);
  if (!origin_.from_store) return HoldAbsence({});
  const auto self = std::static_pointer_cast<CurrentLoad>(shared_from_this());
  const FindingOrigin origin = parts_.held->OriginInStore(tenant);
  parts_.store_health->Ask<TenantNames>(
      [self, origin, tenant](absl::StatusOr<TenantNames> names) {
        self->OnLoader([self = self.get(), origin, tenant, names = std::move(names)]() mutable {
          if (!names.ok()) return self->HoldAbsence({});
          names->read_time = SystemFromSteady(origin.known_time);
          self->parts_.held->Install(tenant, TenantLoad::FindingOf(*names), origin);
          TenantLoad::FillCache(self->parts_, *names);
          self->HoldAbsence(names->names);
        });
      },
      [&](RevisionStore::Done<TenantNames> done) {
        parts_.store->ReadTenant(tenant, Deadline(), std::move(done));
      });
}

void EntryReader::CurrentLoad::HoldAbsence(const std::vector<std::string>& names) {
  const auto end = names.begin() + static_cast<int64_t>(std::min(names.size(), kMaxSimilarNames));
  Finding finding;
  finding.current = current_;
  finding.absence = std::string(UnknownIcp(key(), {names.begin(), end}).message());
  Hold(std::move(finding));
}

}  // namespace bantam
