// What an observer hears of calls.
#include "server/rpc/call_observer.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/rpc/call_metadata.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

TEST(RpcMethodsTest, AreAllOfTheContract) {
  EXPECT_EQ(RpcMethods().size(), 14u);
  for (size_t i = 0; i < RpcMethods().size(); ++i) {
    const RpcMethod& method = RpcMethods()[i];
    EXPECT_EQ(method.index, static_cast<int>(i));
    EXPECT_EQ(method.name, absl::StrCat("/", method.service, "/", method.method));
    EXPECT_EQ(method.type == CallType::kBidiStream, method.method == "BulkEvaluate");
    EXPECT_EQ(&RpcMethodNamed(method.name), &method);
  }
}

TEST(RequestIdTest, IsShortPrintableAscii) {
  for (const std::string& good : {std::string("a"), std::string("A b~!"), std::string(128, 'x')}) {
    EXPECT_TRUE(IsRequestId(good)) << good;
  }
  for (const std::string& bad : {std::string(), std::string("a\nb"), std::string("\xC3\xBC"),
                                 std::string("\x7F"), std::string(129, 'x')}) {
    EXPECT_FALSE(IsRequestId(bad)) << bad;
  }
}

TEST(TraceparentTest, HasTheFormOfTheStandard) {
  constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
  constexpr char kParent[] = "00f067aa0ba902b7";
  EXPECT_TRUE(IsTraceparent(absl::StrCat("00-", kTrace, "-", kParent, "-01")));
  for (const std::string& bad : {std::string(), absl::StrCat("01-", kTrace, "-", kParent, "-01"),
                                 absl::StrCat("00-", kTrace, "-", kParent, "-0"),
                                 absl::StrCat("00-", kTrace, "-", kParent, "-01-"),
                                 absl::StrCat("00-", kTrace, "-", kParent, "-0G"),
                                 absl::StrCat("00-", std::string(32, '0'), "-", kParent, "-01"),
                                 absl::StrCat("00-", kTrace, "-", std::string(16, '0'), "-01"),
                                 absl::StrCat("00-", std::string(32, 'A'), "-", kParent, "-01"),
                                 absl::StrCat("00-", kTrace, "x", kParent, "-01")}) {
    EXPECT_FALSE(IsTraceparent(bad)) << bad;
  }
}

class CallObserverTest : public RpcTest {
 protected:
  static std::string RequestIdOf(const grpc::ClientContext& context) {
    const auto& metadata = context.GetServerTrailingMetadata();
    const auto id = metadata.find("x-request-id");
    return id == metadata.end() ? "" : std::string(id->second.data(), id->second.size());
  }

  v1::ScoreRequest Request() {
    v1::ScoreRequest request;
    *request.mutable_lead() = LeadOf("l1", 240);
    *request.mutable_settings() = Settings();
    return request;
  }
};

TEST_F(CallObserverTest, HearsOfACallAndItsDecision) {
  grpc::ClientContext context;
  v1::ScoreResponse response;
  ASSERT_TRUE(qualification_->Score(&context, Request(), &response).ok());
  observer_.WaitFor(1);
  EXPECT_THAT(observer_.events(),
              ElementsAre("begin Score", "leads 1", "decision l1 tenants/acme/icps/software score",
                          "end Score 1 anonymous"));
  EXPECT_EQ(RequestIdOf(context), "");  // Nobody asked for it.
}

TEST_F(CallObserverTest, HearsOfEachLeadOfABatch) {
  v1::BatchAdvanceRequest request;
  *request.mutable_settings() = Settings();
  *request.add_items()->mutable_lead() = LeadOf("l1", 240);
  request.add_items();
  grpc::ClientContext context;
  v1::BatchAdvanceResponse response;
  ASSERT_TRUE(qualification_->BatchAdvance(&context, request, &response).ok());
  observer_.WaitFor(1);
  EXPECT_THAT(observer_.events(), ElementsAre("begin BatchAdvance", "leads 2",
                                              "decision l1 tenants/acme/icps/software advance",
                                              "lead error", "end BatchAdvance 2 anonymous"));
}

TEST_F(CallObserverTest, MayRefuseLeads) {
  observer_.RefuseLeads(absl::ResourceExhaustedError("full"));
  grpc::ClientContext context;
  v1::ScoreResponse response;
  const grpc::Status status = qualification_->Score(&context, Request(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message(), "full");
  EXPECT_GE(RetryPushback(context), absl::Milliseconds(100));
  v1::RpcStatus details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.RetryInfo");
  EXPECT_EQ(observer_.WaitFor(1)[0].refusal, Refusal::kDecisionLog);
}

TEST_F(CallObserverTest, MayRefuseSoManyLeadsForGood) {
  observer_.RefuseLeads(absl::InvalidArgumentError("must hold at most 5 leads"));
  grpc::ClientContext context;
  v1::ScoreResponse response;
  const grpc::Status status = qualification_->Score(&context, Request(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "request: must hold at most 5 leads");
  EXPECT_THAT(FieldsIn(status), ElementsAre("request"));
  EXPECT_EQ(RetryPushback(context), absl::ZeroDuration());
  EXPECT_EQ(observer_.WaitFor(1)[0].refusal, Refusal::kDecisionLog);
}

TEST_F(CallObserverTest, MayRefuseChunks) {
  observer_.RefuseLeads(absl::ResourceExhaustedError("full"));
  grpc::ClientContext context;
  const auto stream = qualification_->BulkEvaluate(&context);
  ASSERT_TRUE(stream->Write(StartOf()) && stream->Write(ChunkOf(1)));
  v1::BulkEvaluateResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_message(), "full");
  EXPECT_GE(RetryPushback(context), absl::Milliseconds(100));
  EXPECT_EQ(observer_.WaitFor(1)[0].refusal, Refusal::kDecisionLog);
}

TEST_F(CallObserverTest, ARequestIdIsSentBackToWhoFails) {
  for (const std::string& sent : {std::string(), std::string("my id")}) {
    grpc::ClientContext context;
    if (!sent.empty()) context.AddMetadata("x-request-id", sent);
    v1::ScoreResponse response;
    EXPECT_FALSE(qualification_->Score(&context, v1::ScoreRequest(), &response).ok());
    EXPECT_THAT(RequestIdOf(context), MatchesRegex(sent.empty() ? "[0-9a-f]+" : sent));
    EXPECT_EQ(RequestIdOf(context).size(), sent.empty() ? 32u : sent.size());
  }
}

TEST_F(CallObserverTest, ARequestIdThatWasAskedForIsSentBack) {
  observer_.AskForRequestIds();
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", "my id");
  context.AddMetadata("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  v1::ScoreResponse response;
  ASSERT_TRUE(qualification_->Score(&context, Request(), &response).ok());
  EXPECT_EQ(RequestIdOf(context), "my id");
  const RecordingObserver::Call call = observer_.WaitFor(1)[0];
  EXPECT_EQ(call.request_id, "my id");
  EXPECT_EQ(call.traceparent, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  EXPECT_GT(call.duration, absl::ZeroDuration());
}

TEST_F(CallObserverTest, ABadTraceparentIsNone) {
  observer_.AskForRequestIds();
  grpc::ClientContext context;
  context.AddMetadata("traceparent", "00-nonsense");
  v1::ScoreResponse response;
  ASSERT_TRUE(qualification_->Score(&context, Request(), &response).ok());
  EXPECT_EQ(observer_.WaitFor(1)[0].traceparent, "");
}

}  // namespace
}  // namespace bantam
