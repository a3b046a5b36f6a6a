#include "tests/store/catalog_bench.h"

#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/catalog/loading_catalog.h"
#include "server/catalog/snapshot_catalog.h"
#include "server/definition/load_icp.h"
#include "server/store/directory_source.h"
#include "server/store/event_loop.h"
#include "server/store/file_watcher.h"
#include "server/store/postgres_schema.h"
#include "server/store/postgres_store.h"
#include "server/store/redis_cache.h"
#include "server/zones/system_time_zones.h"
#include "tests/fakes/directory_revision_store.h"
#include "tests/fakes/memory_revision_store.h"
#include "tests/fakes/memory_source.h"
#include "tests/servers/postgres_server.h"
#include "tests/servers/redis_server.h"
#include "tests/store/temp_directory.h"

namespace bantam {
namespace {

// On a machine with much else to do, changes are seen late.
constexpr absl::Duration kPatience = absl::Seconds(30);

LoadFunction Load() {
  static const auto* const zones = new SystemTimeZones;
  return [](absl::string_view yaml, absl::string_view file) { return LoadIcp(yaml, file, *zones); };
}

// ---- Sources that are read as a whole
// ------------------------------------------------------------

class SnapshotBench : public CatalogBench {
 public:
  Catalog& catalog() override { return *catalog_; }
  bool numbers_revisions() const override { return false; }
  absl::Duration bound() const override { return kPatience; }

 protected:
  void Open(std::unique_ptr<IcpSource> source) {
    auto catalog = SnapshotCatalog::Open(std::move(source), Load(), SnapshotCatalogOptions(),
                                         [](const ReloadReport&) {});
    EXPECT_TRUE(catalog.ok()) << catalog.status();
    catalog_ = *std::move(catalog);
  }

  // Before what the source needs, at the end.
  void Close() { catalog_.reset(); }

 private:
  std::unique_ptr<SnapshotCatalog> catalog_;
};

class MemoryBench : public SnapshotBench {
 public:
  MemoryBench() { Open(std::make_unique<MemorySource>(documents_)); }
  void Put(const std::string& name, const std::string& yaml) override {
    documents_->Put(name, yaml);
  }
  void Delete(const std::string& name) override { documents_->Delete(name); }

 private:
  const std::shared_ptr<MemoryDocuments> documents_ = std::make_shared<MemoryDocuments>();
};

class DirectoryBench : public SnapshotBench {
 public:
  DirectoryBench() { Open(std::make_unique<DirectorySource>(directory_.Path(), &watcher_)); }
  ~DirectoryBench() override { Close(); }
  void Put(const std::string& name, const std::string& yaml) override {
    directory_.Write(name + ".yaml~", yaml);
    directory_.Rename(name + ".yaml~", name + ".yaml");
  }
  void Delete(const std::string& name) override { directory_.Delete(name + ".yaml"); }

 private:
  const TempDirectory directory_;
  FileWatcher watcher_;
};

// ---- Sources that are read ICP by ICP
// ------------------------------------------------------------

class LoadingBench : public CatalogBench {
 public:
  Catalog& catalog() override { return *catalog_; }
  bool numbers_revisions() const override { return true; }
  absl::Duration bound() const override {
    return 1.2 * options_.poll_interval + options_.load_timeout + kPatience;
  }

 protected:
  // `cache` may be null. Both outlive the catalog.
  void Open(RevisionStore* store, RevisionCache* cache) {
    auto catalog = LoadingCatalog::Open(store, cache, Load(), options_, [](const CatalogEvent&) {});
    EXPECT_TRUE(catalog.ok()) << catalog.status();
    catalog_ = *std::move(catalog);
    EXPECT_TRUE(catalog_->WaitReady(absl::Now() + absl::Minutes(2)));
  }

  // Before the store and the cache, at the end.
  void Close() { catalog_.reset(); }

