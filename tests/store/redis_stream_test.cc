// A RedisStream over a real Redis.
#include "server/store/redis_stream.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/servers/redis_server.h"
#include "tests/store/redis_fixture.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

constexpr absl::Duration kLimit = absl::Minutes(1);

class RedisStreamTest : public ::testing::Test {
 protected:
  RedisStreamTest() {
    RedisStreamOptions options;
    options.key = "entries";
    options.field = "value";
    options.max_pause = absl::Milliseconds(100);
    const absl::StatusOr<RedisUrl> url = ParseRedisUrl(redis_.url());
    EXPECT_TRUE(url.ok()) << url.status();
    auto stream = RedisStream::Open(*url, options);
    EXPECT_TRUE(stream.ok()) << stream.status();
    stream_ = *std::move(stream);
  }

  int64_t Length() const {
    int64_t length = -1;
    EXPECT_TRUE(absl::SimpleAtoi(redis_.Run({"XLEN", "entries"}), &length));
    return length;
  }

  const RedisServer redis_;
  std::unique_ptr<RedisStream> stream_;
};

// As many decisions with personal data come to, when Redis was away for a while.
TEST_F(RedisStreamTest, WhatTheConnectionDoesNotTakeAtATimeIsToldAndStandsThereOnce) {
  const std::vector<std::string> texts(600, std::string(48 << 10, 'x'));
  const std::vector<absl::string_view> values(texts.begin(), texts.end());
  absl::Span<const absl::string_view> rest(values);
  size_t appended = 0;
  ASSERT_TRUE(WaitUntil([&] { return stream_->Append({"first"}, kLimit, &appended).ok(); }));
  const absl::Status refused = stream_->Append(rest, kLimit, &appended);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_GT(appended, 0);
  EXPECT_EQ(Length(), 1 + appended);
  EXPECT_TRUE(WaitUntil([&] {
    rest.remove_prefix(appended);
    return stream_->Append(rest, kLimit, &appended).ok();
  }));
  EXPECT_EQ(Length(), 601);
}

TEST_F(RedisStreamTest, AMasterThatBecameACopyIsLookedForAnew) {
  size_t appended = 0;
  ASSERT_TRUE(WaitUntil([&] { return stream_->Append({"one"}, kLimit, &appended).ok(); }));
  const std::string before = ConnectionId(redis_, "bantam-decisions");
  ASSERT_NE(before, "");
  ASSERT_EQ(redis_.Run({"REPLICAOF", "127.0.0.1", "1"}), "OK");
  const absl::Status refused = stream_->Append({"two"}, kLimit, &appended);
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("READONLY"));
  EXPECT_EQ(appended, 0);
  // Here the same one is behind the name.
  EXPECT_TRUE(WaitUntil([&] {
    const std::string now = ConnectionId(redis_, "bantam-decisions");
    return !now.empty() && now != before;
  }));
  ASSERT_EQ(redis_.Run({"REPLICAOF", "NO", "ONE"}), "OK");
  EXPECT_TRUE(WaitUntil([&] { return stream_->Append({"two"}, kLimit, &appended).ok(); }));
  EXPECT_EQ(Length(), 2);
}

}  // namespace
}  // namespace bantam
