// How changes reach what a catalog over a store holds, and how fresh its answers are.
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/catalog/loading_catalog.h"
#include "tests/catalog/loading_catalog_fixture.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kNewest = absl::ZeroDuration();

class FreshnessTest : public LoadingCatalogTest {
 protected:
  // A load of `name` that is under way: its answer is read from the store but held back.
  struct HeldBack {
    Promised<IcpAnswer> answer;
  };
  std::unique_ptr<HeldBack> BeginHeldBack(Replica* replica, absl::string_view name,
                                          size_t held = 1) {
    revisions_->Hold(StoreCall::kReadCurrent);
    auto load = std::make_unique<HeldBack>();
    IcpQuery query;
    query.name = name;
    (*replica)->Get(query, load->answer.Taker());
    EXPECT_TRUE(revisions_->WaitUntilHeld(held));
    return load;
  }

  std::string TitleOf(const absl::StatusOr<IcpAnswer>& answer) {
    return answer.ok() ? answer->entry->icp->definition().title().texts().at("en")
                       : answer.status().ToString();
  }
};

TEST_F(FreshnessTest, PollFindsAChange) {
  options_.poll_interval = absl::Milliseconds(5);
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  Put(kName, "Two");
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
  EXPECT_GE((*replica)->Stats().changes_polled, 1);
  // A poll that met the reload under way may have asked for one more; later ones do not.
  const auto wait_for_polls = [&] {
    const int64_t end = (*replica)->Stats().polls + 3;
    return WaitUntil([&] { return (*replica)->Stats().polls >= end; });
  };
  ASSERT_TRUE(wait_for_polls());
  const int reads = revisions_->reads_of(kName);
  ASSERT_TRUE(wait_for_polls());
  EXPECT_EQ(revisions_->reads_of(kName), reads);
  EXPECT_LE(reads, 3);
}

TEST_F(FreshnessTest, PollFindsThatAnIcpCameAndWent) {
  options_.poll_interval = absl::Milliseconds(5);
  options_.absence_ttl = absl::Hours(1);
  const auto replica = OpenWithoutCache();
  ASSERT_TRUE(absl::IsNotFound(replica->Get(kName).status()));
  ASSERT_EQ(replica->Titles("tenants/acme"), "");
  Put(kName, "One");
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "One"; }));
  EXPECT_TRUE(WaitUntil([&] { return replica->Titles("tenants/acme") == "One"; }));
  revisions_->Delete(kName);
  EXPECT_TRUE(WaitUntil([&] { return absl::IsNotFound(replica->Get(kName).status()); }));
  EXPECT_TRUE(WaitUntil([&] { return replica->Titles("tenants/acme").empty(); }));
}

// A poll that tells of more than one change drops a tenant's list by the tenant's own change: the
// list that is read after it is as new as that.
TEST_F(FreshnessTest, TenantsListStandsInTheCacheAgainThoughOtherChangesCameAfterIts) {
  const auto replica = Open();
  Put(kName, "One");
  Put("tenants/other/icps/software", "Other");
  TellAllChanged();
  ASSERT_TRUE(WaitUntil([&] { return (*replica)->Stats().changes_polled == 2; }));
  ASSERT_TRUE(WaitUntil([&] { return cached_->WaitUntilQuiet(); }));
  EXPECT_EQ(replica->Titles("tenants/acme"), "One");
  EXPECT_TRUE(WaitUntil([&] { return cached_->Tenant("tenants/acme").has_value(); }));
}

TEST_F(FreshnessTest, PollConfirmsWhatItDoesNotName) {
  Put(kName, "One");
  Put(kOther, "One");
  const auto quiet = OpenWithoutCache();
  options_.poll_interval = absl::Milliseconds(5);
  const auto polling = OpenWithoutCache();
  ASSERT_EQ(quiet->Title(kName), "One");
  ASSERT_EQ(polling->Title(kName), "One");
  ASSERT_TRUE(WaitUntil([&] { return quiet->Get(kName)->age > absl::Milliseconds(200); }));
  EXPECT_TRUE(WaitUntil([&] { return polling->Get(kName)->age < absl::Milliseconds(50); }));
  EXPECT_EQ(revisions_->reads_of(kName), 2) << "nothing was read again for it";
}

TEST_F(FreshnessTest, PollThatFindsMoreThanItTellsAtOnceGoesOn) {
  Put("tenants/acme/icps/i0", "One");
  const auto replica = Open();
  ASSERT_EQ(replica->Title("tenants/acme/icps/i0"), "One");
  for (int i = 1500; i >= 0; --i) Put(absl::StrCat("tenants/acme/icps/i", i), "Two");
  TellAllChanged();
  EXPECT_TRUE(WaitUntil([&] { return replica->Title("tenants/acme/icps/i0") == "Two"; }));
  EXPECT_EQ((*replica)->Stats().changes_polled, 1501);
}

