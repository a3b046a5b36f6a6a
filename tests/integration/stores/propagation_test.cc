// How fast a change made through one replica is seen through the others.
#include <algorithm>
#include <atomic>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/integration/stores/cluster.h"
#include "tests/integration/stores/versions.h"

namespace bantam {
namespace {

constexpr int kReplicas = 3;
constexpr int kSaves = 1000;

struct Setup {
  const char* name;
  bool redis;

  // ICPs that are changed side by side, each by a thread of its own.
  int icps;

  // What half of the delays must be below. With Redis only its messages can be that fast: the polls
  // take half a second on average.
  absl::Duration max_median;

  // Between two reads of one replica: many that wait must not keep the machine busy.
  absl::Duration between_reads;

  friend void PrintTo(const Setup& setup, std::ostream* out) { *out << setup.name; }
};

// Each ICP is saved through one replica after the other, and then read through all of them until
// they have it.
class PropagationTest : public ::testing::TestWithParam<Setup> {
 protected:
  PropagationTest() : cluster_(GetParam().redis ? std::make_unique<RedisServer>() : nullptr) {
    for (int i = 0; i < GetParam().icps; ++i) names_.push_back(VersionedName("a", "icp", i));
    versions_ = std::make_unique<VersionLog>(names_);
    for (int i = 0; i < kReplicas; ++i) replicas_.push_back(cluster_.NewServingReplica());
  }

  // Reads through `replica` until it answers by `version`; how long after `saved` that was at most.
  absl::Duration ReadUntil(const Replica& replica, const std::string& name, int version,
                           absl::Time saved) {
    const v1::ScoreRequest request = VersionRequest(name);
    int seen = 0;
    EXPECT_TRUE(WaitUntil([&] {
      const absl::Time begin = absl::Now();
      v1::ScoreResponse answer;
      const grpc::Status status = replica.Score(request, &answer);
      EXPECT_TRUE(status.ok()) << status.error_message();
      slowness_.Add(absl::Now() - begin);
      EXPECT_EQ(versions_->Check(name, answer, begin, kStalenessBound + slowness_.Allowance()), "");
      seen = VersionOf(answer);
      if (!status.ok() || seen == version) return true;
      absl::SleepFor(GetParam().between_reads);
      return false;
    })) << name
        << " is seen by version " << seen << " instead of " << version;
    return absl::Now() - saved;
  }

  // Saves and reads `names_[index]` until all saves together are enough.
  void Change(int index, std::vector<absl::Duration>* delays) {
    const std::string& name = names_[index];
    while (saves_.fetch_add(1) < kSaves) {
      const int version = versions_->Next(name);
      const int writer = (version + index) % kReplicas;
      const grpc::Status status = replicas_[writer]->Save(VersionedIcp(name, version));
      ASSERT_TRUE(status.ok()) << status.error_message();
      const absl::Time saved = absl::Now();
      versions_->Acknowledge(name, version);
      for (int i = 1; i < kReplicas; ++i) {
        delays->push_back(ReadUntil(*replicas_[(writer + i) % kReplicas], name, version, saved));
      }
      ExpectSeenAtOnce(*replicas_[writer], name, version);
      if (HasFailure()) return;
    }
  }

  // Whoever has saved sees it with the next call.
  static void ExpectSeenAtOnce(const Replica& writer, const std::string& name, int version) {
    v1::ScoreResponse answer;
    ASSERT_TRUE(writer.Score(VersionRequest(name), &answer).ok());
    EXPECT_EQ(VersionOf(answer), version);
  }

  Cluster cluster_;
  std::vector<std::string> names_;
  std::unique_ptr<VersionLog> versions_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::atomic<int> saves_{0};
  Slowness slowness_;
};

TEST_P(PropagationTest, NoReadIsOlderThanTheBound) {
  std::vector<std::vector<absl::Duration>> delays(names_.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < names_.size(); ++i) {
    threads.emplace_back([this, i, &delays] { Change(static_cast<int>(i), &delays[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<absl::Duration> all;
  for (const auto& some : delays) all.insert(all.end(), some.begin(), some.end());
  ASSERT_EQ(all.size(), size_t{kSaves * (kReplicas - 1)});
  std::sort(all.begin(), all.end());
  std::cout << "figure: from a save's answer to a new answer elsewhere, " << GetParam().name << ", "
            << kSaves << " saves, " << kReplicas << " replicas: p50 "
            << absl::FormatDuration(all[all.size() / 2]) << ", p99 "
            << absl::FormatDuration(all[all.size() * 99 / 100]) << ", max "
            << absl::FormatDuration(all.back()) << "\n";
  EXPECT_LT(all[all.size() / 2], GetParam().max_median + slowness_.Allowance());
}

INSTANTIATE_TEST_SUITE_P(
    Stores, PropagationTest,
    ::testing::Values(Setup{"WithRedis", true, 8, absl::Milliseconds(300), absl::ZeroDuration()},
                      Setup{"WithoutRedis", false, 64, kStalenessBound, absl::Milliseconds(20)}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace bantam
