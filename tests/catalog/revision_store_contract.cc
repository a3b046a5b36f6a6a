#include "tests/catalog/revision_store_contract.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/engine/sha256.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

}  // namespace

std::string TextOf(absl::string_view name, absl::string_view title) {
  return absl::StrCat("name: ", name, "\ntitle: ", title, "\n");
}

RevisionChange ChangeTo(absl::string_view name, absl::string_view title, absl::string_view etag) {
  RevisionChange change;
  change.name = std::string(name);
  change.yaml = TextOf(name, title);
  const Sha256Digits digits = Sha256Prefix(change.yaml);
  change.revision.assign(digits.begin(), digits.end());
  change.title = std::string(title);
  change.author = "ann";
  change.comment = absl::StrCat("to ", title);
  change.etag = std::string(etag);
  return change;
}

RevisionChange DeletionOf(absl::string_view name, absl::string_view etag) {
  RevisionChange change;
  change.name = std::string(name);
  change.author = "ben";
  change.comment = "not needed";
  change.etag = std::string(etag);
  return change;
}

std::vector<std::string> NamesOf(const std::vector<RevisionRecord>& records) {
  std::vector<std::string> names;
  for (const RevisionRecord& record : records) names.push_back(record.name);
  return names;
}

std::vector<int64_t> NumbersOf(const std::vector<RevisionRecord>& records) {
  std::vector<int64_t> numbers;
  for (const RevisionRecord& record : records) numbers.push_back(record.number);
  return numbers;
}

void ExpectEqual(const RevisionRecord& record, const RevisionRecord& other, bool with_yaml) {
  EXPECT_EQ(record.name, other.name);
  EXPECT_EQ(record.number, other.number);
  EXPECT_EQ(record.revision, other.revision);
  EXPECT_EQ(record.title, other.title);
  EXPECT_EQ(record.author, other.author);
  EXPECT_EQ(record.comment, other.comment);
  EXPECT_EQ(record.create_time, other.create_time);
  EXPECT_EQ(record.yaml, with_yaml ? other.yaml : "");
}

absl::StatusOr<AppliedChange> RevisionStoreContract::Apply(RevisionChange change) {
  return AskAndWait<AppliedChange>(timeout_, [&](absl::Time deadline, auto done) {
    store_->Apply(std::move(change), deadline, std::move(done));
  });
}

absl::StatusOr<CurrentRead> RevisionStoreContract::ReadCurrent(absl::string_view name,
                                                               int64_t known_number) {
  return AskAndWait<CurrentRead>(timeout_, [&](absl::Time deadline, auto done) {
    store_->ReadCurrent(name, known_number, deadline, std::move(done));
  });
}

absl::StatusOr<absl::optional<RevisionRecord>> RevisionStoreContract::ReadRevision(
    absl::string_view name, absl::string_view revision, int64_t number) {
  return AskAndWait<absl::optional<RevisionRecord>>(timeout_, [&](absl::Time deadline, auto done) {
    store_->ReadRevision(name, revision, number, deadline, std::move(done));
  });
}

absl::StatusOr<absl::optional<RevisionRecord>> RevisionStoreContract::ReadBefore(
    absl::string_view name, int64_t number) {
  return AskAndWait<absl::optional<RevisionRecord>>(timeout_, [&](absl::Time deadline, auto done) {
    store_->ReadBefore(name, number, deadline, std::move(done));
  });
}

absl::StatusOr<std::vector<CurrentRevision>> RevisionStoreContract::ReadPointers(
    const std::vector<std::string>& names) {
  return AskAndWait<std::vector<CurrentRevision>>(timeout_, [&](absl::Time deadline, auto done) {
    store_->ReadPointers(names, deadline, std::move(done));
  });
}

absl::StatusOr<TenantNames> RevisionStoreContract::ReadTenant(absl::string_view tenant) {
  return AskAndWait<TenantNames>(timeout_, [&](absl::Time deadline, auto done) {
    store_->ReadTenant(tenant, deadline, std::move(done));
  });
}