TEST_F(FreshnessTest, MessageOfTheCacheBringsAChangeOfAnotherReplica) {
  Put(kName, "One");
  const auto one = Open();
  const auto other = Open();
  ASSERT_EQ(other->Title(kName), "One");
  ASSERT_TRUE(one->Save("name: tenants/acme/icps/software\ntitle: Two\n", "*").ok());
  EXPECT_TRUE(WaitUntil([&] { return other->Title(kName) == "Two"; }));
  EXPECT_EQ((*other)->Stats().changes_polled, 0) << "no poll was needed";
  EXPECT_GE((*other)->Stats().loads_from_cache, 1);
}

TEST_F(FreshnessTest, MessageOfTheCacheEndsAnAbsence) {
  options_.absence_ttl = absl::Hours(1);
  const auto one = Open();
  const auto other = Open();
  ASSERT_TRUE(absl::IsNotFound(other->Get(kName).status()));
  ASSERT_EQ(other->Titles("tenants/acme"), "");
  ASSERT_TRUE(one->Save("name: tenants/acme/icps/software\ntitle: One\n", "").ok());
  EXPECT_TRUE(WaitUntil([&] { return other->Title(kName) == "One"; }));
  EXPECT_TRUE(WaitUntil([&] { return other->Titles("tenants/acme") == "One"; }));
  ASSERT_TRUE(one->Delete(kName, "*").ok());
  EXPECT_TRUE(WaitUntil([&] { return absl::IsNotFound(other->Get(kName).status()); }));
  EXPECT_TRUE(WaitUntil([&] { return other->Titles("tenants/acme").empty(); }));
}

// What the cache holds of an absence ends by itself, and that is told too: who loaded it again then
// would write it again, and so for ever.
TEST_F(FreshnessTest, AbsenceThatNobodyAsksForAnyMoreIsDroppedWhenTheCacheTellsOfIt) {
  options_.absence_ttl = absl::ZeroDuration();
  const auto replica = Open();
  ASSERT_TRUE(absl::IsNotFound(replica->Get(kName).status()));
  ASSERT_EQ(replica->Titles("tenants/nobody"), "");
  ASSERT_TRUE(cached_->WaitUntilQuiet());
  cached_->LosePointer(kName);
  cached_->Tell({kName, "tenants/acme", "tenants/nobody"});
  ASSERT_TRUE(cached_->WaitUntilQuiet());
  EXPECT_EQ((*replica)->Stats().entries, 0);
  EXPECT_EQ(revisions_->reads_of(kName), 1);
  EXPECT_EQ(revisions_->calls(StoreCall::kReadTenant), 2);
}

// Also where the change is one that concerns it.
TEST_F(FreshnessTest, AbsenceThatNobodyAsksForAnyMoreIsNotLoadedAgainWhenAPollEndsIt) {
  options_.absence_ttl = absl::ZeroDuration();
  options_.poll_interval = absl::Milliseconds(5);
  const auto replica = OpenWithoutCache();
  ASSERT_TRUE(absl::IsNotFound(replica->Get(kName).status()));
  Put(kName, "One");
  EXPECT_TRUE(WaitUntil([&] { return (*replica)->Stats().entries == 0; }));
  EXPECT_EQ(revisions_->reads_of(kName), 1);
}

TEST_F(FreshnessTest, EmptiedCacheIsAskedNothingAndThePollConfirmsAll) {
  Put(kName, "One");
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  Put(kName, "Two");
  cached_->FlushAll();
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
  EXPECT_GE((*replica)->Stats().cache_all_changed, 2);  // The first one when it began to watch.
  EXPECT_TRUE(WaitUntil([&] { return cached_->Pointer(kName).has_value(); }));
}

TEST_F(FreshnessTest, InvalidationDuringALoadCancelsThatFill) {
  Put(kName, "One");
  const auto replica = Open();
  const auto load = BeginHeldBack(replica.get(), kName);
  Put(kName, "Two");
  cached_->Tell({kName});
  ASSERT_TRUE(WaitUntil([&] { return (*replica)->Stats().cache_messages == 1; }));
  revisions_->Release();
  EXPECT_EQ(TitleOf(load->answer.Wait()), "One") << "it was current after the question";
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
}

