// What the server does when more is asked of it than it can do.
#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "server/rpc/status.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

class LimitsTest : public RpcTest {
 protected:
  static grpc::Status Get(v1::IcpCatalogService::Stub* stub, grpc::ClientContext* context) {
    v1::GetIcpRequest request;
    request.set_name(kIcp);
    v1::GetIcpResponse response;
    return stub->GetIcp(context, request, &response);
  }

  // Waits until this many calls are in flight.
  void WaitForInFlight(int64_t calls) {
    const absl::Time limit = absl::Now() + absl::Minutes(1);
    while (server_->Stats().calls_in_flight != calls && absl::Now() < limit) {
      std::this_thread::yield();
    }
    ASSERT_EQ(server_->Stats().calls_in_flight, calls);
  }
};

TEST_F(LimitsTest, CallsBeyondTheBoundAreRefusedAtOnceAndToldWhenToComeBack) {
  RpcServerOptions options = DefaultOptions();
  options.max_calls_in_flight = 1;
  Start(options);
  catalog_.Hold();
  grpc::Status held_status;
  std::thread held([&] {
    grpc::ClientContext context;
    held_status = Get(icp_catalog_.get(), &context);
  });
  catalog_.WaitUntilHeld(1);
  EXPECT_EQ(server_->Stats().calls_in_flight, 1);
  EXPECT_EQ(server_->Stats().max_calls_in_flight, 1);

  grpc::ClientContext context;
  const grpc::Status status = Get(icp_catalog_.get(), &context);
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
  WaitForInFlight(0);
  grpc::ClientContext again;
  EXPECT_TRUE(Get(icp_catalog_.get(), &again).ok());
}

TEST_F(LimitsTest, StreamsCountWhileTheyAreOpen) {
  {
    grpc::ClientContext context;
    const auto stream = qualification_->BulkEvaluate(&context);
    v1::BulkEvaluateRequest request;
    request.mutable_start()->set_operation(v1::BULK_OPERATION_SCORE);
    *request.mutable_start()->mutable_settings() = Settings();
    ASSERT_TRUE(stream->Write(request));
    WaitForInFlight(1);
    EXPECT_EQ(server_->Stats().open_streams, 1);
    stream->WritesDone();
    EXPECT_TRUE(stream->Finish().ok());
  }
  WaitForInFlight(0);
  EXPECT_EQ(server_->Stats().open_streams, 0);
}

TEST_F(LimitsTest, CallsAreStillTakenWhileDrainingBegins) {
  server_->BeginDrain();
  server_->SetHealth("", true);
  EXPECT_NE(CallRaw("grpc.health.v1.Health/Check", "").bytes, std::string("\x08\x01", 2));
  grpc::ClientContext context;
  EXPECT_TRUE(Get(icp_catalog_.get(), &context).ok());
  server_->Drain(absl::Now() + absl::Minutes(1));
}

TEST_F(LimitsTest, TooMuchMetadataIsRefused) {
  grpc::ClientContext context;
  context.AddMetadata("x-much", std::string(20 * 1024, 'x'));
  EXPECT_EQ(Get(icp_catalog_.get(), &context).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(LimitsTest, ConnectionsGrowOldInGoodOrder) {
  RpcServerOptions options = DefaultOptions();
  options.max_connection_age = absl::Milliseconds(100);
  options.max_connection_age_grace = absl::Minutes(1);
  Start(options);
  grpc::ClientContext context;
  ASSERT_TRUE(Get(icp_catalog_.get(), &context).ok());
  // The connection is closed in good order: the channel is idle again, or connects anew.
  ASSERT_TRUE(channel_->WaitForStateChange(
      GRPC_CHANNEL_READY, std::chrono::system_clock::now() + std::chrono::minutes(1)));
  grpc::ClientContext again;
  EXPECT_TRUE(Get(icp_catalog_.get(), &again).ok());
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
