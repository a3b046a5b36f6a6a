// How bantamd ends.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "server/rpc/health.pb.h"
#include "tests/integration/server_process.h"
#include "tests/rpc/raw_stream.h"

namespace bantam {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// A server with a stream that has been answered once and is still open.
class DrainTest : public ::testing::Test {
 protected:
  void Start(const std::string& drain_seconds) {
    icps_.Write("a.yaml", "name: tenants/a/icps/b\n");
    server_ =
        ServerProcess::Serving(icps_.path(), {absl::StrCat("--drain_seconds=", drain_seconds)});
    stub_ = v1::QualificationService::NewStub(server_->NewChannel());
    stream_ = stub_->BulkEvaluate(&context_);
    v1::BulkEvaluateRequest request;
    request.mutable_start()->set_operation(v1::BULK_OPERATION_SCORE);
    request.mutable_start()->mutable_settings()->add_icps()->set_name("tenants/a/icps/b");
    EXPECT_TRUE(stream_->Write(request));
    EXPECT_TRUE(AnswersChunk(1));
  }

  bool AnswersChunk(int64_t number) {
    v1::BulkEvaluateRequest request;
    request.mutable_chunk()->set_number(number);
    request.mutable_chunk()->add_leads();
    v1::BulkEvaluateResponse response;
    return stream_->Write(request) && stream_->Read(&response) && response.number() == number;
  }

  const TemporaryFolder icps_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<v1::QualificationService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::BulkEvaluateRequest, v1::BulkEvaluateResponse>>
      stream_;
};

class DrainSignalTest : public DrainTest, public ::testing::WithParamInterface<int> {};

TEST_P(DrainSignalTest, LetsCallsInFlightFinishAndEndsWith0) {
  Start("3000");
  RawStream watch(server_->NewChannel(), "grpc.health.v1.Health/Watch");
  HealthCheckResponse health;
  ASSERT_TRUE(watch.Write(HealthCheckRequest()) && watch.Read(&health));
  EXPECT_EQ(health.status(), HealthCheckResponse::SERVING);

  server_->Signal(GetParam());
  ASSERT_TRUE(watch.Read(&health));
  EXPECT_EQ(health.status(), HealthCheckResponse::NOT_SERVING);
  EXPECT_TRUE(AnswersChunk(2));
  stream_->WritesDone();
  EXPECT_TRUE(stream_->Finish().ok());
  // Long before the drain time, although the watch is open.
  EXPECT_EQ(server_->WaitForExit(), 0);
  EXPECT_THAT(server_->errors(),
              ::testing::HasSubstr(" info draining drain_delay_seconds=0 drain_seconds=3000\n"));
  EXPECT_THAT(server_->errors(), ::testing::EndsWith(" info ended\n"));  // The log was flushed.
}

INSTANTIATE_TEST_SUITE_P(Signals, DrainSignalTest, ::testing::Values(SIGTERM, SIGINT),
                         [](const auto& info) { return info.param == SIGTERM ? "Term" : "Int"; });

TEST_F(DrainTest, TakesNoNewCalls) {
  Start("3000");
  server_->Signal(SIGTERM);
  ASSERT_TRUE(server_->WaitForError("draining"));
  EXPECT_TRUE(WaitUntil([this] {
    grpc::ClientContext context;
    v1::ScoreResponse response;
    return v1::QualificationService::NewStub(server_->NewChannel())
               ->Score(&context, v1::ScoreRequest(), &response)
               .error_code() == grpc::StatusCode::UNAVAILABLE;
  }));
  EXPECT_TRUE(AnswersChunk(2));
}

TEST_F(DrainTest, CancelsWhatOutlastsTheDrainTime) {
  Start("1");
  server_->Signal(SIGTERM);
  v1::BulkEvaluateResponse response;
  EXPECT_FALSE(stream_->Read(&response));
  EXPECT_FALSE(stream_->Finish().ok());
  EXPECT_EQ(server_->WaitForExit(), 0);
}

// Such as a pipe to a collector that hangs.
TEST_F(DrainTest, ALogThatNobodyReadsDoesNotKeepItFromEnding) {
  icps_.Write("a.yaml", "name: tenants/a/icps/b\n");
  const std::string pipe = icps_.path() + "/log";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int reader = open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  const std::string page(4096, '\n');
  while (write(reader, page.data(), page.size()) > 0) {
  }
  ServerProcess server({"--listen=127.0.0.1:0", "--icps=" + icps_.path(), "--drain_seconds=1"}, {},
                       pipe);
  ASSERT_NE(server.WaitForPort(), 0);
  server.Signal(SIGTERM);
  EXPECT_EQ(server.WaitForExit(), 0);
  close(reader);
}

TEST_F(DrainTest, ASecondSignalEndsItAtOnce) {
  Start("3000");
  server_->Signal(SIGTERM);
  ASSERT_TRUE(server_->WaitForError("draining"));
  server_->Signal(SIGTERM);
  EXPECT_EQ(server_->WaitForExit(), 3);
}

}  // namespace
}  // namespace bantam
