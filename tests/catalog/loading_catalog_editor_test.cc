// Changing ICPs through a catalog over a store.
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/catalog/loading_catalog.h"
#include "tests/catalog/loading_catalog_fixture.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

std::string Text(absl::string_view title) {
  return absl::StrCat("name: tenants/acme/icps/software\ntitle: ", title, "\n");
}

class EditorTest : public LoadingCatalogTest {};

TEST_F(EditorTest, WhatIsSavedIsShownByTheNextCall) {
  const auto replica = OpenWithoutCache();
  ASSERT_TRUE(absl::IsNotFound(replica->Get(kName).status()));
  ASSERT_EQ(replica->Titles("tenants/acme"), "");
  const absl::StatusOr<EditedIcp> edited = replica->Save(Text("One"), "");
  ASSERT_TRUE(edited.ok()) << edited.status();
  EXPECT_EQ(edited->change.record.number, 1);
  EXPECT_EQ(edited->change.record.title, "One");
  EXPECT_EQ(edited->change.record.revision, edited->entry->icp->revision());
  EXPECT_EQ(edited->entry->origin.number, 1);
  EXPECT_EQ(edited->entry->origin.author, "ann");
  EXPECT_EQ(edited->entry->origin.comment, "why not");
  EXPECT_EQ(edited->entry->origin.etag, EtagOf(edited->change.record));
  EXPECT_EQ(edited->entry->origin.create_time, edited->change.record.create_time);
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_EQ(replica->Titles("tenants/acme"), "One");
  EXPECT_EQ(revisions_->reads_of(kName), 1) << "it was not read again";
}

TEST_F(EditorTest, WhatIsSavedStandsInTheCache) {
  const auto replica = Open();
  ASSERT_TRUE(replica->Save(Text("One"), "").ok());
  EXPECT_EQ(cached_->Pointer(kName)->number, 1);
  EXPECT_TRUE(cached_->HasRecord(kName, 1));
}

// The store says nothing of what others change while its answer is on its way.
TEST_F(EditorTest, WhatIsSavedCountsAsKnownWhenItWasAskedForNotWhenItWasAnswered) {
  const auto replica = Open();
  revisions_->Hold(StoreCall::kApply);
  absl::StatusOr<EditedIcp> saved = absl::UnknownError("not asked");
  std::thread saving([&] { saved = replica->Save(Text("One"), ""); });
  EXPECT_TRUE(revisions_->WaitUntilHeld(1));
  const absl::Time asked = absl::Now();
  EXPECT_TRUE(WaitUntil([&] { return absl::Now() > asked + absl::Milliseconds(2); }));
  revisions_->Release();
  saving.join();
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_LE(cached_->PointerReadTime(kName), asked);
}

TEST_F(EditorTest, WhatTheStoreCannotKeepIsToldAsItIs) {
  const auto replica = Open();
  revisions_->SetFailure(absl::InvalidArgumentError("the author must be without NUL bytes"));
  const absl::Status status = replica->Save(Text("One"), "").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(status.message(), "the author must be without NUL bytes");
}

TEST_F(EditorTest, SavingTheSameTextAgainChangesNothing) {
  const auto replica = Open();
  ASSERT_TRUE(replica->Save(Text("One"), "").ok());
  const absl::StatusOr<EditedIcp> again = replica->Save(Text("One"), "of another time");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->change.unchanged);
  EXPECT_EQ(again->entry->origin.number, 1);
  EXPECT_EQ(revisions_->sequence(), 1);
}

TEST_F(EditorTest, OldEtagIsAbortedWithWhatToDo) {
  const auto replica = Open();
  const std::string etag = replica->Save(Text("One"), "")->entry->origin.etag;
  ASSERT_TRUE(replica->Save(Text("Two"), etag).ok());
  const absl::Status status = replica->Save(Text("Three"), etag).status();
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("read it again"));
  EXPECT_EQ(replica->Title(kName), "Two");
}

