// Several replicas over one store and one cache, with random saves, deletions, reads and faults.
//
// What must hold, whatever happens:
//   - no answer is older than the bound while the store can be reached;
//   - no replica goes back: after a state it never answers with an older one of that ICP;
//   - an answer to a demand for the newest is what was current after the question;
//   - in the end all replicas agree with the store.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/catalog/loading_catalog.h"
#include "tests/catalog/loading_catalog_fixture.h"

namespace bantam {
namespace {

constexpr int kReplicas = 3;
constexpr int kIcps = 12;
constexpr int kReadersPerReplica = 8;

// The bound: a poll with its jitter and the load that it causes; and how long threads may have to
// wait on a busy machine. One that stops now and then shows it by how late a thread wakes up: from
// a change to its answer it is the turn of no more than so many threads.
const absl::Duration kPoll = absl::Milliseconds(20);
const absl::Duration kLoadTimeout = absl::Milliseconds(500);
const absl::Duration kBound = 1.2 * kPoll + kLoadTimeout + absl::Milliseconds(500);
constexpr int kMaxTurns = 20;

std::string NumberedName(int i) { return absl::StrCat("tenants/acme/icps/i", i); }

// What was ever current under the names, and when: state k of an ICP is its title "k", or that it
// is deleted.
class History {
 public:
  struct State {
    int number = 0;  // 0: never was there.
    bool exists = false;
    absl::Time since;                           // Not later than it was to be seen.
    absl::Time until = absl::InfiniteFuture();  // Not earlier than it was replaced for all.
  };

  // A change by `make`, which gets the number of the new state.
  template <typename Make>
  void Change(int icp, bool deletion, Make make) {
    MutexLock lock(mutex_);
    std::vector<State>& states = states_[icp];
    if (states.empty()) states.push_back(State());
    State next;
    next.number = states.back().number + 1;
    next.exists = !deletion;
    if (deletion && !states.back().exists) return;
    make(next.number);
    states.back().until = absl::Now();
    states.push_back(next);
  }

  // The newest state that `answer` (a title, or "" for not found) can be; -1: it never was that.
  int Newest(int icp, const std::string& answer) const {
    MutexLock lock(mutex_);
    const std::vector<State> states = StatesOf(icp);
    const auto found = std::find_if(states.rbegin(), states.rend(), Is(answer));
    return found == states.rend() ? -1 : found->number;
  }

  // The oldest state that it can be, from `first` on.
  int Oldest(int icp, const std::string& answer, int first) const {
    MutexLock lock(mutex_);
    const std::vector<State> states = StatesOf(icp);
    const auto found = std::find_if(states.begin(), states.end(), [&](const State& state) {
      return state.number >= first && Is(answer)(state);
    });
    return found == states.end() ? first : found->number;
  }

  // When the state was replaced; long ago for one that is not known.
  absl::Time Until(int icp, int number) const {
    MutexLock lock(mutex_);
    for (const State& state : StatesOf(icp)) {
      if (state.number == number) return state.until;
    }
    return absl::InfinitePast();
  }

 private:
  static std::function<bool(const State&)> Is(const std::string& answer) {
    return [answer](const State& state) {
      return answer.empty() ? !state.exists : state.exists && answer == absl::StrCat(state.number);
    };
  }

  std::vector<State> StatesOf(int icp) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = states_.find(icp);
    return found == states_.end() ? std::vector<State>{State()} : found->second;
  }

