// How fresh the answers of a SnapshotCatalog are, and what callers can ask for.
#include <condition_variable>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/catalog/mutex.h"
#include "server/catalog/snapshot_catalog.h"
#include "tests/fakes/fake_load_icp.h"
#include "tests/fakes/memory_source.h"
#include "tests/fakes/reload_log.h"

namespace bantam {
namespace {

constexpr char kA[] = "tenants/acme/icps/a";
constexpr char kNotFresh[] =
    "the ICPs could not be read anew, as max_staleness demands; try again after a pause, or leave "
    "max_staleness out to be answered with those read last";

// Lets reads end when the test wants, with what was there when they began.
class Gate {
 public:
  // From now on reads wait.
  void Close() {
    MutexLock lock(mutex_);
    open_ = false;
  }

  void Open() {
    MutexLock lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

  // Waits until so many reads have begun since the start.
  void WaitForReads(int reads) {
    MutexLock lock(mutex_);
    while (reads_ < reads) changed_.wait(mutex_);
  }

  void Pass() {
    MutexLock lock(mutex_);
    ++reads_;
    changed_.notify_all();
    while (!open_) changed_.wait(mutex_);
  }

 private:
  Mutex mutex_;
  std::condition_variable_any changed_;
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  int reads_ ABSL_GUARDED_BY(mutex_) = 0;
};

class GatedSource : public IcpSource {
 public:
  GatedSource(std::shared_ptr<MemoryDocuments> documents, Gate* gate)
      : source_(std::move(documents)), gate_(gate) {}

  absl::StatusOr<IcpSnapshot> Read() override {
    absl::StatusOr<IcpSnapshot> snapshot = source_.Read();
    gate_->Pass();
    return snapshot;
  }

  void Watch(std::function<void()> on_change) override { source_.Watch(std::move(on_change)); }

 private:
  MemorySource source_;
  Gate* const gate_;
};

class SnapshotFreshnessTest : public ::testing::Test {
 protected:
  SnapshotFreshnessTest() { documents_->Put("a.yaml", FakeIcp("acme", "a", "1")); }
  ~SnapshotFreshnessTest() override { gate_.Open(); }

  // A catalog that hears of no change by itself.
  void Open() {
    auto catalog = SnapshotCatalog::Open(std::make_unique<GatedSource>(documents_, &gate_),
                                         FakeLoadIcp, options_, log_.Recorder());
    ASSERT_TRUE(catalog.ok()) << catalog.status();
    catalog_ = *std::move(catalog);
    documents_->TellNothing();
  }

  std::future<absl::StatusOr<IcpAnswer>> Ask(absl::string_view name,
                                             absl::optional<absl::Duration> max_staleness) {
    IcpQuery query;
    query.name = name;
    query.max_staleness = max_staleness;
    auto promise = std::make_shared<std::promise<absl::StatusOr<IcpAnswer>>>();
    std::future<absl::StatusOr<IcpAnswer>> answer = promise->get_future();
    catalog_->Get(query, [promise](absl::StatusOr<IcpAnswer> answer) {
      promise->set_value(std::move(answer));
    });
    return answer;
  }

  absl::StatusOr<IcpAnswer> Get(absl::string_view name,
                                absl::optional<absl::Duration> max_staleness) {
    return Ask(name, max_staleness).get();
  }

  static std::string Title(const absl::StatusOr<IcpAnswer>& answer) {
    if (!answer.ok()) return answer.status().ToString();
    return answer->entry->icp->definition().title().texts().at("en");
  }

