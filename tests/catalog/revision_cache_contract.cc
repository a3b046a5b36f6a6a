#include "tests/catalog/revision_cache_contract.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::string_view kName = "tenants/acme/icps/smb";

}  // namespace

// ---- Pointers and texts ----

TEST_P(RevisionCacheContract, NothingIsAMiss) {
  const absl::StatusOr<CachedRead> read = ReadCurrent(kName);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_FALSE(read->current.has_value());
  EXPECT_FALSE(read->record.has_value());
  const auto revision = ReadRevision(kName, "revision-1");
  ASSERT_TRUE(revision.ok()) << revision.status();
  EXPECT_FALSE(revision->has_value());
  EXPECT_EQ(NamesOf("tenants/acme"), "(miss)");
  const auto most_used = ReadMostUsed(10);
  ASSERT_TRUE(most_used.ok()) << most_used.status();
  EXPECT_THAT(*most_used, IsEmpty());
  const auto pointers = ReadPointers({});
  ASSERT_TRUE(pointers.ok()) << pointers.status();
  EXPECT_THAT(*pointers, IsEmpty());
}

TEST_P(RevisionCacheContract, CurrentRevisionComesWithItsText) {
  const RevisionRecord written = Record(kName, 3);
  cache_->WriteRecord(written);
  cache_->WritePointers({Pointer(kName, 17, 3)}, kReadTime);
  Settle();
  const absl::StatusOr<CachedRead> read = ReadCurrent(kName);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->current.has_value());
  EXPECT_EQ(read->current->name, kName);
  EXPECT_EQ(read->current->sequence, 17);
  EXPECT_EQ(read->current->number, 3);
  EXPECT_EQ(read->current->revision, "revision-3");
  EXPECT_EQ(read->read_time, kReadTime);
  ASSERT_TRUE(read->record.has_value());
  EXPECT_EQ(read->record->name, kName);
  EXPECT_EQ(read->record->number, 3);
  EXPECT_EQ(read->record->revision, written.revision);
  EXPECT_EQ(read->record->title, written.title);
  EXPECT_EQ(read->record->author, written.author);
  EXPECT_EQ(read->record->comment, written.comment);
  EXPECT_EQ(read->record->create_time, written.create_time);
  EXPECT_EQ(read->record->yaml, written.yaml);
}

TEST_P(RevisionCacheContract, TextOfTheKnownNumberIsLeftOut) {
  cache_->WriteRecord(Record(kName, 3));
  cache_->WritePointers({Pointer(kName, 17, 3)}, kReadTime);
  Settle();
  const absl::StatusOr<CachedRead> known = ReadCurrent(kName, 3);
  ASSERT_TRUE(known.ok()) << known.status();
  EXPECT_TRUE(known->current.has_value());
  EXPECT_FALSE(known->record.has_value());
  const absl::StatusOr<CachedRead> older = ReadCurrent(kName, 2);
  ASSERT_TRUE(older.ok()) << older.status();
  EXPECT_TRUE(older->record.has_value());
}

TEST_P(RevisionCacheContract, PointerMayStandWithoutItsText) {
  cache_->WriteRecord(Record(kName, 2));
  cache_->WritePointers({Pointer(kName, 17, 3)}, kReadTime);
  Settle();
  const absl::StatusOr<CachedRead> read = ReadCurrent(kName);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->current.has_value());
  EXPECT_FALSE(read->record.has_value());
}

TEST_P(RevisionCacheContract, AbsenceIsHeld) {
  cache_->WritePointers({Pointer(kName, 17, 0)}, kReadTime);
  Settle();
  const absl::StatusOr<CachedRead> read = ReadCurrent(kName);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->current.has_value());
  EXPECT_FALSE(read->current->exists());
  EXPECT_EQ(read->current->sequence, 17);
  EXPECT_EQ(read->current->revision, "");
  EXPECT_FALSE(read->record.has_value());
}