TEST_F(EditorTest, ValidateOnlyChecksEverythingAndWritesNothing) {
  const auto replica = Open();
  absl::StatusOr<EditedIcp> checked = replica->Save(Text("One"), "", /*validate_only=*/true);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_EQ(checked->change.record.number, 0);
  EXPECT_EQ(checked->change.record.title, "One");
  EXPECT_EQ(checked->entry->icp->name(), kName);
  EXPECT_EQ(revisions_->sequence(), 0);

  const std::string etag = replica->Save(Text("One"), "")->entry->origin.etag;
  EXPECT_TRUE(replica->Save(Text("Two"), etag, true).ok());
  EXPECT_TRUE(replica->Save(Text("Two"), "*", true).ok());
  EXPECT_TRUE(absl::IsAborted(replica->Save(Text("Two"), "", true).status()));
  EXPECT_TRUE(absl::IsAborted(replica->Save(Text("Two"), "x", true).status()));
  checked = replica->Save(Text("One"), "x", true);
  ASSERT_TRUE(checked.ok()) << checked.status();
  EXPECT_TRUE(checked->change.unchanged);
  EXPECT_EQ(revisions_->sequence(), 1);
  EXPECT_EQ(replica->Title(kName), "One");
}

TEST_F(EditorTest, DeletedIcpIsGoneAtOnce) {
  const auto replica = Open();
  ASSERT_TRUE(replica->Save(Text("One"), "").ok());
  ASSERT_EQ(replica->Titles("tenants/acme"), "One");
  const absl::StatusOr<EditedIcp> deleted = replica->Delete(kName, "*");
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_TRUE(deleted->change.record.deletion());
  EXPECT_EQ(deleted->change.record.number, 2);
  EXPECT_EQ(deleted->entry, nullptr);
  EXPECT_TRUE(absl::IsNotFound(replica->Get(kName).status()));
  EXPECT_EQ(replica->Titles("tenants/acme"), "");
  EXPECT_TRUE(absl::IsNotFound(replica->Delete(kName, "*").status()));
}

TEST_F(EditorTest, RollbackSavesAnEarlierTextAnew) {
  const auto replica = Open();
  ASSERT_TRUE(replica->Save(Text("One"), "").ok());
  const std::string etag = replica->Save(Text("Two"), "*")->entry->origin.etag;
  const absl::StatusOr<EditedIcp> back = replica->Rollback(kName, 1, etag);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(back->change.record.number, 3);
  EXPECT_EQ(back->change.record.comment, "rolled back to number 1");
  EXPECT_EQ(back->change.record.author, "ann");
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_TRUE(absl::IsAborted(replica->Rollback(kName, 2, etag).status()));
  EXPECT_TRUE(absl::IsNotFound(replica->Rollback(kName, 9, "*").status()));
  EXPECT_TRUE(absl::IsNotFound(replica->Rollback(kOther, 1, "*").status()));
}

TEST_F(EditorTest, RollbackBringsBackADeletedIcp) {
  const auto replica = Open();
  ASSERT_TRUE(replica->Save(Text("One"), "").ok());
  ASSERT_TRUE(replica->Delete(kName, "*").ok());
  ASSERT_TRUE(replica->Rollback(kName, 1, "*").ok());
  EXPECT_EQ(replica->Title(kName), "One");
  EXPECT_EQ(replica->Titles("tenants/acme"), "One");
}

TEST_F(EditorTest, RollbackToABadTextIsRefusedWithItsErrors) {
  PutBad(kName);
  Put(kName, "Two");
  const auto replica = Open();
  const absl::Status status = replica->Rollback(kName, 1, "*").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("error: it is bad"));
  EXPECT_EQ(replica->Title(kName), "Two");
}

TEST_F(EditorTest, RollbackFindsARevisionSavedByHandByWhatAnswersName) {
  Put(kName, "One");
  const auto replica = Open();
  const std::string revision = replica->Get(kName)->entry->icp->revision();
  ASSERT_TRUE(replica->Save(Text("Two"), "*").ok());
  Promised<EditedIcp> edited;
  (*replica)->Rollback(kName, revision, 0, "*", "ann", "", edited.Taker());
  ASSERT_TRUE(edited.Wait().ok()) << edited.Wait().status();
  EXPECT_EQ(edited.Wait()->change.record.comment, "rolled back to number 1");
  EXPECT_EQ(replica->Title(kName), "One");
}

