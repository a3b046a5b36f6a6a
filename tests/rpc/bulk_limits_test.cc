// Streams that are left at once, say nothing, or are not read.
#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using Stream = grpc::ClientReaderWriter<v1::BulkEvaluateRequest, v1::BulkEvaluateResponse>;

class BulkLimitsTest : public RpcTest {
 protected:
  // Waits until `condition` holds, for a minute at most.
  template <typename Condition>
  static bool WaitUntil(Condition condition) {
    const absl::Time limit = absl::Now() + absl::Minutes(1);
    while (!condition() && absl::Now() < limit) std::this_thread::yield();
    return condition();
  }

  grpc::Status Score() {
    grpc::ClientContext context;
    v1::ScoreRequest request;
    *request.mutable_lead() = LeadOf("l1", 240);
    *request.mutable_settings() = Settings();
    v1::ScoreResponse response;
    return qualification_->Score(&context, request, &response);
  }

  // How many calls the observer has heard begin.
  size_t Begun() {
    const std::vector<std::string> events = observer_.events();
    return std::count(events.begin(), events.end(), "begin BulkEvaluate");
  }
};

TEST_F(BulkLimitsTest, StreamsThatAreLeftAtOnceAreCancelled) {
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

}  // namespace
}  // namespace bantam
