// Streams that are left at once, say nothing, or are not read.
#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/rpc/limits_fixture.h"

namespace bantam {
namespace {

class BulkLimitsTest : public LimitsFixture {
 protected:
  // How many calls the observer has heard begin.
  size_t Begun() {
    const std::vector<std::string> events = observer_.events();
    return std::count(events.begin(), events.end(), "begin BulkEvaluate");
  }

  // A stream that is written to until it ends, and never read.
  class UnreadStream {
   public:
    explicit UnreadStream(v1::QualificationService::StubInterface* stub)
        : stream_(stub->BulkEvaluate(&context_)), writer_([this] {
            bool good = stream_->Write(StartOf());
            for (int64_t number = 0; good; ++number) good = stream_->Write(ChunkOf(number, 64));
            ended_ = true;
          }) {}
    ~UnreadStream() { End(); }

    // Whether somebody has ended it.
    bool ended() const { return ended_; }

    void End() {
      context_.TryCancel();
      if (writer_.joinable()) writer_.join();
    }

   private:
    std::atomic<bool> ended_{false};
    grpc::ClientContext context_;
    const std::unique_ptr<
        grpc::ClientReaderWriterInterface<v1::BulkEvaluateRequest, v1::BulkEvaluateResponse>>
        stream_;
    std::thread writer_;
  };
};

TEST_F(BulkLimitsTest, StreamsThatAreLeftAtOnceAreCancelled) {
  // Those that are left before there is a connection never come to the server.
  ASSERT_TRUE(
      channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::minutes(1)));
  const absl::Time start = absl::Now();
  for (int i = 0; i < 500; ++i) {
    grpc::ClientContext context;
    const std::unique_ptr<Stream> stream = qualification_->BulkEvaluate(&context);
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  ASSERT_TRUE(WaitUntil([&] {
    return Begun() > 0 && server_->Stats().calls_in_flight == 0 &&
           observer_.WaitFor(0).size() == Begun();
  }));
  for (const RecordingObserver::Call& call : observer_.WaitFor(1)) {
    EXPECT_EQ(call.status.code(), absl::StatusCode::kCancelled) << call.status;
    EXPECT_GE(call.duration, absl::ZeroDuration());
    EXPECT_LE(call.duration, absl::Now() - start);
  }
}

TEST_F(BulkLimitsTest, IdleStreamsLeaveRoomForOtherCalls) {
  StartWith(&RpcServerOptions::max_calls_in_flight, 100);
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 100; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(qualification_->BulkEvaluate(contexts.back().get()));
  }
  // The second half was refused. The first waits for messages that do not come.
  const auto calls = observer_.WaitFor(50);
  EXPECT_EQ(calls.size(), 50u);
  for (const RecordingObserver::Call& call : calls) EXPECT_EQ(call.refusal, Refusal::kOverload);
  EXPECT_EQ(server_->Stats().open_streams, 50);
  for (int i = 0; i < 10; ++i) {
    grpc::ClientContext context;
    EXPECT_TRUE(Get(&context).ok());
  }
  for (size_t i = 0; i < streams.size(); ++i) {
    contexts[i]->TryCancel();
    streams[i]->Finish();
  }
}

TEST_F(BulkLimitsTest, AStreamMustBeginInTime) {
  StartWith(&RpcServerOptions::max_start_delay, absl::Milliseconds(50));
  grpc::ClientContext silent_context;
  const std::unique_ptr<Stream> silent = qualification_->BulkEvaluate(&silent_context);
  const grpc::Status status = silent->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "start: must be sent within 50ms after the stream is opened");
  EXPECT_TRUE(WaitUntil([&] { return server_->Stats().open_streams == 0; }));
}

