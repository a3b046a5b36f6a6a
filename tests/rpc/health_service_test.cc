// The standard health service: Check is in rpc_server_test.cc as well.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "server/rpc/health.grpc.pb.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One Watch. It waits for a minute at most.
class Watching {
 public:
  Watching(Health::Stub* stub, const std::string& name) {
    HealthCheckRequest request;
    request.set_service(name);
    context_.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(1)));
    reader_ = stub->Watch(&context_, request);
  }

  // What is told next; -1: nothing more.
  int Next() {
    HealthCheckResponse response;
    return reader_->Read(&response) ? static_cast<int>(response.status()) : -1;
  }

  grpc::Status Finish() { return reader_->Finish(); }
  void Cancel() { context_.TryCancel(); }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<HealthCheckResponse>> reader_;
};

class HealthServiceTest : public RpcTest {
 protected:
  HealthServiceTest() : health_(Health::NewStub(channel_)) {}

  std::unique_ptr<Health::Stub> health_;
};

TEST_F(HealthServiceTest, AWatchIsToldEachChange) {
  Watching later(health_.get(), "bantam.cache");
  Watching all(health_.get(), "");
  EXPECT_EQ(later.Next(), HealthCheckResponse::SERVICE_UNKNOWN);
  EXPECT_EQ(all.Next(), HealthCheckResponse::SERVING);
  server_->SetHealth("bantam.cache", false);
  EXPECT_EQ(later.Next(), HealthCheckResponse::NOT_SERVING);
  server_->SetHealth("bantam.cache", false);  // No change.
  server_->SetHealth("bantam.cache", true);
  EXPECT_EQ(later.Next(), HealthCheckResponse::SERVING);
  server_->BeginDrain();
  EXPECT_EQ(all.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(later.Next(), HealthCheckResponse::NOT_SERVING);
  server_->SetHealth("", true);  // Too late.
  Watching late(health_.get(), "");
  EXPECT_EQ(late.Next(), HealthCheckResponse::NOT_SERVING);
}

TEST_F(HealthServiceTest, WatchesEndWithTheServer) {
  Watching watch(health_.get(), "");
  EXPECT_EQ(watch.Next(), HealthCheckResponse::SERVING);
  const absl::Time begin = absl::Now();
  server_->Drain(begin + absl::Minutes(1));
  EXPECT_LT(absl::Now() - begin, absl::Seconds(30));
  EXPECT_EQ(watch.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(watch.Next(), -1);
  EXPECT_EQ(watch.Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(HealthServiceTest, RequestsThatDoNotParseAreSaidToBeSo) {
  const RawAnswer check = CallRaw("grpc.health.v1.Health/Check", "\xFF");
  EXPECT_EQ(check.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  const RawAnswer watch = CallRaw("grpc.health.v1.Health/Watch", "\xFF");
  EXPECT_EQ(watch.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

// Any number of Watches may be open, so that each must be small.
TEST_F(HealthServiceTest, LongRequestsAreRefused) {
  // A field's tag, its length in two bytes, and the name itself.
  const std::string longest(1024 - 3, 'x');
  HealthCheckRequest request;
  request.set_service(longest);
  ASSERT_EQ(request.ByteSizeLong(), 1024u);
  server_->SetHealth(longest, true);
  HealthCheckResponse response;
  grpc::ClientContext context;
  EXPECT_TRUE(health_->Check(&context, request, &response).ok());
  Watching watch(health_.get(), longest);
  EXPECT_EQ(watch.Next(), HealthCheckResponse::SERVING);

  // Whether it parses or not.
  request.set_service(longest + "x");
  const std::string parses = request.SerializeAsString();
  for (const std::string& bytes : {parses, std::string(1 << 20, '\xFF')}) {
    const RawAnswer check = CallRaw("grpc.health.v1.Health/Check", bytes);
    EXPECT_EQ(check.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(check.status.error_message(),
              absl::StrCat("request: must have at most 1024 bytes, not ", bytes.size()));
  }
  Watching too_long(health_.get(), request.service());
  EXPECT_EQ(too_long.Next(), -1);
  EXPECT_EQ(too_long.Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

// Watches come, are left at any moment, and changes are told meanwhile.
TEST_F(HealthServiceTest, WatchesThatAreLeftHarmNobody) {
  std::thread changes([&] {
    for (int i = 0; i < 2000; ++i) server_->SetHealth("bantam.cache", i % 2 == 0);
  });
  for (int round = 0; round < 20; ++round) {
    std::vector<std::unique_ptr<Watching>> watches;
    for (int i = 0; i < 20; ++i) {
      watches.push_back(
          std::make_unique<Watching>(health_.get(), i % 2 == 0 ? "bantam.cache" : ""));
    }
    for (size_t i = 0; i < watches.size(); ++i) {
      if (i % 3 == 0) watches[i]->Next();
      watches[i]->Cancel();
      watches[i]->Finish();
    }
  }
  changes.join();
  Watching watch(health_.get(), "bantam.cache");
  EXPECT_EQ(watch.Next(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(server_->Stats().calls_in_flight, 0);
}

}  // namespace
}  // namespace bantam
