// What a catalog over a store answers, while nothing goes wrong.
#include "server/catalog/loading_catalog.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/catalog/loading_catalog_fixture.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(LoadingCatalogTest, LoadsFromTheStoreOnceAndHoldsIt) {
  const RevisionRecord record = Put(kName, "One");
  const auto replica = OpenWithoutCache();
  const absl::StatusOr<IcpAnswer> answer = replica->Get(kName);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->entry->icp->name(), kName);
  EXPECT_EQ(answer->entry->yaml, record.yaml);
  EXPECT_EQ(answer->entry->origin.number, 1);
  EXPECT_EQ(answer->entry->origin.etag, EtagOf(record));
  EXPECT_EQ(answer->entry->origin.create_time, record.create_time);
  EXPECT_LT(answer->age, absl::Seconds(30));
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_EQ(revisions_->reads_of(kName), 1);
  const LoadingCatalogStats stats = (*replica)->Stats();
  EXPECT_EQ(stats.entries, 1);
  EXPECT_GT(stats.bytes, 0);
  EXPECT_EQ(stats.hits, 1);
  EXPECT_EQ(stats.misses, 1);
  EXPECT_EQ(stats.loads_from_store, 1);
  EXPECT_THAT(stats.degraded, IsEmpty());
}

TEST_F(LoadingCatalogTest, WhatIsHeldIsAnsweredOnTheCallersThread) {
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  IcpQuery query;
  query.name = kName;
  bool called = false;
  (*replica)->Get(query, [&called](const absl::StatusOr<IcpAnswer>&) { called = true; });
  EXPECT_TRUE(called);
}

TEST_F(LoadingCatalogTest, FindsWhatIsHeldAndFresh) {
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  IcpQuery query;
  query.name = kName;
  EXPECT_EQ((*replica)->Find(query), absl::nullopt);
  const absl::StatusOr<IcpAnswer> answer = replica->Get(kName);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_NE((*replica)->Find(query), absl::nullopt);
  EXPECT_EQ((*(*replica)->Find(query))->entry, answer->entry);
  query.max_staleness = absl::ZeroDuration();
  EXPECT_EQ((*replica)->Find(query), absl::nullopt);
  query.number = 1;
  EXPECT_EQ((*(*replica)->Find(query))->entry, answer->entry);
  EXPECT_EQ((*(*replica)->Find(query))->age, absl::ZeroDuration());
  query.number = 2;
  EXPECT_EQ((*replica)->Find(query), absl::nullopt);
}

TEST_F(LoadingCatalogTest, FindsThatNothingIsThere) {
  const auto replica = OpenWithoutCache();
  const absl::StatusOr<IcpAnswer> answer = replica->Get(kName);
  ASSERT_TRUE(absl::IsNotFound(answer.status()));
  IcpQuery query;
  query.name = kName;
  ASSERT_NE((*replica)->Find(query), absl::nullopt);
  EXPECT_EQ((*replica)->Find(query)->status(), answer.status());
}

TEST_F(LoadingCatalogTest, SecondReplicaLoadsFromTheCache) {
  Put(kName, "One");
  FillCache(kName);
  const auto replica = Open();
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_EQ(revisions_->reads_of(kName), 1);
  EXPECT_EQ((*replica)->Stats().loads_from_cache, 1);
  EXPECT_EQ((*replica)->Stats().loads_from_store, 0);
}

TEST_F(LoadingCatalogTest, WhatComesFromTheCacheIsConfirmedByTheStoreAtOnce) {
  Put(kName, "One");
  FillCache(kName);
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  EXPECT_TRUE(WaitUntil([&] { return (*replica)->Stats().confirmed == 1; }));
  EXPECT_EQ((*replica)->Stats().corrected, 0);
}

TEST_F(LoadingCatalogTest, CacheThatLostATextCountsAsAMissAndIsFilledAgain) {
  Put(kName, "One");
  FillCache(kName);
  cached_->LoseRecords(kName);
  const auto replica = Open();
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_EQ((*replica)->Stats().cache_misses, 1);
  EXPECT_TRUE(cached_->HasRecord(kName, 1));
}

TEST_F(LoadingCatalogTest, OutdatedPointerOfTheCacheIsCorrected) {
  Put(kName, "One");
  FillCache(kName);
  Put(kName, "Two");  // The cache is not told.
  const auto replica = Open();
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
  EXPECT_EQ((*replica)->Stats().corrected, 1);
  EXPECT_TRUE(WaitUntil([&] { return cached_->Pointer(kName)->number == 2; }));
}

