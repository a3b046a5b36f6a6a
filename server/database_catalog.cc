// A catalog over PostgreSQL, with Redis before it if there is one.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/catalog/loading_catalog.h"
#include "server/catalog/steady_time.h"
#include "server/catalog_wiring.h"
#include "server/rpc/cpu_quota.h"
#include "server/store/event_loop.h"
#include "server/store/postgres_store.h"
#include "server/store/redis_cache.h"
#include "server/telemetry/calm_log.h"

namespace bantam {
namespace {

WarmStart WarmStartOf(Preload preload) {
  switch (preload) {
    case Preload::kNone:
      return WarmStart::kNone;
    case Preload::kUsed:
      return WarmStart::kUsed;
    case Preload::kAll:
      return WarmStart::kAll;
  }
  return WarmStart::kNone;
}

LoadingCatalogOptions CatalogOptions(const Options& options) {
  LoadingCatalogOptions catalog;
  catalog.poll_interval = absl::Milliseconds(options.change_poll_ms);
  catalog.load_timeout = absl::Milliseconds(options.load_timeout_ms);
  if (options.max_staleness_seconds > 0) {
    catalog.max_staleness = absl::Seconds(options.max_staleness_seconds);
  }
  catalog.max_bytes = static_cast<size_t>(options.cache_mib) << 20;
  catalog.max_tenant_icps = static_cast<size_t>(options.max_tenant_icps);
  catalog.loader_threads = (UsableCpus() + 1) / 2;
  catalog.warm_start = WarmStartOf(options.preload);
  catalog.warm_start_limit = absl::Seconds(options.preload_seconds);
  return catalog;
}

// What comes and goes in an outage is written to `calm`.
void LogCatalogEvent(const CatalogEvent& event, Log* log, CalmLog* calm) {
  const std::string cause(event.cause.message());
  switch (event.kind) {
    case CatalogEvent::Kind::kBadRevision:
      log->Write(LogLevel::kError,
                 event.last_good ? "a bad revision; an earlier one stays in service"
                                 : "a bad revision, and none before it is good",
                 {{"icp", event.name}, {"number", absl::StrCat(event.number)}});
      return LogIssues(event.issues, log);
    case CatalogEvent::Kind::kGoodAgain:
      return log->Write(LogLevel::kInfo, "a good revision after a bad one",
                        {{"icp", event.name}, {"number", absl::StrCat(event.number)}});
    case CatalogEvent::Kind::kStoreDown:
      return calm->Write("database", LogLevel::kError,
                         absl::IsUnavailable(event.cause)
                             ? "the database cannot be reached; what is held stays in service"
                             : "the database does not work; what is held stays in service",
                         {{"cause", cause}});
    case CatalogEvent::Kind::kStoreUp:
      return calm->Write("database", LogLevel::kInfo, "the database can be reached and works");
    case CatalogEvent::Kind::kCacheDown:
      return calm->Write("Redis", LogLevel::kError,
                         "Redis cannot be reached; what is not held comes from the database",
                         {{"cause", cause}});
    case CatalogEvent::Kind::kCacheUp:
      return calm->Write("Redis", LogLevel::kInfo, "Redis can be reached");
    case CatalogEvent::Kind::kRefused:
      return calm->Write("refusals", LogLevel::kError,
                         absl::StrCat(event.part, " refused what it was asked"),
                         {{"cause", cause}});
    case CatalogEvent::Kind::kStoreWentBack:
      return log->Write(LogLevel::kWarning,
                        "the database knows of fewer changes than before, as after a restore; all "
                        "ICPs are read again");
    case CatalogEvent::Kind::kWarmStartDone:
      return log->Write(LogLevel::kInfo, "ICPs loaded in advance",
                        {{"icps", absl::StrCat(event.loaded)}});
  }
}

const char* PartName(RedisCacheEvent::Part part) {
  switch (part) {
    case RedisCacheEvent::Part::kData:
      return "reads and writes";
    case RedisCacheEvent::Part::kWatching:
      return "changes";
    case RedisCacheEvent::Part::kWrites:
      return "taking writes";
  }
  return "";
}

void LogRedisEvent(const RedisCacheEvent& event, CalmLog* calm) {
  const std::string part = PartName(event.part);
  if (event.status.ok()) return calm->Write(part, LogLevel::kInfo, "Redis works", {{"for", part}});
  calm->Write(part, LogLevel::kWarning, "Redis does not work",
              {{"for", part}, {"cause", std::string(event.status.message())}});
}

class DatabaseCatalog final : public ServedCatalog {
 public:
  static absl::StatusOr<std::unique_ptr<ServedCatalog>> Open(
      const Options& options, const TimeZones* zones, Log* log,
      const std::function<void()>& on_health_change) {
    auto served = std::make_unique<DatabaseCatalog>(log);
    served->max_bytes_ = int64_t{options.cache_mib} << 20;
    CalmLog* const calm = &served->calm_log_;
    absl::StatusOr<std::unique_ptr<EventLoop>> loop = EventLoop::Start();
    if (!loop.ok()) return loop.status();
    served->store_loop_ = *std::move(loop);
    PostgresPoolOptions pool_options;
    pool_options.max_connections = options.postgres_connections;
    auto store = PostgresStore::Open(options.icp_source, served->store_loop_.get(), pool_options);
    if (!store.ok()) return OptionError("icp_source", store.status());
    served->store_ = *std::move(store);

    if (!options.redis.empty()) {
      RedisCacheOptions cache_options;
      cache_options.prefix = options.redis_prefix;
      cache_options.timeout = absl::Milliseconds(options.redis_timeout_ms);
      auto cache = RedisCache::Open(options.redis, cache_options,
                                    [calm, on_health_change](const RedisCacheEvent& event) {
                                      LogRedisEvent(event, calm);
                                      on_health_change();
                                    });
      if (!cache.ok()) return OptionError("redis", cache.status());
      served->cache_ = *std::move(cache);
    }

    auto catalog = LoadingCatalog::Open(served->store_.get(), served->cache_.get(), LoadWith(zones),
                                        CatalogOptions(options),
                                        [log, calm, on_health_change](const CatalogEvent& event) {
                                          LogCatalogEvent(event, log, calm);
                                          on_health_change();
                                        });
    if (!catalog.ok()) return OptionError("icp_source", catalog.status());
    served->catalog_ = *std::move(catalog);
    served->catalog_->WaitReady(absl::Now() + absl::Seconds(options.preload_seconds));
    return served;
  }

