// A store whose counter of changes goes back, as after a restore from a backup.
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "server/catalog/loading_catalog.h"
#include "tests/catalog/loading_catalog_fixture.h"

namespace bantam {
namespace {

constexpr absl::Duration kNewest = absl::ZeroDuration();

using RestoreTest = LoadingCatalogTest;

TEST_F(RestoreTest, StoreThatWentBackIsFollowedFromThere) {
  Put(kName, "One");
  const auto backup = revisions_->MakeBackup();
  Put(kName, "Two");
  Put(kOther, "Other");
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "Two");
  ASSERT_EQ(replica->Titles("tenants/acme"), "Other Two");
  revisions_->Restore(*backup);
  TellAllChanged();
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "One"; })) << replica->Title(kName);
  EXPECT_TRUE(WaitUntil([&] { return absl::IsNotFound(replica->Get(kOther).status()); }));
  EXPECT_TRUE(WaitUntil([&] { return replica->Titles("tenants/acme") == "One"; }));
  EXPECT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kStoreWentBack) == 1; }));
  Put(kName, "Three");
  TellAllChanged();
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Three"; }));
  EXPECT_EQ(replica->count(CatalogEvent::Kind::kStoreWentBack), 1);
}

// A restore that lost numbers, which are given anew: the same number is another text.
TEST_F(RestoreTest, NumbersOfAStoreThatWentBackStandForOtherTexts) {
  const auto backup = revisions_->MakeBackup();
  Put(kName, "One");
  const RevisionRecord other = Put(kOther, "Other");
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  ASSERT_EQ(replica->GetNumber(kOther, 1)->entry->yaml, other.yaml);
  revisions_->Restore(*backup);
  ASSERT_EQ(Put(kName, "Two").number, 1);
  TellAllChanged();
  EXPECT_TRUE(WaitUntil([&] { return replica->Title(kName) == "Two"; })) << replica->Title(kName);
  EXPECT_EQ(replica->Title(kName, kNewest), "Two");
  const RevisionRecord another = Put(kOther, "Another");
  EXPECT_EQ(replica->GetNumber(kOther, 1)->entry->yaml, another.yaml);
}

// Nor does a number lead to what is held under the name, though that cannot be read again now.
TEST_F(RestoreTest, PinnedNumberIsReadAnewFromAStoreThatWentBack) {
  const auto backup = revisions_->MakeBackup();
  const RevisionRecord before = Put(kName, "One");
  Put(kOther, "Other");
  const auto replica = Open();
  ASSERT_EQ(replica->GetNumber(kName, 1)->entry->yaml, before.yaml);
  ASSERT_EQ(replica->Title(kName), "One");
  revisions_->Restore(*backup);
  const RevisionRecord now = Put(kName, "Two");
  ASSERT_EQ(now.number, 1);
  revisions_->Hold(StoreCall::kReadCurrent);
  TellAllChanged();
  ASSERT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kStoreWentBack) == 1; }));
  EXPECT_TRUE(WaitUntil([&] { return replica->GetNumber(kName, 1)->entry->yaml == now.yaml; }));
  revisions_->Release();
}

// No poll notices it, since the store has gone on to where it was.
TEST_F(RestoreTest, DemandForTheNewestFindsWhatANumberStandsForNow) {
  const auto backup = revisions_->MakeBackup();
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kName), "One");
  revisions_->Restore(*backup);
  ASSERT_EQ(Put(kName, "Two").number, 1);
  EXPECT_EQ(replica->Title(kName, kNewest), "Two");
  EXPECT_EQ(replica->Title(kName), "Two");
}

// What a definition means is in its revision, how it is written is not.
TEST_F(RestoreTest, TextThatMeansTheSameIsReadAgainFromAStoreThatWentBack) {
  const std::string text = "name: tenants/acme/icps/software\ntitle: One\n";
  const std::string other_text = text + "# Said otherwise.\n";
  const auto backup = revisions_->MakeBackup();
  ASSERT_TRUE(OpenWithoutCache()->Save(text, "").ok());
  Put(kOther, "Other");
  const auto replica = Open();
  ASSERT_EQ(replica->Get(kName)->entry->yaml, text);
  revisions_->Restore(*backup);
  ASSERT_TRUE(OpenWithoutCache()->Save(other_text, "").ok());
  TellAllChanged();
  EXPECT_TRUE(WaitUntil([&] { return replica->Get(kName, kNewest)->entry->yaml == other_text; }));
}

TEST_F(RestoreTest, PointersOfTheTimeBeforeTheStoreWentBackAreNotBelieved) {
  Put(kName, "One");
  Put(kOther, "Other");
  const auto backup = revisions_->MakeBackup();
  Put(kName, "Two");
  FillCache(kName);
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kOther), "Other");
  ASSERT_TRUE(WaitUntilSettled(*replica));
  const int64_t confirmed = (*replica)->Stats().confirmed;
  revisions_->Restore(*backup);
  TellAllChanged();
  ASSERT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kStoreWentBack) == 1; }));
  // It is told before anything is done about it: what is held is confirmed after that.
  ASSERT_TRUE(WaitUntil([&] { return (*replica)->Stats().confirmed > confirmed; }));
  EXPECT_EQ(replica->Title(kName), "One");
}

}  // namespace
}  // namespace bantam
