// Standard threads and locks only: the thread sanitizer looks here, and cannot see into Debian's
// Abseil.
#include "server/catalog/bounded_cache.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <ctime>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using ::testing::Pair;
using ::testing::UnorderedElementsAre;

using Cache = BoundedCache<int>;

constexpr size_t kPlenty = 1 << 30;

Cache::ValuePtr Value(int value) { return std::make_shared<const int>(value); }

// What `count` entries with keys of `key_bytes` and values of `bytes` are charged with.
size_t Charge(size_t count, size_t key_bytes, size_t bytes) {
  return count * (key_bytes + bytes + Cache::kOverheadBytes);
}

// The value, or -1.
int Found(Cache& cache, absl::string_view key) {
  const Cache::ValuePtr value = cache.Find(key);
  return value == nullptr ? -1 : *value;
}

// Finds `key` until it is sure to have a copy in this thread's stripe.
void Warm(Cache& cache, absl::string_view key) {
  for (int i = 0; i < 3; ++i) EXPECT_NE(cache.Find(key), nullptr) << key;
}

TEST(BoundedCacheTest, GivesWhatWasPut) {
  Cache cache(kPlenty);
  EXPECT_EQ(Found(cache, "a"), -1);
  EXPECT_TRUE(cache.Put("a", Value(1), 10));
  EXPECT_TRUE(cache.Put("b", Value(2), 10));
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Found(cache, "a"), 1);
    EXPECT_EQ(Found(cache, "b"), 2);
    EXPECT_EQ(Found(cache, "c"), -1);
  }
  EXPECT_THAT(cache.Keys(), UnorderedElementsAre("a", "b"));
}

TEST(BoundedCacheTest, GivesTheNewValueAtOnceOnEveryThread) {
  Cache cache(kPlenty);
  cache.Put("a", Value(1), 10);
  Warm(cache, "a");
  std::thread([&cache] { cache.Put("a", Value(2), 10); }).join();
  EXPECT_EQ(Found(cache, "a"), 2);
  std::thread([&cache] { cache.Erase("a"); }).join();
  EXPECT_EQ(Found(cache, "a"), -1);
}

TEST(BoundedCacheTest, ReplacesOnlyWhatIsExpected) {
  Cache cache(kPlenty);
  const Cache::ValuePtr one = Value(1), two = Value(2);
  EXPECT_FALSE(cache.Replace("a", one.get(), two, 10));
  EXPECT_EQ(Found(cache, "a"), -1);
  EXPECT_TRUE(cache.Replace("a", nullptr, one, 10));  // Nothing was expected.
  Warm(cache, "a");
  EXPECT_FALSE(cache.Replace("a", nullptr, two, 10));
  EXPECT_FALSE(cache.Replace("a", two.get(), two, 10));
  EXPECT_EQ(Found(cache, "a"), 1);
  EXPECT_TRUE(cache.Replace("a", cache.Find("a").get(), two, 10));
  EXPECT_EQ(Found(cache, "a"), 2);
}

TEST(BoundedCacheTest, ErasesOnlyWhatIsExpected) {
  Cache cache(kPlenty);
  const Cache::ValuePtr one = Value(1), two = Value(2);
  cache.Put("a", one, 10);
  EXPECT_FALSE(cache.Erase("a", two.get()));
  EXPECT_FALSE(cache.Erase("b"));
  EXPECT_EQ(Found(cache, "a"), 1);
  EXPECT_TRUE(cache.Erase("a", one.get()));
  EXPECT_EQ(Found(cache, "a"), -1);
  EXPECT_EQ(cache.Stats().bytes, 0);
}

TEST(BoundedCacheTest, NothingKeepsAValueThatIsNotHeldAnyMore) {
  Cache cache(Charge(1, 1, 1000));
  std::vector<std::weak_ptr<const int>> values;
  const auto put = [&](absl::string_view key) {
    const Cache::ValuePtr value = Value(1);
    values.push_back(value);
    cache.Put(key, value, 1000);
  };
  put("a");
  Warm(cache, "a");
  std::thread([&cache] { Warm(cache, "a"); }).join();  // A stripe of a thread that is gone.
  put("a");                                            // Replaced.
  EXPECT_TRUE(values[0].expired());
  Warm(cache, "a");
  put("b");  // Evicts "a".
  EXPECT_TRUE(values[1].expired());
  Warm(cache, "b");
  cache.Erase("b");
  EXPECT_TRUE(values[2].expired());
}

TEST(BoundedCacheTest, CallersKeepWhatTheyHold) {
  Cache cache(kPlenty);
  cache.Put("a", Value(1), 10);
  Warm(cache, "a");
  const Cache::ValuePtr held = cache.Find("a");
  cache.Erase("a");
  EXPECT_EQ(*held, 1);
}