TEST_F(FreshnessTest, PollDuringALoadCancelsThatFill) {
  Put(kName, "One");
  const auto replica = Open();
  const auto load = BeginHeldBack(replica.get(), kName);
  Put(kName, "Two");
  TellAllChanged();
  ASSERT_TRUE(WaitUntil([&] { return (*replica)->Stats().changes_polled == 1; }));
  revisions_->Release();
  EXPECT_EQ(TitleOf(load->answer.Wait()), "Two") << "known by then, so that it is read again";
  EXPECT_EQ(replica->Title(kName), "Two");
}

TEST_F(FreshnessTest, PollDuringAReloadInTheBackgroundHasItReadAgain) {
  Put(kName, "One");
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  ASSERT_TRUE(WaitUntilSettled(*replica));
  revisions_->Hold(StoreCall::kReadCurrent);
  cached_->LosePointer(kName);
  cached_->Tell({kName});
  ASSERT_TRUE(revisions_->WaitUntilHeld(1));
  Put(kName, "Two");
  TellAllChanged();
  ASSERT_TRUE(WaitUntil([&] { return (*replica)->Stats().changes_polled == 1; }));
  const int64_t polls = (*replica)->Stats().polls;
  revisions_->Release();
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
  EXPECT_EQ((*replica)->Stats().polls, polls) << "it was not left to the next poll";
}

// The list is looked up beside the load of a name that is not there, for the sake of its message.
TEST_F(FreshnessTest, PollDuringTheLookUpOfATenantsListKeepsItFromBeingHeld) {
  const auto replica = Open();
  Put(kOther, "Other");
  revisions_->Hold(StoreCall::kReadTenant);
  Promised<IcpAnswer> answer;
  IcpQuery query;
  query.name = "tenants/acme/icps/nothing";
  (*replica)->Get(query, answer.Taker());
  ASSERT_TRUE(revisions_->WaitUntilHeld(1));
  Put(kName, "One");
  TellAllChanged();
  ASSERT_TRUE(WaitUntil([&] { return (*replica)->Stats().changes_polled == 2; }));
  revisions_->Release();
  ASSERT_TRUE(absl::IsNotFound(answer.Wait().status()));
  EXPECT_EQ(replica->Titles("tenants/acme"), "Other One");
}

TEST_F(FreshnessTest, LateFillDoesNotOverwriteThePointerInTheCache) {
  Put(kName, "One");
  const auto replica = Open();
  const auto load = BeginHeldBack(replica.get(), kName);
  Put(kName, "Two");
  TellAllChanged();
  ASSERT_TRUE(WaitUntil([&] {
    const auto pointer = cached_->Pointer(kName);
    return pointer.has_value() && pointer->number == 2;
  }));
  revisions_->Release();
  ASSERT_TRUE(load->answer.Wait().ok());
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; }));
  EXPECT_EQ(cached_->Pointer(kName)->number, 2);
}

TEST_F(FreshnessTest, LateLoadDoesNotReplaceWhatWasSavedMeanwhile) {
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  const auto load = BeginHeldBack(replica.get(), kName);
  ASSERT_TRUE(replica->Save("name: tenants/acme/icps/software\ntitle: Two\n", "*").ok());
  EXPECT_EQ(replica->Title(kName), "Two");
  revisions_->Release();
  EXPECT_EQ(TitleOf(load->answer.Wait()), "Two") << "it is answered with what is known by then";
  EXPECT_EQ(replica->Title(kName), "Two");
}

TEST_F(FreshnessTest, DemandForTheNewestIsReadFromTheStore) {
  Put(kName, "One");
  FillCache(kName);
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  ASSERT_TRUE(WaitUntil([&] { return (*replica)->Stats().confirmed == 1; }));
  Put(kName, "Two");
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_EQ(replica->Title(kName, kNewest), "Two");
  EXPECT_EQ(replica->Title(kName), "Two");
}

TEST_F(FreshnessTest, DemandForTheNewestListOfATenantIsReadFromTheStore) {
  Put(kName, "One");
  const auto replica = Open();
  ASSERT_EQ(replica->Titles("tenants/acme"), "One");
  ASSERT_TRUE(WaitUntilSettled(*replica));
  Put(kOther, "Two");
  EXPECT_EQ(replica->Titles("tenants/acme"), "One");
  EXPECT_EQ(replica->Titles("tenants/acme", kNewest), "Two One");
}