  const std::shared_ptr<MemoryDocuments> documents_ = std::make_shared<MemoryDocuments>();
  SnapshotCatalogOptions options_;
  Gate gate_;
  ReloadLog log_;
  std::unique_ptr<SnapshotCatalog> catalog_;
};

TEST_F(SnapshotFreshnessTest, TheAgeCountsFromTheBeginOfTheRead) {
  const absl::Time before = absl::Now();
  Open();
  const absl::Time read_time = catalog_->Stats().last_read_time;
  EXPECT_GE(read_time, before);
  const absl::Duration least = absl::Now() - read_time;
  const absl::StatusOr<IcpAnswer> answer = Get(kA, absl::nullopt);
  ASSERT_TRUE(answer.ok());
  EXPECT_GE(answer->age, least);
  EXPECT_LE(answer->age, absl::Now() - read_time);
}

TEST_F(SnapshotFreshnessTest, APinnedRevisionHasNoAge) {
  Open();
  IcpQuery query;
  query.name = kA;
  const std::string revision = Get(kA, absl::nullopt)->entry->icp->revision();
  query.revision = revision;
  query.max_staleness = absl::ZeroDuration();
  bool answered = false;
  catalog_->Get(query, [&answered](absl::StatusOr<IcpAnswer> answer) {
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->age, absl::ZeroDuration());
    answered = true;
  });
  EXPECT_TRUE(answered);  // At once, whatever its max_staleness.
}

TEST_F(SnapshotFreshnessTest, TheNewestIsReadAnew) {
  Open();
  documents_->Put("a.yaml", FakeIcp("acme", "a", "2"));
  EXPECT_EQ(Title(Get(kA, absl::nullopt)), "1");
  EXPECT_EQ(Title(Get(kA, absl::Hours(1))), "1");
  EXPECT_EQ(Title(Get(kA, absl::ZeroDuration())), "2");
  EXPECT_EQ(Title(Get(kA, absl::nullopt)), "2");
}

TEST_F(SnapshotFreshnessTest, WhatIsOlderThanAllowedIsReadAnew) {
  Open();
  documents_->Put("a.yaml", FakeIcp("acme", "a", "2"));
  EXPECT_EQ(Title(Get(kA, absl::Nanoseconds(1))), "2");
}

TEST_F(SnapshotFreshnessTest, AlsoWhatIsNotThereIsReadAnew) {
  Open();
  documents_->Put("b.yaml", FakeIcp("acme", "b", "1"));
  EXPECT_TRUE(absl::IsNotFound(Get("tenants/acme/icps/b", absl::nullopt).status()));
  EXPECT_EQ(Title(Get("tenants/acme/icps/b", absl::ZeroDuration())), "1");
}

TEST_F(SnapshotFreshnessTest, ADemandForTheNewestJoinsNoReadThatHasBegun) {
  Open();
  gate_.Close();
  auto first = Ask(kA, absl::ZeroDuration());
  gate_.WaitForReads(2);  // It has read, and waits.
  documents_->Put("a.yaml", FakeIcp("acme", "a", "2"));
  auto second = Ask(kA, absl::ZeroDuration());
  auto third = Ask(kA, absl::ZeroDuration());
  EXPECT_EQ(Title(Get(kA, absl::nullopt)), "1");  // Nobody else waits.
  gate_.Open();
  EXPECT_EQ(Title(first.get()), "1");
  EXPECT_EQ(Title(second.get()), "2");
  EXPECT_EQ(Title(third.get()), "2");
}

TEST_F(SnapshotFreshnessTest, ASourceThatFailsIsUnavailableForWhoWantsItFresh) {
  Open();
  documents_->SetFailure(absl::NotFoundError("/srv/icps is not there"));
  const absl::Status status = Get(kA, absl::ZeroDuration()).status();
  EXPECT_EQ(status, absl::UnavailableError(kNotFresh));
  EXPECT_EQ(Title(Get(kA, absl::nullopt)), "1");
  EXPECT_EQ(Title(Get(kA, absl::Hours(1))), "1");
  documents_->SetFailure(absl::OkStatus());
  EXPECT_EQ(Title(Get(kA, absl::ZeroDuration())), "1");
}

TEST_F(SnapshotFreshnessTest, ALastGoodDefinitionKeepsTheTimeAtWhichItWasCurrent) {
  documents_->Put("b.yaml", FakeIcp("acme", "b", "1"));
  Open();
  const absl::Time good_until = absl::Now();
  for (const char* text : {"error: wrong\n", "error: wrong\n# Still.\n"}) {
    const absl::Time changed = absl::Now();
    documents_->Put("a.yaml", FakeIcp("acme", "a", "2") + text);
    const absl::Duration least = absl::Now() - good_until;
    const absl::StatusOr<IcpAnswer> stale = Get(kA, absl::ZeroDuration());
    EXPECT_EQ(Title(stale), "1");
    const absl::StatusOr<IcpAnswer> current = Get("tenants/acme/icps/b", absl::nullopt);
    EXPECT_GE(stale->age, least);
    EXPECT_LE(current->age, absl::Now() - changed) << "it was read after that";
  }
  documents_->Put("a.yaml", FakeIcp("acme", "a", "3"));
  const absl::StatusOr<IcpAnswer> mended = Get(kA, absl::ZeroDuration());
  EXPECT_EQ(Title(mended), "3");
  EXPECT_LT(mended->age, absl::Now() - good_until);
}

TEST_F(SnapshotFreshnessTest, ATenantIsAsOldAsItsOldest) {
  documents_->Put("b.yaml", FakeIcp("acme", "b", "1"));
  Open();
  const absl::Time good_until = absl::Now();
  documents_->Put("a.yaml", "name: tenants/acme/icps/a\nerror: wrong\n");
  documents_->Put("c.yaml", FakeIcp("other", "c", "1"));
  const auto ask = [this](absl::string_view tenant, absl::optional<absl::Duration> max_staleness) {
    std::promise<absl::StatusOr<TenantAnswer>> promise;
    catalog_->GetTenant(tenant, max_staleness, [&promise](absl::StatusOr<TenantAnswer> answer) {
      promise.set_value(std::move(answer));
    });
    return promise.get_future().get();
  };
  EXPECT_TRUE(ask("tenants/other", absl::nullopt)->entries.empty());
  const absl::StatusOr<TenantAnswer> other = ask("tenants/other", absl::ZeroDuration());
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->entries.size(), 1);
  EXPECT_LT(other->age, absl::Now() - good_until);
  const absl::StatusOr<TenantAnswer> acme = ask("tenants/acme", absl::nullopt);
  ASSERT_TRUE(acme.ok());
  EXPECT_EQ(acme->entries.size(), 2);
  EXPECT_GT(acme->age, other->age);
  documents_->SetFailure(absl::UnavailableError("gone"));
  EXPECT_TRUE(absl::IsUnavailable(ask("tenants/acme", absl::ZeroDuration()).status()));
}

TEST_F(SnapshotFreshnessTest, ACatalogOfFilesCountsNoRevisions) {
  Open();
  IcpQuery query;
  query.name = kA;
  query.number = 1;
  absl::Status status;
  catalog_->Get(query, [&status](absl::StatusOr<IcpAnswer> answer) { status = answer.status(); });
  EXPECT_EQ(status,
            absl::FailedPreconditionError(
                "this server reads its ICPs from files, which do not number revisions; name the "
                "revision by its 32 hexadecimal digits, or none for the current one"));
}

TEST_F(SnapshotFreshnessTest, NotMoreThanSomeMayWait) {
  options_.max_waiting_calls = 2;
  Open();
  gate_.Close();
  auto reading = Ask(kA, absl::ZeroDuration());
  gate_.WaitForReads(2);
  auto first = Ask(kA, absl::ZeroDuration());
  auto second = Ask(kA, absl::ZeroDuration());
  EXPECT_TRUE(absl::IsResourceExhausted(Get(kA, absl::ZeroDuration()).status()));
  gate_.Open();
  for (auto* waiting : {&reading, &first, &second}) EXPECT_EQ(Title(waiting->get()), "1");
}

TEST_F(SnapshotFreshnessTest, WhoWaitsWhenTheCatalogEndsIsTold) {
  Open();
  gate_.Close();
  auto reading = Ask(kA, absl::ZeroDuration());
  gate_.WaitForReads(2);
  auto waiting = Ask(kA, absl::ZeroDuration());
  auto end = std::async(std::launch::async, [this] { catalog_.reset(); });
  gate_.Open();
  end.get();
  EXPECT_EQ(Title(reading.get()), "1");
  const absl::StatusOr<IcpAnswer> answer = waiting.get();
  EXPECT_TRUE(answer.ok() || absl::IsUnavailable(answer.status())) << answer.status();
}

}  // namespace
}  // namespace bantam
