// Score, Qualify and Advance over a real connection.
#include <thread>

#include "gmock/gmock.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;

class SingleLeadTest : public RpcTest {
 protected:
  static v1::QualifyRequest RequestOf(const v1::Lead& lead,
                                      const v1::EvaluationSettings& settings) {
    v1::QualifyRequest request;
    *request.mutable_lead() = lead;
    *request.mutable_settings() = settings;
    return request;
  }

  grpc::Status Qualify(const v1::QualifyRequest& request) {
    grpc::ClientContext context;
    return qualification_->Qualify(&context, request, &response_);
  }

  grpc::Status Advance(const v1::AdvanceRequest& request) {
    grpc::ClientContext context;
    return qualification_->Advance(&context, request, &advanced_);
  }

  // While the catalog holds its answers: returns when a later call on the same connection has been
  // at the server for 200 ms, by when it knows that earlier ones are cancelled or too late.
  void LetTheServerNotice() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
    v1::GetIcpRequest request;
    request.set_name(kIcp);
    v1::GetIcpResponse response;
    EXPECT_EQ(icp_catalog_->GetIcp(&context, request, &response).error_code(),
              grpc::StatusCode::DEADLINE_EXCEEDED);
  }

  v1::QualifyResponse response_;
  v1::AdvanceResponse advanced_;
};

TEST_F(SingleLeadTest, ScoreAnswersAtTheServersClock) {
  v1::ScoreRequest request;
  *request.mutable_lead() = LeadOf("l1", 240);
  *request.mutable_settings() = Settings();
  grpc::ClientContext context;
  v1::ScoreResponse response;
  const grpc::Status status = qualification_->Score(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.evaluation().icp(), kIcp);
  EXPECT_EQ(response.evaluation().icp_revision().size(), 32);
  EXPECT_EQ(response.evaluation().engine_version(), kEngineVersion);
  EXPECT_EQ(response.evaluation().evaluate_time().seconds(), absl::ToUnixSeconds(Now()));
  EXPECT_EQ(response.evaluation().score().total(), 40);
  EXPECT_FALSE(response.evaluation().score().trace().empty());
  EXPECT_FALSE(response.evaluation().has_qualification());
  const auto calls = observer_.WaitFor(1);
  EXPECT_EQ(calls[0].method, "/bantam.v1.QualificationService/Score");
  EXPECT_TRUE(calls[0].status.ok());
  EXPECT_EQ(calls[0].leads, 1);
}

TEST_F(SingleLeadTest, QualifyContainsScore) {
  ASSERT_TRUE(Qualify(RequestOf(LeadOf("l1", 240), Settings())).ok());
  EXPECT_EQ(response_.evaluation().score().total(), 40);
  EXPECT_EQ(response_.evaluation().verdict(), v1::VERDICT_OPEN);
  EXPECT_EQ(response_.evaluation().qualification().bant_size(), 4);
  EXPECT_FALSE(response_.evaluation().qualification().gaps().empty());
  EXPECT_FALSE(response_.evaluation().has_advancement());
}

TEST_F(SingleLeadTest, AdvanceMovesALeadThatShowsInterest) {
  v1::AdvanceRequest request;
  *request.mutable_lead() = LeadOf("l1", 240);
  v1::Event* event = request.mutable_lead()->add_events();
  event->set_type("demo_request");
  event->mutable_time()->set_seconds(absl::ToUnixSeconds(Now()) - 3600);
  *request.mutable_settings() = Settings();
  const grpc::Status status = Advance(request);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(advanced_.evaluation().advancement().transition().to_stage(), "mql");
}

TEST_F(SingleLeadTest, AnOverrideIsHandedToTheEngine) {
  v1::AdvanceRequest request;
  *request.mutable_lead() = LeadOf("l1", 240);
  *request.mutable_settings() = Settings();
  request.mutable_override()->set_stage("sql");
  request.mutable_override()->set_actor("jane");
  request.mutable_override()->set_reason("met at the fair");
  const grpc::Status status = Advance(request);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(advanced_.evaluation().advancement().transition().to_stage(), "sql");
}

TEST_F(SingleLeadTest, TheRequestsEvaluateTimeWins) {
  v1::QualifyRequest request = RequestOf(LeadOf("l1", 240), Settings());
  request.mutable_settings()->mutable_evaluate_time()->set_seconds(1700000000);
  request.mutable_settings()->mutable_evaluate_time()->set_nanos(250);
  ASSERT_TRUE(Qualify(request).ok());
  EXPECT_EQ(response_.evaluation().evaluate_time().seconds(), 1700000000);
  EXPECT_EQ(response_.evaluation().evaluate_time().nanos(), 250);
}

