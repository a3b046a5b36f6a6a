// What a catalog answers while its store or its cache is down, and when a definition is bad.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/catalog/loading_catalog.h"
#include "tests/catalog/loading_catalog_fixture.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::Status kDown = absl::UnavailableError("db.internal: connection refused");

class FaultsTest : public LoadingCatalogTest {
 protected:
  void SetStoreDown(bool down) { revisions_->SetFailure(down ? kDown : absl::OkStatus()); }
};

TEST_F(FaultsTest, WithoutTheStoreWhatIsHeldServesWithItsAge) {
  options_.poll_interval = absl::Milliseconds(2);
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  ASSERT_EQ(replica->Titles("tenants/acme"), "One");
  SetStoreDown(true);
  ASSERT_TRUE(WaitUntil([&] { return replica->Get(kName)->age > absl::Milliseconds(100); }));
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_EQ(replica->Titles("tenants/acme"), "One");
  EXPECT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(2)));
  EXPECT_TRUE(WaitUntil([&] { return !(*replica)->Stats().store_up; }));
  EXPECT_THAT((*replica)->Stats().degraded,
              ElementsAre(AllOf(HasSubstr("database"), HasSubstr(std::string(kDown.message())))));
  SetStoreDown(false);
  EXPECT_TRUE(WaitUntil([&] { return (*replica)->Stats().store_up; }));
  EXPECT_TRUE(WaitUntil([&] { return replica->Get(kName)->age < absl::Milliseconds(100); }));
  EXPECT_THAT((*replica)->Stats().degraded, IsEmpty());
  EXPECT_TRUE(WaitUntil([&] {
    return replica->count(CatalogEvent::Kind::kStoreDown) == 1 &&
           replica->count(CatalogEvent::Kind::kStoreUp) == 1;
  }));
}

TEST_F(FaultsTest, WithoutTheStoreColdCallsAreServedByTheCache) {
  Put(kName, "One");
  FillCache(kName);
  ASSERT_EQ(Open()->Titles("tenants/acme"), "One");
  MemoryRevisionCache(cached_).AddUses({{kName, 1}});
  SetStoreDown(true);
  const auto replica = Open();
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_EQ(replica->Titles("tenants/acme"), "One");
  EXPECT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(2)));
}

TEST_F(FaultsTest, WithoutTheStoreUnknownColdCallsAreUnavailableWithNothingOfWhatIsInside) {
  options_.min_probe_pause = options_.max_probe_pause = absl::Hours(1);
  const auto replica = Open();
  SetStoreDown(true);
  for (int i = 0; i < 20; ++i) {
    const absl::Status status = replica->Get(absl::StrCat("tenants/acme/icps/i", i)).status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("db.internal")));
  }
  EXPECT_LT(revisions_->calls(StoreCall::kReadCurrent), 20) << "the breaker was open by then";
  EXPECT_TRUE(absl::IsUnavailable(replica->List("tenants/acme", "", 10).status()));
  EXPECT_TRUE(absl::IsUnavailable(replica->GetTenant("tenants/acme").status()));
}

TEST_F(FaultsTest, StoreThatHangsMakesColdCallsUnavailableAtTheDeadline) {
  options_.load_timeout = absl::Milliseconds(50);
  const auto replica = OpenWithoutCache();
  revisions_->HoldAll();
  const absl::Time begin = absl::Now();
  EXPECT_TRUE(absl::IsUnavailable(replica->Get(kName).status()));
  EXPECT_GE(absl::Now() - begin, absl::Milliseconds(40));
}

TEST_F(FaultsTest, WithoutTheCacheTheStoreServes) {
  // Long for twenty calls.
  options_.min_probe_pause = options_.max_probe_pause = absl::Milliseconds(500);
  const auto replica = Open();
  cached_->SetDown(true);
  for (int i = 0; i < 20; ++i) {
    const std::string name = absl::StrCat("tenants/acme/icps/i", i);
    Put(name, "x");
    EXPECT_EQ(replica->Title(name), "x");
  }
  EXPECT_LT(cached_->reads(), 20) << "the breaker was open by then";
  EXPECT_FALSE((*replica)->Stats().cache_up);
  EXPECT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(2)));
  EXPECT_THAT((*replica)->Stats().degraded, ElementsAre(HasSubstr("cache")));
  EXPECT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kCacheDown) == 1; }));
  cached_->SetDown(false);
  int i = 20;
  EXPECT_TRUE(WaitUntil([&] {
    const std::string name = absl::StrCat("tenants/acme/icps/i", i++);
    Put(name, "x");
    EXPECT_EQ(replica->Title(name), "x");
    return (*replica)->Stats().cache_up;
  }));
  EXPECT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kCacheUp) == 1; }));
}