TEST_F(LoadingCatalogTest, UnknownNameIsNotFoundAndHeldAsSuch) {
  const auto replica = OpenWithoutCache();
  EXPECT_TRUE(absl::IsNotFound(replica->Get(kName).status()));
  EXPECT_TRUE(absl::IsNotFound(replica->Get(kName).status()));
  EXPECT_EQ(revisions_->reads_of(kName), 1);
}

TEST_F(LoadingCatalogTest, AbsenceIsFoundInTheCache) {
  FillCache(kName);
  const auto replica = Open();
  EXPECT_TRUE(absl::IsNotFound(replica->Get(kName).status()));
  EXPECT_EQ(revisions_->reads_of(kName), 1);
}

TEST_F(LoadingCatalogTest, AbsenceIsLookedUpAnewAfterAWhile) {
  options_.absence_ttl = absl::Milliseconds(1);
  const auto replica = OpenWithoutCache();
  ASSERT_TRUE(absl::IsNotFound(replica->Get(kName).status()));
  EXPECT_TRUE(WaitUntil([&] {
    return absl::IsNotFound(replica->Get(kName).status()) && revisions_->reads_of(kName) > 1;
  }));
}

TEST_F(LoadingCatalogTest, EmptyListOfATenantIsLookedUpAnewAfterAWhile) {
  options_.absence_ttl = absl::Milliseconds(1);
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Titles("tenants/acme"), "One");
  EXPECT_TRUE(WaitUntil([&] {
    return replica->Titles("tenants/nobody").empty() &&
           revisions_->calls(StoreCall::kReadTenant) > 2;
  }));
  const int reads = revisions_->calls(StoreCall::kReadTenant);
  EXPECT_EQ(replica->Titles("tenants/acme"), "One");
  EXPECT_EQ(revisions_->calls(StoreCall::kReadTenant), reads) << "it has an ICP";
}

TEST_F(LoadingCatalogTest, MisspeltNameIsToldWhatWasPerhapsMeant) {
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  for (int i = 0; i < 2; ++i) {  // Loaded, then held.
    EXPECT_THAT(replica->Title("tenants/acme/icps/sofware"),
                HasSubstr("did you mean 'tenants/acme/icps/software'"));
  }
  EXPECT_THAT(replica->Title("tenants/acme/icps/softwar"), HasSubstr("did you mean"));
  EXPECT_EQ(revisions_->calls(StoreCall::kReadTenant), 1);
}

TEST_F(LoadingCatalogTest, WhatIsNoNameOfAnIcpIsNotLookedUp) {
  const auto replica = Open();
  for (const char* name : {"", "tenants/acme", "software", "tenants/acme/icps/x@1"}) {
    EXPECT_TRUE(absl::IsNotFound(replica->Get(name).status())) << name;
  }
  EXPECT_EQ(revisions_->calls(StoreCall::kReadCurrent), 0);
}

TEST_F(LoadingCatalogTest, RandomNamesDoNotPushOutWhatIsThere) {
  options_.max_bytes = 256 * 1024;
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(absl::IsNotFound(replica->Get(absl::StrCat("tenants/acme/icps/x", i)).status()));
  }
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_EQ(revisions_->reads_of(kName), 1);
  EXPECT_LE((*replica)->Stats().bytes, options_.max_bytes);
  EXPECT_GT((*replica)->Stats().evictions, 0);
}

TEST_F(LoadingCatalogTest, RandomTenantsDoNotPushOutWhatIsThere) {
  options_.max_bytes = 256 * 1024;
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(replica->Titles(absl::StrCat("tenants/x", i)), "");
    ASSERT_TRUE(absl::IsNotFound(replica->Get(absl::StrCat("tenants/y", i, "/icps/z")).status()));
  }
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_EQ(revisions_->reads_of(kName), 1);
}

TEST_F(LoadingCatalogTest, CountsIcpsApartFromWhatElseIsHeld) {
  Put(kName, "One");
  const RevisionRecord old = Put(kOther, "Old");
  Put(kOther, "New");
  const auto replica = OpenWithoutCache();
  ASSERT_TRUE(replica->Get(kName).ok());
  EXPECT_EQ((*replica)->Stats().icps, 1);
  ASSERT_TRUE(replica->GetRevision(kOther, old.revision).ok());
  ASSERT_TRUE(absl::IsNotFound(replica->Get("tenants/acme/icps/z").status()));
  ASSERT_EQ(replica->Titles("tenants/nobody"), "");
  const LoadingCatalogStats stats = (*replica)->Stats();
  EXPECT_EQ(stats.icps, 1);
  EXPECT_EQ(stats.entries, 5) << "also a pinned revision, an absence and two tenants' lists";
}