  explicit DatabaseCatalog(Log* log)
      : calm_log_([log](LogLevel level, absl::string_view message,
                        const Log::Fields& fields) { log->Write(level, message, fields); },
                  SteadyNow) {}

  void LogDue() override { calm_log_.WriteDue(); }

  Catalog* catalog() override { return catalog_.get(); }
  IcpEditor* editor() override { return catalog_.get(); }

  CatalogHealth Health() const override {
    const LoadingCatalogStats stats = catalog_->Stats();
    CatalogHealth health;
    health.ready = catalog_->Ready();
    health.parts.push_back({"bantam.source", stats.store_up});
    health.parts.push_back({"bantam.icps", stats.bad_revisions == 0});
    if (cache_ != nullptr) {
      const RedisCacheStats cache = cache_->Stats();
      health.parts.push_back({"bantam.cache", stats.cache_up && cache.connected && cache.watching});
    }
    return health;
  }

  void AddTo(ServerStatus* status) const override {
    const LoadingCatalogStats stats = catalog_->Stats();
    status->icp_source = "PostgreSQL";
    status->catalog = CatalogStatusOf(stats, max_bytes_, status->now);
    status->parts.push_back({"source", "PostgreSQL", stats.store_up, stats.store_breaker_open});
    if (cache_ != nullptr) {
      const RedisCacheStats cache = cache_->Stats();
      status->parts.push_back({"cache", "Redis",
                               stats.cache_up && cache.connected && cache.watching,
                               stats.cache_breaker_open});
      status->cache = cache;
    }
    status->readiness.degraded.insert(status->readiness.degraded.end(), stats.degraded.begin(),
                                      stats.degraded.end());
    if (!catalog_->Ready()) {
      status->readiness.missing.push_back("ICPs from the database, to answer calls by");
    }
  }

 private:
  int64_t max_bytes_ = 0;

  // In the order in which they need each other.
  CalmLog calm_log_;
  std::unique_ptr<EventLoop> store_loop_;
  std::unique_ptr<PostgresStore> store_;
  std::unique_ptr<RedisCache> cache_;
  std::unique_ptr<LoadingCatalog> catalog_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ServedCatalog>> OpenDatabaseCatalog(
    const Options& options, const TimeZones* zones, Log* log,
    std::function<void()> on_health_change) {
  return DatabaseCatalog::Open(options, zones, log, on_health_change);
}

}  // namespace bantam
