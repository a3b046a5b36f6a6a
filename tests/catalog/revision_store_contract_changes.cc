// The part of the contract that is about many ICPs, many replicas and faults.
#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/catalog/revision_store_contract.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A TenantChange.
MATCHER_P2(Tenant, tenant, sequence, "") {
  return arg.tenant == tenant && arg.sequence == sequence;
}

}  // namespace

TEST_P(RevisionStoreContract, PointersComeInTheOrderOfTheNames) {
  Save(kName, "One");
  Save(kOther, "One");
  const absl::StatusOr<std::vector<CurrentRevision>> current =
      ReadPointers({kOther, kElsewhere, kName, kOther});
  ASSERT_TRUE(current.ok()) << current.status();
  ASSERT_EQ(current->size(), 4);
  EXPECT_EQ((*current)[0].name, kOther);
  EXPECT_EQ((*current)[0].sequence, 2);
  EXPECT_EQ((*current)[0].number, 1);
  EXPECT_EQ((*current)[1].name, kElsewhere);
  EXPECT_FALSE((*current)[1].exists());
  EXPECT_EQ((*current)[2].sequence, 1);
  EXPECT_EQ((*current)[2].revision, ReadCurrent(kName)->current.revision);
  EXPECT_EQ((*current)[3].sequence, 2);
  EXPECT_THAT(*ReadPointers({}), IsEmpty());
}

TEST_P(RevisionStoreContract, ThousandPointersAreReadAtOnce) {
  Save(kName, "One");
  std::vector<std::string> names(999, kElsewhere);
  names.push_back(kName);
  const absl::StatusOr<std::vector<CurrentRevision>> current = ReadPointers(names);
  ASSERT_TRUE(current.ok()) << current.status();
  ASSERT_EQ(current->size(), 1000);
  EXPECT_TRUE(current->back().exists());
}

TEST_P(RevisionStoreContract, TenantHasItsNamesAndWhenTheyChangedLast) {
  Save(kName, "One");
  Save(kOther, "One");
  Save(kElsewhere, "One");
  Save("tenants/acme-2/icps/software", "One");
  Save(kName, "Two");
  const absl::StatusOr<TenantNames> names = ReadTenant("tenants/acme");
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(names->tenant, "tenants/acme");
  EXPECT_THAT(names->names, ElementsAre(kOther, kName));
  EXPECT_EQ(names->sequence, 2);
  Delete(kOther);
  EXPECT_THAT(ReadTenant("tenants/acme")->names, ElementsAre(kName));
  EXPECT_EQ(ReadTenant("tenants/acme")->sequence, 6);
  Delete(kName);
  EXPECT_THAT(ReadTenant("tenants/acme")->names, IsEmpty());
  EXPECT_EQ(ReadTenant("tenants/acme")->sequence, 7);
}

TEST_P(RevisionStoreContract, ChangesTellEachIcpOnceAsItIsNow) {
  Save(kName, "One");
  Save(kOther, "One");
  Save(kName, "Two");
  absl::StatusOr<StoreChanges> changes = ReadChanges(0);
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_EQ(changes->sequence, 3);
  EXPECT_FALSE(changes->more);
  ASSERT_EQ(changes->icps.size(), 2);
  EXPECT_EQ(changes->icps[0].name, kOther);
  EXPECT_EQ(changes->icps[0].sequence, 2);
  EXPECT_EQ(changes->icps[1].name, kName);
  EXPECT_EQ(changes->icps[1].sequence, 3);
  EXPECT_EQ(changes->icps[1].number, 2);
  EXPECT_EQ(changes->icps[1].revision, ReadCurrent(kName)->current.revision);
  EXPECT_THAT(changes->tenants, ElementsAre(Tenant("tenants/acme", 2)));

  changes = ReadChanges(2);
  ASSERT_EQ(changes->icps.size(), 1);
  EXPECT_THAT(changes->tenants, IsEmpty()) << "no ICP came or went";

  Delete(kName);
  changes = ReadChanges(3);
  ASSERT_EQ(changes->icps.size(), 1);
  EXPECT_FALSE(changes->icps[0].exists());
  EXPECT_EQ(changes->icps[0].sequence, 4);
  EXPECT_THAT(changes->tenants, ElementsAre(Tenant("tenants/acme", 4)));
  EXPECT_THAT(ReadChanges(4)->icps, IsEmpty());
}

