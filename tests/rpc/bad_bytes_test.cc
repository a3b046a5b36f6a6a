// Requests that do not parse, and bytes that are no requests at all.
#include <random>

#include "gmock/gmock.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using ::testing::ElementsAre;

class BadBytesTest : public RpcTest {
 protected:
  static v1::ScoreRequest GoodRequest() {
    v1::ScoreRequest request;
    *request.mutable_lead() = LeadOf("l1", 240);
    *request.mutable_settings() = Settings();
    return request;
  }
};

TEST_F(BadBytesTest, Windows1252InATextIsNamedByItsPath) {
  v1::ScoreRequest request = GoodRequest();
  request.mutable_lead()->mutable_company()->set_name("M#ller");
  request.mutable_lead()->add_contacts();
  request.mutable_lead()->add_contacts()->set_title("Gesch#ftsf#hrer");
  std::string bytes = request.SerializeAsString();
  for (char& c : bytes) {
    if (c == '#') c = '\xFC';
  }
  const RawAnswer answer = CallRaw("bantam.v1.QualificationService/Score", bytes);
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(answer.status.error_message(),
            "2 fields are invalid: lead.company.name: must be UTF-8; convert text in another "
            "encoding, such as Windows-1252, first; lead.contacts[1].title: must be UTF-8; convert "
            "text in another encoding, such as Windows-1252, first");
  EXPECT_THAT(FieldsIn(answer.status), ElementsAre("lead.company.name", "lead.contacts[1].title"));
}

TEST_F(BadBytesTest, BytesThatAreNoRequestAreInvalid) {
  const RawAnswer answer = CallRaw("bantam.v1.QualificationService/Score", "{\"lead\": {}}");
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(
      answer.status.error_message(),
      "request: must be a serialised bantam.v1.ScoreRequest; these bytes are cut off, damaged "
      "or of another type");
}

TEST_F(BadBytesTest, ACutRequestIsInvalid) {
  const std::string bytes = GoodRequest().SerializeAsString();
  const RawAnswer answer = CallRaw("bantam.v1.QualificationService/Score",
                                   absl::string_view(bytes).substr(0, bytes.size() - 1));
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(answer.status.error_message(), ::testing::HasSubstr("cut off"));
}

TEST_F(BadBytesTest, AnEmptyMessageIsARequestWithNothingSet) {
  const RawAnswer answer = CallRaw("bantam.v1.QualificationService/Score", "");
  EXPECT_THAT(FieldsIn(answer.status), ElementsAre("lead", "settings"));
}

TEST_F(BadBytesTest, AMessageOverTheLimitIsResourceExhausted) {
  RpcServerOptions options = DefaultOptions();
  options.max_request_bytes = 10000;
  Start(options);
  const RawAnswer answer = CallRaw("bantam.v1.QualificationService/Score", std::string(10001, 'x'));
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(answer.status.error_message(),
            "request: must have at most 10000 bytes, not 10001; send less at a time: BulkEvaluate "
            "takes any number of leads, in chunks");
  EXPECT_THAT(FieldsIn(answer.status), ElementsAre("request"));
  // 10,000 bytes are looked at.
  EXPECT_EQ(
      CallRaw("bantam.v1.QualificationService/Score", std::string(10000, 'x')).status.error_code(),
      grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(BadBytesTest, CompressedRequestsAreRefusedBeforeTheyAreUnpacked) {
  v1::ValidateIcpRequest request;
  request.set_yaml(std::string(100 << 20, ' '));  // Some 100 KB when compressed.
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  v1::ValidateIcpResponse response;
  const grpc::Status status = icp_catalog_->ValidateIcp(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(status.error_message(), "Compression algorithm 'gzip' is disabled.");
}

TEST_F(BadBytesTest, AnUnknownMethodIsUnimplemented) {
  EXPECT_EQ(CallRaw("bantam.v1.QualificationService/Guess", "").status.error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

// Every method gets random bytes and damaged requests. Whatever it answers, it is one of the codes
// for bad input, and the server goes on.
TEST_F(BadBytesTest, NoBytesBringTheServerDown) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  v1::BatchScoreRequest batch;
  *batch.add_leads() = LeadOf("l1", 240);
  *batch.add_leads() = LeadOf("l2", 240);
  *batch.mutable_settings() = Settings();
  v1::ValidateIcpRequest validate;
  validate.set_yaml("name: tenants/a/icps/b\nfit: {floor_percent: 10}\n");
  const std::string seeds[] = {GoodRequest().SerializeAsString(), batch.SerializeAsString(),
                               validate.SerializeAsString()};
  std::vector<std::string> methods;
  for (const char* method : {"Score", "Qualify", "Advance", "BatchScore", "BatchQualify",
                             "BatchAdvance", "BulkEvaluate"}) {
    methods.push_back(std::string("bantam.v1.QualificationService/") + method);
  }
  for (const char* method : {"GetIcp", "ListIcps", "ValidateIcp"}) {
    methods.push_back(std::string("bantam.v1.IcpCatalogService/") + method);
  }
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = seeds[random() % 3];
    if (i % 3 == 0) {
      bytes.resize(random() % 200);
      for (char& c : bytes) c = static_cast<char>(random());
    } else {
      for (unsigned k = 0; k <= random() % 4; ++k) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
    }
    const grpc::StatusCode code = CallRaw(methods[i % methods.size()], bytes).status.error_code();
    EXPECT_THAT(code, ::testing::AnyOf(grpc::StatusCode::OK, grpc::StatusCode::INVALID_ARGUMENT,
                                       grpc::StatusCode::NOT_FOUND));
  }
  EXPECT_TRUE(CallRaw("bantam.v1.QualificationService/Score", GoodRequest().SerializeAsString())
                  .status.ok());
}

}  // namespace
}  // namespace bantam
