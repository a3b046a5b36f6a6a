#include "server/catalog/entry_reader.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/catalog/entry_load.h"
#include "server/catalog/steady_time.h"
#include "server/catalog/store_errors.h"

namespace bantam {

EntryReader::EntryReader(Parts parts) : parts_(std::move(parts)) {}

void EntryReader::Read(const SingleFlight::FlightPtr& flight, Done done) {
  switch (KindOfKey(flight->key)) {
    case KeyKind::kIcp:
      return std::make_shared<CurrentLoad>(this, flight, std::move(done))->Begin();
    case KeyKind::kPinned:
      return std::make_shared<PinnedLoad>(this, flight, std::move(done))->Begin();
    case KeyKind::kTenant:
      return std::make_shared<TenantLoad>(this, flight, std::move(done))->Begin();
  }
}

CompiledRecord EntryReader::Compile(const RevisionRecord& record) {
  ++compiled_;
  LoadedIcp loaded = parts_.load(record.yaml, absl::StrCat(record.name, "#", record.number));
  CompiledRecord compiled;
  compiled.issues = std::move(loaded.issues);
  if (loaded.icp == nullptr) return compiled;
  if (loaded.icp->name() != record.name) {
    v1::Issue issue;
    issue.set_severity(v1::ISSUE_SEVERITY_ERROR);
    issue.set_file(absl::StrCat(record.name, "#", record.number));
    issue.set_message(absl::StrCat("its name is '", loaded.icp->name(), "', but it is stored as '",
                                   record.name, "'"));
    issue.set_rendered(absl::StrCat(issue.file(), ": error: ", issue.message()));
    compiled.issues.push_back(std::move(issue));
    return compiled;
  }
  auto entry = std::make_shared<CatalogEntry>();
  entry->icp = std::move(loaded.icp);
  entry->yaml = record.yaml;
  entry->warnings = compiled.issues;
  entry->load_time = absl::Now();
  entry->origin = OriginOf(record);
  compiled.entry = std::move(entry);
  return compiled;
}

EntryReader::Stats EntryReader::GetStats() const {
  Stats stats;
  stats.from_cache = from_cache_;
  stats.from_store = from_store_;
  stats.failures = failures_;
  stats.compiled = compiled_;
  stats.cache_misses = cache_misses_;
  stats.cache_refused = cache_refused_;
  return stats;
}

// The deadline bounds the whole load; the cache has a time-out of its own.
void EntryReader::Load::Begin() {
  if (parts_.cache != nullptr && parts_.flights->Accepts(flight_, absl::InfiniteFuture())) {
    AskCache();
  } else {
    AskStore();
  }
}

void EntryReader::Load::Hold(Finding finding) {
  parts_.flights->Close(flight_);
  HeldEntryPtr held = parts_.held->Install(key(), std::move(finding), origin_);
  if (held == nullptr) return AskStore();
  ++(origin_.from_store ? reader_.from_store_ : reader_.from_cache_);
  done_(std::move(held), [this] {
    if (parts_.cache != nullptr && origin_.from_store) FillCache();
  });
}

FindingOrigin EntryReader::Load::BeginStoreRead() {
  FindingOrigin origin = parts_.held->OriginInStore(key());
  origin.known_time = parts_.flights->BeginStoreRead(flight_);
  return origin;
}

void EntryReader::Load::FailedInStore(const absl::Status& status) {
  Fail(StoreErrorForCallers(status));
}

void EntryReader::Load::Fail(absl::Status status) {
  if (!absl::IsNotFound(status)) ++reader_.failures_;
  OnLoader([this, status = std::move(status)]() mutable { done_(std::move(status), [] {}); });
}

void EntryReader::Load::Missed() {
  ++reader_.cache_misses_;
  AskStore();
}

absl::Time EntryReader::Load::Deadline() const { return SystemFromSteady(flight_->deadline()); }

}  // namespace bantam
