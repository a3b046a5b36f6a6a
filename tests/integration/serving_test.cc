// A running bantamd: the worked example, its log, its memory.
#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "bantam/v1/icp_catalog_service.grpc.pb.h"
#include "bantam/v1/qualification_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/grpcpp.h"
#include "tests/integration/server_process.h"
#include "tests/integration/worked_example.h"

namespace bantam {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A server with the worked example's ICP.
class ServingTest : public ::testing::Test {
 protected:
  void Start(const std::vector<std::string>& flags = {}) {
    CopyWorkedExampleIcp(icps_);
    server_ = ServerProcess::Serving(icps_.path(), flags);
    stub_ = v1::QualificationService::NewStub(server_->NewChannel());
  }

  grpc::Status Score(const v1::Lead& lead) {
    v1::ScoreRequest request;
    *request.mutable_lead() = lead;
    *request.mutable_settings() = WorkedExampleSettings();
    grpc::ClientContext context;
    v1::ScoreResponse response;
    return stub_->Score(&context, request, &response);
  }

  const TemporaryFolder icps_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<v1::QualificationService::Stub> stub_;
};

TEST_F(ServingTest, GivesTheWorkedExamplesAnswer) {
  Start();
  v1::AdvanceRequest request;
  *request.mutable_lead() = WorkedExampleLead();
  *request.mutable_settings() = WorkedExampleSettings();
  grpc::ClientContext context;
  v1::AdvanceResponse response;
  const grpc::Status status = stub_->Advance(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const v1::Score& score = response.evaluation().score();
  EXPECT_EQ(score.total(), 59);
  EXPECT_EQ(score.range_min(), 59);
  EXPECT_EQ(score.range_max(), 76);
  EXPECT_EQ(score.completeness(), 0.76);
  EXPECT_EQ(score.label(), "B2");
  EXPECT_EQ(response.evaluation().verdict(), v1::VERDICT_OPEN);
  EXPECT_EQ(response.evaluation().advancement().transition().to_stage(), "mql");
}

TEST_F(ServingTest, LogsOneLineForAFailedCallAndNothingOfTheLead) {
  Start();
  v1::Lead lead = WorkedExampleLead();
  lead.set_id("Zaphod");
  lead.mutable_company()->set_name("Beeblebrox");
  lead.mutable_company()->set_founded_year(-4242);
  EXPECT_EQ(Score(lead).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(server_->WaitForError(
      " info call failed method=/bantam.v1.QualificationService/Score code=INVALID_ARGUMENT "
      "cause=\"lead.company.founded_year: must be a year from 1000 to 2200\" caller=anonymous "
      "request_id="))
      << server_->errors();
  for (const char* secret : {"Zaphod", "Beeblebrox", "4242"}) {
    EXPECT_THAT(server_->errors(), Not(HasSubstr(secret)));
  }
}

TEST_F(ServingTest, LogsJsonLines) {
  Start({"--log_format=json"});
  v1::Lead lead;
  lead.set_stage("a \"stage\"\nthat is none");
  EXPECT_FALSE(Score(lead).ok());
  ASSERT_TRUE(server_->WaitForError("call failed"));
  int failed_calls = 0;
  for (const absl::string_view line : absl::StrSplit(server_->errors(), '\n', absl::SkipEmpty())) {
    google::protobuf::Struct json;
    ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(std::string(line), &json).ok()) << line;
    EXPECT_TRUE(json.fields().count("time") == 1 && json.fields().count("level") == 1) << line;
    if (json.fields().at("message").string_value() != "call failed") continue;
    ++failed_calls;
    EXPECT_EQ(json.fields().at("code").string_value(), "INVALID_ARGUMENT");
    EXPECT_THAT(json.fields().at("cause").string_value(),
                HasSubstr("lead.stage: must be a stage of"));
  }
  EXPECT_EQ(failed_calls, 1);
}

// A lead that protobuf cannot parse makes it log, by itself, to the standard error.
TEST_F(ServingTest, ALeadThatDoesNotParseIsNotLogged) {
  Start();
  v1::BatchScoreRequest request;
  *request.add_leads() = WorkedExampleLead();
  *request.add_leads() = WorkedExampleLead();
  request.mutable_leads(1)->mutable_company()->set_name("Beeblebrox#");
  *request.mutable_settings() = WorkedExampleSettings();
  std::string bytes = request.SerializeAsString();
  bytes[bytes.find('#')] = '\xFC';
  // An unknown field of the generated client is the shortest way to send any bytes.
  v1::BatchScoreRequest empty;
  empty.GetReflection()->MutableUnknownFields(&empty)->ParseFromString(bytes);
  grpc::ClientContext context;
  v1::BatchScoreResponse response;
  const grpc::Status status = stub_->BatchScore(&context, empty, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.results(0).evaluation().score().total(), 59);
  EXPECT_EQ(response.results(1).error().violations(0).field(), "leads[1].company.name");
  EXPECT_THAT(server_->errors(), Not(HasSubstr("Beeblebrox")));
  EXPECT_THAT(server_->errors(), Not(HasSubstr("UTF-8")));
}

TEST_F(ServingTest, AMessageOverTheLimitIsRefused) {
  Start({"--max_request_bytes=2048"});
  v1::Lead lead;
  for (int i = 0; i < 100; ++i) lead.add_events()->set_type("some_type_of_event");
  const grpc::Status status = Score(lead);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("must have at most 2048 bytes, not "));
  EXPECT_TRUE(server_->WaitForError(
      " info call failed method=/bantam.v1.QualificationService/Score code=RESOURCE_EXHAUSTED "
      "cause=\"request: must have at most 2048 bytes, not "))
      << server_->errors();
}

TEST_F(ServingTest, ReadersThatDoNotReadCostLittleMemory) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the address sanitizer keeps freed memory for a while";
#endif
  Start();
  const int64_t before = server_->ResidentBytes();
  constexpr int kStreams = 16;
  std::atomic<int> written{0};
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::thread> writers;
  for (int i = 0; i < kStreams; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    writers.emplace_back([this, context = contexts.back().get(), &written] {
      const auto stub = v1::QualificationService::NewStub(server_->NewChannel());
      const auto stream = stub->BulkEvaluate(context);
      v1::BulkEvaluateRequest request;
      request.mutable_start()->set_operation(v1::BULK_OPERATION_QUALIFY);
      *request.mutable_start()->mutable_settings() = WorkedExampleSettings();
      for (int number = 0; stream->Write(request); ++number, ++written) {  // Blocks in the end.
        request.mutable_chunk()->set_number(number);
        request.mutable_chunk()->clear_leads();
        for (int k = 0; k < 64; ++k) {
          v1::Lead* lead = request.mutable_chunk()->add_leads();
          *lead = WorkedExampleLead();
          (*lead->mutable_custom())["note"].set_text(std::string(4096, 'x'));
        }
      }
      stream->Finish();
    });
  }
  // Until all have begun, and nothing has been written for a second.
  int last = -1;
  absl::Time last_change = absl::Now();
  EXPECT_TRUE(WaitUntil([&] {
    if (written != last) last_change = absl::Now();
    last = written;
    return last > kStreams && absl::Now() - last_change > absl::Seconds(1);
  }));
  // Four chunks and their answers, and what gRPC's flow control lets a connection hold: as much as
  // it takes to be on the way at the speed of this machine, some MiB.
  EXPECT_LT(server_->ResidentBytes() - before, kStreams * int64_t{32} << 20);
  EXPECT_TRUE(Score(WorkedExampleLead()).ok());
  for (const auto& context : contexts) context->TryCancel();
  for (std::thread& writer : writers) writer.join();
}

}  // namespace
}  // namespace bantam
