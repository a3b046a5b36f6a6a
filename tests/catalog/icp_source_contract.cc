#include "tests/catalog/icp_source_contract.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"

namespace bantam {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> Ids(const IcpSnapshot& snapshot) {
  std::vector<std::string> ids;
  for (const IcpDocument& document : snapshot.documents) ids.push_back(document.id);
  return ids;
}

}  // namespace

std::function<void()> ChangeCounter::Callback() {
  return [this] {
    MutexLock lock(mutex_);
    ++count_;
    called_.notify_all();
  };
}

bool ChangeCounter::WaitUntil(const std::function<bool()>& condition) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(120);
  while (true) {
    const int before = count();
    if (condition()) return true;
    MutexLock lock(mutex_);
    while (count_ == before) {
      if (called_.wait_until(mutex_, limit) == std::cv_status::timeout) return false;
    }
  }
}

int ChangeCounter::count() const {
  MutexLock lock(mutex_);
  return count_;
}

IcpSnapshot IcpSourceContract::Read() {
  absl::StatusOr<IcpSnapshot> snapshot = source_->Read();
  EXPECT_TRUE(snapshot.ok()) << snapshot.status();
  return snapshot.ok() ? *std::move(snapshot) : IcpSnapshot();
}

std::string IcpSourceContract::Text(absl::string_view id) {
  for (const IcpDocument& document : Read().documents) {
    if (document.id == id) return document.yaml;
  }
  return "(none)";
}

TEST_P(IcpSourceContract, EmptySourceHasNoDocuments) {
  const IcpSnapshot snapshot = Read();
  EXPECT_THAT(snapshot.documents, IsEmpty());
  EXPECT_THAT(snapshot.gaps, IsEmpty());
}

TEST_P(IcpSourceContract, DocumentsComeById) {
  bench_->Put("c.yaml", "C");
  bench_->Put("a.yaml", "A");
  bench_->Put("b.yaml", "B");
  const IcpSnapshot snapshot = Read();
  EXPECT_THAT(Ids(snapshot), ElementsAre("a.yaml", "b.yaml", "c.yaml"));
  EXPECT_EQ(snapshot.documents[1].yaml, "B");
  EXPECT_EQ(snapshot.documents[1].error, "");
  EXPECT_THAT(snapshot.gaps, IsEmpty());
}

TEST_P(IcpSourceContract, ReadingAgainGivesTheSame) {
  bench_->Put("a.yaml", "A");
  bench_->Put("b.yaml", "B");
  const IcpSnapshot first = Read();
  const IcpSnapshot second = Read();
  ASSERT_EQ(Ids(first), Ids(second));
  for (size_t i = 0; i < first.documents.size(); ++i) {
    EXPECT_EQ(first.documents[i].yaml, second.documents[i].yaml);
  }
}

TEST_P(IcpSourceContract, BytesComeAsTheyAre) {
  const std::string bytes("caf\xe9\0 \xff\r\n\n", 10);
  bench_->Put("a.yaml", bytes);
  EXPECT_EQ(Text("a.yaml"), bytes);
}

TEST_P(IcpSourceContract, ChangedDocumentKeepsItsId) {
  bench_->Put("a.yaml", "first");
  ASSERT_EQ(Text("a.yaml"), "first");
  bench_->Put("a.yaml", "other");  // As long as the first.
  EXPECT_THAT(Ids(Read()), ElementsAre("a.yaml"));
  EXPECT_EQ(Text("a.yaml"), "other");
}

TEST_P(IcpSourceContract, DeletedDocumentIsGone) {
  bench_->Put("a.yaml", "A");
  bench_->Put("b.yaml", "B");
  ASSERT_THAT(Ids(Read()), ElementsAre("a.yaml", "b.yaml"));
  bench_->Delete("a.yaml");
  EXPECT_THAT(Ids(Read()), ElementsAre("b.yaml"));
  bench_->Delete("b.yaml");
  EXPECT_THAT(Read().documents, IsEmpty());
}

