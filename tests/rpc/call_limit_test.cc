#include "server/rpc/call_limit.h"

#include "gmock/gmock.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

TEST(CallLimitTest, CountsThoseThatAreIn) {
  CallLimit limit({/*calls=*/2, /*streams=*/1, /*unread_bytes=*/1});
  EXPECT_TRUE(limit.Begin().ok());
  EXPECT_TRUE(limit.Begin().ok());
  const absl::Status refused = limit.Begin();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("calls are in flight"));
  EXPECT_TRUE(RetryDelayOf(refused).has_value());
  EXPECT_EQ(limit.calls(), 2);
  limit.End();
  EXPECT_TRUE(limit.Begin().ok());
}

TEST(CallLimitTest, StreamsLeaveRoomForOtherCalls) {
  CallLimit limit({/*calls=*/3, /*streams=*/2, /*unread_bytes=*/1});
  EXPECT_TRUE(limit.BeginStream().ok());
  EXPECT_TRUE(limit.BeginStream().ok());
  EXPECT_THAT(std::string(limit.BeginStream().message()), HasSubstr("streams are open"));
  EXPECT_EQ(limit.calls(), 2);
  EXPECT_TRUE(limit.Begin().ok());
  limit.EndStream();
  EXPECT_TRUE(limit.BeginStream().ok());
  limit.EndStream();
  EXPECT_TRUE(limit.Begin().ok());
  // No room for calls at all: that stream is not counted either.
  EXPECT_THAT(std::string(limit.BeginStream().message()), HasSubstr("calls are in flight"));
  EXPECT_EQ(limit.streams(), 1);
  EXPECT_EQ(limit.calls(), 3);
}

TEST(CallLimitTest, AnswersThatAreNotReadKeepNewCallsOut) {
  CallLimit limit({/*calls=*/10, /*streams=*/10, /*unread_bytes=*/100});
  UnreadAnswer answer;
  UnreadAnswer other;
  limit.unread().Add(99, &answer);
  EXPECT_TRUE(limit.Begin().ok());
  limit.unread().Add(1, &other);
  EXPECT_FALSE(limit.unread().HasRoom());
  for (const absl::Status& refused : {limit.Begin(), limit.BeginStream(), limit.CheckUnread()}) {
    EXPECT_THAT(std::string(refused.message()), HasSubstr("answers wait"));
    EXPECT_TRUE(RetryDelayOf(refused).has_value());
  }
  EXPECT_EQ(limit.calls(), 1);
  limit.unread().Remove(50, &answer);
  EXPECT_TRUE(limit.CheckUnread().ok());
  EXPECT_TRUE(limit.BeginStream().ok());
}

}  // namespace
}  // namespace bantam
