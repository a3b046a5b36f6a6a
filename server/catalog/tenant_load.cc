#include "server/catalog/entry_load.h"
#include "server/catalog/steady_time.h"

namespace bantam {

Finding EntryReader::TenantLoad::FindingOf(const TenantNames& names) {
  Finding finding;
  finding.current.name = names.tenant;
  finding.current.sequence = names.sequence;
  finding.names = names.names;
  return finding;
}

void EntryReader::TenantLoad::AskCache() {
  using Names = absl::optional<TenantNames>;
  const auto self = std::static_pointer_cast<TenantLoad>(shared_from_this());
  parts_.cache_health->Ask<Names>(
      [self](absl::StatusOr<Names> names) {
        if (!names.ok()) return self->AskStore();
        if (!names->has_value()) return self->Missed();
        const absl::Time read_time = SteadyFromSystem((*names)->read_time);
        if (read_time == absl::InfinitePast() ||
            !self->parts_.held->MayBeCurrent(self->key(), (*names)->sequence, read_time)) {
          ++self->reader_.cache_refused_;
          return self->AskStore();
        }
        if (!self->parts_.flights->Accepts(self->flight_, read_time)) return self->AskStore();
        self->origin_.known_time = read_time;
        self->origin_.from_store = false;
        self->Found(**std::move(names));
      },
      [this](RevisionCache::Done<Names> done) {
        parts_.cache->ReadTenant(key(), std::move(done));
      });
}

void EntryReader::TenantLoad::AskStore() {
  origin_ = BeginStoreRead();
  const auto self = std::static_pointer_cast<TenantLoad>(shared_from_this());
  parts_.store_health->Ask<TenantNames>(
      [self](absl::StatusOr<TenantNames> names) {
        if (!names.ok()) return self->FailedInStore(names.status());
        names->read_time = SystemFromSteady(self->origin_.known_time);
        self->Found(*std::move(names));
      },
      [this](RevisionStore::Done<TenantNames> done) {
        parts_.store->ReadTenant(key(), Deadline(), std::move(done));
      });
}

void EntryReader::TenantLoad::Found(TenantNames names) {
  names_ = std::move(names);
  OnLoader([this] { Hold(FindingOf(names_)); });
}

void EntryReader::TenantLoad::FillCache() { FillCache(parts_, names_); }

void EntryReader::TenantLoad::FillCache(const Parts& parts, const TenantNames& names) {
  if (parts.cache == nullptr) return;
  if (!parts.held->MayBeCurrent(names.tenant, names.sequence, SteadyNow())) return;
  parts.cache->WriteTenant(names);
}

}  // namespace bantam