TEST_F(BulkLimitsTest, AStreamThatHasBegunMayTakeItsTime) {
  StartWith(&RpcServerOptions::max_start_delay, absl::Seconds(3));
  grpc::ClientContext context;
  const std::unique_ptr<Stream> stream = qualification_->BulkEvaluate(&context);
  ASSERT_TRUE(stream->Write(StartOf()));
  // A second stream says when the delay is over.
  grpc::ClientContext silent_context;
  EXPECT_EQ(qualification_->BulkEvaluate(&silent_context)->Finish().error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  ASSERT_TRUE(stream->Write(ChunkOf(0)));
  v1::BulkEvaluateResponse response;
  EXPECT_TRUE(stream->Read(&response));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

// As if others did not read their answers: then a stream holds one answer at a time, and goes on
// as fast as its own are read.
TEST_F(BulkLimitsTest, WithoutRoomForAnswersAStreamGoesOnOneByOne) {
  StartWith(&RpcServerOptions::max_unread_bytes, 1);
  grpc::ClientContext context;
  const std::unique_ptr<Stream> stream = qualification_->BulkEvaluate(&context);
  ASSERT_TRUE(stream->Write(StartOf()));
  constexpr int kChunks = 200;
  std::thread writer([&] {
    for (int i = 0; i < kChunks; ++i) EXPECT_TRUE(stream->Write(ChunkOf(i, 64)));
    stream->WritesDone();
  });
  v1::BulkEvaluateResponse response;
  int answers = 0;
  int64_t most_unread = 0;
  while (stream->Read(&response)) {
    EXPECT_EQ(response.number(), answers++);
    EXPECT_EQ(response.results_size(), 64);
    most_unread = std::max(most_unread, server_->Stats().unread_answer_bytes);
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(answers, kChunks);
  // As many as there are workers: each may begin one while there is room.
  EXPECT_LT(most_unread, 3 * static_cast<int64_t>(response.ByteSizeLong()));
  EXPECT_TRUE(WaitUntil([&] {
    const RpcStats stats = server_->Stats();
    return stats.open_streams == 0 && stats.unread_answer_bytes == 0;
  }));
}

// Its reader never reads, and the answers that wait for him keep others out: for a while only.
TEST_F(BulkLimitsTest, AStreamThatIsNeverReadEndsWhileOthersAreKeptOut) {
  RpcServerOptions options = DefaultOptions();
  options.max_unread_bytes = 1;
  options.unread_patience = absl::Milliseconds(50);
  Start(options);
  UnreadStream unread(qualification_.get());
  // Once gRPC holds all that it takes for a reader, calls are refused, the first of which end it.
  EXPECT_TRUE(WaitUntil([&] {
    grpc::ClientContext refused;
    Get(&refused);
    return unread.ended();
  }));
  unread.End();
  EXPECT_TRUE(WaitUntil([&] {
    const RpcStats stats = server_->Stats();
    return stats.open_streams == 0 && stats.unread_answer_bytes == 0;
  }));
  grpc::ClientContext after;
  EXPECT_TRUE(Get(&after).ok());
}

// The same where no call is refused, since there are none: the chunks of a stream that is read end
// the one that is not.
TEST_F(BulkLimitsTest, AStreamThatIsNeverReadEndsWhileOthersHaveChunks) {
  RpcServerOptions options = DefaultOptions();
  options.max_unread_bytes = 1;
  options.unread_patience = absl::Seconds(3);
  Start(options);
  grpc::ClientContext read_context;
  const std::unique_ptr<Stream> read = qualification_->BulkEvaluate(&read_context);
  int64_t read_number = 0;
  const auto exchange = [&] {
    v1::BulkEvaluateResponse response;
    return read->Write(ChunkOf(read_number++)) && read->Read(&response);
  };
  ASSERT_TRUE(read->Write(StartOf()) && exchange());

  UnreadStream unread(qualification_.get());
  EXPECT_TRUE(WaitUntil([&] { return !exchange() || unread.ended(); }));
  EXPECT_TRUE(unread.ended());
  unread.End();
  EXPECT_TRUE(read->WritesDone() && read->Finish().ok());
  EXPECT_TRUE(WaitUntil([&] { return server_->Stats().unread_answer_bytes == 0; }));
}

}  // namespace
}  // namespace bantam
