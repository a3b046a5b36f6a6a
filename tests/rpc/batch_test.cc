// BatchScore, BatchQualify and BatchAdvance over a real connection.
#include <thread>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;

class BatchTest : public RpcTest {
 protected:
  grpc::Status Score(const v1::BatchScoreRequest& request) {
    grpc::ClientContext context;
    return qualification_->BatchScore(&context, request, &response_);
  }

  v1::BatchScoreResponse response_;
};

TEST_F(BatchTest, EachLeadHasItsResultInOrder) {
  v1::BatchQualifyRequest request;
  for (int i = 0; i < 50; ++i) *request.add_leads() = LeadOf("l" + std::to_string(i), 10 * i);
  *request.mutable_settings() = Settings();
  grpc::ClientContext context;
  v1::BatchQualifyResponse response;
  const grpc::Status status = qualification_->BatchQualify(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.results_size(), 50);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(response.results(i).index(), i);
    EXPECT_EQ(response.results(i).lead_id(), "l" + std::to_string(i));
    EXPECT_EQ(response.results(i).evaluation().score().total(), i >= 10 ? 40 : 0);
    EXPECT_FALSE(response.results(i).has_error());
  }
  EXPECT_EQ(observer_.WaitFor(1)[0].leads, 50);
}

TEST_F(BatchTest, ScoresCanBeRanked) {
  v1::BatchScoreRequest request;
  *request.add_leads() = LeadOf("small", 10);
  *request.add_leads() = LeadOf("broken", -1);
  *request.add_leads() = LeadOf("large", 500);
  *request.add_leads() = LeadOf("larger", 5000);
  *request.mutable_settings() = Settings();
  request.set_rank(true);
  ASSERT_TRUE(Score(request).ok());
  std::vector<std::string> order;
  for (const v1::LeadResult& result : response_.results()) order.push_back(result.lead_id());
  EXPECT_THAT(order, ElementsAre("large", "larger", "small", "broken"));
  EXPECT_EQ(response_.results(0).index(), 2);
}

TEST_F(BatchTest, OneBadLeadDoesNotBreakTheOthers) {
  v1::BatchScoreRequest request;
  *request.add_leads() = LeadOf("good", 500);
  *request.add_leads() = LeadOf("bad", -1);
  request.mutable_leads(1)->set_stage("limbo");
  *request.add_leads() = LeadOf("lost", 1);
  request.mutable_leads(2)->set_stage("limbo");
  *request.mutable_settings() = Settings();
  ASSERT_TRUE(Score(request).ok());
  EXPECT_TRUE(response_.results(0).has_evaluation());
  const v1::LeadResult& bad = response_.results(1);
  EXPECT_FALSE(bad.has_evaluation());
  EXPECT_EQ(bad.lead_id(), "bad");
  EXPECT_EQ(bad.error().code(), 3);
  EXPECT_THAT(bad.error().message(),
              ::testing::StartsWith("2 fields are invalid: leads[1].company.employee_count: must "
                                    "be from 0 to 10000000; leads[1].stage: must be a stage of "));
  ASSERT_EQ(bad.error().violations_size(), 2);
  EXPECT_EQ(bad.error().violations(0).field(), "leads[1].company.employee_count");
  EXPECT_EQ(bad.error().violations(0).description(), "must be from 0 to 10000000");
  EXPECT_EQ(bad.error().violations(1).field(), "leads[1].stage");
  EXPECT_EQ(response_.results(2).error().violations(0).field(), "leads[2].stage");
}

