// A catalog over a store under load: no stampede, no waiting where none is needed, bounds, the warm
// start, and what use is counted.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/catalog/loading_catalog.h"
#include "tests/catalog/loading_catalog_fixture.h"

namespace bantam {
namespace {

using ::testing::_;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

std::string NumberedName(int i) { return absl::StrCat("tenants/acme/icps/i", i); }

// Counts answers that come at some time.
class Counted {
 public:
  Catalog::GetDone Taker() {
    return [this](const absl::StatusOr<IcpAnswer>& answer) {
      ++(answer.ok() ? ok_ : absl::IsResourceExhausted(answer.status()) ? refused_ : failed_);
    };
  }
  int ok() const { return ok_; }
  int refused() const { return refused_; }
  int failed() const { return failed_; }
  int all() const { return ok_ + refused_ + failed_; }

 private:
  std::atomic<int> ok_{0};
  std::atomic<int> refused_{0};
  std::atomic<int> failed_{0};
};

class LoadTest : public LoadingCatalogTest {
 protected:
  void BeginGet(Replica* replica, absl::string_view name, Counted* counted) {
    IcpQuery query;
    query.name = name;
    (*replica)->Get(query, counted->Taker());
  }
};

TEST_F(LoadTest, FiveHundredFirstCallsForOneIcpCauseOneLoad) {
  constexpr int kCalls = 500;
  constexpr int kThreads = 10;
  Put(kName, "One");
  const auto replica = Open();
  revisions_->Hold(StoreCall::kReadCurrent);
  Counted counted;
  std::vector<std::thread> callers;
  for (int i = 0; i < kThreads; ++i) {
    callers.emplace_back([&] {
      for (int j = 0; j < kCalls / kThreads; ++j) BeginGet(replica.get(), kName, &counted);
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(counted.all(), 0);
  EXPECT_EQ((*replica)->Stats().waiting, kCalls);
  revisions_->Release();
  EXPECT_TRUE(WaitUntil([&] { return counted.ok() == kCalls; }));
  EXPECT_EQ(revisions_->reads_of(kName), 1);
  EXPECT_EQ((*replica)->Stats().loads_from_store, 1);
  EXPECT_EQ((*replica)->Stats().compiled, 1);
}

// Also with a bound of staleness, by which the calls that come later want something fresher.
TEST_F(LoadTest, CallsWithABoundJoinOneLoadToo) {
  options_.max_staleness = absl::Seconds(60);
  Put(kName, "One");
  const auto replica = Open();
  revisions_->Hold(StoreCall::kReadCurrent);
  Counted counted;
  for (int i = 0; i < 100; ++i) BeginGet(replica.get(), kName, &counted);
  revisions_->Release();
  EXPECT_TRUE(WaitUntil([&] { return counted.ok() == 100; }));
  EXPECT_EQ(revisions_->reads_of(kName), 1);
}

// The 99th percentile of `count` calls for `name`, in microseconds.
double WarmP99(Replica* replica, absl::string_view name, int count) {
  std::vector<double> micros;
  micros.reserve(count);
  IcpQuery query;
  query.name = name;
  for (int i = 0; i < count; ++i) {
    bool at_once = false;
    const auto begin = std::chrono::steady_clock::now();
    (*replica)->Get(query,
                    [&at_once](const absl::StatusOr<IcpAnswer>& answer) { at_once = answer.ok(); });
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    EXPECT_TRUE(at_once);
    micros.push_back(took.count());
  }
  std::nth_element(micros.begin(), micros.begin() + count * 99 / 100, micros.end());
  return micros[count * 99 / 100];
}

TEST_F(LoadTest, TwoHundredColdCallsBlockNoWarmOnes) {
  constexpr int kCold = 200;
  options_.load_timeout = absl::Minutes(5);  // The cold ones wait until the test goes on.
  Put(kName, "One");
  const auto replica = Open();
  ASSERT_EQ(replica->Title(kName), "One");
  WarmP99(replica.get(), kName, 20000);
  const double before = WarmP99(replica.get(), kName, 100000);
  revisions_->Hold(StoreCall::kReadCurrent);
  Counted cold;
  for (int i = 0; i < kCold; ++i) {
    Put(NumberedName(i), "x");
    BeginGet(replica.get(), NumberedName(i), &cold);
  }
  ASSERT_TRUE(revisions_->WaitUntilHeld(kCold));
  const double during = WarmP99(replica.get(), kName, 100000);
  EXPECT_EQ(cold.all(), 0);
  revisions_->Release();
  EXPECT_TRUE(WaitUntil([&] { return cold.ok() == kCold; }));
  std::printf("figure: p99 of warm Get() %.3f us; with 200 cold calls waiting %.3f us\n", before,
              during);
}

TEST_F(LoadTest, NoMoreLoadsRunAtOnceThanMay) {
  options_.max_loads = 4;
  const auto replica = OpenWithoutCache();
  revisions_->Hold(StoreCall::kReadCurrent);
  Counted counted;
  for (int i = 0; i < 20; ++i) {
    Put(NumberedName(i), "x");
    BeginGet(replica.get(), NumberedName(i), &counted);
  }
  EXPECT_TRUE(revisions_->WaitUntilHeld(4));
  EXPECT_EQ(revisions_->calls(StoreCall::kReadCurrent), 4);
  EXPECT_EQ((*replica)->Stats().loading, 4);
  revisions_->Release();
  EXPECT_TRUE(WaitUntil([&] { return counted.ok() == 20; }));
}

TEST_F(LoadTest, CallsBeyondTheBoundOfWaitingAreRefused) {
  options_.max_waiting_calls = 10;
  Put(kName, "One");
  Put(kOther, "Other");
  const auto replica = OpenWithoutCache();
  ASSERT_EQ(replica->Title(kOther), "Other");
  revisions_->Hold(StoreCall::kReadCurrent);
  Counted counted;
  for (int i = 0; i < 15; ++i) BeginGet(replica.get(), kName, &counted);
  EXPECT_EQ(counted.refused(), 5);
  EXPECT_EQ(counted.all(), 5);
  EXPECT_EQ((*replica)->Stats().refused, 5);
  EXPECT_EQ(replica->Title(kOther), "Other") << "what is held needs no place";
  revisions_->Release();
  EXPECT_TRUE(WaitUntil([&] { return counted.ok() == 10; }));
  EXPECT_EQ(replica->Title(kName), "One");
}

TEST_F(LoadTest, WhoseTurnDoesNotComeInTimeIsUnavailable) {
  options_.max_loads = 1;
  options_.load_timeout = absl::Milliseconds(50);
  const auto replica = OpenWithoutCache();
  revisions_->Hold(StoreCall::kReadCurrent);
  Counted counted;
  for (int i = 0; i < 10; ++i) BeginGet(replica.get(), NumberedName(i), &counted);
  EXPECT_TRUE(WaitUntil([&] { return counted.failed() == 10; }));
  EXPECT_LT(revisions_->calls(StoreCall::kReadCurrent), 10);
}

TEST_F(LoadTest, ImpatientCallerDoesNotSpoilTheLoadForOthers) {
  Put(kName, "One");
  const auto replica = OpenWithoutCache();
  revisions_->Hold(StoreCall::kReadCurrent);
  Counted impatient;
  Counted patient;
  BeginGet(replica.get(), kName, &impatient);
  ASSERT_TRUE(revisions_->WaitUntilHeld(1));
  BeginGet(replica.get(), kName, &patient);  // The first one may have turned away by now.
  revisions_->Release();
  EXPECT_TRUE(WaitUntil([&] { return patient.ok() == 1; }));
  EXPECT_EQ(revisions_->reads_of(kName), 1);
}

// Background loads leave half of the places to those that somebody waits for.
TEST_F(LoadTest, ReloadsInTheBackgroundLeaveRoomForColdCalls) {
  options_.max_loads = 4;
  const auto replica = Open();
  for (int i = 0; i < 20; ++i) {
    Put(NumberedName(i), "One");
    ASSERT_EQ(replica->Title(NumberedName(i)), "One");
  }
  ASSERT_TRUE(WaitUntilSettled(*replica));
  Put(kName, "Cold");
  cached_->SetDown(true);
  for (int i = 0; i < 20; ++i) Put(NumberedName(i), "Two");
  revisions_->Hold(StoreCall::kReadCurrent);
  cached_->SetDown(false);  // Which makes it poll: all twenty are outdated.
  ASSERT_TRUE(revisions_->WaitUntilHeld(2));
  Counted counted;
  BeginGet(replica.get(), kName, &counted);
  EXPECT_TRUE(revisions_->WaitUntilHeld(3));
  EXPECT_EQ(replica->Title(NumberedName(0)), "One") << "it serves meanwhile";
  revisions_->Release();
  EXPECT_TRUE(WaitUntil([&] { return counted.ok() == 1; }));
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(WaitUntil([&] { return replica->Title(NumberedName(i)) == "Two"; }));
  }
}

TEST_F(LoadTest, UsesAreToldToTheCache) {
  options_.uses_interval = absl::Milliseconds(5);
  Put(kName, "One");
  const RevisionRecord old = Put(kOther, "Old");
  Put(kOther, "New");
  const auto replica = Open();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(replica->Title(kName), "One");
  ASSERT_TRUE(replica->GetRevision(kOther, old.revision).ok());
  ASSERT_TRUE(replica->GetTenant("tenants/acme").ok());
  EXPECT_TRUE(WaitUntil([&] { return cached_->uses().count(std::string(kName)) > 0; }));
  EXPECT_THAT(cached_->uses(), Not(Contains(Pair(HasSubstr("@"), _))));
  EXPECT_THAT(cached_->uses(), Not(Contains(Pair("tenants/acme", _))));
}

TEST_F(LoadTest, WarmStartLoadsWhatIsUsedMostBeforeItIsReady) {
  for (int i = 0; i < 5; ++i) Put(NumberedName(i), "x");
  MemoryRevisionCache(cached_).AddUses({{NumberedName(1), 3}, {NumberedName(3), 9}});
  options_.warm_start = WarmStart::kUsed;
  options_.warm_start_limit = absl::Minutes(5);
  const auto replica = Open();
  ASSERT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(2)));
  EXPECT_EQ((*replica)->Stats().entries, 2);
  const int reads = revisions_->calls(StoreCall::kReadCurrent);
  EXPECT_EQ(replica->Title(NumberedName(1)), "x");
  EXPECT_EQ(replica->Title(NumberedName(3)), "x");
  EXPECT_EQ(revisions_->calls(StoreCall::kReadCurrent), reads);
  ASSERT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kWarmStartDone) == 1; }));
  EXPECT_EQ(replica->First(CatalogEvent::Kind::kWarmStartDone).loaded, 2);
}

