// A catalog of many ICPs of ordinary size behind a small bound, accessed by Zipf's law. Real
// definitions, really compiled.
//
// Environment: BANTAM_SCALE_ICPS (how many; default 100000), BANTAM_SCALE_SECONDS (how long it is
// accessed; default 12).
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/catalog/loading_catalog.h"
#include "server/definition/load_icp.h"
#include "server/engine/sha256.h"
#include "server/zones/system_time_zones.h"
#include "tests/catalog/loading_catalog_fixture.h"

namespace bantam {
namespace {

// The bound, and what resident memory may take beyond it: server/catalog/README.md.
constexpr size_t kMaxBytes = 256 << 20;
constexpr size_t kOverhead = 64 << 20;

int FromEnvironment(const char* name, int otherwise) {
  const char* const given = std::getenv(name);
  int value = 0;
  return given != nullptr && absl::SimpleAtoi(given, &value) ? value : otherwise;
}

size_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  size_t total = 0;
  size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

std::string Name(int i) { return absl::StrCat("tenants/t", i / 10, "/icps/i", i); }

// A store that makes its texts when they are asked for: the samples, each under many names. Holds
// nothing, so that the process's memory is the catalog's. Only reads what is current.
class GeneratedStore : public RevisionStore {
 public:
  explicit GeneratedStore(int icps) : icps_(icps) {
    for (const char* sample : {"b2b_software", "consumer", "fortune_5000"}) {
      std::ifstream file(absl::StrCat(BANTAM_SOURCE_DIR, "/client/samples/icps/", sample, ".yaml"));
      std::stringstream text;
      text << file.rdbuf();
      samples_.push_back(text.str());
      EXPECT_NE(samples_.back().find("name: "), std::string::npos) << sample;
    }
  }

  void ReadCurrent(absl::string_view name, int64_t /*known_number*/, absl::Time /*deadline*/,
                   Done<CurrentRead> done) override {
    CurrentRead read;
    read.current.name = std::string(name);
    int icp = 0;
    if (absl::SimpleAtoi(name.substr(name.rfind('i') + 1), &icp) && icp < icps_) {
      RevisionRecord record;
      record.name = std::string(name);
      record.number = 1;
      record.yaml = Text(icp);
      const Sha256Digits digits = Sha256Prefix(record.yaml);
      record.revision.assign(digits.begin(), digits.end());
      read.current.number = 1;
      read.current.revision = record.revision;
      read.record = std::move(record);
    }
    done(std::move(read));
  }

  void ReadChanges(int64_t, absl::Time, Done<StoreChanges> done) override { done(StoreChanges()); }

  void ReadRevision(absl::string_view, absl::string_view, int64_t, absl::Time,
                    Done<absl::optional<RevisionRecord>> done) override {
    done(Unimplemented());
  }
  void ReadBefore(absl::string_view, int64_t, absl::Time,
                  Done<absl::optional<RevisionRecord>> done) override {
    done(Unimplemented());
  }
  void ReadPointers(const std::vector<std::string>&, absl::Time,
                    Done<std::vector<CurrentRevision>> done) override {
    done(Unimplemented());
  }
  void ReadTenant(absl::string_view, absl::Time, Done<TenantNames> done) override {
    done(Unimplemented());
  }
  void ListCurrent(absl::string_view, absl::string_view, int, absl::Time,
                   Done<std::vector<RevisionRecord>> done) override {
    done(Unimplemented());
  }
  void ListRevisions(absl::string_view, int64_t, int, absl::Time,
                     Done<std::vector<RevisionRecord>> done) override {
    done(Unimplemented());
  }
  void Apply(RevisionChange, absl::Time, Done<AppliedChange> done) override {
    done(Unimplemented());
  }

 private:
  static absl::Status Unimplemented() { return absl::UnimplementedError("only what is current"); }

  std::string Text(int icp) const {
    std::string text = samples_[icp % samples_.size()];
    const size_t begin = text.find("name: ");
    text.replace(begin, text.find('\n', begin) - begin, absl::StrCat("name: ", Name(icp)));
    return text;
  }

  const int icps_;
  std::vector<std::string> samples_;
};

// Draws numbers from [0, count) by Zipf's law with the exponent 1.
class Zipf {
 public:
  explicit Zipf(int count) {
    double sum = 0;
    for (int i = 0; i < count; ++i) sums_.push_back(static_cast<float>(sum += 1.0 / (i + 1)));
  }
  int Draw(std::mt19937_64* random) const {
    const float at = std::uniform_real_distribution<float>(0, sums_.back())(*random);
    const auto place = std::lower_bound(sums_.begin(), sums_.end(), at);
    return static_cast<int>(std::min<ptrdiff_t>(place - sums_.begin(), sums_.size() - 1));
  }