TEST_P(RevisionCacheContract, OnlyAHigherSequenceReplaces) {
  cache_->WritePointers({Pointer(kName, 17, 3)}, kReadTime);
  cache_->WritePointers({Pointer(kName, 16, 2)}, kReadTime);
  Settle();
  EXPECT_EQ(SequenceOf(kName), 17);
  cache_->WritePointers({Pointer(kName, 18, 0)}, kReadTime);  // Deleted.
  cache_->WritePointers({Pointer(kName, 17, 3)}, kReadTime);
  Settle();
  EXPECT_EQ(SequenceOf(kName), 18);
  // Where text order differs from that of numbers; then the greatest sequence there is.
  for (const int64_t sequence : {int64_t{99}, int64_t{1000}, int64_t{9007199254740993},
                                 int64_t{9007199254740994}, int64_t{9223372036854775807}}) {
    cache_->WritePointers({Pointer(kName, sequence, 4)}, kReadTime);
    cache_->WritePointers({Pointer(kName, sequence - 1, 3)}, kReadTime);
    Settle();
    EXPECT_EQ(SequenceOf(kName), sequence);
  }
}

TEST_P(RevisionCacheContract, ManyPointersComeInTheOrderOfTheirNames) {
  std::vector<CurrentRevision> written;
  std::vector<std::string> names;
  for (int i = 0; i < 3000; ++i) {
    names.push_back(absl::StrCat("tenants/t", i % 7, "/icps/i", i));
    if (i % 3 != 0) written.push_back(Pointer(names.back(), i + 1, i + 1));
  }
  cache_->WritePointers(written, kReadTime);
  Settle();
  std::reverse(names.begin(), names.end());
  const auto read = ReadPointers(names);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_THAT(*read, SizeIs(3000));
  for (int i = 0; i < 3000; ++i) {
    const int number = 3000 - i;
    ASSERT_EQ((*read)[i].has_value(), (number - 1) % 3 != 0) << i;
    if ((*read)[i].has_value()) {
      EXPECT_EQ((*read)[i]->number, number);
      EXPECT_EQ((*read)[i]->name, names[i]);
    }
  }
}

TEST_P(RevisionCacheContract, PinnedRevisionsAreFoundByNameAndRevision) {
  cache_->WriteRevision(Record(kName, 3));
  Settle();
  const auto found = ReadRevision(kName, "revision-3");
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->number, 3);
  EXPECT_EQ((*found)->yaml, Record(kName, 3).yaml);
  const auto other_revision = ReadRevision(kName, "revision-4");
  ASSERT_TRUE(other_revision.ok());
  EXPECT_FALSE(other_revision->has_value());
  const auto other_name = ReadRevision("tenants/acme/icps/other", "revision-3");
  ASSERT_TRUE(other_name.ok());
  EXPECT_FALSE(other_name->has_value());
}

TEST_P(RevisionCacheContract, BytesComeAsTheyAre) {
  RevisionRecord record = Record(kName, 1);
  record.yaml = std::string("caf\xe9\0 \xff\r\n\n", 10);
  record.comment = "\xff";
  cache_->WriteRevision(record);
  Settle();
  const auto read = ReadRevision(kName, record.revision);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->has_value());
  EXPECT_EQ((*read)->yaml, record.yaml);
  EXPECT_EQ((*read)->comment, record.comment);
}

TEST_P(RevisionCacheContract, GreatTextsAreHeld) {
  RevisionRecord record = Record(kName, 1);
  record.yaml = std::string(1 << 20, 'x');
  cache_->WriteRecord(record);
  cache_->WritePointers({Pointer(kName, 1, 1)}, kReadTime);
  Settle();
  const absl::StatusOr<CachedRead> read = ReadCurrent(kName);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->record.has_value());
  EXPECT_EQ(read->record->yaml, record.yaml);
}

// ---- Tenants ----

TEST_P(RevisionCacheContract, TenantsListIsHeld) {
  cache_->WriteTenant(Names("tenants/acme", 5, {"tenants/acme/icps/a", "tenants/acme/icps/b"}));
  cache_->WriteTenant(Names("tenants/empty", 5, {}));
  Settle();
  const auto read = ReadTenant("tenants/acme");
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->has_value());
  EXPECT_EQ((*read)->tenant, "tenants/acme");
  EXPECT_EQ((*read)->sequence, 5);
  EXPECT_EQ((*read)->read_time, kReadTime);
  EXPECT_THAT((*read)->names, ElementsAre("tenants/acme/icps/a", "tenants/acme/icps/b"));
  EXPECT_EQ(NamesOf("tenants/empty"), "");
}

TEST_P(RevisionCacheContract, OlderTenantsListDoesNotReplace) {
  cache_->WriteTenant(Names("tenants/acme", 5, {"a", "b"}));
  cache_->WriteTenant(Names("tenants/acme", 4, {"a"}));
  Settle();
  EXPECT_EQ(NamesOf("tenants/acme"), "a,b");
  cache_->WriteTenant(Names("tenants/acme", 6, {"b"}));
  Settle();
  EXPECT_EQ(NamesOf("tenants/acme"), "b");
}

