#include "tests/catalog/loading_catalog_fixture.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/fakes/fake_load_icp.h"

namespace bantam {
namespace {

std::string TitleOf(const CatalogEntry& entry) {
  return entry.icp->definition().title().texts().at("en");
}

// FakeIcp() of a full name.
std::string FakeText(absl::string_view name, absl::string_view title) {
  return absl::StrCat("name: ", name, "\ntitle: ", title, "\n");
}

}  // namespace

bool WaitUntil(const std::function<bool()>& condition) {
  const auto limit = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) return false;
    // Between two looks, so that what is waited for has the processor.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

Replica::Replica(std::shared_ptr<MemoryRevisions> revisions,
                 std::shared_ptr<MemoryCachedRevisions> cached,
                 const LoadingCatalogOptions& options)
    : store_(std::make_unique<MemoryRevisionStore>(std::move(revisions))) {
  if (cached != nullptr) cache_ = std::make_unique<MemoryRevisionCache>(std::move(cached));
  auto catalog = LoadingCatalog::Open(store_.get(), cache_.get(), FakeLoadIcp, options,
                                      [this](const CatalogEvent& event) {
                                        MutexLock lock(mutex_);
                                        events_.push_back(event);
                                      });
  if (!catalog.ok()) {
    std::fprintf(stderr, "%s\n", catalog.status().ToString().c_str());
    std::abort();
  }
  catalog_ = *std::move(catalog);
}

Replica::~Replica() { catalog_.reset(); }

absl::StatusOr<IcpAnswer> Replica::Get(absl::string_view name,
                                       absl::optional<absl::Duration> max_staleness) {
  IcpQuery query;
  query.name = name;
  query.max_staleness = max_staleness;
  Promised<IcpAnswer> answer;
  catalog_->Get(query, answer.Taker());
  return answer.Wait();
}

absl::StatusOr<IcpAnswer> Replica::GetRevision(absl::string_view name, absl::string_view revision) {
  IcpQuery query;
  query.name = name;
  query.revision = revision;
  Promised<IcpAnswer> answer;
  catalog_->Get(query, answer.Taker());
  return answer.Wait();
}

absl::StatusOr<IcpAnswer> Replica::GetNumber(absl::string_view name, int64_t number) {
  IcpQuery query;
  query.name = name;
  query.number = number;
  Promised<IcpAnswer> answer;
  catalog_->Get(query, answer.Taker());
  return answer.Wait();
}

absl::StatusOr<TenantAnswer> Replica::GetTenant(absl::string_view tenant,
                                                absl::optional<absl::Duration> max_staleness) {
  Promised<TenantAnswer> answer;
  catalog_->GetTenant(tenant, max_staleness, answer.Taker());
  return answer.Wait();
}

absl::StatusOr<IcpPage> Replica::List(absl::string_view parent, absl::string_view after,
                                      int limit) {
  Promised<IcpPage> page;
  catalog_->List(parent, after, limit, page.Taker());
  return page.Wait();
}

absl::StatusOr<EditedIcp> Replica::Save(absl::string_view yaml, absl::string_view etag,
                                        bool validate_only) {
  CatalogEntry entry;
  entry.icp = FakeLoadIcp(yaml, "icp.yaml").icp;
  entry.yaml = std::string(yaml);
  entry.origin.author = "ann";
  entry.origin.comment = "why not";
  Promised<EditedIcp> edited;
  catalog_->Save(entry, etag, validate_only, edited.Taker());
  return edited.Wait();
}

absl::StatusOr<EditedIcp> Replica::Delete(absl::string_view name, absl::string_view etag) {
  Promised<EditedIcp> edited;
  catalog_->Delete(name, etag, "ann", "not needed", edited.Taker());
  return edited.Wait();
}

absl::StatusOr<EditedIcp> Replica::Rollback(absl::string_view name, int64_t number,
                                            absl::string_view etag) {
  Promised<EditedIcp> edited;
  catalog_->Rollback(name, "", number, etag, "ann", "", edited.Taker());
  return edited.Wait();
}

absl::StatusOr<StoredRevision> Replica::ReadRevision(absl::string_view name, int64_t number) {
  Promised<StoredRevision> stored;
  catalog_->ReadRevision(name, number, stored.Taker());
  return stored.Wait();
}

absl::StatusOr<HistoryPage> Replica::ListRevisions(absl::string_view name, int64_t before,
                                                   int limit) {
  Promised<HistoryPage> page;
  catalog_->ListRevisions(name, before, limit, page.Taker());
  return page.Wait();
}

std::string Replica::Title(absl::string_view name, absl::optional<absl::Duration> max_staleness) {
  const absl::StatusOr<IcpAnswer> answer = Get(name, max_staleness);
  return answer.ok() ? TitleOf(*answer->entry) : answer.status().ToString();
}

std::string Replica::Titles(absl::string_view tenant,
                            absl::optional<absl::Duration> max_staleness) {
  const absl::StatusOr<TenantAnswer> answer = GetTenant(tenant, max_staleness);
  if (!answer.ok()) return answer.status().ToString();
  return absl::StrJoin(answer->entries, " ", [](std::string* out, const CatalogEntryPtr& entry) {
    absl::StrAppend(out, TitleOf(*entry));
  });
}

std::vector<CatalogEvent> Replica::events() const {
  MutexLock lock(mutex_);
  return events_;
}

int Replica::count(CatalogEvent::Kind kind) const {
  int count = 0;
  for (const CatalogEvent& event : events()) count += event.kind == kind ? 1 : 0;
  return count;
}

CatalogEvent Replica::First(CatalogEvent::Kind kind) const {
  for (const CatalogEvent& event : events()) {
    if (event.kind == kind) return event;
  }
  std::abort();
}

LoadingCatalogTest::LoadingCatalogTest() {
  options_.poll_interval = absl::Hours(1);
  options_.uses_interval = absl::Hours(1);
  options_.load_timeout = absl::Minutes(1);
  options_.loader_threads = 2;
}

std::unique_ptr<Replica> LoadingCatalogTest::Open() {
  cached_->HoldConnections();
  auto replica = std::make_unique<Replica>(revisions_, cached_, options_);
  cached_->LetConnect();
  EXPECT_TRUE(WaitUntil([&replica] {
    const LoadingCatalogStats stats = (*replica)->Stats();
    return stats.polls + stats.poll_failures >= 2;
  }));
  return replica;
}

std::unique_ptr<Replica> LoadingCatalogTest::OpenWithoutCache() {
  return std::make_unique<Replica>(revisions_, nullptr, options_);
}

bool LoadingCatalogTest::WaitUntilSettled(Replica& replica) const {
  return WaitUntil([this, &replica] {
    if (!cached_->WaitUntilQuiet()) return false;
    const LoadingCatalogStats stats = replica->Stats();
    return stats.loading == 0 && stats.stale_icps == 0;
  });
}

RevisionRecord LoadingCatalogTest::Put(absl::string_view name, absl::string_view title) {
  return revisions_->Put(name, FakeText(name, title));
}

RevisionRecord LoadingCatalogTest::PutBad(absl::string_view name) {
  return revisions_->Put(name, absl::StrCat(FakeText(name, "bad"), "error: it is bad\n"));
}

void LoadingCatalogTest::FillCache(absl::string_view name) {
  Open()->Get(name).IgnoreError();
  ASSERT_TRUE(cached_->Pointer(name).has_value());
  ASSERT_TRUE(cached_->WaitUntilQuiet());  // So that later replicas hear nothing of it.
}

}  // namespace bantam
