// bantam watch beside the bantamd that decides: nothing is lost and nothing shown twice.
#include <signal.h>
#include <stdio.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/run_command.h"
#include "tests/client/watch_process.h"
#include "tests/integration/server_process.h"
#include "tests/servers/redis_server.h"

namespace bantam {
namespace {

using ::testing::AnyOf;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAreArray;

constexpr char kIcps[] = BANTAM_SOURCE_DIR "/client/samples/icps";

// The id of the lead that a line is about.
std::string LeadOf(const std::string& line) {
  constexpr char kKey[] = "\"lead_id\":\"";
  const size_t begin = line.find(kKey) + sizeof(kKey) - 1;
  return line.substr(begin, line.find('"', begin) - begin);
}

// A bantamd with a decision log, and leads for it.
class WatchServerTest : public ::testing::Test {
 protected:
  void Start(const std::string& decision_log) {
    server_ =
        ServerProcess::Serving(kIcps, {absl::StrCat("--decision_log=", decision_log), "--strict"});
  }

  // Has it decide about some leads that it has not seen.
  void Decide() {
    std::string leads;
    for (int i = 0; i < 20; ++i) {
      asked_.push_back(absl::StrCat("lead-", asked_.size()));
      absl::StrAppend(&leads, "{\"id\":\"", asked_.back(), "\"}\n");
    }
    const Finished finished =
        RunBantam(absl::StrCat("qualify - -o ndjson --icp=sample/fortune-5000 --server=127.0.0.1:",
                               server_->WaitForPort()),
                  leads);
    ASSERT_EQ(finished.exit_code, 0) << finished.err;
  }

  // Waits until the watch has shown what was decided: each lead once, and no other.
  void ExpectAll(Watch* watch) const {
    EXPECT_TRUE(watch->WaitForLines(asked_.size()));
    EXPECT_EQ(watch->End(SIGINT), 0);
    std::vector<std::string> shown;
    for (const std::string& line : Lines(watch->out())) shown.push_back(LeadOf(line));
    EXPECT_THAT(shown, UnorderedElementsAreArray(asked_));
    // A stream that is not there yet is noted.
    EXPECT_THAT(watch->err(), AnyOf(IsEmpty(), StartsWith("note: Redis at ")));
  }

  std::unique_ptr<ServerProcess> server_;
  std::vector<std::string> asked_;
};

TEST_F(WatchServerTest, FollowsAFileThatIsRotatedAgainAndAgain) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/decisions";
  Start(file);
  Watch watch({file, "--json", "--from-start"});
  for (int rotation = 0; rotation < 4; ++rotation) {
    Decide();
    // Nobody follows a file that is moved before he has opened it.
    ASSERT_TRUE(watch.WaitForLines(asked_.size()));
    // What logrotate's `create` does.
    ASSERT_EQ(rename(file.c_str(), (file + ".1").c_str()), 0);
    std::ofstream(file, std::ios::app) << std::flush;
    // The server writes to the old file until it looks for it, within a second.
    ASSERT_TRUE(WaitUntil([&] {
      Decide();
      return HasFatalFailure() || std::ifstream(file).peek() != EOF;
    }));
  }
  ExpectAll(&watch);
}

TEST_F(WatchServerTest, FollowsAStreamOfRedis) {
  RedisServer redis;
  Start(redis.url());
  Watch watch({"--redis", redis.url(), "--json"});
  ASSERT_TRUE(WaitUntil([&] {
    return absl::StrContains(redis.Run({"INFO", "clients"}), "blocked_clients:1");
  }));
  for (int i = 0; i < 3; ++i) Decide();
  ExpectAll(&watch);
}

}  // namespace
}  // namespace bantam
