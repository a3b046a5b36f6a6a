// Redis fails while the database can be reached: no call fails, and no answer is older than
// without.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/integration/stores/cluster.h"
#include "tests/integration/stores/fault_load.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// How long a fault without an end of its own lasts.
constexpr absl::Duration kWhile = absl::Seconds(2);

class RedisFaultsTest : public ::testing::Test {
 protected:
  void Start(std::unique_ptr<RedisServer> redis = std::make_unique<RedisServer>(),
             const FaultLoadOptions& options = FaultLoadOptions()) {
    cluster_ = std::make_unique<Cluster>(std::move(redis));
    load_ = std::make_unique<FaultLoad>(cluster_.get(), options);
  }

  std::string Run(const std::vector<std::string>& command) {
    return cluster_->redis().Run(command);
  }

  std::vector<std::string> Keys() {
    return absl::StrSplit(Run({"KEYS", "bantam:*"}), '\n', absl::SkipEmpty());
  }

  // The connections that hear of changes: one for each replica.
  int Listeners() {
    return static_cast<int>(
        std::vector<std::string>(
            absl::StrSplit(Run({"CLIENT", "LIST", "TYPE", "pubsub"}), '\n', absl::SkipEmpty()))
            .size());
  }

  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<FaultLoad> load_;
};

TEST_F(RedisFaultsTest, KilledAndRestarted) {
  Start();
  cluster_->redis().Kill();
  load_->Run(kWhile);
  EXPECT_TRUE(WaitUntil([this] { return !load_->loaded().IsServing("bantam.cache"); }));
  cluster_->redis().Start();
  EXPECT_TRUE(WaitUntil([this] { return load_->loaded().IsServing("bantam.cache"); }));
  EXPECT_TRUE(WaitUntil([this] { return Listeners() == 2; }));
  EXPECT_TRUE(WaitUntil([this] { return Keys().size() > 10; }));  // It is filled again.
  load_->ExpectChangesShow();
  load_->Finish();
}

TEST_F(RedisFaultsTest, StoppedForFiveSecondsAndContinued) {
  Start();
  cluster_->redis().Pause();
  load_->Run(absl::Seconds(5));
  cluster_->redis().Continue();
  EXPECT_TRUE(WaitUntil([this] { return Listeners() == 2; }));
  load_->ExpectChangesShow();
  load_->Finish();
}

TEST_F(RedisFaultsTest, Emptied) {
  Start();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Run({"FLUSHALL"}), "OK");
    load_->Run(absl::Milliseconds(100));
  }
  EXPECT_TRUE(WaitUntil([this] { return Keys().size() > 10; }));
  load_->ExpectChangesShow();
  load_->Finish();
}

TEST_F(RedisFaultsTest, OutOfMemory) {
  Start();
  EXPECT_EQ(Run({"CONFIG", "SET", "maxmemory-policy", "noeviction"}), "OK");
  EXPECT_EQ(Run({"CONFIG", "SET", "maxmemory", "1mb"}), "OK");
  EXPECT_THAT(Run({"SET", "x", "y"}), ::testing::StartsWith("OOM"));
  load_->Run(kWhile);
  load_->ExpectChangesShow();
  EXPECT_EQ(Run({"CONFIG", "SET", "maxmemory", "0"}), "OK");
  load_->ExpectChangesShow();
  load_->Finish();
}

TEST_F(RedisFaultsTest, PasswordChangedAndChangedBack) {
  auto redis = std::make_unique<RedisServer>();
  const std::string rights = "on >hush4713 ~* &* +@all";
  EXPECT_EQ(redis->Run(absl::StrSplit("ACL SETUSER app " + rights, ' ')), "OK");
  FaultLoadOptions options;
  options.flags = {absl::StrCat("--redis=redis://app:hush4713@127.0.0.1:", redis->port(), "/0")};
  Start(std::move(redis), options);
  EXPECT_EQ(Run({"ACL", "SETUSER", "app", "resetpass", ">other"}), "OK");
  EXPECT_NE(Run({"CLIENT", "KILL", "USER", "app"}), "0");
  load_->Run(kWhile);
  load_->ExpectChangesShow();
  EXPECT_TRUE(WaitUntil([this] { return Listeners() == 0; }));
  EXPECT_EQ(Run({"ACL", "SETUSER", "app", ">hush4713"}), "OK");
  EXPECT_TRUE(WaitUntil([this] { return Listeners() == 2; }));
  load_->ExpectChangesShow();
  load_->Finish();
  for (Replica* const replica : {&load_->loaded(), &load_->editing()}) {
    EXPECT_TRUE(replica->process().WaitForError("WRONGPASS")) << replica->LogEnd();
    EXPECT_THAT(replica->process().errors(), Not(HasSubstr("hush4713")));
  }
}

TEST_F(RedisFaultsTest, Garbage) {
  Start();
  // Other bytes, none, another type, and good entries with other bytes in them.
  const std::string spoil = R"(
    local keys = redis.call('KEYS', 'bantam:*')
    for i, key in ipairs(keys) do
      if i % 4 == 0 then redis.call('SET', key, '\0\255 garbage')
      elseif i % 4 == 1 then redis.call('SET', key, '')
      elseif i % 4 == 2 then redis.call('DEL', key); redis.call('LPUSH', key, 'a', 'b')
      elseif redis.call('TYPE', key).ok == 'string' then redis.call('SETRANGE', key, 20, 'xyz') end
    end
    return #keys)";
  for (int i = 0; i < 10; ++i) {
    EXPECT_GT(std::stoi(Run({"EVAL", spoil, "0"})), 10);
    load_->Run(absl::Milliseconds(200));
  }
  load_->ExpectChangesShow();
  load_->Finish();
}

TEST_F(RedisFaultsTest, ConnectionThatHearsOfChangesKilled) {
  Start();
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(WaitUntil([this] { return Listeners() == 2; }));
    // One may be making its connection anew just now.
    EXPECT_NE(Run({"CLIENT", "KILL", "TYPE", "pubsub"}), "0");
    load_->Run(absl::Milliseconds(200));
  }
  EXPECT_TRUE(WaitUntil([this] { return Listeners() == 2; }));
  load_->ExpectChangesShow();
  load_->Finish();
}

TEST_F(RedisFaultsTest, WrongPasswordFromTheStart) {
  auto redis = std::make_unique<RedisServer>(std::vector<std::string>(), "right");
  FaultLoadOptions options;
  options.flags = {absl::StrCat("--redis=", redis->UrlWithPassword("wrong"))};
  Start(std::move(redis), options);
  load_->Run(kWhile);
  load_->ExpectChangesShow();
  load_->Finish();
  EXPECT_EQ(Keys(), std::vector<std::string>());
}

}  // namespace
}  // namespace bantam