TEST_F(EditorTest, ARevisionIsReadWhetherItIsGoodOrBad) {
  Put(kName, "One");
  PutBad(kName);
  const auto replica = Open();
  const absl::StatusOr<StoredRevision> good = replica->ReadRevision(kName, 1);
  ASSERT_TRUE(good.ok()) << good.status();
  ASSERT_NE(good->entry, nullptr);
  EXPECT_EQ(good->entry->origin.number, 1);
  const absl::StatusOr<StoredRevision> bad = replica->ReadRevision(kName, 2);
  ASSERT_TRUE(bad.ok()) << bad.status();
  EXPECT_EQ(bad->entry, nullptr);
  EXPECT_EQ(bad->record.number, 2);
  EXPECT_THAT(bad->record.yaml, HasSubstr("error: it is bad"));
  ASSERT_EQ(bad->issues.size(), 1);
  EXPECT_THAT(bad->issues[0].rendered(), HasSubstr("it is bad"));
  EXPECT_TRUE(absl::IsNotFound(replica->ReadRevision(kName, 3).status()));
  EXPECT_TRUE(absl::IsNotFound(replica->ReadRevision(kOther, 1).status()));
}

TEST_F(EditorTest, ADeletionHasNoTextToRead) {
  const auto replica = Open();
  ASSERT_TRUE(replica->Save(Text("One"), "").ok());
  ASSERT_TRUE(replica->Delete(kName, "*").ok());
  EXPECT_TRUE(absl::IsNotFound(replica->ReadRevision(kName, 2).status()));
  EXPECT_TRUE(replica->ReadRevision(kName, 1).ok());
}

TEST_F(EditorTest, HistoryComesPageByPage) {
  const auto replica = Open();
  for (const char* title : {"One", "Two", "Three"}) {
    ASSERT_TRUE(replica->Save(Text(title), "*").ok());
  }
  const absl::StatusOr<HistoryPage> first = replica->ListRevisions(kName, 0, 2);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_EQ(first->records.size(), 2);
  EXPECT_EQ(first->records[0].title, "Three");
  EXPECT_TRUE(first->more);
  const absl::StatusOr<HistoryPage> second = replica->ListRevisions(kName, 2, 2);
  ASSERT_EQ(second->records.size(), 1);
  EXPECT_FALSE(second->more);
  EXPECT_TRUE(replica->ListRevisions(kName, 1, 2)->records.empty());
  EXPECT_TRUE(absl::IsNotFound(replica->ListRevisions(kOther, 0, 2).status()));
}

TEST_F(EditorTest, WithoutTheStoreNothingIsChangedAndNothingInsideIsTold) {
  const auto replica = Open();
  revisions_->SetFailure(absl::UnavailableError("db.internal is down"));
  for (const absl::Status& status :
       {replica->Save(Text("One"), "").status(), replica->Save(Text("One"), "", true).status(),
        replica->Delete(kName, "*").status(), replica->Rollback(kName, 1, "*").status(),
        replica->ReadRevision(kName, 1).status(), replica->ListRevisions(kName, 0, 1).status()}) {
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("db.internal")));
  }
}

// The store made the change, but its answer got lost.
TEST_F(EditorTest, LostAnswerOfASaveSaysThatItMayHaveBeenMade) {
  options_.load_timeout = absl::Milliseconds(50);
  const auto replica = Open();
  revisions_->Hold(StoreCall::kApply);
  const absl::Status status = replica->Save(Text("One"), "").status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("may have been made or not"));
  revisions_->Release();
  const absl::StatusOr<EditedIcp> again = replica->Save(Text("One"), "");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->change.unchanged);
  EXPECT_EQ(replica->Title(kName), "One");
}

}  // namespace
}  // namespace bantam