TEST(BoundedCacheTest, StaysWithinItsBound) {
  Cache cache(Charge(100, 4, 1000));
  for (int i = 0; i < 1000; ++i) {
    const std::string key = absl::StrCat(1000 + i);
    ASSERT_TRUE(cache.Put(key, Value(i), 1000));
    ASSERT_LE(cache.Stats().bytes, Charge(100, 4, 1000));
    ASSERT_EQ(Found(cache, key), i);  // What was just put is not what goes.
  }
  EXPECT_EQ(cache.Stats().entries, 100);
  EXPECT_EQ(cache.Stats().bytes, Charge(100, 4, 1000));
  EXPECT_EQ(cache.Stats().evictions, 900);
}

TEST(BoundedCacheTest, ChargesTheSizeOfTheNewestValue) {
  Cache cache(kPlenty);
  cache.Put("a", Value(1), 1000);
  cache.Put("a", Value(2), 10);
  EXPECT_EQ(cache.Stats().bytes, Charge(1, 1, 10));
  cache.Put("a", Value(3), 5000);
  EXPECT_EQ(cache.Stats().bytes, Charge(1, 1, 5000));
}

TEST(BoundedCacheTest, WhatIsBeyondTheBoundIsNotHeldAndDropsNothingElse) {
  Cache cache(2000);
  cache.Put("a", Value(1), 100);
  cache.Put("b", Value(2), 100);
  EXPECT_FALSE(cache.Put("a", Value(3), 2000));
  EXPECT_EQ(Found(cache, "a"), -1);  // Nor is what it had before.
  EXPECT_EQ(Found(cache, "b"), 2);
}

TEST(BoundedCacheTest, WhatIsInUseStays) {
  Cache cache(Charge(100, 4, 1000));
  for (int i = 0; i < 50; ++i) cache.Put(absl::StrCat(1000 + i), Value(i), 1000);
  for (int i = 0; i < 2000; ++i) {
    cache.Put(absl::StrCat(5000 + i), Value(i), 1000);
    if (i % 3 != 0) continue;
    for (int k = 0; k < 20; ++k) ASSERT_EQ(Found(cache, absl::StrCat(1000 + k)), k) << i;
  }
}

TEST(BoundedCacheTest, TellsUsesOnceWhereverTheyWereFound) {
  Cache cache(kPlenty);
  cache.Put("a", Value(1), 10);
  cache.Put("b", Value(2), 10);
  cache.Put("c", Value(3), 10);
  for (int i = 0; i < 10; ++i) cache.Find("a");
  std::thread([&cache] {
    for (int i = 0; i < 7; ++i) cache.Find("a");
  }).join();
  cache.Find("b");
  cache.Peek("c");
  EXPECT_THAT(cache.TakeUses(), UnorderedElementsAre(Pair("a", 17), Pair("b", 1)));
  EXPECT_THAT(cache.TakeUses(), UnorderedElementsAre());
  cache.Find("a");
  cache.Put("a", Value(4), 10);  // Replaced, and its copy with it.
  cache.Find("a");
  EXPECT_THAT(cache.TakeUses(), UnorderedElementsAre(Pair("a", 2)));
}

TEST(BoundedCacheTest, UsesOfCopiesThatGaveWayAreNotLost) {
  Cache cache(kPlenty);
  constexpr int kKeys = 5000;  // Far more than a stripe has room for.
  for (int i = 0; i < kKeys; ++i) cache.Put(absl::StrCat(i), Value(i), 10);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < kKeys; ++i) ASSERT_EQ(Found(cache, absl::StrCat(i)), i);
  }
  const auto uses = cache.TakeUses();
  EXPECT_EQ(uses.size(), kKeys);
  for (const auto& [key, count] : uses) EXPECT_EQ(count, 5) << key;
  EXPECT_EQ(cache.Stats().hits, 5 * kKeys);
}

TEST(BoundedCacheTest, CountsHitsAndMisses) {
  Cache cache(kPlenty);
  cache.Put("a", Value(1), 10);
  for (int i = 0; i < 10; ++i) cache.Find("a");
  for (int i = 0; i < 3; ++i) cache.Find("b");
  EXPECT_NE(cache.Peek("a"), nullptr);
  EXPECT_EQ(cache.Peek("b"), nullptr);
  EXPECT_EQ(cache.Stats().hits, 10);
  EXPECT_EQ(cache.Stats().misses, 3);
  EXPECT_EQ(cache.Stats().evictions, 0);
  EXPECT_EQ(cache.Stats().entries, 1);
}