TEST_F(LoadingCatalogTest, PinnedRevisionsAreAnsweredForGood) {
  Put(kName, "One");
  Put(kName, "Two");
  const auto replica = OpenWithoutCache();
  const std::string current = replica->Get(kName)->entry->icp->revision();
  const absl::StatusOr<IcpAnswer> by_number = replica->GetNumber(kName, 1);
  ASSERT_TRUE(by_number.ok()) << by_number.status();
  EXPECT_EQ(by_number->entry->origin.number, 1);
  EXPECT_EQ(by_number->age, absl::ZeroDuration());
  EXPECT_TRUE(replica->GetNumber(kName, 1).ok());
  EXPECT_EQ(revisions_->calls(StoreCall::kReadRevision), 1);

  // The current one is at hand.
  EXPECT_EQ(replica->GetRevision(kName, current)->entry->origin.number, 2);
  EXPECT_EQ(replica->GetNumber(kName, 2)->entry->origin.number, 2);
  EXPECT_EQ(revisions_->calls(StoreCall::kReadRevision), 1);
}

TEST_F(LoadingCatalogTest, PinnedRevisionIsFoundInTheCache) {
  const RevisionRecord record = Put(kName, "One");
  Put(kName, "Two");
  ASSERT_TRUE(Open()->GetRevision(kName, record.revision).ok());
  const auto replica = Open();
  const absl::StatusOr<IcpAnswer> answer = replica->GetRevision(kName, record.revision);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->entry->yaml, record.yaml);
  EXPECT_EQ(revisions_->calls(StoreCall::kReadRevision), 1);
}

TEST_F(LoadingCatalogTest, RevisionOfADeletedIcpStaysForThoseWhoPinnedIt) {
  Put(kName, "One");
  revisions_->Delete(kName);
  const auto replica = Open();
  EXPECT_TRUE(replica->GetNumber(kName, 1).ok());
  EXPECT_TRUE(absl::IsNotFound(replica->Get(kName).status()));
  EXPECT_TRUE(absl::IsNotFound(replica->GetNumber(kName, 2).status()));
}

TEST_F(LoadingCatalogTest, UnknownRevisionIsNotFound) {
  Put(kName, "One");
  const auto replica = Open();
  EXPECT_EQ(
      replica->GetNumber(kName, 7).status().message(),
      "ICP 'tenants/acme/icps/software' has no revision number 7; its history lists those that "
      "it has (ListIcpRevisions, `bantam icp history`)");
  const std::string revision(32, 'a');
  EXPECT_THAT(replica->GetRevision(kName, revision).status().ToString(), HasSubstr(revision));
}

// The store does not know them by the revision that answers name.
TEST_F(LoadingCatalogTest, RevisionsSavedByHandCanBePinnedByWhatAnswersName) {
  Put(kName, "One");
  const std::string revision = Open()->Get(kName)->entry->icp->revision();
  PutBad(kName);
  Put(kName, "Two");
  for (int i = 0; i < 2; ++i) {  // From the store, then from the cache.
    const absl::StatusOr<IcpAnswer> answer = Open()->GetRevision(kName, revision);
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->entry->icp->revision(), revision);
    EXPECT_EQ(answer->entry->origin.number, 1);
  }
  EXPECT_EQ(revisions_->calls(StoreCall::kListRevisions), 1);
}

TEST_F(LoadingCatalogTest, OnlySomeRevisionsSavedByHandAreCompiledInSearchOfOne) {
  for (int i = 0; i < 120; ++i) Put(kName, absl::StrCat("Title ", i));
  const auto replica = Open();
  EXPECT_TRUE(absl::IsNotFound(replica->GetRevision(kName, std::string(32, 'a')).status()));
  EXPECT_EQ((*replica)->Stats().compiled, 100);
}

TEST_F(LoadingCatalogTest, PinnedRevisionWithErrorsIsNotFound) {
  PutBad(kName);
  EXPECT_THAT(Open()->GetNumber(kName, 1).status().ToString(),
              AllOf(HasSubstr("NOT_FOUND"), HasSubstr("has errors for this version")));
}

TEST_F(LoadingCatalogTest, TenantWithTooManyIcpsIsRefusedBeforeAnyIsLoaded) {
  options_.max_tenant_icps = 3;
  for (int i = 0; i < 4; ++i) Put(absl::StrCat("tenants/acme/icps/i", i), "x");
  const auto replica = OpenWithoutCache();
  const absl::Status status = replica->GetTenant("tenants/acme").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("tenants/acme has 4 ICPs"), HasSubstr("3 of a tenant at most")));
  EXPECT_EQ(revisions_->calls(StoreCall::kReadCurrent), 0);
  revisions_->Delete("tenants/acme/icps/i1");
  EXPECT_EQ(replica->Titles("tenants/acme", absl::ZeroDuration()), "x x x");
}