TEST_F(SingleLeadTest, DetailCanBeLeftOut) {
  v1::QualifyRequest request = RequestOf(LeadOf("l1", 240), Settings());
  request.mutable_settings()->set_omit_trace(true);
  request.mutable_settings()->set_omit_actions(true);
  request.mutable_settings()->set_omit_gaps(true);
  ASSERT_TRUE(Qualify(request).ok());
  EXPECT_TRUE(response_.evaluation().score().trace().empty());
  EXPECT_TRUE(response_.evaluation().qualification().actions().empty());
  EXPECT_TRUE(response_.evaluation().qualification().gaps().empty());
}

TEST_F(SingleLeadTest, OfSeveralIcpsTheBestAnswers) {
  catalog_.Add("tenants/acme/icps/consumer", 10);
  ASSERT_TRUE(
      Qualify(RequestOf(LeadOf("l1", 240), Settings({"tenants/acme/icps/consumer", kIcp}))).ok());
  EXPECT_EQ(response_.evaluation().icp(), kIcp);
  ASSERT_EQ(response_.evaluation().other_icps_size(), 1);
  EXPECT_EQ(response_.evaluation().other_icps(0).icp(), "tenants/acme/icps/consumer");
  EXPECT_EQ(response_.evaluation().other_icps(0).total(), 10);
}

TEST_F(SingleLeadTest, AllIcpsOfATenantAreAsked) {
  for (int i = 0; i < 40; ++i) {  // Enough for a worker.
    catalog_.Add("tenants/acme/icps/other-" + std::to_string(i), 10);
  }
  catalog_.Add("tenants/zeta/icps/software");
  v1::EvaluationSettings settings;
  settings.set_all_icps_of("tenants/acme");
  const grpc::Status status = Qualify(RequestOf(LeadOf("l1", 240), settings));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response_.evaluation().icp(), kIcp);
  EXPECT_EQ(response_.evaluation().other_icps_size(), 40);
}

TEST_F(SingleLeadTest, ATenantWithoutIcpsIsNotFound) {
  v1::EvaluationSettings settings;
  settings.set_all_icps_of("tenants/nobody");
  const grpc::Status status = Qualify(RequestOf(LeadOf("l1", 240), settings));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(),
            "tenants/nobody has no ICPs; ListIcps with parent \"tenants/-\" names those that "
            "exist");
}

TEST_F(SingleLeadTest, AnEmptyLeadIsALead) {
  ASSERT_TRUE(Qualify(RequestOf(v1::Lead(), Settings())).ok());
  EXPECT_EQ(response_.evaluation().verdict(), v1::VERDICT_OPEN);
}

TEST_F(SingleLeadTest, AMissingLeadAndMissingSettingsAreBothNamed) {
  const grpc::Status status = Qualify(v1::QualifyRequest());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "2 fields are invalid: lead: must be set; it may be empty; settings: must be set: it "
            "names the ICPs to evaluate against");
  EXPECT_THAT(FieldsIn(status), ElementsAre("lead", "settings"));
  const auto calls = observer_.WaitFor(1);
  EXPECT_EQ(calls[0].status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(calls[0].leads, 0);
}

TEST_F(SingleLeadTest, AMissingLeadOfAdvanceAsksForItsId) {
  v1::AdvanceRequest request;
  *request.mutable_settings() = Settings();
  EXPECT_EQ(Advance(request).error_message(), "lead: must be set, with an id");
}

TEST_F(SingleLeadTest, FiveInvalidFieldsAreAllNamed) {
  v1::Lead lead = LeadOf("l1", -1);
  lead.mutable_company()->set_founded_year(1);
  lead.add_events()->mutable_time()->set_seconds(absl::ToUnixSeconds(Now()));
  lead.add_events()->set_type("demo_request");
  lead.mutable_closed_won();
  lead.mutable_closed_lost();
  const grpc::Status status = Qualify(RequestOf(lead, Settings()));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "5 fields are invalid: lead.company.employee_count: must be from 0 to 10000000; "
            "lead.company.founded_year: must be a year from 1000 to 2200; lead.events[0].type: "
            "must be set: what happened, such as demo_request; lead.events[1].time: must be set: "
            "when the event happened; lead.closed_lost: must not be set together with closed_won; "
            "keep one of the two");
  EXPECT_THAT(FieldsIn(status),
              ElementsAre("lead.company.employee_count", "lead.company.founded_year",
                          "lead.events[0].type", "lead.events[1].time", "lead.closed_lost"));
}