TEST_F(BatchTest, ALeadThatDoesNotParseIsItsOwnError) {
  v1::BatchScoreRequest request;
  *request.add_leads() = LeadOf("first", 500);
  *request.add_leads() = LeadOf("second", 500);
  request.mutable_leads(1)->mutable_company()->set_name("M#ller");
  *request.add_leads() = LeadOf("third", 500);
  *request.mutable_settings() = Settings();
  std::string bytes = request.SerializeAsString();
  bytes[bytes.find('#')] = '\xFC';  // "Müller" in Windows-1252.
  const RawAnswer answer = CallRaw("bantam.v1.QualificationService/BatchScore", bytes);
  ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
  ASSERT_TRUE(response_.ParseFromString(answer.bytes));
  ASSERT_EQ(response_.results_size(), 3);
  EXPECT_EQ(response_.results(0).evaluation().score().total(), 40);
  EXPECT_EQ(response_.results(1).lead_id(), "second");
  EXPECT_EQ(response_.results(1).error().code(), 3);
  EXPECT_EQ(response_.results(1).error().message(),
            "leads[1].company.name: must be UTF-8; convert text in another encoding, such as "
            "Windows-1252, first");
  EXPECT_EQ(response_.results(2).evaluation().score().total(), 40);
}

TEST_F(BatchTest, AnIdThatIsNotUtf8IsNotEchoed) {
  v1::BatchScoreRequest request;
  *request.add_leads() = LeadOf("M#ller", 500);
  *request.mutable_settings() = Settings();
  std::string bytes = request.SerializeAsString();
  bytes[bytes.find('#')] = '\xFC';
  const RawAnswer answer = CallRaw("bantam.v1.QualificationService/BatchScore", bytes);
  ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
  ASSERT_TRUE(response_.ParseFromString(answer.bytes));
  EXPECT_EQ(response_.results(0).lead_id(), "");
  EXPECT_EQ(response_.results(0).error().violations(0).field(), "leads[0].id");
}

TEST_F(BatchTest, AdvanceTakesAnOverridePerLead) {
  v1::BatchAdvanceRequest request;
  *request.add_items()->mutable_lead() = LeadOf("stays", 240);
  v1::AdvanceItem* moved = request.add_items();
  *moved->mutable_lead() = LeadOf("moved", 10);
  moved->mutable_override()->set_stage("sql");
  moved->mutable_override()->set_actor("jane");
  moved->mutable_override()->set_reason("met at the fair");
  request.add_items();
  v1::AdvanceItem* incomplete = request.add_items();
  *incomplete->mutable_lead() = LeadOf("", 10);
  incomplete->mutable_override()->set_stage("sql");
  *request.mutable_settings() = Settings();
  grpc::ClientContext context;
  v1::BatchAdvanceResponse response;
  const grpc::Status status = qualification_->BatchAdvance(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_FALSE(response.results(0).evaluation().advancement().has_transition());
  EXPECT_EQ(response.results(1).evaluation().advancement().transition().to_stage(), "sql");
  EXPECT_EQ(response.results(2).error().message(), "items[2].lead: must be set, with an id");
  std::vector<std::string> fields;
  for (const auto& violation : response.results(3).error().violations()) {
    fields.push_back(violation.field());
  }
  EXPECT_THAT(fields, ElementsAre("items[3].lead.id", "items[3].override.actor",
                                  "items[3].override.reason"));
}

TEST_F(BatchTest, AnEmptyBatchIsInvalid) {
  const grpc::Status status = Score(v1::BatchScoreRequest());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "2 fields are invalid: leads: must hold at least one lead; settings: must be set: it "
            "names the ICPs to evaluate against");
}

TEST_F(BatchTest, TheBoundOfABatchIsNamed) {
  RpcServerOptions options = DefaultOptions();
  options.max_batch_leads = 3;
  Start(options);
  v1::BatchScoreRequest request;
  for (int i = 0; i < 4; ++i) request.add_leads();
  *request.mutable_settings() = Settings();
  const grpc::Status status = Score(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "leads: must hold at most 3 leads, not 4; send several batches, or use BulkEvaluate");
  EXPECT_THAT(FieldsIn(status), ElementsAre("leads"));
  request.mutable_leads()->RemoveLast();
  EXPECT_TRUE(Score(request).ok());
}

TEST_F(BatchTest, AnUnknownIcpFailsTheWholeBatch) {
  v1::BatchScoreRequest request;
  request.add_leads();
  *request.mutable_settings() = Settings({"tenants/acme/icps/none"});
  EXPECT_EQ(Score(request).error_code(), grpc::StatusCode::NOT_FOUND);
}