TEST_F(LoadingCatalogTest, IcpsOfATenantAreLoadedAFewAtATime) {
  for (int i = 0; i < 40; ++i) Put(absl::StrCat("tenants/acme/icps/i", i), "x");
  const auto replica = OpenWithoutCache();
  revisions_->Hold(StoreCall::kReadCurrent);
  Promised<TenantAnswer> tenant;
  (*replica)->GetTenant("tenants/acme", absl::nullopt, tenant.Taker());
  ASSERT_TRUE(revisions_->WaitUntilHeld(16));
  Promised<IcpAnswer> other;
  IcpQuery query;
  query.name = "tenants/other/icps/software";
  (*replica)->Get(query, other.Taker());
  ASSERT_TRUE(revisions_->WaitUntilHeld(17));
  EXPECT_EQ(revisions_->calls(StoreCall::kReadCurrent), 17);
  revisions_->Release();
  ASSERT_TRUE(tenant.Wait().ok());
  EXPECT_EQ(tenant.Wait()->entries.size(), 40);
  EXPECT_TRUE(absl::IsNotFound(other.Wait().status()));
}

TEST_F(LoadingCatalogTest, GivesAllIcpsOfATenantByName) {
  Put(kName, "Software");
  Put(kOther, "Hardware");
  Put("tenants/acme-2/icps/a", "Another tenant's");
  const auto replica = OpenWithoutCache();
  EXPECT_EQ(replica->Titles("tenants/acme"), "Hardware Software");
  EXPECT_EQ(replica->Titles("tenants/acme"), "Hardware Software");
  EXPECT_EQ(revisions_->calls(StoreCall::kReadTenant), 1);
  EXPECT_EQ(revisions_->calls(StoreCall::kReadCurrent), 2);
  EXPECT_EQ(replica->Titles("tenants/nobody"), "");
}

TEST_F(LoadingCatalogTest, ListOfATenantIsFoundInTheCache) {
  Put(kName, "Software");
  ASSERT_EQ(Open()->Titles("tenants/acme"), "Software");
  const auto replica = Open();
  EXPECT_EQ(replica->Titles("tenants/acme"), "Software");
  EXPECT_GT((*replica)->Stats().loads_from_cache, 0);
}

TEST_F(LoadingCatalogTest, IcpThatNeverWasGoodIsLeftOutOfItsTenant) {
  Put(kName, "Software");
  PutBad(kOther);
  EXPECT_EQ(Open()->Titles("tenants/acme"), "Software");
}

TEST_F(LoadingCatalogTest, ListsPageByPage) {
  for (const char* icp : {"a", "b", "c"}) Put(absl::StrCat("tenants/acme/icps/", icp), icp);
  Put("tenants/zoo/icps/z", "z");
  const auto replica = Open();
  const absl::StatusOr<IcpPage> first = replica->List("tenants/acme", "", 2);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->icps.size(), 2);
  EXPECT_EQ(first->icps[1].name(), "tenants/acme/icps/b");
  EXPECT_EQ(first->icps[1].number(), 1);
  EXPECT_FALSE(first->icps[1].etag().empty());
  EXPECT_TRUE(first->icps[1].has_create_time());
  EXPECT_TRUE(first->more);
  const absl::StatusOr<IcpPage> second = replica->List("tenants/acme", first->icps[1].name(), 2);
  ASSERT_EQ(second->icps.size(), 1);
  EXPECT_FALSE(second->more);
  EXPECT_EQ(replica->List("tenants/-", "", 10)->icps.size(), 4);
}

TEST_F(LoadingCatalogTest, HoldsNoMoreBytesThanItMay) {
  options_.max_bytes = 512 * 1024;
  const auto replica = OpenWithoutCache();
  for (int i = 0; i < 500; ++i) {
    const std::string name = absl::StrCat("tenants/acme/icps/i", i);
    Put(name, "x");
    ASSERT_EQ(replica->Title(name, absl::ZeroDuration()), "x");
    ASSERT_LE((*replica)->Stats().bytes, options_.max_bytes);
  }
  EXPECT_GT((*replica)->Stats().evictions, 0);
  EXPECT_EQ(replica->Title("tenants/acme/icps/i0"), "x");
}

TEST_F(LoadingCatalogTest, StoreThatIsNotSetUpIsAnErrorOfTheStart) {
  revisions_->SetFailure(absl::FailedPreconditionError("run bantamd migrate"));
  MemoryRevisionStore store(revisions_);
  const auto catalog = LoadingCatalog::Open(
      &store, nullptr, [](absl::string_view, absl::string_view) { return LoadedIcp(); }, options_,
      nullptr);
  EXPECT_EQ(catalog.status(), absl::FailedPreconditionError("run bantamd migrate"));
}

}  // namespace
}  // namespace bantam