TEST_F(SingleLeadTest, AListOfInvalidFieldsThatIsTooLongForATrailerIsCut) {
  v1::Lead lead;
  for (int i = 0; i < 3000; ++i) lead.add_events();
  const grpc::Status status = Qualify(RequestOf(lead, Settings()));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(),
              ::testing::StartsWith("6000 fields are invalid: lead.events"));
  EXPECT_THAT(status.error_message(), ::testing::ContainsRegex("; and [0-9]+ more$"));
  EXPECT_FALSE(FieldsIn(status).empty());
}

TEST_F(SingleLeadTest, AnUnknownStageIsInvalid) {
  v1::Lead lead = LeadOf("l1", 240);
  lead.set_stage("limbo");
  EXPECT_EQ(Qualify(RequestOf(lead, Settings())).error_message(),
            "lead.stage: must be a stage of tenants/acme/icps/software: one of lead, mql, sql, "
            "opportunity, customer, nurture, disqualified");
  v1::AdvanceRequest request;
  *request.mutable_lead() = LeadOf("l1", 240);
  *request.mutable_settings() = Settings();
  request.mutable_override()->set_stage("heaven");
  request.mutable_override()->set_actor("jane");
  const grpc::Status status = Advance(request);
  EXPECT_THAT(FieldsIn(status), ElementsAre("override.reason", "override.stage"));
}

// What only the ICP can tell is told together with all else.
TEST_F(SingleLeadTest, AnUnknownStageIsNamedBesideOtherInvalidFields) {
  v1::Lead lead = LeadOf("l1", -1);
  lead.set_stage("limbo");
  const std::vector<std::string> both = {"lead.company.employee_count", "lead.stage"};
  EXPECT_EQ(FieldsIn(Qualify(RequestOf(lead, Settings()))), both);
  v1::AdvanceRequest request;
  *request.mutable_lead() = lead;
  *request.mutable_settings() = Settings();
  EXPECT_EQ(FieldsIn(Advance(request)), both);
}

// Where the ICP is not to be had, the caller still hears what is wrong with the lead.
TEST_F(SingleLeadTest, InvalidFieldsAreNamedWithoutTheIcp) {
  const grpc::Status status =
      Qualify(RequestOf(LeadOf("l1", -1), Settings({"tenants/acme/icps/none"})));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsIn(status), ElementsAre("lead.company.employee_count"));
}

TEST_F(SingleLeadTest, AStageThatOneOfSeveralIcpsHasIsValid) {
  catalog_.Add("tenants/acme/icps/trial", 20, "trial");
  v1::EvaluationSettings settings;
  settings.set_all_icps_of("tenants/acme");
  v1::Lead lead = LeadOf("l1", 240);
  lead.set_stage("trial");
  const grpc::Status status = Qualify(RequestOf(lead, settings));
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response_.evaluation().icp(), kIcp);  // The better one, though it has no such stage.
  ASSERT_EQ(response_.evaluation().other_icps_size(), 1);
  EXPECT_EQ(response_.evaluation().other_icps(0).icp(), "tenants/acme/icps/trial");
  lead.set_stage("limbo");
  EXPECT_THAT(FieldsIn(Qualify(RequestOf(lead, settings))), ElementsAre("lead.stage"));
}

TEST_F(SingleLeadTest, AnUnknownModeIsInvalid) {
  v1::AdvanceRequest request;
  *request.mutable_lead() = LeadOf("l1", 240);
  *request.mutable_settings() = Settings();
  request.set_mode(static_cast<v1::AdvanceMode>(7));
  EXPECT_EQ(Advance(request).error_message(),
            "mode: must be ADVANCE_MODE_ONE_STEP (the default) or "
            "ADVANCE_MODE_AS_FAR_AS_POSSIBLE");
}

TEST_F(SingleLeadTest, UnknownIcpsAreNotFoundAndAllNamed) {
  const grpc::Status status = Qualify(
      RequestOf(LeadOf("l1", 240), Settings({"tenants/acme/icps/a", kIcp, "tenants/acme/icps/b"})));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "no ICP tenants/acme/icps/a; no ICP tenants/acme/icps/b");
  EXPECT_TRUE(status.error_details().empty());
}