absl::StatusOr<StoreChanges> RevisionStoreContract::ReadChanges(int64_t after) {
  return AskAndWait<StoreChanges>(timeout_, [&](absl::Time deadline, auto done) {
    store_->ReadChanges(after, deadline, std::move(done));
  });
}

absl::StatusOr<std::vector<RevisionRecord>> RevisionStoreContract::ListCurrent(
    absl::string_view parent, absl::string_view after, int limit) {
  return AskAndWait<std::vector<RevisionRecord>>(timeout_, [&](absl::Time deadline, auto done) {
    store_->ListCurrent(parent, after, limit, deadline, std::move(done));
  });
}

absl::StatusOr<std::vector<RevisionRecord>> RevisionStoreContract::ListRevisions(
    absl::string_view name, int64_t before, int limit) {
  return AskAndWait<std::vector<RevisionRecord>>(timeout_, [&](absl::Time deadline, auto done) {
    store_->ListRevisions(name, before, limit, deadline, std::move(done));
  });
}

AppliedChange RevisionStoreContract::Save(absl::string_view name, absl::string_view title) {
  absl::StatusOr<AppliedChange> applied = Apply(ChangeTo(name, title, "*"));
  EXPECT_TRUE(applied.ok()) << applied.status();
  return applied.ok() ? *std::move(applied) : AppliedChange();
}

AppliedChange RevisionStoreContract::Delete(absl::string_view name) {
  absl::StatusOr<AppliedChange> applied = Apply(DeletionOf(name, "*"));
  EXPECT_TRUE(applied.ok()) << applied.status();
  return applied.ok() ? *std::move(applied) : AppliedChange();
}

int64_t RevisionStoreContract::Sequence() {
  const absl::StatusOr<StoreChanges> changes = ReadChanges(-1);
  EXPECT_TRUE(changes.ok()) << changes.status();
  return changes.ok() ? changes->sequence : -1;
}
TEST_P(RevisionStoreContract, EmptyStoreHasNothing) {
  EXPECT_EQ(Sequence(), 0);
  const absl::StatusOr<CurrentRead> read = ReadCurrent(kName);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->current.name, kName);
  EXPECT_FALSE(read->current.exists());
  EXPECT_FALSE(read->record.has_value());
  EXPECT_FALSE(ReadRevision(kName, std::string(32, 'a'))->has_value());
  EXPECT_FALSE(ReadRevision(kName, "", 1)->has_value());
  EXPECT_FALSE(ReadBefore(kName, 9)->has_value());
  EXPECT_THAT(ReadTenant("tenants/acme")->names, IsEmpty());
  EXPECT_THAT(*ListCurrent("tenants/-"), IsEmpty());
  EXPECT_THAT(*ListRevisions(kName), IsEmpty());
  const absl::StatusOr<StoreChanges> changes = ReadChanges(0);
  EXPECT_THAT(changes->icps, IsEmpty());
  EXPECT_FALSE(changes->more);
}

TEST_P(RevisionStoreContract, SavedTextIsCurrent) {
  const absl::Time before = absl::Now();
  const AppliedChange applied = Save(kName, "One");
  EXPECT_EQ(applied.sequence, 1);
  EXPECT_FALSE(applied.unchanged);
  EXPECT_TRUE(applied.names_changed);
  const RevisionRecord& record = applied.record;
  EXPECT_EQ(record.name, kName);
  EXPECT_EQ(record.number, 1);
  EXPECT_EQ(record.revision, ChangeTo(kName, "One", "").revision);
  EXPECT_EQ(record.title, "One");
  EXPECT_EQ(record.author, "ann");
  EXPECT_EQ(record.comment, "to One");
  EXPECT_EQ(record.yaml, TextOf(kName, "One"));
  EXPECT_GT(record.create_time, before - absl::Minutes(1));
  EXPECT_LT(record.create_time, absl::Now() + absl::Minutes(1));
  EXPECT_EQ(record.create_time, absl::FromUnixMicros(absl::ToUnixMicros(record.create_time)));

  const absl::StatusOr<CurrentRead> read = ReadCurrent(kName);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->current.sequence, 1);
  EXPECT_EQ(read->current.number, 1);
  EXPECT_EQ(read->current.revision, record.revision);
  ASSERT_TRUE(read->record.has_value());
  ExpectEqual(*read->record, record, /*with_yaml=*/true);
}