TEST_F(FaultsTest, CacheThatHangsDelaysColdCallsByItsTimeOutOnly) {
  Put(kName, "One");
  const auto replica = Open();
  cached_->Hold();
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_GE((*replica)->Stats().cache_failures, 1);
}

TEST_F(FaultsTest, ChangesMadeWhileTheCacheWasDownAreRepairedInIt) {
  Put(kName, "One");
  FillCache(kName);
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  cached_->SetDown(true);
  ASSERT_TRUE(replica->Save("name: tenants/acme/icps/software\ntitle: Two\n", "*").ok());
  EXPECT_EQ(replica->Title(kName), "Two");
  cached_->SetDown(false);
  EXPECT_TRUE(WaitUntil([&] { return cached_->Pointer(kName)->number == 2; }));
}

TEST_F(FaultsTest, CacheThatLosesWritesIsRepairedByThePolls) {
  Put(kName, "One");
  FillCache(kName);
  const auto replica = Open();
  const auto other = Open();
  ASSERT_EQ(other->Title(kName), "One");
  cached_->SetLosesWrites(true);
  ASSERT_TRUE(replica->Save("name: tenants/acme/icps/software\ntitle: Two\n", "*").ok());
  cached_->SetLosesWrites(false);
  TellAllChanged();
  EXPECT_TRUE(WaitUntil([&] { return cached_->Pointer(kName)->number == 2; }));
  EXPECT_TRUE(WaitUntil([&] { return other->Title(kName) == "Two"; }));
}

TEST_F(FaultsTest, DeafCacheLeavesItToThePolls) {
  options_.poll_interval = absl::Milliseconds(5);
  Put(kName, "One");
  const auto replica = Open();
  const auto other = Open();
  ASSERT_EQ(other->Title(kName), "One");
  cached_->SetDeaf(true);
  ASSERT_TRUE(replica->Save("name: tenants/acme/icps/software\ntitle: Two\n", "*").ok());
  EXPECT_TRUE(WaitUntil([&] { return other->Title(kName) == "Two"; }));
}

// The store is down, and the cache tells that everything may have changed: the cache's own pointers
// say what has.
TEST_F(FaultsTest, WithoutTheStoreTheCacheIsSweptForChanges) {
  Put(kName, "One");
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  cached_->SetDeaf(true);
  const auto other = Open();
  ASSERT_TRUE(other->Save("name: tenants/acme/icps/software\ntitle: Two\n", "*").ok());
  SetStoreDown(true);
  cached_->SetDeaf(false);
  TellAllChanged();
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
}

// The same, where a poll was under way that began before, and still works.
TEST_F(FaultsTest, WithoutTheStoreTheCacheIsSweptThoughAnEarlierPollWorked) {
  Put(kName, "One");
  const auto other = Open();
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  ASSERT_TRUE(WaitUntilSettled(*replica));
  const int64_t told = (*replica)->Stats().cache_all_changed;
  const auto wait_until_told = [&](int64_t times) {
    return WaitUntil([&] { return (*replica)->Stats().cache_all_changed == told + times; });
  };
  revisions_->Hold(StoreCall::kReadChanges);
  TellAllChanged();
  ASSERT_TRUE(wait_until_told(1));
  ASSERT_TRUE(revisions_->WaitUntilHeld(2));  // The poll of each.
  cached_->SetDeaf(true);
  ASSERT_TRUE(other->Save("name: tenants/acme/icps/software\ntitle: Two\n", "*").ok());
  cached_->SetDeaf(false);
  TellAllChanged();
  ASSERT_TRUE(wait_until_told(2));
  SetStoreDown(true);
  revisions_->Release();
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
}