  mutable Mutex mutex_;
  std::map<int, std::vector<State>> states_ ABSL_GUARDED_BY(mutex_);
};

uint64_t Seed() {
  const char* const given = std::getenv("BANTAM_SEED");
  uint64_t seed = 0;
  if (given == nullptr || !absl::SimpleAtoi(given, &seed)) seed = std::random_device()();
  std::printf("figure: BANTAM_SEED=%llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

class RandomTest : public LoadingCatalogTest {
 protected:
  RandomTest() {
    options_.poll_interval = kPoll;
    options_.load_timeout = kLoadTimeout;
    options_.absence_ttl = absl::Milliseconds(50);
    options_.max_bytes = 200 * 1024;  // Too little for all, so that entries go and come back.
    options_.max_probe_pause = absl::Milliseconds(50);
  }

  int Pick(std::mt19937_64* random, int count) {
    return std::uniform_int_distribution<int>(0, count - 1)(*random);
  }

  // The title that the answer has, "" if there is no such ICP; "?" on an error.
  static std::string Told(const absl::StatusOr<IcpAnswer>& answer) {
    if (answer.ok()) return answer->entry->icp->definition().title().texts().at("en");
    return absl::IsNotFound(answer.status()) ? "" : "?";
  }

  // Since when the store can be reached; in the future: it cannot.
  absl::Time store_up_since() const {
    const int64_t nanos = store_up_since_;
    return nanos == kDown ? absl::InfiniteFuture() : absl::FromUnixNanos(nanos);
  }
  void SetStoreDown(bool down) {
    if (down) {
      store_up_since_ = kDown;
      revisions_->SetFailure(absl::UnavailableError("down"));
    } else {
      revisions_->SetFailure(absl::OkStatus());
      store_up_since_ = absl::ToUnixNanos(absl::Now());
    }
  }

  // What threads do until `stop_`: change ICPs, break and mend things, read and check.
  void Write(uint64_t seed, Replica* const* replicas);
  void BreakThings(uint64_t seed);
  void Read(uint64_t seed, Replica* replica, std::vector<std::atomic<int>>* newest);

  // Keeps the answer that was the furthest beyond the bound.
  void NoteAge(const std::string& name, absl::Duration beyond) {
    MutexLock lock(mutex_);
    if (beyond <= worst_beyond_) return;
    worst_beyond_ = beyond;
    worst_name_ = name;
  }

  static constexpr int64_t kDown = -1;
  std::atomic<int64_t> store_up_since_{0};
  std::atomic<bool> stop_{false};
  std::atomic<int> answers_{0};
  std::atomic<int> errors_{0};
  History history_;
  Mutex mutex_;
  absl::Duration worst_beyond_ ABSL_GUARDED_BY(mutex_);
  std::string worst_name_ ABSL_GUARDED_BY(mutex_);
};

void RandomTest::Write(uint64_t seed, Replica* const* replicas) {
  std::mt19937_64 random(seed);
  while (!stop_) {
    const int icp = Pick(&random, kIcps);
    const std::string name = NumberedName(icp);
    const bool deletion = Pick(&random, 5) == 0;
    Replica* const replica = replicas[Pick(&random, kReplicas)];
    const bool straight = Pick(&random, 3) == 0 || store_up_since() == absl::InfiniteFuture();
    history_.Change(icp, deletion, [&](int number) {
      const std::string text = absl::StrCat("name: ", name, "\ntitle: ", number, "\n");
      if (!straight) {
        const auto edited = deletion ? replica->Delete(name, "*") : replica->Save(text, "*");
        if (edited.ok()) return;
      }
      // Whether the change was made or not before the answer got lost: now it is.
      if (deletion) {
        revisions_->Delete(name);
      } else {
        revisions_->Put(name, text);
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(Pick(&random, 4)));
  }
}

void RandomTest::BreakThings(uint64_t seed) {
  std::mt19937_64 random(seed);
  while (!stop_) {
    switch (Pick(&random, 9)) {
      case 0:
        cached_->SetDown(true);
        break;
      case 1:
        cached_->SetLosesWrites(true);
        break;
      case 2:
        cached_->SetDeaf(true);
        break;
      case 3:
        cached_->FlushAll();
        break;
      case 4:
        cached_->LosePointer(NumberedName(Pick(&random, kIcps)));
        cached_->LoseRecords(NumberedName(Pick(&random, kIcps)));
        break;
      case 5:
        SetStoreDown(true);
        break;
      case 6:
        cached_->Hold();
        break;
      case 7:
        revisions_->Hold(StoreCall::kReadCurrent);
        break;
      case 8:
        break;  // A quiet time.
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(Pick(&random, 60)));
    cached_->SetDown(false);
    cached_->SetLosesWrites(false);
    cached_->SetDeaf(false);
    cached_->Release();
    revisions_->Release();
    if (store_up_since() == absl::InfiniteFuture()) SetStoreDown(false);
    std::this_thread::sleep_for(std::chrono::milliseconds(Pick(&random, 60)));
  }
}

// `newest`: the newest state that this replica has answered with, by ICP.
void RandomTest::Read(uint64_t seed, Replica* replica, std::vector<std::atomic<int>>* newest) {
  std::mt19937_64 random(seed);
  while (!stop_) {
    const int icp = Pick(&random, kIcps);
    const bool demands_newest = Pick(&random, 10) == 0;
    const int newest_before = (*newest)[icp];
    const absl::Time begin = absl::Now();
    const std::string told =
        Told(demands_newest ? replica->Get(NumberedName(icp), absl::ZeroDuration())
                            : replica->Get(NumberedName(icp)));
    if (told == "?") {
      ++errors_;
      continue;
    }
    ++answers_;
    const int number = history_.Newest(icp, told);
    ASSERT_GE(number, 0) << NumberedName(icp) << " never was '" << told << "'";
    ASSERT_GE(number, newest_before) << NumberedName(icp) << " went back to '" << told << "'";
    const int at_least = history_.Oldest(icp, told, newest_before);
    int known = (*newest)[icp];
    while (known < at_least && !(*newest)[icp].compare_exchange_weak(known, at_least)) {
    }
    const absl::Time until = history_.Until(icp, number);
    if (demands_newest) {
      ASSERT_GE(until, begin) << NumberedName(icp) << ": not the newest one";
    }
    // How long ago it was replaced, if the store could be reached all that time.
    const absl::Time wrong_since = std::max(until, store_up_since());
    NoteAge(NumberedName(icp), begin - wrong_since - kBound);
  }
}

TEST_F(RandomTest, NoReplicaGoesBackOrStaysBehind) {
  const uint64_t seed = Seed();
  SCOPED_TRACE(absl::StrCat("BANTAM_SEED=", seed));
  const char* const seconds = std::getenv("BANTAM_RANDOM_SECONDS");
  int duration = 4;
  if (seconds != nullptr && !absl::SimpleAtoi(seconds, &duration)) {
    FAIL() << "BANTAM_RANDOM_SECONDS must be a whole number";
  }
  SetStoreDown(false);
  std::vector<std::unique_ptr<Replica>> replicas;
  std::vector<Replica*> pointers;
  for (int i = 0; i < kReplicas; ++i) {
    replicas.push_back(Open());
    pointers.push_back(replicas.back().get());
  }
  std::vector<std::vector<std::atomic<int>>> newest;
  for (int i = 0; i < kReplicas; ++i) newest.emplace_back(kIcps);
  std::vector<std::thread> threads;
  threads.emplace_back([&] { Write(seed, pointers.data()); });
  threads.emplace_back([&] { BreakThings(seed + 1); });
  for (int i = 0; i < kReplicas * kReadersPerReplica; ++i) {
    threads.emplace_back(
        [this, i, seed, replica = pointers[i % kReplicas], states = &newest[i % kReplicas]] {
          Read(seed + 2 + i, replica, states);
        });
  }
  absl::Time looked = absl::Now();
  const absl::Time end = looked + absl::Seconds(duration);
  absl::Duration latest;
  WaitUntil([&] {
    const absl::Time now = absl::Now();
    latest = std::max(latest, now - looked);
    looked = now;
    return now >= end || HasFailure();
  });
  stop_ = true;
  for (std::thread& thread : threads) thread.join();
  {
    MutexLock lock(mutex_);
    EXPECT_LE(worst_beyond_, kMaxTurns * latest) << worst_name_ << " is too old";
  }
  EXPECT_GT(answers_, 0);
  int64_t evictions = 0;
  for (Replica* const replica : pointers) evictions += (*replica)->Stats().evictions;
  std::printf("figure: %d answers, %d times unavailable, %lld evictions, %lld changes\n",
              answers_.load(), errors_.load(), static_cast<long long>(evictions),
              static_cast<long long>(revisions_->sequence()));

  SetStoreDown(false);
  for (int icp = 0; icp < kIcps; ++icp) {
    const CurrentRevision current = revisions_->Current(NumberedName(icp));
    for (Replica* const replica : pointers) {
      EXPECT_TRUE(WaitUntil([&] {
        const absl::StatusOr<IcpAnswer> answer = replica->Get(NumberedName(icp));
        return current.exists() ? answer.ok() && answer->entry->origin.number == current.number
                                : absl::IsNotFound(answer.status());
      })) << NumberedName(icp);
    }
  }
}

}  // namespace
}  // namespace bantam