TEST_P(RevisionCacheContract, DroppedTenantsListDoesNotComeBack) {
  cache_->WriteTenant(Names("tenants/acme", 5, {"a"}));
  cache_->DropTenant("tenants/acme", 6);
  Settle();
  EXPECT_EQ(NamesOf("tenants/acme"), "(miss)");
  cache_->WriteTenant(Names("tenants/acme", 5, {"a"}));  // Late.
  Settle();
  EXPECT_EQ(NamesOf("tenants/acme"), "(miss)");
  cache_->WriteTenant(Names("tenants/acme", 6, {"a", "b"}));
  Settle();
  EXPECT_EQ(NamesOf("tenants/acme"), "a,b");
}

TEST_P(RevisionCacheContract, DropByAnOlderChangeLeavesTheList) {
  cache_->WriteTenant(Names("tenants/acme", 5, {"a"}));
  cache_->DropTenant("tenants/acme", 4);
  cache_->DropTenant("tenants/acme", 5);
  Settle();
  EXPECT_EQ(NamesOf("tenants/acme"), "a");
}

// ---- Uses ----

TEST_P(RevisionCacheContract, MostUsedComeFirst) {
  const std::unique_ptr<RevisionCache> other = bench_->Open();
  cache_->AddUses({{"a", 5}, {"b", 3}, {"c", 1}});
  other->AddUses({{"b", 3}, {"c", 1}});
  Settle();
  Settle(other.get());
  const auto all = ReadMostUsed(10);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_THAT(*all, ElementsAre("b", "a", "c"));
  const auto two = ReadMostUsed(2);
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_THAT(*two, ElementsAre("b", "a"));
  const auto none = ReadMostUsed(0);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_THAT(*none, IsEmpty());
}

// ---- Changes ----

TEST_P(RevisionCacheContract, ReplicasHearOfEachOther) {
  const std::unique_ptr<RevisionCache> other = bench_->Open();
  other->Watch(log_.Events());
  ASSERT_TRUE(log_.WaitForAllChanged(1));
  cache_->WriteRecord(Record(kName, 1));
  cache_->WritePointers({Pointer(kName, 1, 1)}, kReadTime);
  ASSERT_TRUE(log_.WaitForName(kName));
  // What is told is there already, with its text.
  const absl::StatusOr<CachedRead> read = ReadCurrent(kName, 0, other.get());
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->record.has_value());
  cache_->WritePointers({Pointer(kName, 2, 0)}, kReadTime);
  EXPECT_TRUE(log_.WaitForName(kName, 2));
  cache_->WriteTenant(Names("tenants/acme", 1, {"a"}));
  EXPECT_TRUE(log_.WaitForName("tenants/acme", 1));
  cache_->DropTenant("tenants/acme", 2);
  EXPECT_TRUE(log_.WaitForName("tenants/acme", 2));
  EXPECT_EQ(log_.all_changed(), 1);
}

TEST_P(RevisionCacheContract, WhatChangesNothingIsNotTold) {
  const std::unique_ptr<RevisionCache> other = bench_->Open();
  other->Watch(log_.Events());
  ASSERT_TRUE(log_.WaitForAllChanged(1));
  cache_->WritePointers({Pointer(kName, 2, 2)}, kReadTime);
  cache_->WriteTenant(Names("tenants/acme", 2, {"a"}));
  ASSERT_TRUE(log_.WaitForName(kName));
  ASSERT_TRUE(log_.WaitForName("tenants/acme"));
  // The same again, something older, and what is not about what is current.
  cache_->WritePointers({Pointer(kName, 2, 2)}, kReadTime + absl::Seconds(1));
  cache_->WritePointers({Pointer(kName, 1, 1)}, kReadTime);
  cache_->WriteTenant(Names("tenants/acme", 2, {"a"}));
  cache_->WriteTenant(Names("tenants/acme", 1, {}));
  cache_->DropTenant("tenants/acme", 2);
  cache_->WriteRecord(Record(kName, 2));
  cache_->WriteRevision(Record(kName, 2));
  cache_->AddUses({{std::string(kName), 1}});
  ASSERT_TRUE(ReadCurrent(kName).ok());
  SettleEvents(&log_);
  EXPECT_EQ(log_.CountOf(kName), 1);
  EXPECT_EQ(log_.CountOf("tenants/acme"), 1);
  EXPECT_EQ(log_.all_changed(), 1);
}