TEST_F(LoadTest, WarmStartLoadsAllThereIs) {
  for (int i = 0; i < 1100; ++i) Put(NumberedName(i), "x");
  options_.warm_start = WarmStart::kAll;
  options_.warm_start_limit = absl::Minutes(5);
  const auto replica = OpenWithoutCache();
  ASSERT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(2)));
  EXPECT_EQ((*replica)->Stats().entries, 1100);
}

TEST_F(LoadTest, WarmStartEndsWhenTheBoundIsNearlyReached) {
  for (int i = 0; i < 1000; ++i) Put(NumberedName(i), "x");
  options_.warm_start = WarmStart::kAll;
  options_.warm_start_limit = absl::Minutes(5);
  options_.max_bytes = 2 * 1024 * 1024;
  options_.max_loads = 8;
  const auto replica = OpenWithoutCache();
  ASSERT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(2)));
  EXPECT_EQ((*replica)->Stats().evictions, 0);
  EXPECT_GT((*replica)->Stats().bytes, options_.max_bytes / 2);
}

TEST_F(LoadTest, WarmStartEndsAtItsLimit) {
  Put(kName, "One");
  revisions_->Hold(StoreCall::kReadCurrent);
  options_.warm_start = WarmStart::kAll;
  options_.warm_start_limit = absl::Milliseconds(20);
  options_.load_timeout = absl::Minutes(5);
  const auto replica = OpenWithoutCache();
  EXPECT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(1)));
  revisions_->Release();
  EXPECT_EQ(replica->Title(kName), "One");
}