 private:
  // No load is to fail because the machine is slow.
  static LoadingCatalogOptions Options() {
    LoadingCatalogOptions options;
    options.load_timeout = absl::Seconds(30);
    return options;
  }

  const LoadingCatalogOptions options_ = Options();
  std::unique_ptr<LoadingCatalog> catalog_;
};

// A Redis, and a cache in it.
class Redis {
 public:
  Redis() {
    auto cache = RedisCache::Open(server_.url());
    EXPECT_TRUE(cache.ok()) << cache.status();
    cache_ = *std::move(cache);
  }
  RevisionCache* cache() { return cache_.get(); }

 private:
  RedisServer server_;
  std::unique_ptr<RedisCache> cache_;
};

void ApplyAndWait(RevisionStore* store, const RevisionChange& change) {
  std::promise<absl::Status> applied;
  store->Apply(change, absl::Now() + absl::Seconds(30),
               [&applied](const absl::StatusOr<AppliedChange>& result) {
                 applied.set_value(result.status());
               });
  EXPECT_EQ(applied.get_future().get(), absl::OkStatus());
}

class MemoryBehindRedisBench : public LoadingBench {
 public:
  MemoryBehindRedisBench() { Open(&store_, redis_.cache()); }
  ~MemoryBehindRedisBench() override { Close(); }
  void Put(const std::string& name, const std::string& yaml) override {
    ApplyAndWait(&others_, ChangeTo(name, yaml, Load()));
  }
  void Delete(const std::string& name) override { Put(name, ""); }

 private:
  const std::shared_ptr<MemoryRevisions> revisions_ = std::make_shared<MemoryRevisions>();
  MemoryRevisionStore store_{revisions_}, others_{revisions_};
  Redis redis_;
};

class DirectoryBehindRedisBench : public LoadingBench {
 public:
  DirectoryBehindRedisBench() { Open(&store_, redis_.cache()); }
  ~DirectoryBehindRedisBench() override { Close(); }
  void Put(const std::string& name, const std::string& yaml) override {
    directory_.Write(name + ".new", yaml);
    directory_.Rename(name + ".new", name + ".yaml");
  }
  void Delete(const std::string& name) override { directory_.Delete(name + ".yaml"); }

 private:
  const TempDirectory directory_;
  DirectoryRevisionStore store_{directory_.Path(), Load()};
  Redis redis_;
};

class PostgresBench : public LoadingBench {
 public:
  explicit PostgresBench(bool behind_redis) : url_(PostgresServer::Shared().NewDatabase()) {
    EXPECT_EQ(MigratePostgres(url_, [](absl::string_view) {}), absl::OkStatus());
    loop_ = *EventLoop::Start();
    store_ = *PostgresStore::Open(url_, loop_.get());
    others_ = *PostgresStore::Open(url_, loop_.get());
    if (behind_redis) redis_ = std::make_unique<Redis>();
    Open(store_.get(), behind_redis ? redis_->cache() : nullptr);
  }
  ~PostgresBench() override { Close(); }
  void Put(const std::string& name, const std::string& yaml) override {
    ApplyAndWait(others_.get(), ChangeTo(name, yaml, Load()));
  }
  void Delete(const std::string& name) override { Put(name, ""); }

 private:
  const std::string url_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<PostgresStore> store_, others_;
  std::unique_ptr<Redis> redis_;
};

}  // namespace

std::vector<CatalogKind> CatalogKinds() {
  return {
      {"Memory", [] { return std::make_unique<MemoryBench>(); }},
      {"MemoryBehindRedis", [] { return std::make_unique<MemoryBehindRedisBench>(); }},
      {"Directory", [] { return std::make_unique<DirectoryBench>(); }},
      {"DirectoryBehindRedis", [] { return std::make_unique<DirectoryBehindRedisBench>(); }},
      {"Postgres", [] { return std::make_unique<PostgresBench>(false); }},
      {"PostgresBehindRedis", [] { return std::make_unique<PostgresBench>(true); }},
  };
}

}  // namespace bantam