// What is known of a tenant's names can be compared with what the names themselves say.
TEST_P(RevisionStoreContract, ChangeOfATenantHasTheSequenceOfItsNames) {
  Save(kName, "One");
  Save(kElsewhere, "One");
  Save(kName, "Two");
  const absl::StatusOr<StoreChanges> changes = ReadChanges(0);
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_EQ(changes->sequence, 3);
  ASSERT_EQ(changes->tenants.size(), 2);
  for (const TenantChange& change : changes->tenants) {
    EXPECT_EQ(change.sequence, ReadTenant(change.tenant)->sequence) << change.tenant;
  }
}

TEST_P(RevisionStoreContract, NewestSequenceAloneTellsNoChanges) {
  Save(kName, "One");
  const absl::StatusOr<StoreChanges> changes = ReadChanges(-1);
  EXPECT_EQ(changes->sequence, 1);
  EXPECT_THAT(changes->icps, IsEmpty());
  EXPECT_THAT(changes->tenants, IsEmpty());
  EXPECT_FALSE(changes->more);
}

// So that a reader notices a store that was restored from a backup.
TEST_P(RevisionStoreContract, SequenceIsToldAsItIsToAReaderWhoIsAhead) {
  Save(kName, "One");
  const absl::StatusOr<StoreChanges> changes = ReadChanges(1000);
  ASSERT_TRUE(changes.ok()) << changes.status();
  EXPECT_EQ(changes->sequence, 1);
  EXPECT_THAT(changes->icps, IsEmpty());
}

TEST_P(RevisionStoreContract, ManyChangesComeInPartsThatMissNone) {
  constexpr int kIcps = 1200;
  for (int i = 0; i < kIcps; ++i) {
    Save(absl::StrCat("tenants/t", i % 7, "/icps/i", i), "One");
  }
  std::vector<std::string> names;
  std::vector<std::string> tenants;
  int64_t after = 0;
  for (int parts = 0; parts < kIcps; ++parts) {
    const absl::StatusOr<StoreChanges> changes = ReadChanges(after);
    ASSERT_TRUE(changes.ok()) << changes.status();
    for (const CurrentRevision& current : changes->icps) {
      EXPECT_GT(current.sequence, after);
      EXPECT_LE(current.sequence, changes->sequence);
      names.push_back(current.name);
    }
    for (const TenantChange& change : changes->tenants) tenants.push_back(change.tenant);
    after = changes->sequence;
    if (!changes->more) break;
  }
  EXPECT_EQ(after, kIcps);
  EXPECT_EQ(names.size(), kIcps);
  std::sort(tenants.begin(), tenants.end());
  tenants.erase(std::unique(tenants.begin(), tenants.end()), tenants.end());
  EXPECT_EQ(tenants.size(), 7);
}

TEST_P(RevisionStoreContract, ListsWhatIsCurrentPageByPageWithoutTexts) {
  const RevisionRecord software = Save(kName, "One").record;
  Save(kOther, "One");
  Save(kElsewhere, "One");
  Save("tenants/acme/icps/gone", "One");
  Delete("tenants/acme/icps/gone");
  EXPECT_THAT(NamesOf(*ListCurrent("tenants/acme")), ElementsAre(kOther, kName));
  EXPECT_THAT(NamesOf(*ListCurrent("tenants/-")), ElementsAre(kOther, kName, kElsewhere));
  EXPECT_THAT(NamesOf(*ListCurrent("tenants/-", "", 2)), ElementsAre(kOther, kName));
  EXPECT_THAT(NamesOf(*ListCurrent("tenants/-", kName, 2)), ElementsAre(kElsewhere));
  EXPECT_THAT(*ListCurrent("tenants/acm"), IsEmpty());
  ExpectEqual((*ListCurrent("tenants/acme"))[1], software, /*with_yaml=*/false);
}

TEST_P(RevisionStoreContract, ListsRevisionsNewestFirstWithoutTexts) {
  for (const char* title : {"One", "Two", "Three"}) Save(kName, title);
  const RevisionRecord deletion = Delete(kName).record;
  Save(kOther, "One");
  EXPECT_THAT(NumbersOf(*ListRevisions(kName)), ElementsAre(4, 3, 2, 1));
  EXPECT_THAT(NumbersOf(*ListRevisions(kName, 0, 2)), ElementsAre(4, 3));
  EXPECT_THAT(NumbersOf(*ListRevisions(kName, 3, 2)), ElementsAre(2, 1));
  EXPECT_THAT(*ListRevisions(kName, 1), IsEmpty());
  ExpectEqual((*ListRevisions(kName))[0], deletion, /*with_yaml=*/false);
  EXPECT_EQ((*ListRevisions(kName))[1].title, "Three");
  EXPECT_EQ((*ListRevisions(kName))[1].yaml, "");
}