// ---- Faults ----

TEST_P(RevisionCacheContract, UnreachableIsUnavailableAndEnds) {
  cache_->Watch(log_.Events());
  ASSERT_TRUE(log_.WaitForAllChanged(1));
  bench_->TakeAway();
  EXPECT_EQ(ReadCurrent(kName).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReadRevision(kName, "revision-1").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReadPointers({std::string(kName)}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReadTenant("tenants/acme").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReadMostUsed(1).status().code(), absl::StatusCode::kUnavailable);
  cache_->WritePointers({Pointer(kName, 5, 1)}, kReadTime);
  bench_->GiveBack();
  ASSERT_TRUE(log_.WaitForAllChanged(2));
  // The first calls after that may still fail, or be lost.
  const auto limit = std::chrono::steady_clock::now() + kCacheContractLimit;
  int64_t sequence = -1;
  while (sequence != 7 && std::chrono::steady_clock::now() < limit) {
    cache_->WritePointers({Pointer(kName, 7, 1)}, kReadTime);
    const absl::StatusOr<CachedRead> read = ReadCurrent(kName);
    sequence = read.ok() && read->current.has_value() ? read->current->sequence : -1;
  }
  EXPECT_EQ(sequence, 7);
}

TEST_P(RevisionCacheContract, EndAnswersWhoeverWaits) {
  std::atomic<int> answers{0};
  constexpr int kReads = 500;
  for (int i = 0; i < kReads; ++i) {
    cache_->ReadCurrent(kName, 0, [&](absl::StatusOr<CachedRead> read) {
      EXPECT_TRUE(read.ok() || absl::IsUnavailable(read.status())) << read.status();
      ++answers;
    });
  }
  cache_ = nullptr;
  EXPECT_EQ(answers, kReads);
}

TEST_P(RevisionCacheContract, NothingIsToldAfterTheEnd) {
  auto ended = std::make_shared<std::atomic<bool>>(false);
  auto told = std::make_shared<std::atomic<int>>(0);
  auto other = bench_->Open();
  CacheEvents events;
  events.on_changed = [=](const std::vector<std::string>&) {
    EXPECT_FALSE(*ended);
    ++*told;
  };
  events.on_all_changed = [=] { EXPECT_FALSE(*ended); };
  other->Watch(std::move(events));
  cache_->Watch(log_.Events());
  ASSERT_TRUE(log_.WaitForAllChanged(1));
  for (int i = 1; i <= 200; ++i) cache_->WritePointers({Pointer(kName, i, i)}, kReadTime);
  other = nullptr;
  *ended = true;
  for (int i = 201; i <= 400; ++i) cache_->WritePointers({Pointer(kName, i, i)}, kReadTime);
  SettleEvents(&log_);
}

TEST_P(RevisionCacheContract, ManyThreadsAtOnce) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 200;
  std::vector<std::thread> threads;
  std::atomic<int> answers{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 1; i <= kRounds; ++i) {
        const std::string name = absl::StrCat("tenants/t/icps/i", (i + t) % 10);
        cache_->WriteRecord(Record(name, i));
        cache_->WritePointers({Pointer(name, i, i)}, kReadTime);
        cache_->ReadCurrent(name, 0, [&, name](absl::StatusOr<CachedRead> read) {
          ++answers;
          ASSERT_TRUE(read.ok()) << read.status();
          if (read->current.has_value()) {
            EXPECT_EQ(read->current->name, name);
          }
          if (read->record.has_value()) {
            EXPECT_EQ(read->record->number, read->current->number);
          }
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Settle();
  const auto limit = std::chrono::steady_clock::now() + kCacheContractLimit;
  while (answers < kThreads * kRounds) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit);
    std::this_thread::yield();
  }
  // Each name has the greatest sequence that any thread wrote to it.
  for (int i = 0; i < 10; ++i) {
    int64_t greatest = 0;
    for (int t = 0; t < kThreads; ++t) {
      for (int64_t round = 1; round <= kRounds; ++round) {
        if ((round + t) % 10 == i) greatest = std::max(greatest, round);
      }
    }
    EXPECT_EQ(SequenceOf(absl::StrCat("tenants/t/icps/i", i)), greatest);
  }
}

}  // namespace bantam
