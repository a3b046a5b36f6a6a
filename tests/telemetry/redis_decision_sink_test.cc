// A decision log that goes to a stream of a real Redis.
#include <stdlib.h>
#include <sys/stat.h>

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/telemetry/decision_log.h"
#include "tests/servers/redis_server.h"
#include "tests/servers/test_certificates.h"
#include "tests/store/temp_directory.h"
#include "tests/telemetry/fake_decision_sink.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RedisDecisionSinkTest : public ::testing::Test {
 protected:
  DecisionLog* Start(const std::string& url, int64_t max_length = 1000000) {
    DecisionSinkOptions sink_options;
    sink_options.target = url;
    sink_options.stream = "test:decisions";
    sink_options.max_length = max_length;
    auto sink = OpenDecisionSink(sink_options);
    EXPECT_TRUE(sink.ok()) << sink.status();
    DecisionLogOptions options;
    options.when_full = WhenFull::kRefuse;
    options.max_entries = 10000;
    options.min_pause = absl::Milliseconds(10);
    options.max_pause = absl::Milliseconds(100);
    decisions_ = std::make_unique<DecisionLog>(options, *std::move(sink), &log_);
    return decisions_.get();
  }

  // Writes decisions as calls do: room is made first.
  void Write(int begin, int end) {
    for (int i = begin; i < end; ++i) {
      const std::string id = absl::StrCat(i);
      ASSERT_TRUE(WaitUntil([this] { return decisions_->Reserve(1).ok(); }));
      decisions_->Write(RecordOf(id));
    }
  }

  // The lead ids in the stream, in its order, each once: what was on its way when Redis took too
  // long may stand there twice.
  std::vector<std::string> Stream() const {
    const std::string answer = redis_.Run({"XRANGE", "test:decisions", "-", "+"});
    std::vector<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(answer, '\n')) {
      if (!line.empty() && line[0] == '{') lines.emplace_back(line);
    }
    std::vector<std::string> ids;
    std::set<std::string> seen;
    for (std::string& id : LeadIds(lines)) {
      if (seen.insert(id).second) ids.push_back(std::move(id));
    }
    return ids;
  }

  int64_t Length() const {
    int64_t length = -1;
    EXPECT_TRUE(absl::SimpleAtoi(redis_.Run({"XLEN", "test:decisions"}), &length));
    return length;
  }

  RedisServer redis_;
  Log log_{LogFormat::kHuman, LogLevel::kError};
  std::unique_ptr<DecisionLog> decisions_;
};

std::vector<std::string> Numbers(int begin, int end) {
  std::vector<std::string> numbers;
  for (int i = begin; i < end; ++i) numbers.push_back(absl::StrCat(i));
  return numbers;
}

TEST_F(RedisDecisionSinkTest, AppendsInOrder) {
  Start(redis_.url());
  Write(0, 2000);
  ASSERT_TRUE(decisions_->Stop(absl::Minutes(2)));
  EXPECT_EQ(Stream(), Numbers(0, 2000));
  EXPECT_THAT(redis_.Run({"XRANGE", "test:decisions", "-", "+", "COUNT", "1"}),
              HasSubstr("\ndecision\n{"));
}

TEST_F(RedisDecisionSinkTest, TheStreamStaysShort) {
  Start(redis_.url(), 100);
  Write(0, 5000);
  ASSERT_TRUE(decisions_->Stop(absl::Minutes(2)));
  EXPECT_GE(Length(), 100);
  EXPECT_LT(Length(), 400);
  EXPECT_EQ(Stream().back(), "4999");
}

TEST_F(RedisDecisionSinkTest, NothingIsLostWhenRedisIsAwayForAWhile) {
  redis_.Stop();
  Start(redis_.url());
  Write(0, 500);
  ASSERT_TRUE(WaitUntil([&] { return decisions_->Stats().failures > 2; }));
  EXPECT_EQ(decisions_->Stats().entries, 500);
  redis_.Start();
  ASSERT_TRUE(WaitUntil([&] { return decisions_->Stats().logged == 500; }));
  EXPECT_EQ(Stream(), Numbers(0, 500));
}

TEST_F(RedisDecisionSinkTest, NothingIsLostWhenRedisHangs) {
  Start(redis_.url());
  Write(0, 100);
  ASSERT_TRUE(WaitUntil([&] { return decisions_->Stats().logged == 100; }));
  redis_.Pause();
  Write(100, 200);
  EXPECT_TRUE(WaitUntil([&] { return decisions_->Stats().failing; }));
  redis_.Continue();
  ASSERT_TRUE(decisions_->Stop(absl::Minutes(2)));
  EXPECT_THAT(Stream(), testing::UnorderedElementsAreArray(Numbers(0, 200)));
}

TEST_F(RedisDecisionSinkTest, RefusedEntriesAreTriedAgain) {
  redis_.Run({"SET", "test:decisions", "a text"});
  Start(redis_.url());
  Write(0, 10);
  ASSERT_TRUE(WaitUntil([&] { return decisions_->Stats().failures > 2; }));
  redis_.Run({"DEL", "test:decisions"});
  ASSERT_TRUE(decisions_->Stop(absl::Minutes(2)));
  EXPECT_EQ(Stream(), Numbers(0, 10));
}

TEST_F(RedisDecisionSinkTest, TheEndDoesNotWaitForEver) {
  redis_.Pause();
  Start(redis_.url());
  Write(0, 10);
  const absl::Time begin = absl::Now();
  EXPECT_FALSE(decisions_->Stop(absl::Milliseconds(300)));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(20));
  EXPECT_EQ(decisions_->Stats().dropped, 10);
  redis_.Continue();
}

TEST_F(RedisDecisionSinkTest, SpeaksTls) {
  TempDirectory directory;
  // Redis may run as another user.
  ASSERT_EQ(chmod(directory.Path().c_str(), 0755), 0);
  const TestAuthority authority;
  const TestIdentity own = authority.Issue({"DNS:localhost"});
  directory.Write("ca.pem", authority.certificate());
  directory.Write("cert.pem", own.certificate);
  directory.Write("key.pem", own.key);
  const std::string url =
      redis_.ListenWithTls(directory.Path("cert.pem"), directory.Path("key.pem"));
  setenv("SSL_CERT_FILE", directory.Path("ca.pem").c_str(), 1);
  Start(url);
  unsetenv("SSL_CERT_FILE");
  Write(0, 1000);
  ASSERT_TRUE(decisions_->Stop(absl::Minutes(2)));
  EXPECT_EQ(Stream(), Numbers(0, 1000));
}

TEST_F(RedisDecisionSinkTest, WrongPasswordIsToldWithoutIt) {
  RedisServer guarded({}, "right");
  testing::internal::CaptureStderr();
  {
    Log log(LogFormat::kHuman, LogLevel::kError);
    DecisionSinkOptions options;
    options.target = guarded.UrlWithPassword("wrong");
    auto sink = OpenDecisionSink(options);
    ASSERT_TRUE(sink.ok()) << sink.status();
    DecisionLog decisions({}, *std::move(sink), &log);
    decisions.Write(RecordOf("17"));
    EXPECT_TRUE(WaitUntil([&] { return decisions.Stats().failing; }));
    decisions.Stop(absl::ZeroDuration());
  }
  const std::string errors = testing::internal::GetCapturedStderr();
  EXPECT_THAT(errors, HasSubstr("the user or the password is refused"));
  EXPECT_THAT(errors, Not(HasSubstr("wrong")));
}

}  // namespace
}  // namespace bantam
