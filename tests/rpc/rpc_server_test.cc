// What the server does beside its services: health, reflection, listening, draining.
#include "server/rpc/rpc_server.h"

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "server/rpc/health.pb.h"
#include "tests/rpc/raw_stream.h"
#include "tests/rpc/reflection.pb.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using ::testing::IsSupersetOf;

class RpcServerTest : public RpcTest {
 protected:
  grpc::Status CheckHealth(const std::string& service, HealthCheckResponse* response) {
    HealthCheckRequest request;
    request.set_service(service);
    const RawAnswer answer = CallRaw("grpc.health.v1.Health/Check", request.SerializeAsString());
    EXPECT_TRUE(response->ParseFromString(answer.bytes));
    return answer.status;
  }
};

TEST_F(RpcServerTest, EachServiceIsServing) {
  HealthCheckResponse response;
  for (const char* service :
       {"", "bantam.v1.QualificationService", "bantam.v1.IcpCatalogService"}) {
    EXPECT_TRUE(CheckHealth(service, &response).ok()) << service;
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVING) << service;
  }
  EXPECT_EQ(CheckHealth("bantam.v1.Nothing", &response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(RpcServerTest, FurtherNamesHaveAHealthOfTheirOwn) {
  HealthCheckResponse response;
  EXPECT_EQ(CheckHealth("bantam.cache", &response).error_code(), grpc::StatusCode::NOT_FOUND);
  server_->SetHealth("bantam.cache", false);
  ASSERT_TRUE(CheckHealth("bantam.cache", &response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  ASSERT_TRUE(CheckHealth("", &response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  server_->SetHealth("bantam.cache", true);
  ASSERT_TRUE(CheckHealth("bantam.cache", &response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
}

TEST_F(RpcServerTest, AServerThatIsNotReadySaysSoButAnswers) {
  RpcServerOptions options = DefaultOptions();
  options.ready = false;
  Start(options);
  server_->SetHealth("bantam.source", true);
  const std::vector<std::string> names = {"", "bantam.v1.QualificationService",
                                          "bantam.v1.IcpCatalogService"};
  HealthCheckResponse response;
  for (const std::string& name : names) {
    ASSERT_TRUE(CheckHealth(name, &response).ok()) << name;
    EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING) << name;
  }
  ASSERT_TRUE(CheckHealth("bantam.source", &response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  EXPECT_EQ(CallRaw("bantam.v1.QualificationService/Score", "").status.error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  server_->SetHealth("", true);
  for (const std::string& name : names) {
    ASSERT_TRUE(CheckHealth(name, &response).ok()) << name;
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVING) << name;
  }
}

TEST_F(RpcServerTest, ReflectionTellsTheServicesAndTheirFiles) {
  RawStream stream(channel_, "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo");
  testing::ServerReflectionRequest request;
  request.set_list_services("*");
  testing::ServerReflectionResponse response;
  ASSERT_TRUE(stream.Write(request) && stream.Read(&response));
  std::vector<std::string> services;
  for (const auto& service : response.list_services_response().service()) {
    services.push_back(service.name());
  }
  EXPECT_THAT(services, IsSupersetOf({"bantam.v1.QualificationService",
                                      "bantam.v1.IcpCatalogService", "grpc.health.v1.Health"}));
  request.Clear();
  request.set_file_containing_symbol("grpc.health.v1.Health");
  ASSERT_TRUE(stream.Write(request) && stream.Read(&response));
  EXPECT_EQ(response.file_descriptor_response().file_descriptor_proto_size(), 1);
  request.set_file_containing_symbol("bantam.v1.QualificationService");
  ASSERT_TRUE(stream.Write(request) && stream.Read(&response));
  std::vector<std::string> files;
  for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
    google::protobuf::FileDescriptorProto file;
    ASSERT_TRUE(file.ParseFromString(bytes));
    files.push_back(file.name());
  }
  EXPECT_THAT(files, IsSupersetOf({"bantam/v1/qualification_service.proto",
                                   "bantam/v1/evaluation.proto", "bantam/v1/lead.proto"}));
  EXPECT_TRUE(stream.WritesDone());
  EXPECT_TRUE(stream.Finish().ok());
}

TEST_F(RpcServerTest, ListensOnIpv6) {
  RpcServerOptions options = DefaultOptions();
  options.listen = "[::1]:0";
  auto server = RpcServer::Start(options, &catalog_, &editor_, &zones_, &RpcTest::Now, &observer_);
  if (!server.ok()) GTEST_SKIP() << "this machine has no IPv6: " << server.status();
  const auto channel = grpc::CreateChannel(absl::StrCat("[::1]:", (*server)->port()),
                                           grpc::InsecureChannelCredentials());
  v1::GetIcpRequest request;
  request.set_name(kIcp);
  v1::GetIcpResponse response;
  grpc::ClientContext context;
  EXPECT_TRUE(v1::IcpCatalogService::NewStub(channel)->GetIcp(&context, request, &response).ok());
}

TEST_F(RpcServerTest, APortInUseIsAnError) {
  RpcServerOptions options = DefaultOptions();
  options.listen = absl::StrCat("127.0.0.1:", server_->port());
  const auto second =
      RpcServer::Start(options, &catalog_, &editor_, &zones_, &RpcTest::Now, &observer_);
  EXPECT_EQ(second.status(), absl::UnavailableError(absl::StrCat(
                                 "cannot listen on ", options.listen, ": Address already in use")));
}

TEST_F(RpcServerTest, DrainingLetsCallsInFlightFinish) {
  catalog_.Hold();
  grpc::Status status;
  v1::GetIcpResponse response;
  std::thread caller([&] {
    v1::GetIcpRequest request;
    request.set_name(kIcp);
    grpc::ClientContext context;
    status = icp_catalog_->GetIcp(&context, request, &response);
  });
  catalog_.WaitUntilHeld(1);
  RawStream watch(channel_, "grpc.health.v1.Health/Watch");
  HealthCheckResponse health;
  ASSERT_TRUE(watch.Write(HealthCheckRequest()) && watch.Read(&health));
  EXPECT_EQ(health.status(), HealthCheckResponse::SERVING);

  const absl::Time start = absl::Now();
  std::thread drain([&] { server_->Drain(start + absl::Minutes(5)); });
  ASSERT_TRUE(watch.Read(&health));
  EXPECT_EQ(health.status(), HealthCheckResponse::NOT_SERVING);
  server_->SetHealth("", true);  // Has no effect any more: the Watch below hears nothing.
  catalog_.Release();
  caller.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.icp().name(), kIcp);
  drain.join();
  // An open Watch does not keep the server until the deadline.
  EXPECT_LT(absl::Now() - start, absl::Minutes(2));
  EXPECT_FALSE(watch.Read(&health));
}

TEST_F(RpcServerTest, AtTheDrainDeadlineCallsAreCancelled) {
  grpc::ClientContext context;
  const auto stream = qualification_->BulkEvaluate(&context);
  ASSERT_TRUE(stream->Write(StartOf()) && stream->Write(ChunkOf(1)));
  v1::BulkEvaluateResponse response;
  ASSERT_TRUE(stream->Read(&response));
  server_->Drain(absl::Now() + absl::Milliseconds(50));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_FALSE(stream->Finish().ok());
}

TEST_F(RpcServerTest, ADrainedServerIsNotReached) {
  server_->Drain(absl::InfinitePast());
  EXPECT_EQ(CallRaw("bantam.v1.QualificationService/Score", "").status.error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(RpcServerTest, StartsAndEndsManyTimes) {
  for (int i = 0; i < 20; ++i) {
    Start(DefaultOptions());
    EXPECT_EQ(CallRaw("bantam.v1.QualificationService/Score", "").status.error_code(),
              grpc::StatusCode::INVALID_ARGUMENT);
  }
}

}  // namespace
}  // namespace bantam