// A batch that takes a while.
class LongBatchTest : public BatchTest {
 protected:
  LongBatchTest() {
    std::vector<std::string> icps;
    for (int i = 0; i < 100; ++i) {
      icps.push_back("tenants/acme/icps/i" + std::to_string(i));
      catalog_.Add(icps.back());
    }
    *request_.mutable_settings() = Settings(icps);
    v1::Lead lead = LeadOf("l", 240);
    for (int i = 0; i < 50; ++i) {
      v1::Event* event = lead.add_events();
      event->set_type("page_view");
      event->mutable_time()->set_seconds(absl::ToUnixSeconds(Now()) - i);
    }
    for (int i = 0; i < 1000; ++i) *request_.add_leads() = lead;
  }

  v1::BatchScoreRequest request_;
};

TEST_F(LongBatchTest, StopsBetweenLeadsAtTheDeadline) {
  // On a busy machine the deadline may pass before the server has the request: then a longer one.
  for (auto deadline = std::chrono::milliseconds(100);
       deadline < std::chrono::seconds(10) && !observer_.HasCallWithin(absl::Seconds(1));
       deadline *= 2) {
    observer_.HoldDecisions();  // On a fast one the answer must not be ready before it.
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + deadline);
    const grpc::Status status = qualification_->BatchScore(&context, request_, &response_);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
    observer_.LetDecisions();
  }
  const auto calls = observer_.WaitFor(1);
  ASSERT_FALSE(calls.empty());
  // The caller's deadline is the earlier one, by a hair, and cancels the call.
  EXPECT_THAT(calls[0].status.code(),
              AnyOf(absl::StatusCode::kDeadlineExceeded, absl::StatusCode::kCancelled));
  EXPECT_LT(calls[0].leads, 1000);
}

TEST_F(LongBatchTest, StopsBetweenLeadsWhenItIsCancelled) {
  catalog_.Hold();
  grpc::ClientContext context;
  grpc::Status status;
  std::thread caller([&] { status = qualification_->BatchScore(&context, request_, &response_); });
  catalog_.WaitUntilHeld(100);
  observer_.HoldDecisions();
  catalog_.Release();
  observer_.WaitForHeldDecision();
  context.TryCancel();
  observer_.WaitForAbandoned();
  observer_.LetDecisions();
  caller.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  const auto calls = observer_.WaitFor(1);
  EXPECT_EQ(calls[0].status.code(), absl::StatusCode::kCancelled);
  EXPECT_LT(calls[0].leads, 1000);
  // Each lead that was announced is told of once.
  int told = 0;
  int announced = 0;
  for (const std::string& event : observer_.events()) {
    if (absl::StartsWith(event, "decision")) ++told;
    if (absl::StartsWith(event, "skipped ")) told += std::stoi(event.substr(8));
    if (absl::StartsWith(event, "leads ")) announced += std::stoi(event.substr(6));
  }
  EXPECT_EQ(told, announced);
}

TEST_F(LongBatchTest, DoesNotKeepSmallCallsWaiting) {
  observer_.HoldDecisions();
  constexpr size_t kBatches = 8;  // Four times what the workers can do at a time.
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::thread> callers;
  for (size_t i = 0; i < kBatches; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    callers.emplace_back([this, context = contexts.back().get()] {
      v1::BatchScoreResponse response;
      qualification_->BatchScore(context, request_, &response);
    });
  }
  observer_.WaitForHeldDecision();
  v1::ScoreRequest small;
  *small.mutable_lead() = LeadOf("l", 240);
  *small.mutable_settings() = Settings();
  for (int i = 0; i < 20; ++i) {
    grpc::ClientContext context;
    v1::ScoreResponse response;
    EXPECT_TRUE(qualification_->Score(&context, small, &response).ok());
  }
  int ended_well = 0;  // Batches may have been refused.
  for (const auto& call : observer_.WaitFor(20)) ended_well += call.status.ok() ? 1 : 0;
  EXPECT_EQ(ended_well, 20) << "a batch has ended";
  observer_.LetDecisions();
  for (const auto& context : contexts) context->TryCancel();
  for (std::thread& caller : callers) caller.join();
}

}  // namespace
}  // namespace bantam
