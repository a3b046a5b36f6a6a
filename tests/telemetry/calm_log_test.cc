#include "server/telemetry/calm_log.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CalmLogTest : public ::testing::Test {
 protected:
  void Down(absl::string_view cause = "no answer") {
    log_->Write("Redis", LogLevel::kError, "down", {{"cause", std::string(cause)}});
  }
  void Up() { log_->Write("Redis", LogLevel::kInfo, "up"); }

  // What was written since the last call.
  std::vector<std::string> Written() { return std::exchange(written_, {}); }

  // What is written in the next seconds.
  std::vector<std::string> WrittenWithin(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      now_ += absl::Seconds(1);
      log_->WriteDue();
    }
    return Written();
  }

  absl::Time now_ = absl::FromUnixSeconds(1000);
  std::vector<std::string> written_;
  std::unique_ptr<CalmLog> log_ = std::make_unique<CalmLog>(
      [this](LogLevel, absl::string_view message, const Log::Fields& fields) {
        written_.push_back(FormatEvent(LogFormat::kHuman, message, fields));
      },
      [this] { return now_; });
};

TEST_F(CalmLogTest, FirstOfEachIsWrittenAtOnce) {
  Down();
  EXPECT_THAT(Written(), ElementsAre("down cause=\"no answer\""));
  Up();
  EXPECT_THAT(Written(), ElementsAre("up"));
  Down("wrong password");
  EXPECT_THAT(Written(), ElementsAre("down cause=\"wrong password\""));
}

TEST_F(CalmLogTest, SameLineIsWrittenAgainAfterTenSeconds) {
  Down();
  now_ += CalmLog::kInterval;
  Down();
  EXPECT_THAT(Written(), ElementsAre("down cause=\"no answer\"", "down cause=\"no answer\""));
}

TEST_F(CalmLogTest, ManyAreOneLineThatTellsHowManyWereLeftOut) {
  Down();
  Up();
  Written();
  for (int i = 0; i < 100; ++i) {
    Down();
    Up();
  }
  EXPECT_THAT(WrittenWithin(9), IsEmpty());
  EXPECT_THAT(WrittenWithin(1), ElementsAre("up repeated=199"));
  EXPECT_THAT(WrittenWithin(100), IsEmpty());
  Down();
  EXPECT_THAT(Written(), ElementsAre("down cause=\"no answer\"")) << "the count begins anew";
}

TEST_F(CalmLogTest, LastLineIsHowItIs) {
  Down();
  Up();
  Down();
  EXPECT_THAT(WrittenWithin(60),
              ElementsAre("down cause=\"no answer\"", "up", "down cause=\"no answer\""));
}

TEST_F(CalmLogTest, WhatWaitsIsLeftOutIfSomethingNewerIsWritten) {
  Down();
  Down();
  Up();
  EXPECT_THAT(Written(), ElementsAre("down cause=\"no answer\"", "up repeated=1"));
  EXPECT_THAT(WrittenWithin(60), IsEmpty());
}

TEST_F(CalmLogTest, SubjectsDoNotKeepEachOtherWaiting) {
  Down();
  log_->Write("database", LogLevel::kError, "down", {{"cause", "no answer"}});
  EXPECT_THAT(Written(), ElementsAre("down cause=\"no answer\"", "down cause=\"no answer\""));
}

TEST_F(CalmLogTest, WhatWaitsIsWrittenInTheEnd) {
  Down();
  Up();
  Down();
  Written();
  log_.reset();
  EXPECT_THAT(Written(), ElementsAre("down cause=\"no answer\""));
}

}  // namespace
}  // namespace bantam