TEST_F(SingleLeadTest, ARevisionCanBePinned) {
  const std::string old_revision = catalog_.Add(kIcp, 11)->icp->revision();
  catalog_.Add(kIcp, 12);
  v1::QualifyRequest request = RequestOf(LeadOf("l1", 240), Settings());
  request.mutable_settings()->mutable_icps(0)->set_revision(old_revision);
  ASSERT_TRUE(Qualify(request).ok());
  EXPECT_EQ(response_.evaluation().score().total(), 11);
  EXPECT_EQ(response_.evaluation().icp_revision(), old_revision);
}

TEST_F(SingleLeadTest, AnUnknownRevisionIsNotFound) {
  v1::QualifyRequest request = RequestOf(LeadOf("l1", 240), Settings());
  request.mutable_settings()->mutable_icps(0)->set_revision(std::string(32, '0'));
  const grpc::Status status = Qualify(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(),
            "no revision 00000000000000000000000000000000 of tenants/acme/icps/software");
}

TEST_F(SingleLeadTest, AnOutageIsUnavailable) {
  catalog_.FailWith(absl::UnavailableError("the ICPs cannot be read now; try again"));
  const grpc::Status status = Qualify(RequestOf(LeadOf("l1", 240), Settings()));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "the ICPs cannot be read now; try again");
}

TEST_F(SingleLeadTest, WhatIsInternalIsLoggedAndNotShown) {
  catalog_.FailWith(absl::UnknownError("password of db at 10.0.0.7 is wrong"));
  const grpc::Status status = Qualify(RequestOf(LeadOf("l1", 240), Settings()));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(status.error_message(),
            "the server failed; its log names the cause. Try again, and tell its operators if it "
            "stays");
  EXPECT_EQ(observer_.WaitFor(1)[0].status.message(), "password of db at 10.0.0.7 is wrong");
}

TEST_F(SingleLeadTest, ACallThatWaitsForTheCatalogDoesNotKeepOthersWaiting) {
  catalog_.Hold();
  std::vector<std::thread> cold;
  std::vector<grpc::Status> statuses(90);  // One connection takes 100 calls at a time.
  for (size_t i = 0; i < statuses.size(); ++i) {
    cold.emplace_back([this, i, &statuses] {
      grpc::ClientContext context;
      v1::QualifyResponse response;
      statuses[i] =
          qualification_->Qualify(&context, RequestOf(LeadOf("l1", 240), Settings()), &response);
    });
  }
  catalog_.WaitUntilHeld(statuses.size());
  v1::ValidateIcpRequest request;
  request.set_yaml("name: tenants/a/icps/b\n");
  v1::ValidateIcpResponse response;
  grpc::ClientContext context;
  EXPECT_TRUE(icp_catalog_->ValidateIcp(&context, request, &response).ok());
  catalog_.Release();
  for (std::thread& thread : cold) thread.join();
  for (const grpc::Status& status : statuses) EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(SingleLeadTest, AfterTheDeadlineNothingIsEvaluated) {
  catalog_.Hold();
  grpc::ClientContext context;
  // Not before the server has the call, on a busy machine either.
  ASSERT_TRUE(
      channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::minutes(1)));
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(2));
  const grpc::Status status =
      qualification_->Qualify(&context, RequestOf(LeadOf("l1", 240), Settings()), &response_);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  observer_.WaitForAbandoned();
  LetTheServerNotice();
  catalog_.Release();
  for (const size_t count : {1, 2}) {  // The other call may not have come to the server.
    for (const RecordingObserver::Call& call : observer_.WaitFor(count)) {
      if (call.method != "/bantam.v1.QualificationService/Qualify") continue;
      EXPECT_EQ(call.status,
                absl::DeadlineExceededError("the deadline passed before the answer was ready"));
      EXPECT_EQ(call.leads, 0);
      return;
    }
  }
  ADD_FAILURE() << "the server did not hear of the call";
}

TEST_F(SingleLeadTest, ACancelledCallIsNotEvaluated) {
  catalog_.Hold();
  grpc::ClientContext context;
  grpc::Status status;
  std::thread caller([&] {
    status =
        qualification_->Qualify(&context, RequestOf(LeadOf("l1", 240), Settings()), &response_);
  });
  catalog_.WaitUntilHeld(1);
  context.TryCancel();
  caller.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  observer_.WaitForAbandoned();
  catalog_.Release();
  const auto calls = observer_.WaitFor(1);
  EXPECT_EQ(calls[0].status, absl::CancelledError("the caller cancelled the call"));
  EXPECT_EQ(calls[0].leads, 0);
}

}  // namespace
}  // namespace bantam
