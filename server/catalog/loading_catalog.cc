#include "server/catalog/loading_catalog.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/catalog/bad_revisions.h"
#include "server/catalog/cache_listener.h"
#include "server/catalog/catalog_editor.h"
#include "server/catalog/catalog_events.h"
#include "server/catalog/change_follower.h"
#include "server/catalog/entry_reader.h"
#include "server/catalog/held_entries.h"
#include "server/catalog/loader_threads.h"
#include "server/catalog/mutex.h"
#include "server/catalog/not_found.h"
#include "server/catalog/part_health.h"
#include "server/catalog/single_flight.h"
#include "server/catalog/steady_time.h"
#include "server/catalog/store_errors.h"
#include "server/catalog/tenant_gathering.h"
#include "server/catalog/warm_starter.h"
#include "server/engine/protobuf_time.h"
#include "server/engine/validate.h"

namespace bantam {
namespace {

int LoaderThreadCount(const LoadingCatalogOptions& options) {
  if (options.loader_threads > 0) return options.loader_threads;
  return std::max(static_cast<int>(std::thread::hardware_concurrency()) / 2, 1);
}

CircuitBreakerOptions BreakerOptions(const LoadingCatalogOptions& options) {
  CircuitBreakerOptions breaker;
  breaker.failures_until_open = options.failures_until_down;
  breaker.min_pause = options.min_probe_pause;
  breaker.max_pause = options.max_probe_pause;
  return breaker;
}

v1::IcpSummary Summarize(const RevisionRecord& record) {
  v1::IcpSummary summary;
  summary.set_name(record.name);
  summary.set_revision(record.revision);
  summary.set_title(record.title);
  summary.set_number(record.number);
  summary.set_etag(EtagOf(record));
  SetTime(record.create_time, summary.mutable_create_time());
  return summary;
}

// `polled_nanos`: as Freshness::KnownNanos() says.
absl::Duration AgeOf(const HeldEntry& held, int64_t polled_nanos) {
  if (held.finding.last_good_until.has_value()) {
    return std::max(SteadyNow() - *held.finding.last_good_until, absl::ZeroDuration());
  }
  const int64_t known_nanos = held.freshness.KnownNanos(polled_nanos);
  if (known_nanos == INT64_MIN) return absl::InfiniteDuration();
  return absl::Nanoseconds(std::max<int64_t>(SteadyNanos() - known_nanos, 0));
}

absl::StatusOr<IcpAnswer> AnswerOf(const HeldEntry& held, absl::Duration age) {
  if (held.finding.entry == nullptr) return absl::NotFoundError(held.finding.absence);
  return IcpAnswer{held.finding.entry, age};
}

// Whether one revision is asked for, not the current one.
bool IsForPinned(const IcpQuery& query) { return !query.revision.empty() || query.number != 0; }

// Whether what is held of a name is the pinned revision.
bool IsPinned(const HeldEntry& held, const IcpQuery& query) {
  const CatalogEntryPtr& entry = held.finding.entry;
  if (entry == nullptr) return false;
  if (query.number != 0) return entry->origin.number == query.number;
  return entry->icp->revision() == query.revision;
}

}  // namespace

// In the order in which they need each other.
class LoadingCatalog::Parts {
 public:
  Parts(RevisionStore* store, RevisionCache* cache, LoadFunction load,
        const LoadingCatalogOptions& options, OnEvent on_event);

  // Ends in an order in which nothing is asked or told by what is gone.
  ~Parts();

  absl::Status Start();

  void Get(const IcpQuery& query, GetDone done);
  absl::optional<absl::StatusOr<IcpAnswer>> Find(const IcpQuery& query);

  // What is held under `key` and at most `bound` old, handed to `done`; it is loaded if need be.
  using HeldDone = absl::AnyInvocable<void(absl::StatusOr<HeldEntryPtr>)>;
  void GetHeld(absl::string_view key, absl::Duration bound, HeldDone done);
  void GetLoaded(absl::string_view key, absl::Duration bound, HeldDone done);