  // How many of so many draws, as a part of them, are expected to give a number that was drawn
  // before: the hit rate of a cache that keeps everything.
  double Repetitions(int64_t draws) const {
    double different = 0;
    for (size_t i = 0; i < sums_.size(); ++i) {
      const double share = 1.0 / (static_cast<double>(i) + 1) / sums_.back();
      different += 1 - std::exp(-share * static_cast<double>(draws));
    }
    return 1 - different / static_cast<double>(draws);
  }

 private:
  std::vector<float> sums_;
};

struct Count {
  std::atomic<int64_t> hits{0};
  std::atomic<int64_t> misses{0};
  std::atomic<int64_t> errors{0};
};

// Calls one after the other, until `end`.
void Access(LoadingCatalog* catalog, const Zipf& zipf, uint64_t seed, absl::Time end,
            Count* count) {
  std::mt19937_64 random(seed);
  while (absl::Now() < end) {
    const std::string name = Name(zipf.Draw(&random));
    IcpQuery query;
    query.name = name;
    Promised<IcpAnswer> answer;
    catalog->Get(query, answer.Taker());
    if (answer.HasCome()) {
      ++count->hits;
    } else {
      ++count->misses;
    }
    if (!answer.Wait().ok()) ++count->errors;
  }
}

// Nanoseconds that a hit takes, on one thread: the best of some rounds, since others may be busy.
double CostPerHit(LoadingCatalog* catalog, const std::string& name) {
  constexpr int kRounds = 50;
  constexpr int kCalls = 20000;
  IcpQuery query;
  query.name = name;
  int answered = 0;
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i) {
      catalog->Get(query, [&answered](const absl::StatusOr<IcpAnswer>& answer) {
        answered += answer.ok() ? 1 : 0;
      });
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / kCalls);
  }
  EXPECT_EQ(answered, kRounds * kCalls);
  return best;
}

TEST(LoadingCatalogScaleTest, MemoryStaysWithinTheBoundAndItsOverhead) {
  const int icps = FromEnvironment("BANTAM_SCALE_ICPS", 100000);
  const absl::Duration duration = absl::Seconds(FromEnvironment("BANTAM_SCALE_SECONDS", 12));
  GeneratedStore store(icps);
  const Zipf zipf(icps);
  const SystemTimeZones zones;
  const LoadFunction load = [&zones](absl::string_view yaml, absl::string_view file) {
    return LoadIcp(yaml, file, zones);
  };
  LoadingCatalogOptions options;
  options.max_bytes = kMaxBytes;
  options.loader_threads = 2;
  const size_t before = ResidentBytes();
  auto catalog = LoadingCatalog::Open(&store, nullptr, load, options, nullptr);
  ASSERT_TRUE(catalog.ok()) << catalog.status();

  Count count;
  std::vector<std::thread> threads;
  // A slow machine takes longer to fill it.
  const absl::Time latest = absl::Now() + absl::Minutes(5);
  do {
    const absl::Time end = absl::Now() + duration;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] { Access(catalog->get(), zipf, 7 + i, end, &count); });
    }
    for (std::thread& thread : threads) thread.join();
    threads.clear();
  } while ((*catalog)->Stats().evictions == 0 && absl::Now() < latest);
  const LoadingCatalogStats stats = (*catalog)->Stats();
  const size_t grown = ResidentBytes() - before;
  const double hit_rate =
      static_cast<double>(count.hits) / static_cast<double>(count.hits + count.misses);
  std::printf("figure: %d ICPs, %lld calls, hit rate %.1f %%, %.0f ns per hit\n", icps,
              static_cast<long long>(count.hits + count.misses), 100 * hit_rate,
              CostPerHit(catalog->get(), Name(0)));
  std::printf("figure: %lld held, %lld evicted, charged %.0f MiB, resident %.0f MiB more\n",
              static_cast<long long>(stats.entries), static_cast<long long>(stats.evictions),
              static_cast<double>(stats.bytes) / (1 << 20), static_cast<double>(grown) / (1 << 20));
  EXPECT_EQ(count.errors, 0);
  EXPECT_GT(stats.evictions, 0) << "it was never full";
  EXPECT_LE(stats.bytes, kMaxBytes);
#ifndef __SANITIZE_ADDRESS__  // It keeps freed memory for a while, and more beside what is used.
  EXPECT_LE(grown, kMaxBytes + kOverhead);
#endif
  // A slow machine has not got far beyond the first calls.
  EXPECT_GT(hit_rate, 0.35 * zipf.Repetitions(count.hits + count.misses));
}

}  // namespace
}  // namespace bantam
