// How fresh callers want the ICPs, and how old the data of an answer was.
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;

class FreshnessTest : public RpcTest {
 protected:
  static v1::ScoreRequest ScoreRequest(const v1::EvaluationSettings& settings) {
    v1::ScoreRequest request;
    *request.mutable_lead() = LeadOf("l1", 240);
    *request.mutable_settings() = settings;
    return request;
  }

  // Scores a lead; keeps the age of the data.
  grpc::Status Score(const v1::EvaluationSettings& settings) {
    grpc::ClientContext context;
    v1::ScoreResponse response;
    const grpc::Status status = qualification_->Score(&context, ScoreRequest(settings), &response);
    age_ = DataAge(context);
    return status;
  }

  std::string age_;
};

TEST_F(FreshnessTest, AnAnswerTellsTheAgeOfItsData) {
  ASSERT_TRUE(Score(Settings()).ok());
  EXPECT_EQ(age_, "0");
  catalog_.SetAge(absl::Microseconds(1234999));
  ASSERT_TRUE(Score(Settings()).ok());
  EXPECT_EQ(age_, "1234");
}

TEST_F(FreshnessTest, APinnedRevisionHasNoAge) {
  const std::string revision = catalog_.Add(kIcp)->icp->revision();
  catalog_.SetAge(absl::Seconds(5));
  v1::EvaluationSettings settings = Settings();
  settings.mutable_icps(0)->set_revision(revision);
  ASSERT_TRUE(Score(settings).ok());
  EXPECT_EQ(age_, "0");
}

TEST_F(FreshnessTest, OfSeveralIcpsTheOldestCounts) {
  const std::string other = "tenants/acme/icps/other";
  const std::string revision = catalog_.Add(other)->icp->revision();
  catalog_.SetAge(absl::Seconds(5));
  v1::EvaluationSettings settings = Settings({other, kIcp});
  settings.mutable_icps(0)->set_revision(revision);  // As old as 0.
  ASSERT_TRUE(Score(settings).ok());
  EXPECT_EQ(age_, "5000");
}

TEST_F(FreshnessTest, BatchesAndStreamsTellItToo) {
  catalog_.SetAge(absl::Seconds(7));
  v1::BatchQualifyRequest batch;
  *batch.add_leads() = LeadOf("l1", 240);
  batch.mutable_settings()->set_all_icps_of("tenants/acme");
  grpc::ClientContext batch_context;
  v1::BatchQualifyResponse batch_response;
  ASSERT_TRUE(qualification_->BatchQualify(&batch_context, batch, &batch_response).ok());
  EXPECT_EQ(DataAge(batch_context), "7000");

  grpc::ClientContext context;
  const auto stream = qualification_->BulkEvaluate(&context);
  ASSERT_TRUE(stream->Write(StartOf()) && stream->Write(ChunkOf(1)));
  stream->WaitForInitialMetadata();
  EXPECT_EQ(DataAge(context), "7000");
  stream->WritesDone();
  v1::BulkEvaluateResponse response;
  EXPECT_TRUE(stream->Read(&response));
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(FreshnessTest, GetTellsItToo) {
  catalog_.SetAge(absl::Seconds(9));
  v1::GetIcpRequest request;
  request.set_name(kIcp);
  request.mutable_max_staleness()->set_seconds(30);
  grpc::ClientContext context;
  v1::GetIcpResponse response;
  ASSERT_TRUE(icp_catalog_->GetIcp(&context, request, &response).ok());
  EXPECT_EQ(DataAge(context), "9000");
  EXPECT_EQ(catalog_.last_max_staleness(), absl::Seconds(30));
}

TEST_F(FreshnessTest, TheCatalogIsToldHowFreshItMustBe) {
  ASSERT_TRUE(Score(Settings()).ok());
  EXPECT_EQ(catalog_.last_max_staleness(), absl::nullopt);
  v1::EvaluationSettings settings = Settings();
  settings.mutable_max_staleness();
  ASSERT_TRUE(Score(settings).ok());
  EXPECT_EQ(catalog_.last_max_staleness(), absl::ZeroDuration());
  settings.mutable_max_staleness()->set_nanos(250000000);
  settings.clear_icps();
  settings.set_all_icps_of("tenants/acme");
  ASSERT_TRUE(Score(settings).ok());
  EXPECT_EQ(catalog_.last_max_staleness(), absl::Milliseconds(250));
}

TEST_F(FreshnessTest, WhatIsNotFreshEnoughIsUnavailableWithTheCatalogsText) {
  catalog_.FailWith(absl::UnavailableError("not fresh enough; try again"));
  v1::EvaluationSettings settings = Settings();
  settings.mutable_max_staleness();
  const grpc::Status status = Score(settings);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "not fresh enough; try again");
}

TEST_F(FreshnessTest, ANegativeDurationIsRefused) {
  for (const auto& [seconds, nanos] : std::vector<std::pair<int64_t, int32_t>>{
           {-1, 0}, {0, -1}, {1, 1000000000}, {315576000001, 0}}) {
    v1::EvaluationSettings settings = Settings();
    settings.mutable_max_staleness()->set_seconds(seconds);
    settings.mutable_max_staleness()->set_nanos(nanos);
    const grpc::Status status = Score(settings);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << seconds << " " << nanos;
    EXPECT_EQ(status.error_message(),
              "settings.max_staleness: must be a duration that is not negative; 0 s wants the "
              "newest, and left out it is as the server is set up");
    EXPECT_THAT(FieldsIn(status), ElementsAre("settings.max_staleness"));

    v1::GetIcpRequest request;
    request.set_name(kIcp);
    *request.mutable_max_staleness() = settings.max_staleness();
    grpc::ClientContext context;
    v1::GetIcpResponse response;
    EXPECT_THAT(FieldsIn(icp_catalog_->GetIcp(&context, request, &response)),
                ElementsAre("max_staleness"));
  }
}

TEST_F(FreshnessTest, TheStreamsSettingsAreCheckedAsWell) {
  grpc::ClientContext context;
  const auto stream = qualification_->BulkEvaluate(&context);
  v1::BulkEvaluateRequest request = StartOf();
  request.mutable_start()->mutable_settings()->mutable_max_staleness()->set_seconds(-1);
  ASSERT_TRUE(stream->Write(request));
  v1::BulkEvaluateResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_THAT(FieldsIn(stream->Finish()), ElementsAre("start.settings.max_staleness"));
}

}  // namespace
}  // namespace bantam