  void GetTenant(absl::string_view tenant, absl::Duration bound, GetTenantDone done);
  void List(absl::string_view parent, absl::string_view after, int limit, ListDone done);
  LoadingCatalogStats Stats() const;

  absl::Duration Bound(absl::optional<absl::Duration> max_staleness) const {
    return max_staleness.value_or(options_.max_staleness);
  }

  CatalogEditor* editor() { return &*editor_; }
  const WarmStarter& warm_starter() const { return *warm_starter_; }

 private:
  bool IsFreshEnough(const HeldEntry& held, int64_t polled_nanos, absl::Duration bound) const;
  void StartLoad(const SingleFlight::FlightPtr& flight);
  void AddDegraded(LoadingCatalogStats* stats) const;

  const LoadingCatalogOptions options_;
  RevisionStore* const store_;
  RevisionCache* const cache_;

  absl::optional<LoaderThreads> threads_;
  CatalogEvents events_;
  PartHealth store_health_;
  PartHealth cache_health_;
  HeldEntries held_;
  BadRevisions bad_revisions_;
  SingleFlight flights_;
  absl::optional<EntryReader> reader_;
  absl::optional<ChangeFollower> follower_;
  absl::optional<CatalogEditor> editor_;
  std::shared_ptr<CacheListener> listener_;
  absl::optional<WarmStarter> warm_starter_;
  std::atomic<int64_t> misses_{0};
};

LoadingCatalog::Parts::Parts(RevisionStore* store, RevisionCache* cache, LoadFunction load,
                             const LoadingCatalogOptions& options, OnEvent on_event)
    : options_(options),
      store_(store),
      cache_(cache),
      threads_(absl::in_place, LoaderThreadCount(options)),
      events_(std::move(on_event), &*threads_),
      store_health_("the database of the ICPs", CatalogEvent::Kind::kStoreDown,
                    CatalogEvent::Kind::kStoreUp, BreakerOptions(options), &events_),
      cache_health_("the cache", CatalogEvent::Kind::kCacheDown, CatalogEvent::Kind::kCacheUp,
                    BreakerOptions(options), &events_),
      held_({options.max_bytes, options.absence_ttl}),
      bad_revisions_(&events_),
      flights_({options.max_loads, options.max_waiting_calls, options.load_timeout},
               [this](const SingleFlight::FlightPtr& flight) { StartLoad(flight); }) {
  reader_.emplace(EntryReader::Parts{store, &store_health_, cache, &cache_health_, std::move(load),
                                     &held_, &flights_, &bad_revisions_, &*threads_});
  follower_.emplace(
      ChangeFollower::Parts{store, &store_health_, cache, &cache_health_, &held_, &flights_,
                            &events_, &*threads_},
      ChangeFollower::Options{options.poll_interval, options.load_timeout, options.uses_interval});
  editor_.emplace(CatalogEditor::Parts{store, &store_health_, cache, &held_, &*reader_, &*follower_,
                                       &bad_revisions_, &*threads_, options.load_timeout});
  listener_ = std::make_shared<CacheListener>(&*follower_);
}

LoadingCatalog::Parts::~Parts() {
  listener_->Close();
  if (warm_starter_.has_value()) warm_starter_->Stop();
  follower_->Stop();
  flights_.Stop();
  store_health_.WaitUntilIdle();
  cache_health_.WaitUntilIdle();
  // What was posted by then is run yet, and may ask for more.
  store_health_.Close();
  cache_health_.Close();
  threads_.reset();
}

absl::Status LoadingCatalog::Parts::Start() {
  if (cache_ != nullptr) {
    CacheEvents events;
    events.on_changed = [listener = listener_](const std::vector<std::string>& names) {
      listener->OnChanged(names);
    };
    events.on_all_changed = [listener = listener_] { listener->OnAllChanged(); };
    cache_->Watch(std::move(events));
  }
  absl::Status polled = follower_->Start();
  if (!polled.ok() && !absl::IsUnavailable(polled) && !absl::IsResourceExhausted(polled)) {
    return polled;
  }
  warm_starter_.emplace(
      WarmStarter::Parts{store_, &store_health_, cache_, &cache_health_, &held_, &flights_,
                         &events_},
      WarmStarter::Options{options_.warm_start, options_.warm_start_limit, options_.load_timeout,
                           std::max(options_.max_loads / 2, 1)});
  return absl::OkStatus();
}

// What a load found is held before the load ends, so that whoever comes in between finds it.
void LoadingCatalog::Parts::StartLoad(const SingleFlight::FlightPtr& flight) {
  reader_->Read(flight, [this, flight](absl::StatusOr<HeldEntryPtr> held,
                                       absl::FunctionRef<void()> fill_cache) {
    const SingleFlight::Landing landing = flights_.Finish(flight, held, fill_cache);
    if (held.ok()) follower_->OnLoaded(flight->key, landing);
  });
}

bool LoadingCatalog::Parts::IsFreshEnough(const HeldEntry& held, int64_t polled_nanos,
                                          absl::Duration bound) const {
  if (held.expiry != absl::InfiniteFuture() && SteadyNow() >= held.expiry) return false;
  if (bound == absl::InfiniteDuration()) return true;
  if (bound <= absl::ZeroDuration()) return false;
  const int64_t known_nanos = held.freshness.KnownNanos(polled_nanos);
  return known_nanos != INT64_MIN && absl::Nanoseconds(SteadyNanos() - known_nanos) <= bound;
}

absl::optional<absl::StatusOr<IcpAnswer>> LoadingCatalog::Parts::Find(const IcpQuery& query) {
  const int64_t polled = held_.polled_nanos();
  const HeldEntryPtr held = held_.Find(query.name);
  if (held == nullptr) return absl::nullopt;
  if (IsForPinned(query)) {
    if (!IsPinned(*held, query)) return absl::nullopt;
    // Since the store went back, the number may stand for another text.
    if (query.number != 0 && !held_.IsOfThisEpoch(*held)) return absl::nullopt;
    return AnswerOf(*held, absl::ZeroDuration());
  }
  if (!IsFreshEnough(*held, polled, Bound(query.max_staleness))) return absl::nullopt;
  return AnswerOf(*held, AgeOf(*held, polled));
}

void LoadingCatalog::Parts::Get(const IcpQuery& query, GetDone done) {
  absl::optional<absl::StatusOr<IcpAnswer>> found = Find(query);
  if (found.has_value()) return done(*std::move(found));
  if (!IsIcpName(query.name)) return done(UnknownIcp(query.name, {}));
  if (IsForPinned(query)) {
    return GetHeld(PinnedKey(query.name, query.revision, query.number), absl::InfiniteDuration(),
                   [done = std::move(done)](absl::StatusOr<HeldEntryPtr> held) mutable {
                     if (!held.ok()) return done(std::move(held).status());
                     done(AnswerOf(**held, absl::ZeroDuration()));
                   });
  }
  const absl::Duration bound = Bound(query.max_staleness);
  GetLoaded(query.name, bound,
            [this, done = std::move(done)](absl::StatusOr<HeldEntryPtr> loaded) mutable {
              if (!loaded.ok()) return done(std::move(loaded).status());
              done(AnswerOf(**loaded, AgeOf(**loaded, held_.polled_nanos())));
            });
}

void LoadingCatalog::Parts::GetHeld(absl::string_view key, absl::Duration bound, HeldDone done) {
  const int64_t polled = held_.polled_nanos();
  HeldEntryPtr held = held_.Find(key);
  if (held != nullptr && IsFreshEnough(*held, polled, bound)) return done(std::move(held));
  GetLoaded(key, bound, std::move(done));
}

void LoadingCatalog::Parts::GetLoaded(absl::string_view key, absl::Duration bound, HeldDone done) {
  misses_.fetch_add(1, std::memory_order_relaxed);
  Demand demand;
  demand.newest = bound <= absl::ZeroDuration();
  if (bound != absl::InfiniteDuration()) {
    demand.known_since = SteadyNow() - std::max(bound, absl::ZeroDuration());
  }
  const bool any_age = bound == absl::InfiniteDuration();
  flights_.Join(key, demand,
                [this, key = std::string(key), any_age, newest = demand.newest,
                 done = std::move(done)](const absl::StatusOr<HeldEntryPtr>& loaded) mutable {
                  if (loaded.ok()) return done(*loaded);
                  HeldEntryPtr held = held_.Peek(key);
                  if (held == nullptr || !absl::IsUnavailable(loaded.status())) {
                    return done(CopyOf(loaded.status()));
                  }
                  if (!any_age) return done(NotFreshEnough(newest));
                  done(std::move(held));
                });
}

void LoadingCatalog::Parts::GetTenant(absl::string_view tenant, absl::Duration bound,
                                      GetTenantDone done) {
  if (!IsTenantName(tenant)) return done(TenantAnswer());
  GetHeld(tenant, bound,
          [this, bound, done = std::move(done)](absl::StatusOr<HeldEntryPtr> held) mutable {
            if (!held.ok()) return done(std::move(held).status());
            const std::vector<std::string>& names = (*held)->finding.names;
            const absl::Duration age = AgeOf(**held, held_.polled_nanos());
            if (names.empty()) return done(TenantAnswer{{}, age});
            if (names.size() > options_.max_tenant_icps) {
              return done(TooManyIcps((*held)->finding.current.name, names.size(),
                                      options_.max_tenant_icps));
            }
            const auto ask = [this, bound](const std::string& name, GetDone got) {
              IcpQuery query;
              query.name = name;
              query.max_staleness = bound;
              Get(query, std::move(got));
            };
            std::make_shared<TenantGathering>(names, age, ask, std::move(done))->Begin();
          });
}

void LoadingCatalog::Parts::List(absl::string_view parent, absl::string_view after, int limit,
                                 ListDone done) {
  using Records = std::vector<RevisionRecord>;
  const auto wanted = static_cast<size_t>(limit);
  store_health_.Ask<Records>(
      [wanted, done = std::move(done)](absl::StatusOr<Records> records) mutable {
        if (!records.ok()) return done(StoreErrorForCallers(records.status()));
        IcpPage page;
        page.more = records->size() > wanted;
        if (page.more) records->resize(wanted);
        for (const RevisionRecord& record : *records) page.icps.push_back(Summarize(record));
        done(std::move(page));
      },
      [&](RevisionStore::Done<Records> records) {
        // One more than wanted, to know whether there is more.
        store_->ListCurrent(parent, after, limit + 1, absl::Now() + options_.load_timeout,
                            std::move(records));
      });
}

void LoadingCatalog::Parts::AddDegraded(LoadingCatalogStats* stats) const {
  if (!stats->store_up) {
    stats->degraded.push_back(
        absl::StrCat("the database of the ICPs does not work (", store_health_.cause(),
                     "): what is held serves as it was read last; nothing can be changed"));
  }
  if (stats->has_cache && !stats->cache_up) {
    stats->degraded.push_back(absl::StrCat("the cache cannot be reached (", cache_health_.cause(),
                                           "): what is not held is read from the database"));
  }
  if (stats->bad_revisions > 0) {
    stats->degraded.push_back(
        absl::StrCat(stats->bad_revisions, " ICPs have a newest revision that is bad; in place of ",
                     stats->last_good_icps, " of them an earlier one serves"));
  }
}

LoadingCatalogStats LoadingCatalog::Parts::Stats() const {
  LoadingCatalogStats stats;
  const HeldEntries::Stats held = held_.GetStats();
  stats.entries = held.entries;
  stats.icps = held.icps;
  stats.bytes = held.bytes;
  stats.evictions = held.evictions;
  stats.stale_icps = held.suspects;
  stats.hits = held.hits;
  stats.misses = misses_.load(std::memory_order_relaxed);
  stats.last_good_icps = bad_revisions_.last_good_count();
  stats.bad_revisions = bad_revisions_.count();
  const SingleFlight::Stats flights = flights_.GetStats();
  stats.waiting = flights.waiting;
  stats.refused = flights.refused;
  stats.loading = flights.running;
  const EntryReader::Stats reader = reader_->GetStats();
  stats.loads_from_cache = reader.from_cache;
  stats.loads_from_store = reader.from_store;
  stats.load_failures = reader.failures;
  stats.compiled = reader.compiled;
  stats.cache_misses = reader.cache_misses;
  stats.cache_refused = reader.cache_refused;
  const ChangeFollower::Stats follower = follower_->GetStats();
  stats.cache_messages = follower.cache_messages;
  stats.cache_all_changed = follower.cache_all_changed;
  stats.changes_polled = follower.changes_polled;
  stats.confirmed = follower.confirmed;
  stats.corrected = follower.corrected;
  stats.polls = follower.polls;
  stats.poll_failures = follower.poll_failures;
  stats.last_poll_time = follower.last_poll_time;
  stats.last_poll_duration = follower.last_poll_duration;
  stats.sequence = follower.sequence;
  stats.store_up = store_health_.up() && store_health_.answered();
  stats.store_breaker_open = !store_health_.up();
  stats.store_failures = store_health_.failures();
  stats.has_cache = cache_ != nullptr;
  stats.cache_up = cache_ != nullptr && cache_health_.up();
  stats.cache_breaker_open = !cache_health_.up();
  stats.cache_failures = cache_health_.failures();
  AddDegraded(&stats);
  return stats;
}

absl::StatusOr<std::unique_ptr<LoadingCatalog>> LoadingCatalog::Open(
    RevisionStore* store, RevisionCache* cache, LoadFunction load,
    const LoadingCatalogOptions& options, OnEvent on_event) {
  auto parts = std::make_unique<Parts>(store, cache, std::move(load), options, std::move(on_event));
  if (absl::Status status = parts->Start(); !status.ok()) return status;
  return std::unique_ptr<LoadingCatalog>(new LoadingCatalog(std::move(parts)));
}

LoadingCatalog::LoadingCatalog(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

LoadingCatalog::~LoadingCatalog() = default;

void LoadingCatalog::Get(const IcpQuery& query, GetDone done) {
  parts_->Get(query, std::move(done));
}

absl::optional<absl::StatusOr<IcpAnswer>> LoadingCatalog::Find(const IcpQuery& query) {
  return parts_->Find(query);
}

void LoadingCatalog::GetTenant(absl::string_view tenant,
                               absl::optional<absl::Duration> max_staleness, GetTenantDone done) {
  const absl::Duration bound = parts_->Bound(max_staleness);
  parts_->GetTenant(tenant, bound, std::move(done));
}

void LoadingCatalog::List(absl::string_view parent, absl::string_view after, int limit,
                          ListDone done) {
  parts_->List(parent, after, limit, std::move(done));
}

void LoadingCatalog::Save(const CatalogEntry& entry, absl::string_view etag, bool validate_only,
                          Done<EditedIcp> done) {
  parts_->editor()->Save(entry, etag, validate_only, std::move(done));
}

void LoadingCatalog::Delete(absl::string_view name, absl::string_view etag,
                            absl::string_view author, absl::string_view comment,
                            Done<EditedIcp> done) {
  parts_->editor()->Delete(name, etag, author, comment, std::move(done));
}

void LoadingCatalog::Rollback(absl::string_view name, absl::string_view revision, int64_t number,
                              absl::string_view etag, absl::string_view author,
                              absl::string_view comment, Done<EditedIcp> done) {
  parts_->editor()->Rollback(name, revision, number, etag, author, comment, std::move(done));
}

void LoadingCatalog::ReadRevision(absl::string_view name, int64_t number,
                                  Done<StoredRevision> done) {
  parts_->editor()->ReadRevision(name, number, std::move(done));
}

void LoadingCatalog::ListRevisions(absl::string_view name, int64_t before, int limit,
                                   Done<HistoryPage> done) {
  parts_->editor()->ListRevisions(name, before, limit, std::move(done));
}

bool LoadingCatalog::Ready() const { return parts_->warm_starter().ready(); }

bool LoadingCatalog::WaitReady(absl::Time deadline) const {
  return parts_->warm_starter().WaitReady(deadline);
}

LoadingCatalogStats LoadingCatalog::Stats() const { return parts_->Stats(); }

}  // namespace bantam