TEST_P(RevisionStoreContract, ReplicasSeeEachOthersChanges) {
  const std::unique_ptr<RevisionStore> other = bench_->Open();
  Save(kName, "One");
  const auto read = AskAndWait<CurrentRead>(timeout_, [&](absl::Time deadline, auto done) {
    other->ReadCurrent(kName, 0, deadline, std::move(done));
  });
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->record->title, "One");
}

TEST_P(RevisionStoreContract, OfTwoEditorsWithOneEtagOneWins) {
  const std::unique_ptr<RevisionStore> other = bench_->Open();
  for (int round = 0; round < 10; ++round) {
    const std::string etag = EtagOf(Save(kName, absl::StrCat("Round ", round)).record);
    absl::StatusOr<AppliedChange> mine;
    absl::StatusOr<AppliedChange> theirs;
    std::thread editor([&] {
      theirs = AskAndWait<AppliedChange>(timeout_, [&](absl::Time deadline, auto done) {
        other->Apply(ChangeTo(kName, absl::StrCat("theirs ", round), etag), deadline,
                     std::move(done));
      });
    });
    mine = Apply(ChangeTo(kName, absl::StrCat("mine ", round), etag));
    editor.join();
    EXPECT_NE(mine.ok(), theirs.ok());
    EXPECT_TRUE(absl::IsAborted((mine.ok() ? theirs : mine).status()));
  }
}

// Whoever reads changes up to some sequence will not find an earlier one afterwards.
TEST_P(RevisionStoreContract, NoChangeIsSeenLate) {
  constexpr int kSaves = 40;
  constexpr int kEditors = 4;
  std::vector<std::unique_ptr<RevisionStore>> stores;
  std::vector<std::thread> editors;
  for (int i = 0; i < kEditors; ++i) stores.push_back(bench_->Open());
  for (int i = 0; i < kEditors; ++i) {
    editors.emplace_back([this, i, store = stores[i].get()] {
      for (int j = 0; j < kSaves; ++j) {
        const auto applied =
            AskAndWait<AppliedChange>(timeout_, [&](absl::Time deadline, auto done) {
              store->Apply(ChangeTo(absl::StrCat("tenants/t/icps/i", i, "-", j), "One", ""),
                           deadline, std::move(done));
            });
        EXPECT_TRUE(applied.ok()) << applied.status();
      }
    });
  }
  std::vector<std::string> names;
  int64_t after = 0;
  const absl::Time limit = absl::Now() + absl::Minutes(5);
  while (after < kSaves * kEditors && absl::Now() < limit) {
    const absl::StatusOr<StoreChanges> changes = ReadChanges(after);
    ASSERT_TRUE(changes.ok()) << changes.status();
    EXPECT_EQ(changes->icps.size(), changes->sequence - after) << "one was seen late";
    after = changes->sequence;
  }
  for (std::thread& editor : editors) editor.join();
  EXPECT_EQ(after, kSaves * kEditors);
}

TEST_P(RevisionStoreContract, StoreThatIsAwayIsUnavailableUntilItIsBack) {
  Save(kName, "One");
  bench_->TakeAway();
  timeout_ = absl::Seconds(1);
  const absl::Time begin = absl::Now();
  const absl::Status status = ReadCurrent(kName).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("\n")));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(20));
  EXPECT_TRUE(absl::IsUnavailable(ReadChanges(0).status()));
  EXPECT_TRUE(absl::IsUnavailable(Apply(ChangeTo(kName, "Two", "*")).status()));
  bench_->GiveBack();

  // It may take a while until it is reached again.
  timeout_ = absl::Seconds(20);
  absl::StatusOr<CurrentRead> read = ReadCurrent(kName);
  for (const absl::Time limit = absl::Now() + absl::Minutes(2);
       absl::IsUnavailable(read.status()) && absl::Now() < limit;) {
    read = ReadCurrent(kName);
  }
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->record.has_value());
}

TEST_P(RevisionStoreContract, WhatIsUnderWayIsGivenUpWithTheStore) {
  std::atomic<int> answers{0};
  for (int i = 0; i < 100; ++i) {
    store_->ReadCurrent(kName, 0, absl::Now() + timeout_,
                        [&answers](const absl::StatusOr<CurrentRead>&) { ++answers; });
  }
  store_.reset();
  EXPECT_EQ(answers, 100);
}

TEST_P(RevisionStoreContract, ManyThreadsMayRead) {
  Save(kName, "One");
  std::atomic<int> good{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([this, &good] {
      for (int j = 0; j < 50; ++j) good += ReadCurrent(kName).ok() ? 1 : 0;
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(good, 200);
}

}  // namespace bantam
