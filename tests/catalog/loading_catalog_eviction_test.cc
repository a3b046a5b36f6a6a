// That a replica does not go back to an older state when what it held of an ICP had to make room.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/catalog/loading_catalog.h"
#include "tests/catalog/loading_catalog_fixture.h"

namespace bantam {
namespace {

class EvictionTest : public LoadingCatalogTest {
 protected:
  EvictionTest() {
    options_.max_bytes = 256 * 1024;
    options_.load_timeout = absl::Minutes(5);  // Some loads wait until the test goes on.
  }

  // A replica that reads "One" from the store for `before`, while it saves "Two" and has that
  // evicted. `after` came then.
  struct LateLoad {
    Promised<IcpAnswer> before;
    Promised<IcpAnswer> after;
  };
  void BeginLateLoad(Replica* replica, LateLoad* load);

  // What a cache holds of kName that misses all further changes.
  CurrentRevision FillCacheWithOne() {
    Put(kName, "One");
    FillCache(kName);
    return *cached_->Pointer(kName);
  }

  // Has other ICPs loaded until kName is not held any more, and is loaded anew while the cache
  // holds `pointer`. Returns the titles that it had, each once.
  std::string TitlesUntilEvicted(Replica* replica, const CurrentRevision& pointer);

  IcpQuery query_;
  int others_ = 0;
};

void EvictionTest::BeginLateLoad(Replica* replica, LateLoad* load) {
  Put(kName, "One");
  query_.name = kName;
  revisions_->Hold(StoreCall::kReadCurrent);
  (*replica)->Get(query_, load->before.Taker());
  ASSERT_TRUE(revisions_->WaitUntilHeld(1));
  ASSERT_TRUE(replica->Save(absl::StrCat("name: ", kName, "\ntitle: Two\n"), "*").ok());
  ASSERT_EQ(replica->Title(kName), "Two");
  // Far more than there is room for, so that it goes though it was used.
  for (int i = 0; i < 1000; ++i) {
    const std::string name = absl::StrCat("tenants/other/icps/i", i);
    ASSERT_TRUE(replica->Save(absl::StrCat("name: ", name, "\ntitle: x\n"), "*").ok());
  }
  (*replica)->Get(query_, load->after.Taker());
  ASSERT_FALSE(load->after.HasCome()) << "it is not held any more";
}

std::string EvictionTest::TitlesUntilEvicted(Replica* replica, const CurrentRevision& pointer) {
  std::string titles;
  WaitUntil([&] {
    for (int i = 0; i < 50; ++i) {
      const std::string name = absl::StrCat("tenants/other/icps/i", others_++);
      Put(name, "x");
      EXPECT_EQ(replica->Title(name), "x");
    }
    cached_->ForcePointer(pointer, absl::Now());
    const std::string title = replica->Title(kName);
    if (titles.find(title) == std::string::npos) titles += title;
    return (*replica)->Stats().cache_refused > 0 || titles != title;
  });
  return titles;
}

TEST_F(EvictionTest, WhatCameFromTheStoreIsNotFollowedByAnOlderStateFromTheCache) {
  const CurrentRevision one = FillCacheWithOne();
  const auto replica = Open();
  Put(kName, "Two");
  ASSERT_EQ(replica->Title(kName, absl::ZeroDuration()), "Two");
  cached_->SetDeaf(true);
  EXPECT_EQ(TitlesUntilEvicted(replica.get(), one), "Two");
}

TEST_F(EvictionTest, WhatCameFromTheCacheIsNotFollowedByAnOlderStateFromTheCache) {
  const CurrentRevision one = FillCacheWithOne();
  const auto other = Open();
  Put(kName, "Two");
  ASSERT_EQ(other->Title(kName, absl::ZeroDuration()), "Two");
  ASSERT_TRUE(WaitUntil([&] { return cached_->Pointer(kName)->number == 2; }));
  ASSERT_TRUE(cached_->WaitUntilQuiet());
  // The store confirms nothing that comes from the cache.
  revisions_->Hold(StoreCall::kReadPointers);
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "Two");
  ASSERT_EQ((*replica)->Stats().loads_from_cache, 1);
  cached_->SetDeaf(true);
  EXPECT_EQ(TitlesUntilEvicted(replica.get(), one), "Two");
  revisions_->Release();
}

TEST_F(EvictionTest, LoadThatBeganBeforeAChangeIsReadAgainAfterIt) {
  const auto replica = OpenWithoutCache();
  LateLoad load;
  ASSERT_NO_FATAL_FAILURE(BeginLateLoad(replica.get(), &load));
  revisions_->Release();
  for (Promised<IcpAnswer>* const promised : {&load.before, &load.after}) {
    const absl::StatusOr<IcpAnswer> answer = promised->Wait();
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->entry->origin.number, 2);
  }
  EXPECT_EQ(replica->Title(kName), "Two");
  EXPECT_EQ(revisions_->reads_of(kName), 2);
}

TEST_F(EvictionTest, LoadThatCannotBeReadAgainIsUnavailable) {
  const auto replica = OpenWithoutCache();
  LateLoad load;
  ASSERT_NO_FATAL_FAILURE(BeginLateLoad(replica.get(), &load));
  revisions_->SetFailure(absl::UnavailableError("down"));
  revisions_->Release();
  EXPECT_TRUE(absl::IsUnavailable(load.before.Wait().status()));
  EXPECT_TRUE(absl::IsUnavailable(load.after.Wait().status()));
}

// The sequences are compared with what the store says, not with each other for ever: a pointer of
// another history in the cache does not outlive the cache.
TEST_F(EvictionTest, StoreIsBelievedThatContradictsWhatTheCacheTold) {
  const CurrentRevision one = FillCacheWithOne();
  CurrentRevision wrong = one;
  wrong.sequence = 1000;
  cached_->ForcePointer(wrong, absl::Now());
  revisions_->Hold(StoreCall::kReadPointers);
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  Put(kName, "Two");
  cached_->SetDeaf(true);
  TitlesUntilEvicted(replica.get(), one);
  EXPECT_EQ(replica->Title(kName), "Two");
  EXPECT_EQ((*replica)->Stats().stale_icps, 0);
  revisions_->Release();
}

}  // namespace
}  // namespace bantam