TEST_F(FaultsTest, BothDownWarmCallsGoOnAndBothBackAllIsWell) {
  options_.poll_interval = absl::Milliseconds(5);
  Put(kName, "One");
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  SetStoreDown(true);
  cached_->SetDown(true);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(replica->Title(kName), "One");
    EXPECT_TRUE(absl::IsUnavailable(replica->Get(absl::StrCat(kOther, i)).status()));
  }
  EXPECT_TRUE(WaitUntil([&] { return (*replica)->Stats().degraded.size() == 2; }));
  EXPECT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(2)));
  Put(kName, "Two");
  Put(kOther, "Other");
  SetStoreDown(false);
  cached_->SetDown(false);
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kOther) == "Other"; }));
}

TEST_F(FaultsTest, WithoutStoreAndCacheItStartsButIsNotReady) {
  options_.poll_interval = absl::Milliseconds(5);
  Put(kName, "One");
  SetStoreDown(true);
  cached_->SetDown(true);
  const auto replica = Open();
  EXPECT_TRUE(WaitUntil([&] { return (*replica)->Stats().poll_failures > 3; }));
  EXPECT_FALSE((*replica)->Ready());
  EXPECT_FALSE((*replica)->WaitReady(absl::Now()));
  EXPECT_TRUE(absl::IsUnavailable(replica->Get(kName).status()));
  SetStoreDown(false);
  EXPECT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(2)));
  EXPECT_EQ(replica->Title(kName), "One");
}

// It could answer no call.
TEST_F(FaultsTest, WithoutTheStoreAnEmptyCacheDoesNotMakeItReady) {
  options_.poll_interval = absl::Milliseconds(5);
  Put(kName, "One");
  SetStoreDown(true);
  const auto replica = Open();
  // That is: it has found out that the cache answers, and asked it for what is used.
  ASSERT_TRUE(WaitUntil([&] { return cached_->reads() > 2; }));
  EXPECT_FALSE((*replica)->Ready());
  SetStoreDown(false);
  EXPECT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(2)));
  // What comes later changes nothing.
  SetStoreDown(true);
  cached_->SetDown(true);
  ASSERT_TRUE(WaitUntil([&] { return !(*replica)->Stats().store_up; }));
  EXPECT_TRUE((*replica)->Ready());
}

// What was read before the polls began may have changed unheard in between.
TEST_F(FaultsTest, WhatWasReadBeforeTheStoreAnsweredIsConfirmedThen) {
  options_.poll_interval = absl::Milliseconds(5);
  Put(kName, "One");
  FillCache(kName);
  SetStoreDown(true);
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  Put(kName, "Two");
  SetStoreDown(false);
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
}

TEST_F(FaultsTest, BadRevisionLeavesTheLastGoodOneInService) {
  options_.poll_interval = absl::Milliseconds(5);
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  PutBad(kName);
  ASSERT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kBadRevision) == 1; }));
  const CatalogEvent event = replica->First(CatalogEvent::Kind::kBadRevision);
  EXPECT_EQ(event.name, kName);
  EXPECT_EQ(event.number, 2);
  EXPECT_TRUE(event.last_good);
  ASSERT_EQ(event.issues.size(), 1);
  EXPECT_EQ(event.issues[0].rendered(), "tenants/acme/icps/software#2:3:1: error: it is bad");
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_EQ(replica->Title(kName, absl::ZeroDuration()), "One");
  EXPECT_EQ((*replica)->Stats().last_good_icps, 1);
  EXPECT_THAT((*replica)->Stats().degraded, ElementsAre(HasSubstr("1 ICPs have a newest")));

  // Its age goes on, though the polls confirm that nothing else has come; it is not tried again.
  EXPECT_TRUE(WaitUntil([&] { return replica->Get(kName)->age > absl::Milliseconds(100); }));
  EXPECT_EQ((*replica)->Stats().compiled, 2);
  Put(kName, "Three");
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Three"; }));
  EXPECT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kGoodAgain) == 1; }));
  EXPECT_EQ(replica->count(CatalogEvent::Kind::kBadRevision), 1);
  EXPECT_EQ((*replica)->Stats().last_good_icps, 0);
}