TEST_F(FreshnessTest, DemandForTheNewestJoinsNoLoadThatHasBegun) {
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  const auto load = BeginHeldBack(replica.get(), kName);
  Put(kName, "Two");
  Promised<IcpAnswer> newest[10];
  IcpQuery query;
  query.name = kName;
  query.max_staleness = kNewest;
  for (Promised<IcpAnswer>& promised : newest) (*replica)->Get(query, promised.Taker());
  EXPECT_EQ(revisions_->reads_of(kName), 1) << "at most one load at a time";
  revisions_->Release();
  EXPECT_EQ(TitleOf(load->answer.Wait()), "One");
  for (const Promised<IcpAnswer>& promised : newest) EXPECT_EQ(TitleOf(promised.Wait()), "Two");
  // If the second load has learnt by then that there is a newer one, the first has it looked at
  // once more.
  EXPECT_LE(revisions_->reads_of(kName), 3) << "all joined the one that had not begun";
}

TEST_F(FreshnessTest, DemandForTheNewestMayJoinALoadThatHasNotAskedTheStore) {
  Put(kName, "One");
  FillCache(kName);
  const auto replica = Open();
  cached_->Hold(/*without_time_out=*/true);
  Promised<IcpAnswer> any;
  Promised<IcpAnswer> newest;
  IcpQuery query;
  query.name = kName;
  (*replica)->Get(query, any.Taker());
  ASSERT_TRUE(cached_->WaitUntilHeld(1));
  Put(kName, "Two");
  query.max_staleness = kNewest;
  (*replica)->Get(query, newest.Taker());
  cached_->Release();
  EXPECT_EQ(TitleOf(newest.Wait()), "Two");
  EXPECT_EQ(TitleOf(any.Wait()), "Two");
  EXPECT_EQ((*replica)->Stats().loads_from_store, 1);
}

TEST_F(FreshnessTest, EntryThatIsTooOldIsConfirmedByTheStoreFirst) {
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  EXPECT_EQ(replica->Title(kName, absl::Hours(1)), "One");
  EXPECT_EQ(revisions_->reads_of(kName), 1) << "it is fresh enough";
  ASSERT_TRUE(WaitUntil([&] { return replica->Get(kName)->age > absl::Milliseconds(20); }));
  const absl::StatusOr<IcpAnswer> fresh = replica->Get(kName, absl::Milliseconds(10));
  EXPECT_EQ(TitleOf(fresh), "One");
  EXPECT_EQ(revisions_->reads_of(kName), 2);
  EXPECT_EQ((*replica)->Stats().compiled, 1) << "its text was not read again";
}

TEST_F(FreshnessTest, EntryOfTheCacheThatIsTooOldIsReadFromTheStore) {
  Put(kName, "One");
  FillCache(kName);
  cached_->ForcePointer(*cached_->Pointer(kName), absl::Now() - absl::Minutes(5));
  Put(kName, "Two");
  const auto replica = Open();
  EXPECT_EQ(replica->Title(kName, absl::Minutes(1)), "Two");
}

TEST_F(FreshnessTest, AgeOfWhatComesFromTheCacheIsThatOfItsPointer) {
  Put(kName, "One");
  FillCache(kName);
  cached_->ForcePointer(*cached_->Pointer(kName), absl::Now() - absl::Minutes(5));
  revisions_->SetFailure(absl::UnavailableError("down"));
  const auto replica = Open();
  EXPECT_GE(replica->Get(kName)->age, absl::Minutes(5));
  revisions_->SetFailure(absl::OkStatus());
  TellAllChanged();
  EXPECT_TRUE(WaitUntil([&] { return replica->Get(kName)->age < absl::Minutes(1); }));
}

TEST_F(FreshnessTest, WithoutTheStoreOldEntriesAreRefusedToWhoWantsThemFresh) {
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  revisions_->SetFailure(absl::UnavailableError("secret host is down"));
  ASSERT_TRUE(WaitUntil([&] { return replica->Get(kName)->age > absl::Milliseconds(20); }));
  const absl::Status status = replica->Get(kName, absl::Milliseconds(10)).status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("max_staleness"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  EXPECT_TRUE(absl::IsUnavailable(replica->Get(kName, kNewest).status()));
  EXPECT_EQ(replica->Title(kName), "One");
}

TEST_F(FreshnessTest, CatalogsOwnBoundCountsForQueriesThatNameNone) {
  options_.max_staleness = absl::Milliseconds(10);
  options_.poll_interval = absl::Milliseconds(2);
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  revisions_->SetFailure(absl::UnavailableError("down"));
  EXPECT_TRUE(WaitUntil([&] { return absl::IsUnavailable(replica->Get(kName).status()); }));
  EXPECT_EQ(replica->Title(kName, absl::InfiniteDuration()), "One");
  revisions_->SetFailure(absl::OkStatus());
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "One"; }));
}

}  // namespace
}  // namespace bantam