TEST_P(RevisionStoreContract, TextThatIsKnownIsNotReadAgain) {
  Save(kName, "One");
  const absl::StatusOr<CurrentRead> same = ReadCurrent(kName, 1);
  EXPECT_EQ(same->current.number, 1);
  EXPECT_FALSE(same->record.has_value());
  Save(kName, "Two");
  EXPECT_TRUE(ReadCurrent(kName, 1)->record.has_value());
}

TEST_P(RevisionStoreContract, TextsComeAsTheyAre) {
  RevisionChange change = ChangeTo(kName, "One", "");
  change.yaml = "# caf\xc3\xa9 'quoted' \"twice\" \\ %s $1 {}\r\n\tname: x\n\n";
  change.title = "It's \"caf\xc3\xa9\" \\ $1";
  change.author = "o'hara; drop table icps; --";
  change.comment = "line\nbreak";
  ASSERT_TRUE(Apply(change).ok());
  const RevisionRecord record = *ReadCurrent(kName)->record;
  EXPECT_EQ(record.yaml, change.yaml);
  EXPECT_EQ(record.title, change.title);
  EXPECT_EQ(record.author, change.author);
  EXPECT_EQ(record.comment, change.comment);
}

TEST_P(RevisionStoreContract, TextOfOneMebibyteIsKept) {
  RevisionChange change = ChangeTo(kName, "One", "");
  for (int i = 0; change.yaml.size() < 1024 * 1024 - 20; ++i) absl::StrAppend(&change.yaml, "#", i);
  ASSERT_TRUE(Apply(change).ok());
  EXPECT_EQ(ReadCurrent(kName)->record->yaml, change.yaml);
}

TEST_P(RevisionStoreContract, NumbersAndSequencesHaveNoGaps) {
  EXPECT_EQ(Save(kName, "One").sequence, 1);
  EXPECT_EQ(Save(kOther, "One").sequence, 2);
  const AppliedChange second = Save(kName, "Two");
  EXPECT_EQ(second.sequence, 3);
  EXPECT_EQ(second.record.number, 2);
  EXPECT_FALSE(second.names_changed);
  EXPECT_TRUE(absl::IsAborted(Apply(ChangeTo(kName, "Three", "x")).status()));
  EXPECT_TRUE(Save(kName, "Two").unchanged);
  const AppliedChange third = Save(kName, "Three");
  EXPECT_EQ(third.sequence, 4) << "neither refused nor unchanged saves count";
  EXPECT_EQ(third.record.number, 3);
}

TEST_P(RevisionStoreContract, SavingTheCurrentTextChangesNothingWhateverTheEtag) {
  const AppliedChange first = Save(kName, "One");
  for (const char* etag : {"*", "", "of another time"}) {
    const absl::StatusOr<AppliedChange> again = Apply(ChangeTo(kName, "One", etag));
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_TRUE(again->unchanged);
    EXPECT_FALSE(again->names_changed);
    EXPECT_EQ(again->sequence, first.sequence);
    ExpectEqual(again->record, first.record, /*with_yaml=*/true);
  }
  EXPECT_EQ(ListRevisions(kName)->size(), 1);
}

TEST_P(RevisionStoreContract, AnEarlierTextIsANewRevision) {
  Save(kName, "One");
  Save(kName, "Two");
  const AppliedChange again = Save(kName, "One");
  EXPECT_FALSE(again.unchanged);
  EXPECT_EQ(again.record.number, 3);
}

TEST_P(RevisionStoreContract, EtagMustBeThatOfTheNewestRecord) {
  const RevisionRecord first = Save(kName, "One").record;
  const absl::StatusOr<AppliedChange> second = Apply(ChangeTo(kName, "Two", EtagOf(first)));
  ASSERT_TRUE(second.ok()) << second.status();
  const absl::Status late = Apply(ChangeTo(kName, "Three", EtagOf(first))).status();
  EXPECT_TRUE(absl::IsAborted(late)) << late;
  EXPECT_THAT(late.ToString(), HasSubstr("read it again"));
  EXPECT_TRUE(Apply(ChangeTo(kName, "Three", EtagOf(second->record))).ok());
  EXPECT_TRUE(absl::IsAborted(Apply(DeletionOf(kName, EtagOf(first))).status()));
}

