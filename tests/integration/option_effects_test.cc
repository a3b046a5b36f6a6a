// Options of bantamd that only show in what a server does: that they get to where they count. What
// each does in full is tested beside the code that does it.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "tests/integration/loopback_client.h"
#include "tests/integration/server_process.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;

class OptionEffectsTest : public ::testing::Test {
 protected:
  OptionEffectsTest() {
    for (const char* const icp : {"one", "two"}) {
      icps_.Write(absl::StrCat(icp, ".yaml"), absl::StrCat("name: tenants/a/icps/", icp, "\n"));
    }
  }

  void Start(const std::vector<std::string>& flags) {
    server_ = ServerProcess::Serving(icps_.path(), flags);
    stub_ = v1::QualificationService::NewStub(server_->NewChannel());
  }

  grpc::Status Score(const v1::EvaluationSettings& settings) {
    v1::ScoreRequest request;
    request.mutable_lead();
    *request.mutable_settings() = settings;
    grpc::ClientContext context;
    v1::ScoreResponse response;
    return stub_->Score(&context, request, &response);
  }

  grpc::Status ScoreFor(const std::string& icp) {
    v1::EvaluationSettings settings;
    settings.add_icps()->set_name("tenants/a/icps/" + icp);
    return Score(settings);
  }

  const TemporaryFolder icps_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<v1::QualificationService::Stub> stub_;
};

TEST_F(OptionEffectsTest, ATenantWithMoreIcpsThanAllowedIsNotEvaluatedAsAWhole) {
  v1::EvaluationSettings settings;
  settings.set_all_icps_of("tenants/a");
  Start({"--max_tenant_icps=1"});
  const grpc::Status status = Score(settings);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("tenants/a has 2 ICPs"));
  EXPECT_TRUE(ScoreFor("one").ok());
  Start({"--max_tenant_icps=2"});
  EXPECT_TRUE(Score(settings).ok());
}

// Half of the places are for streams.
TEST_F(OptionEffectsTest, CallsInFlightAreBounded) {
  Start({"--max_calls_in_flight=2"});
  grpc::ClientContext context;
  const auto stream = stub_->BulkEvaluate(&context);
  v1::BulkEvaluateRequest request;
  request.mutable_start()->set_operation(v1::BULK_OPERATION_SCORE);
  request.mutable_start()->mutable_settings()->add_icps()->set_name("tenants/a/icps/one");
  ASSERT_TRUE(stream->Write(request));
  request.mutable_chunk()->add_leads();
  ASSERT_TRUE(stream->Write(request));
  v1::BulkEvaluateResponse response;
  ASSERT_TRUE(stream->Read(&response));  // It has its place.
  grpc::ClientContext other_context;
  const auto other = stub_->BulkEvaluate(&other_context);
  EXPECT_EQ(other->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(ScoreFor("one").ok());
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(OptionEffectsTest, ConnectionsEndAtTheirAge) {
  Start({"--max_connection_age_seconds=1", "--max_connection_age_grace_seconds=1"});
  const std::shared_ptr<grpc::Channel> channel = server_->NewChannel();
  stub_ = v1::QualificationService::NewStub(channel);
  ASSERT_TRUE(ScoreFor("one").ok());
  // The server tells it to go, though nothing is wrong with it.
  EXPECT_TRUE(WaitUntil([&] { return channel->GetState(false) != GRPC_CHANNEL_READY; }));
  EXPECT_TRUE(ScoreFor("one").ok());  // By another one.
}

TEST_F(OptionEffectsTest, IcpsAreToldApartInMetricsUpToTheBound) {
  Start({"--metrics_max_icps=1", "--admin_listen=127.0.0.1:0"});
  const int port = server_->WaitForAdminPort();
  ASSERT_TRUE(ScoreFor("one").ok());
  ASSERT_TRUE(ScoreFor("two").ok());
  EXPECT_TRUE(WaitUntil([&] { return Metric(port, "bantam_leads_total{") == 2; }));
  EXPECT_EQ(Metric(port, "bantam_leads_total{icp=\"tenants/a/icps/one\""), 1);
  EXPECT_EQ(Metric(port, "bantam_leads_total{icp=\"tenants/a/icps/two\""), 0);
  EXPECT_EQ(Metric(port, "bantam_leads_total{icp=\"other\""), 1);
}

}  // namespace
}  // namespace bantam