TEST_F(FaultsTest, ColdStartOnABadRevisionFindsTheNewestGoodOneBeforeIt) {
  Put(kName, "One");
  Put(kName, "Two");
  PutBad(kName);
  PutBad(kName);
  const auto replica = Open();
  EXPECT_EQ(replica->Title(kName), "Two");
  EXPECT_EQ(replica->Get(kName)->entry->origin.number, 2);
  EXPECT_EQ(replica->Title(kName), "Two");
  EXPECT_EQ((*replica)->Stats().compiled, 3);
}

TEST_F(FaultsTest, OnlySomeEarlierRevisionsAreTriedInPlaceOfABadOne) {
  Put(kName, "One");
  for (int i = 0; i < 6; ++i) PutBad(kName);
  const auto replica = Open();
  EXPECT_THAT(replica->Title(kName), HasSubstr("has no good definition yet"));
  EXPECT_EQ((*replica)->Stats().compiled, 6);
}

TEST_F(FaultsTest, WhatServesStaysWhenMoreBadRevisionsComeThanAreTried) {
  Put(kName, "One");
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  for (int i = 0; i < 7; ++i) PutBad(kName);
  EXPECT_EQ(replica->Title(kName, absl::ZeroDuration()), "One");
}

TEST_F(FaultsTest, GoodRevisionThatCameTogetherWithABadOneServes) {
  Put(kName, "One");
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  Put(kName, "Two");
  PutBad(kName);
  EXPECT_EQ(replica->Title(kName, absl::ZeroDuration()), "Two");
}

// Neither where it is met first nor where it has been held since before.
TEST_F(FaultsTest, DeletedIcpDoesNotComeBackByABadText) {
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  revisions_->Delete(kName);
  PutBad(kName);
  EXPECT_THAT(Open()->Title(kName), HasSubstr("has no good definition yet"));
  EXPECT_THAT(replica->Title(kName, absl::ZeroDuration()), HasSubstr("has no good definition yet"));
}

TEST_F(FaultsTest, DeletedIcpDoesNotComeBackByMoreBadTextsThanAreTried) {
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  revisions_->Delete(kName);
  for (int i = 0; i < 7; ++i) PutBad(kName);
  EXPECT_THAT(replica->Title(kName, absl::ZeroDuration()), HasSubstr("has no good definition yet"));
}

TEST_F(FaultsTest, IcpThatNeverWasGoodIsNotFoundUntilItIs) {
  PutBad(kName);
  const auto replica = Open();
  EXPECT_THAT(replica->Title(kName), HasSubstr("has no good definition yet"));
  EXPECT_THAT(replica->Title(kName), HasSubstr("has no good definition yet"));
  EXPECT_EQ((*replica)->Stats().compiled, 1);
  Put(kName, "Two");
  TellAllChanged();
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
}

TEST_F(FaultsTest, DefinitionStoredUnderAnotherNameIsBad) {
  Put(kName, "One");
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  revisions_->Put(kName, "name: tenants/acme/icps/other\ntitle: x\n");
  EXPECT_EQ(replica->Title(kName, absl::ZeroDuration()), "One");
  ASSERT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kBadRevision) == 1; }));
  EXPECT_THAT(replica->First(CatalogEvent::Kind::kBadRevision).issues[0].message(),
              "its name is 'tenants/acme/icps/other', but it is stored as "
              "'tenants/acme/icps/software'");
}

TEST_F(FaultsTest, WhoWaitsIsToldWhenTheCatalogEnds) {
  options_.load_timeout = absl::Milliseconds(300);
  options_.max_loads = 1;
  auto replica = OpenWithoutCache();
  revisions_->Hold(StoreCall::kReadCurrent);
  Promised<IcpAnswer> running;
  Promised<IcpAnswer> waiting;
  IcpQuery query;
  query.name = kName;
  (*replica)->Get(query, running.Taker());
  query.name = kOther;
  (*replica)->Get(query, waiting.Taker());
  // Either may be given up already by time.
  ASSERT_TRUE(WaitUntil([&] { return revisions_->calls(StoreCall::kReadCurrent) >= 1; }));
  replica.reset();
  ASSERT_TRUE(running.HasCome());
  EXPECT_TRUE(absl::IsUnavailable(running.Wait().status()));
  ASSERT_TRUE(waiting.HasCome());
  EXPECT_TRUE(absl::IsUnavailable(waiting.Wait().status()));
}

}  // namespace
}  // namespace bantam