TEST_P(RevisionStoreContract, EmptyEtagIsForWhatIsNotThere) {
  EXPECT_TRUE(Apply(ChangeTo(kName, "One", "")).ok());
  EXPECT_TRUE(absl::IsAborted(Apply(ChangeTo(kName, "Two", "")).status()));
  Delete(kName);
  EXPECT_TRUE(Apply(ChangeTo(kName, "Three", "")).ok());
  EXPECT_TRUE(absl::IsAborted(Apply(ChangeTo(kOther, "One", "5-0")).status()));
}

TEST_P(RevisionStoreContract, DeletedIcpKeepsItsHistory) {
  Save(kName, "One");
  const AppliedChange deleted = Delete(kName);
  EXPECT_EQ(deleted.sequence, 2);
  EXPECT_TRUE(deleted.names_changed);
  EXPECT_TRUE(deleted.record.deletion());
  EXPECT_EQ(deleted.record.number, 2);
  EXPECT_EQ(deleted.record.author, "ben");
  const absl::StatusOr<CurrentRead> read = ReadCurrent(kName);
  EXPECT_FALSE(read->current.exists());
  EXPECT_EQ(read->current.sequence, 2);
  EXPECT_FALSE(read->record.has_value());
  EXPECT_TRUE(ReadRevision(kName, "", 1)->has_value());
  EXPECT_FALSE(ReadRevision(kName, "", 2)->has_value());
  EXPECT_THAT(NumbersOf(*ListRevisions(kName)), ElementsAre(2, 1));
  EXPECT_TRUE(absl::IsNotFound(Apply(DeletionOf(kName, "*")).status()));
  EXPECT_TRUE(absl::IsNotFound(Apply(DeletionOf(kOther, "*")).status()));

  const AppliedChange back = Save(kName, "One");
  EXPECT_FALSE(back.unchanged);
  EXPECT_TRUE(back.names_changed);
  EXPECT_EQ(back.record.number, 3);
}

TEST_P(RevisionStoreContract, AbsenceOfWhatNeverWasHasTheCountAsItsSequence) {
  Save(kOther, "One");
  Save(kOther, "Two");
  EXPECT_EQ(ReadCurrent(kName)->current.sequence, 2);
  EXPECT_EQ((*ReadPointers({kName}))[0].sequence, 2);
  EXPECT_GT(Save(kName, "One").sequence, 2);
}

TEST_P(RevisionStoreContract, RevisionsAreFoundByHashAndByNumber) {
  const RevisionRecord one = Save(kName, "One").record;
  Save(kName, "Two");
  Save(kOther, "One");
  ExpectEqual(**ReadRevision(kName, one.revision), one, /*with_yaml=*/true);
  ExpectEqual(**ReadRevision(kName, "", 1), one, /*with_yaml=*/true);
  EXPECT_FALSE(ReadRevision(kOther, one.revision)->has_value()) << "another ICP's";

  // Of several records with one revision the newest.
  RevisionChange commented = ChangeTo(kName, "One", "*");
  commented.yaml += "# a comment\n";
  commented.revision = one.revision;
  ASSERT_TRUE(Apply(commented).ok());
  EXPECT_EQ((*ReadRevision(kName, one.revision))->number, 3);
}

TEST_P(RevisionStoreContract, ReadsTheRecordBeforeANumberUnlessThatIsADeletion) {
  const RevisionRecord one = Save(kName, "One").record;
  Delete(kName);
  Save(kName, "Two");
  ExpectEqual(**ReadBefore(kName, 2), one, /*with_yaml=*/true);
  EXPECT_FALSE(ReadBefore(kName, 3)->has_value()) << "it was deleted in between";
  EXPECT_FALSE(ReadBefore(kName, 1)->has_value());
  EXPECT_EQ((*ReadBefore(kName, 100))->number, 3);
}

}  // namespace bantam
