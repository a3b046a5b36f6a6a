// The database fails: what is held serves on, what is not is UNAVAILABLE within a bounded time, and
// what was saved is not lost.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/stores/cluster.h"
#include "tests/integration/stores/fault_load.h"

namespace bantam {
namespace {

class PostgresFaultsTest : public ::testing::Test {
 protected:
  // For faults that keep the database from being reached.
  void StartForOutage() {
    FaultLoadOptions options;
    options.bound = absl::InfiniteDuration();
    options.cold_calls_may_fail = true;
    options.saves_may_fail = true;
    load_ = std::make_unique<FaultLoad>(&cluster_, options);
  }

  Cluster cluster_;
  std::unique_ptr<FaultLoad> load_;
};

TEST_F(PostgresFaultsTest, KilledAndRestarted) {
  StartForOutage();
  for (int i = 0; i < 2; ++i) {
    cluster_.postgres().Kill();
    load_->Run(absl::Seconds(2));
    EXPECT_TRUE(WaitUntil([this] { return !load_->loaded().IsServing("bantam.source"); }));
    cluster_.postgres().Start();
    EXPECT_TRUE(WaitUntil([this] { return load_->loaded().IsServing("bantam.source"); }));
    load_->ExpectChangesShow();
  }
  load_->Finish();
}

TEST_F(PostgresFaultsTest, StoppedAndContinued) {
  StartForOutage();
  cluster_.postgres().Pause();
  load_->Run(absl::Seconds(5));
  cluster_.postgres().Continue();
  load_->ExpectChangesShow();
  load_->Finish();
}

TEST_F(PostgresFaultsTest, KilledTogetherWithRedisAndRestarted) {
  StartForOutage();
  cluster_.redis().Kill();
  cluster_.postgres().Kill();
  load_->Run(absl::Seconds(3));
  cluster_.redis().Start();
  load_->Run(absl::Seconds(1));
  cluster_.postgres().Start();
  load_->ExpectChangesShow();
  load_->Finish();
}

TEST_F(PostgresFaultsTest, ABadDefinitionWrittenStraightIntoTheDatabase) {
  load_ = std::make_unique<FaultLoad>(&cluster_, FaultLoadOptions());
  const std::string name = FaultLoad::WarmName(0);
  const int good = load_->Freeze(0);
  const int begun = load_->versions().Begun(name);
  ASSERT_EQ(good, begun);
  cluster_.WriteStraight(name, absl::StrCat(VersionedIcp(name, good), "oops: 1\n"));
  EXPECT_TRUE(load_->loaded().process().WaitForError("oops")) << load_->loaded().LogEnd();
  load_->Run(absl::Seconds(2));
  // FaultLoad checks that no answer is older.
  EXPECT_TRUE(WaitUntil([&] { return load_->Seen(0) == good; }));
  // A good save ends it.
  const int next = load_->versions().Next(name);
  ASSERT_TRUE(load_->editing().Save(VersionedIcp(name, next)).ok());
  load_->versions().Acknowledge(name, next);
  EXPECT_TRUE(WaitUntil([&] { return load_->Seen(0) == next; }));
  load_->ExpectChangesShow();
  load_->Finish();
}

}  // namespace
}  // namespace bantam
