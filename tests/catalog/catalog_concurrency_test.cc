// Readers while definitions change. Standard threads and locks only: the thread sanitizer looks
// here, and cannot see into Debian's Abseil.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/catalog/snapshot_catalog.h"
#include "tests/fakes/fake_load_icp.h"
#include "tests/fakes/memory_source.h"
#include "tests/fakes/reload_log.h"

namespace bantam {
namespace {

constexpr char kName[] = "tenants/acme/icps/software";
constexpr int kVersions = 300;

// The version that the title of `entry` tells.
int Version(const CatalogEntry& entry) {
  int version = -1;
  EXPECT_TRUE(absl::SimpleAtoi(entry.icp->definition().title().texts().at("en"), &version));
  return version;
}

IcpQuery Query(absl::string_view name, absl::string_view revision = "") {
  IcpQuery query;
  query.name = name;
  query.revision = revision;
  return query;
}

// What one reader checks until `stop`: the version never goes back, and the pinned one stays.
void ReadAll(SnapshotCatalog* catalog, const std::string& pinned, const std::atomic<bool>& stop) {
  int last = 0;
  while (!stop) {
    catalog->Get(Query(kName), [&last](absl::StatusOr<IcpAnswer> answer) {
      ASSERT_TRUE(answer.ok());
      EXPECT_GE(Version(*answer->entry), last);
      last = Version(*answer->entry);
    });
    catalog->Get(Query(kName, pinned), [](absl::StatusOr<IcpAnswer> answer) {
      ASSERT_TRUE(answer.ok());
      EXPECT_EQ(Version(*answer->entry), 0);
    });
    catalog->Get(Query("tenants/acme/icps/sofware"), [](absl::StatusOr<IcpAnswer> answer) {
      EXPECT_TRUE(absl::IsNotFound(answer.status()));
    });
    catalog->GetTenant("tenants/acme", absl::nullopt, [](absl::StatusOr<TenantAnswer> answer) {
      ASSERT_TRUE(answer.ok());
      EXPECT_GE(answer->entries.size(), 1);
    });
    EXPECT_GE(catalog->Stats().icps, 1);
  }
}

TEST(CatalogConcurrencyTest, ReadersSeeNeitherHolesNorOldVersions) {
  const auto documents = std::make_shared<MemoryDocuments>();
  documents->Put("a.yaml", FakeIcp("acme", "software", "0"));
  ReloadLog log;
  SnapshotCatalogOptions options;
  options.max_retired_per_icp = kVersions;
  auto catalog = SnapshotCatalog::Open(std::make_unique<MemorySource>(documents), FakeLoadIcp,
                                       options, log.Recorder());
  ASSERT_TRUE(catalog.ok());
  std::string pinned;
  (*catalog)->Get(Query(kName), [&pinned](absl::StatusOr<IcpAnswer> answer) {
    ASSERT_TRUE(answer.ok());
    pinned = answer->entry->icp->revision();
  });

  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 6; ++i) {
    readers.emplace_back([&] { ReadAll(catalog->get(), pinned, stop); });
  }
  for (int version = 1; version <= kVersions; ++version) {
    const std::string good = FakeIcp("acme", "software", absl::StrCat(version));
    documents->Put("a.yaml", version % 3 == 0 && version < kVersions ? good + "error: x\n" : good);
    documents->Put("b.yaml", version % 2 == 0 ? FakeIcp("acme", "other", "1") : "bad");
  }
  const auto last = [&catalog] {
    int version = -1;
    (*catalog)->Get(Query(kName), [&version](absl::StatusOr<IcpAnswer> answer) {
      if (answer.ok()) version = Version(*answer->entry);
    });
    return version;
  };
  EXPECT_NE(log.WaitFor([&last](const ReloadReport&) { return last() == kVersions; }), nullptr);
  stop = true;
  for (std::thread& reader : readers) reader.join();
}

TEST(CatalogConcurrencyTest, CatalogMayGoWhileItsSourceChanges) {
  for (int i = 0; i < 50; ++i) {
    const auto documents = std::make_shared<MemoryDocuments>();
    auto catalog = SnapshotCatalog::Open(std::make_unique<MemorySource>(documents), FakeLoadIcp,
                                         SnapshotCatalogOptions(), nullptr);
    ASSERT_TRUE(catalog.ok());
    std::thread writer([&documents] {
      for (int j = 0; j < 20; ++j) {
        documents->Put("a.yaml", FakeIcp("acme", "software", absl::StrCat(j)));
      }
    });
    catalog->reset();
    writer.join();
  }
}

}  // namespace
}  // namespace bantam