TEST(BoundedCacheTest, VisitsEverything) {
  Cache cache(kPlenty);
  std::set<int> want;
  for (int i = 0; i < 100; ++i) {
    cache.Put(absl::StrCat(i), Value(i), 10);
    want.insert(i);
  }
  std::set<int> visited;
  cache.ForEach([&](const std::string& key, const Cache::ValuePtr& value) {
    EXPECT_EQ(key, absl::StrCat(*value));
    visited.insert(*value);
    cache.Put(key, value, 10);  // No lock is held.
  });
  EXPECT_EQ(visited, want);
}

// Values only ever grow under a key; whoever reads after a write sees that write or a later one.
TEST(BoundedCacheTest, CountsKeys) {
  Cache cache(kPlenty);
  for (const char* const key : {"a", "b", "a2"}) cache.Put(key, Value(1), 1);
  EXPECT_EQ(cache.CountKeys([](absl::string_view key) { return key[0] == 'a'; }), 2);
}

TEST(BoundedCacheConcurrencyTest, NobodySeesAnythingOld) {
  constexpr int kKeys = 8;
  constexpr int kRounds = 3000;
  Cache cache(Charge(kKeys / 2, 1, 1000));  // Half of them fit: entries come and go.
  std::array<std::atomic<int>, kKeys> written{};
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&, t] {
      for (int i = t; !stop; ++i) {
        const int key = i % kKeys;
        const int least = written[key];
        const Cache::ValuePtr value = cache.Find(absl::StrCat(key));
        if (value != nullptr) {
          EXPECT_GE(*value, least);
        }
      }
    });
  }
  std::vector<std::thread> writers;
  for (int t = 0; t < 2; ++t) {
    writers.emplace_back([&, t] {  // Each has keys of its own.
      for (int i = 1; i <= kRounds; ++i) {
        for (int key = t; key < kKeys; key += 2) {
          if (i % 7 == 0) {
            cache.Erase(absl::StrCat(key));
          } else {
            cache.Put(absl::StrCat(key), Value(i), 1000);
          }
          written[key] = i;
        }
        if (i % 100 == 0) cache.TakeUses();
        if (i % 100 == 50) cache.Stats();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  stop = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_LE(cache.Stats().bytes, Charge(kKeys / 2, 1, 1000));
}

TEST(BoundedCacheConcurrencyTest, ManyThreadsPutBeyondTheBound) {
  const size_t bound = Charge(50, 6, 1000);
  Cache cache(bound);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 2000; ++i) {
        const std::string key = absl::StrCat(100000 * (t + 1) + i % 300);
        cache.Put(key, Value(i), 1000);
        cache.Find(key);
        cache.Find(absl::StrCat(100000 * (t + 1) + (i + 1) % 300));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(cache.Stats().bytes, bound);
  EXPECT_EQ(cache.Stats().bytes, Charge(cache.Stats().entries, 6, 1000));
}

// Processor time of this thread in ns, which other work on the machine does not lengthen.
double ProcessorTime() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

// Nanoseconds per Find() with `threads` at it. `keys` are asked for evenly.
double CostOfFind(Cache& cache, const std::vector<std::string>& keys, int threads) {
  constexpr int kFinds = 200000;
  std::atomic<int> ready{0};
  std::vector<double> costs(threads);
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (const std::string& key : keys) Warm(cache, key);
      ++ready;
      while (ready < threads) std::this_thread::yield();
      const double start = ProcessorTime();
      for (int i = 0; i < kFinds; ++i) {
        if (cache.Find(keys[i % keys.size()]) == nullptr) ADD_FAILURE() << "not found";
      }
      costs[t] = (ProcessorTime() - start) / kFinds;
    });
  }
  for (std::thread& thread : running) thread.join();
  std::sort(costs.begin(), costs.end());
  return costs[costs.size() / 2];
}

// For people: there is nothing to compare the times with, on a machine that does other things too.
TEST(BoundedCacheFigureTest, CostOfAHit) {
  Cache cache(kPlenty);
  std::vector<std::string> keys;
  for (int i = 0; i < 16; ++i) {
    keys.push_back(absl::StrCat("tenants/acme/icps/number-", i));
    cache.Put(keys.back(), Value(i), 1000);
  }
  for (const int threads : {1, 4}) {
    std::printf(
        "figure: ns per hit of the catalog's cache, %d thread(s), one key %.0f, 16 keys %.0f\n",
        threads, CostOfFind(cache, {keys[0]}, threads), CostOfFind(cache, keys, threads));
  }
  EXPECT_EQ(cache.Stats().misses, 0);
}

}  // namespace
}  // namespace bantam