TEST_P(IcpSourceContract, UnreadableDocumentIsThereAndSaysWhy) {
  bench_->Put("a.yaml", "A");
  bench_->Put("b.yaml", "B");
  bench_->MakeUnreadable("a.yaml");
  const IcpSnapshot snapshot = Read();
  ASSERT_THAT(Ids(snapshot), ElementsAre("a.yaml", "b.yaml"));
  EXPECT_EQ(snapshot.documents[0].yaml, "");
  EXPECT_THAT(snapshot.documents[0].error, Not(IsEmpty()));
  EXPECT_THAT(snapshot.documents[0].error, Not(HasSubstr("\n")));
  EXPECT_EQ(snapshot.documents[1].yaml, "B");
}

TEST_P(IcpSourceContract, SourceThatIsAwayIsAnErrorOfOneLineUntilItIsBack) {
  bench_->Put("a.yaml", "A");
  ASSERT_EQ(Text("a.yaml"), "A");
  bench_->TakeAway();
  const absl::Status status = source_->Read().status();
  EXPECT_THAT(status.code(), AnyOf(absl::StatusCode::kNotFound, absl::StatusCode::kPermissionDenied,
                                   absl::StatusCode::kUnavailable));
  EXPECT_THAT(std::string(status.message()), Not(AnyOf(IsEmpty(), HasSubstr("\n"))));
  bench_->GiveBack();
  EXPECT_EQ(Text("a.yaml"), "A");
}

TEST_P(IcpSourceContract, EveryKindOfChangeIsTold) {
  source_->Watch(changes_.Callback());
  bench_->Put("a.yaml", "A");
  EXPECT_TRUE(changes_.WaitUntil([this] { return Text("a.yaml") == "A"; })) << "added";
  bench_->Put("a.yaml", "B");
  EXPECT_TRUE(changes_.WaitUntil([this] { return Text("a.yaml") == "B"; })) << "changed";
  bench_->MakeUnreadable("a.yaml");
  EXPECT_TRUE(changes_.WaitUntil([this] { return Text("a.yaml") == ""; })) << "unreadable";
  bench_->Delete("a.yaml");
  EXPECT_TRUE(changes_.WaitUntil([this] { return Text("a.yaml") == "(none)"; })) << "deleted";
  bench_->TakeAway();
  EXPECT_TRUE(changes_.WaitUntil([this] { return !source_->Read().ok(); })) << "taken away";
  bench_->GiveBack();
  EXPECT_TRUE(changes_.WaitUntil([this] { return source_->Read().ok(); })) << "given back";
}

TEST_P(IcpSourceContract, LastOfManyChangesIsTold) {
  source_->Watch(changes_.Callback());
  for (int i = 0; i <= 200; ++i) bench_->Put("a.yaml", absl::StrCat(i));
  EXPECT_TRUE(changes_.WaitUntil([this] { return Text("a.yaml") == "200"; }));
}

TEST_P(IcpSourceContract, NothingIsToldOnceItIsDestroyed) {
  // Outlive the test's body, in case that ends early.
  const auto destroyed = std::make_shared<std::atomic<bool>>(false);
  const auto told_too_late = std::make_shared<std::atomic<bool>>(false);
  source_->Watch([destroyed, told_too_late, count = changes_.Callback()] {
    if (*destroyed) *told_too_late = true;
    count();
  });
  bench_->Put("a.yaml", "A");
  ASSERT_TRUE(changes_.WaitUntil([&] { return changes_.count() > 0; }));
  std::thread writer([this] {
    for (int i = 0; i < 50; ++i) bench_->Put("a.yaml", absl::StrCat(i));
  });
  source_.reset();
  *destroyed = true;
  writer.join();

  // Another source sees the last change, and so would the first one have.
  source_ = bench_->Open();
  source_->Watch(changes_.Callback());
  bench_->Put("b.yaml", "B");
  EXPECT_TRUE(changes_.WaitUntil([this] { return Text("b.yaml") == "B"; }));
  EXPECT_FALSE(*told_too_late);
}

TEST_P(IcpSourceContract, ManyThreadsMayRead) {
  bench_->Put("a.yaml", "A");
  std::atomic<int> good{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([this, &good] {
      for (int j = 0; j < 50; ++j) good += source_->Read().ok() ? 1 : 0;
    });
  }
  for (int i = 0; i < 50; ++i) bench_->Put("b.yaml", absl::StrCat(i));
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(good, 200);
}

}  // namespace bantam
