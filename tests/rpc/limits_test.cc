// What the server does when more is asked of it than it can do.
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/rpc/status.h"
#include "tests/rpc/limits_fixture.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

class LimitsTest : public LimitsFixture {
 protected:
  // A connection whose calls are tried again, without much of a pause, as clients are advised to.
  std::shared_ptr<grpc::Channel> PatientChannel() const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetServiceConfigJSON(R"({"methodConfig": [{"name": [{}], "retryPolicy": {
        "maxAttempts": 5, "initialBackoff": "0.01s", "maxBackoff": "0.01s",
        "backoffMultiplier": 1, "retryableStatusCodes": ["RESOURCE_EXHAUSTED"]}}]})");
    return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }
};

TEST_F(LimitsTest, CallsBeyondTheBoundAreRefusedAtOnceAndToldWhenToComeBack) {
  StartWith(&RpcServerOptions::max_calls_in_flight, 1);
  catalog_.Hold();
  grpc::Status held_status;
  std::thread held([&] {
    grpc::ClientContext context;
    held_status = Get(&context);
  });
  catalog_.WaitUntilHeld(1);
  EXPECT_EQ(server_->Stats().calls_in_flight, 1);
  EXPECT_EQ(server_->Stats().max_calls_in_flight, 1);

  grpc::ClientContext context;
  const grpc::Status status = Get(&context);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("try again"));
  EXPECT_GE(RetryPushback(context), absl::Milliseconds(100));
  v1::RpcStatus details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.RetryInfo");
  EXPECT_EQ(observer_.WaitFor(1)[0].refusal, Refusal::kOverload);

  grpc::ClientContext stream_context;
  const auto stream = qualification_->BulkEvaluate(&stream_context);
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_GE(RetryPushback(stream_context), absl::Milliseconds(100));

  catalog_.Release();
  held.join();
  EXPECT_TRUE(held_status.ok());
  ASSERT_TRUE(WaitForInFlight(0));
  grpc::ClientContext again;
  EXPECT_TRUE(Get(&again).ok());
}

TEST_F(LimitsTest, ARequestThatIsTooLargeIsReportedAndNotTriedAgain) {
  StartWith(&RpcServerOptions::max_request_bytes, 1024);
  observer_.AskForRequestIds();
  const auto patient = v1::QualificationService::NewStub(PatientChannel());
  v1::ScoreRequest request;
  *request.mutable_settings() = Settings();
  // A little over the limit, and far over what gRPC takes by default.
  for (const size_t bytes : {size_t{1024}, size_t{8} << 20}) {
    request.mutable_lead()->mutable_company()->set_name(std::string(bytes, 'x'));
    grpc::ClientContext context;
    v1::ScoreResponse response;
    const grpc::Status status = patient->Score(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(status.error_message(), HasSubstr("must have at most 1024 bytes"));
    EXPECT_LT(RetryPushback(context), absl::ZeroDuration());
    const std::vector<RecordingObserver::Call> calls = observer_.WaitFor(1);
    EXPECT_EQ(calls.back().refusal, Refusal::kTooLarge);
    EXPECT_EQ(context.GetServerTrailingMetadata().find("x-request-id")->second,
              calls.back().request_id);
  }
  EXPECT_EQ(observer_.WaitFor(2).size(), 2u);
}

TEST_F(LimitsTest, AChunkThatIsTooLargeEndsItsStreamAfterTheOnesBefore) {
  StartWith(&RpcServerOptions::max_request_bytes, 1024);
  grpc::ClientContext context;
  const auto stream = qualification_->BulkEvaluate(&context);
  ASSERT_TRUE(stream->Write(StartOf()) && stream->Write(ChunkOf(1)));
  v1::BulkEvaluateRequest large = ChunkOf(2);
  large.mutable_chunk()->mutable_leads(0)->mutable_company()->set_name(std::string(2000, 'x'));
  ASSERT_TRUE(stream->Write(large));
  v1::BulkEvaluateResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.number(), 1);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(stream->Finish().error_message(), HasSubstr("must have at most 1024 bytes"));
  EXPECT_LT(RetryPushback(context), absl::ZeroDuration());
  EXPECT_EQ(observer_.WaitFor(1)[0].refusal, Refusal::kTooLarge);
}

TEST_F(LimitsTest, AStartThatIsTooLargeEndsItsStream) {
  StartWith(&RpcServerOptions::max_request_bytes, 1024);
  grpc::ClientContext context;
  const auto stream = qualification_->BulkEvaluate(&context);
  v1::BulkEvaluateRequest request;
  request.mutable_start()->mutable_settings()->set_all_icps_of(std::string(2000, 'x'));
  ASSERT_TRUE(stream->Write(request));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(observer_.WaitFor(1)[0].refusal, Refusal::kTooLarge);
}

TEST_F(LimitsTest, StreamsCountWhileTheyAreOpen) {
  {
    grpc::ClientContext context;
    const auto stream = qualification_->BulkEvaluate(&context);
    ASSERT_TRUE(stream->Write(StartOf()));
    ASSERT_TRUE(WaitForInFlight(1));
    EXPECT_EQ(server_->Stats().open_streams, 1);
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
  }
  ASSERT_TRUE(WaitForInFlight(0));
  EXPECT_EQ(server_->Stats().open_streams, 0);
}

TEST_F(LimitsTest, CallsAreStillTakenWhileDrainingBegins) {
  server_->BeginDrain();
  server_->SetHealth("", true);
  EXPECT_NE(CallRaw("grpc.health.v1.Health/Check", "").bytes, std::string("\x08\x01", 2));
  grpc::ClientContext context;
  EXPECT_TRUE(Get(&context).ok());
  server_->Drain(absl::Now() + absl::Minutes(1));
}

TEST_F(LimitsTest, TooMuchMetadataIsRefused) {
  grpc::ClientContext context;
  context.AddMetadata("x-much", std::string(20 * 1024, 'x'));
  EXPECT_EQ(Get(&context).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(LimitsTest, ConnectionsGrowOldInGoodOrder) {
  RpcServerOptions options = DefaultOptions();
  options.max_connection_age = absl::Milliseconds(100);
  options.max_connection_age_grace = absl::Minutes(1);
  Start(options);
  grpc::ClientContext context;
  ASSERT_TRUE(Get(&context).ok());
  // The connection is closed in good order: the channel is idle again, or connects anew.
  ASSERT_TRUE(channel_->WaitForStateChange(
      GRPC_CHANNEL_READY, std::chrono::system_clock::now() + std::chrono::minutes(1)));
  grpc::ClientContext again;
  EXPECT_TRUE(Get(&again).ok());
}

TEST(RetryLaterTest, TellsATimeThatIsNotTheSameForAll) {
  bool differ = false;
  absl::optional<absl::Duration> first;
  for (int i = 0; i < 50; ++i) {
    const absl::optional<absl::Duration> delay =
        RetryDelayOf(RetryLater("later", absl::Milliseconds(100)));
    ASSERT_TRUE(delay.has_value());
    EXPECT_GE(*delay, absl::Milliseconds(100));
    EXPECT_LE(*delay, absl::Milliseconds(200));
    if (!first.has_value()) first = delay;
    differ = differ || *delay != *first;
  }
  EXPECT_TRUE(differ);
  EXPECT_EQ(RetryDelayOf(absl::ResourceExhaustedError("x")), absl::nullopt);
  EXPECT_EQ(RetryDelayOf(absl::OkStatus()), absl::nullopt);
}

}  // namespace
}  // namespace bantam