TEST_F(LoadTest, WarmStartWithoutTheStoreTakesWhatTheCacheHas) {
  Put(kName, "One");
  FillCache(kName);
  MemoryRevisionCache(cached_).AddUses({{kName, 1}});
  revisions_->SetFailure(absl::UnavailableError("down"));
  options_.warm_start = WarmStart::kAll;
  const auto replica = Open();
  EXPECT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(2)));
  EXPECT_EQ((*replica)->Stats().entries, 1);
}

TEST_F(LoadTest, WarmStartByUseTriesAgainUntilTheCacheAnswers) {
  options_.max_probe_pause = absl::Milliseconds(2);
  Put(kName, "One");
  MemoryRevisionCache(cached_).AddUses({{kName, 1}});
  options_.warm_start = WarmStart::kUsed;
  options_.warm_start_limit = absl::Minutes(5);
  cached_->SetDown(true);
  const auto replica = Open();
  const int reads = cached_->reads();
  ASSERT_TRUE(WaitUntil([&] { return cached_->reads() > reads + 2; }));
  EXPECT_FALSE((*replica)->Ready());
  cached_->SetDown(false);
  ASSERT_TRUE((*replica)->WaitReady(absl::Now() + absl::Minutes(2)));
  ASSERT_TRUE(WaitUntil([&] { return replica->count(CatalogEvent::Kind::kWarmStartDone) == 1; }));
  EXPECT_EQ(replica->First(CatalogEvent::Kind::kWarmStartDone).loaded, 1);
}

}  // namespace
}  // namespace bantam
