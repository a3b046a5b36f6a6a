// Who may do what for which tenant: every method, streams and lists.
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/access/access_control.h"
#include "server/access/served_methods.h"
#include "tests/rpc/access_calls.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kPolicy[] = R"(
grants:
  - identities: ["token:acme"]
    methods: ["*"]
    tenants: [acme]
  - identities: ["token:zeta"]
    methods: ["*"]
    tenants: [acme, zeta]
  - identities: ["token:admin"]
    methods: ["*"]
    tenants: ["*"]
quotas:
  - tenants: [quoted]
    leads_per_second: 0.001
    burst_leads: 2
)";

// Grants those callers nothing.
constexpr char kPolicyOfOthers[] = R"(
grants:
  - identities: ["token:other"]
    methods: ["*"]
    tenants: ["*"]
)";

constexpr char kForeignIcp[] = "tenants/beta/icps/b";

class AccessTest : public RpcTest {
 protected:
  AccessTest() {
    catalog_.Add(kForeignIcp);
    catalog_.Add("tenants/quoted/icps/q");
    SetPolicy(kPolicy);
    SetTokens({"acme", "zeta", "admin"});
    RpcServerOptions options = DefaultOptions();
    options.access = &access_;
    Start(options);
  }

  void SetPolicy(const std::string& yaml) {
    LoadedPolicy loaded = LoadAccessPolicy(yaml, "policy.yaml");
    ASSERT_NE(loaded.policy, nullptr) << loaded.issues[0].rendered();
    access_.SetPolicy(loaded.policy);
  }

  // The token "acme-secret" has the name "acme".
  void SetTokens(const std::vector<std::string>& names) {
    std::vector<Caller::Token> tokens;
    for (const std::string& name : names) {
      tokens.push_back({name, DigestOfToken(absl::StrCat(name, "-secret"))});
    }
    access_.SetTokens(std::make_shared<TokenSet>(tokens));
  }

  // Has the caller be the one with this token.
  static void Be(const std::string& name, grpc::ClientContext* context) {
    context->AddMetadata("authorization", absl::StrCat("Bearer ", name, "-secret"));
  }

  grpc::Status Score(const std::string& caller, const v1::EvaluationSettings& settings) {
    v1::ScoreRequest request;
    *request.mutable_lead() = LeadOf("l1", 240);
    *request.mutable_settings() = settings;
    v1::ScoreResponse response;
    grpc::ClientContext context;
    Be(caller, &context);
    return qualification_->Score(&context, request, &response);
  }

  // Calls every method that names an ICP as "acme"; what each answers, by its full name.
  std::map<std::string, grpc::Status> CallAll(const std::string& icp);

  std::vector<std::string> ListAll(const std::string& caller, int page_size) {
    std::vector<std::string> names;
    v1::ListIcpsRequest request;
    request.set_parent("tenants/-");
    request.set_page_size(page_size);
    while (true) {
      grpc::ClientContext context;
      Be(caller, &context);
      v1::ListIcpsResponse response;
      EXPECT_TRUE(icp_catalog_->ListIcps(&context, request, &response).ok());
      EXPECT_LE(response.icps_size(), page_size);
      for (const v1::IcpSummary& icp : response.icps()) names.push_back(icp.name());
      if (response.next_page_token().empty()) return names;
      EXPECT_EQ(response.icps_size(), page_size);
      request.set_page_token(response.next_page_token());
    }
  }

  AccessControl access_;
};

std::map<std::string, grpc::Status> AccessTest::CallAll(const std::string& icp) {
  std::map<std::string, grpc::Status> statuses;
  const RequestsByMethod requests = RequestsAbout(icp);
  for (const ServedMethod& method : ServedMethods()) {
    if (!method.concerns_tenants) continue;
    statuses[method.full_name] =
        Send(channel_, method.full_name, *requests.at(method.full_name), Bearer("acme-secret"));
  }
  return statuses;
}

TEST_F(AccessTest, NoMethodTellsWhetherAForeignIcpExists) {
  const auto foreign = CallAll(kForeignIcp);
  EXPECT_EQ(foreign.size(), RpcMethods().size() - 1);  // ValidateIcp looks nothing up.
  // Of a tenant that has others, and of one that has none.
  for (const char* const icp : {"tenants/beta/icps/none", "tenants/gamma/icps/none"}) {
    const auto missing = CallAll(icp);
    for (const auto& [method, status] : foreign) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << method;
      EXPECT_EQ(status.error_code(), missing.at(method).error_code()) << method;
      EXPECT_EQ(status.error_message(), missing.at(method).error_message()) << method;
      EXPECT_EQ(status.error_details(), missing.at(method).error_details()) << method;
    }
  }
  for (const auto& call : observer_.WaitFor(3 * foreign.size())) {
    EXPECT_EQ(call.refusal, Refusal::kAccess) << call.method;
  }
  EXPECT_THAT(editor_.calls(), IsEmpty());
}

// What a stream is about stands in its first message alone.
TEST_F(AccessTest, ALaterMessageOfAStreamCannotNameAnotherTenantsIcp) {
  std::vector<grpc::Status> statuses;
  for (const char* const icp : {kForeignIcp, "tenants/beta/icps/none"}) {
    grpc::ClientContext context;
    Be("acme", &context);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    const auto stream = qualification_->BulkEvaluate(&context);
    ASSERT_TRUE(stream->Write(StartOf()) && stream->Write(ChunkOf(1)));
    v1::BulkEvaluateResponse response;
    ASSERT_TRUE(stream->Read(&response));
    ASSERT_TRUE(stream->Write(StartOf(v1::BULK_OPERATION_SCORE, Settings({icp}))));
    EXPECT_FALSE(stream->Read(&response));
    statuses.push_back(stream->Finish());
  }
  EXPECT_EQ(statuses[0].error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(statuses[0].error_code(), statuses[1].error_code());
  EXPECT_EQ(statuses[0].error_message(), statuses[1].error_message());
  EXPECT_EQ(statuses[0].error_details(), statuses[1].error_details());
  observer_.WaitFor(2);
  EXPECT_THAT(observer_.events(), Not(Contains(HasSubstr("tenants/beta"))));
}

TEST_F(AccessTest, OnesOwnIcpsAreServed) {
  editor_.SetCurrent(catalog_.Add(kIcp));
  for (const auto& [method, status] : CallAll(kIcp)) {
    EXPECT_NE(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << method;
  }
}

TEST_F(AccessTest, EveryIcpOfARequestCounts) {
  EXPECT_TRUE(Score("acme", Settings({kIcp})).ok());
  EXPECT_EQ(Score("acme", Settings({kIcp, kForeignIcp})).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(Score("admin", Settings({kIcp, kForeignIcp})).ok());
  v1::EvaluationSettings settings;
  settings.set_all_icps_of("tenants/beta");
  EXPECT_EQ(Score("acme", settings).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(Score("admin", settings).ok());
}

TEST_F(AccessTest, CallersAreKnownByTheirNames) {
  EXPECT_TRUE(Score("acme", Settings()).ok());
  observer_.WaitFor(1);
  EXPECT_THAT(observer_.events().back(), HasSubstr("token:acme"));
}

TEST_F(AccessTest, AnUnknownTokenIsNobody) {
  EXPECT_EQ(Score("nobody", Settings()).error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(AccessTest, AListOfAllTenantsShowsWhatItsCallerMaySee) {
  catalog_.Add("tenants/acme/icps/a");
  catalog_.Add("tenants/acme/icps/z");
  catalog_.Add("tenants/zeta/icps/a");
  catalog_.Add("tenants/zeta/icps/b");
  for (const int page_size : {1, 2, 3, 100}) {
    EXPECT_THAT(ListAll("acme", page_size),
                ElementsAre("tenants/acme/icps/a", kIcp, "tenants/acme/icps/z"));
    EXPECT_THAT(ListAll("zeta", page_size),
                ElementsAre("tenants/acme/icps/a", kIcp, "tenants/acme/icps/z",
                            "tenants/zeta/icps/a", "tenants/zeta/icps/b"));
  }
  EXPECT_EQ(ListAll("admin", 100).size(), 7u);
  SetPolicy(kPolicyOfOthers);
  EXPECT_THAT(ListAll("acme", 1), ElementsAre());
}

TEST_F(AccessTest, AStreamEndsWhenItsCallerIsRevoked) {
  for (const bool token : {false, true}) {
    grpc::ClientContext context;
    Be("acme", &context);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
    const auto stream = qualification_->BulkEvaluate(&context);
    ASSERT_TRUE(stream->Write(StartOf()) && stream->Write(ChunkOf(1)));
    v1::BulkEvaluateResponse response;
    ASSERT_TRUE(stream->Read(&response));
    if (token) {
      SetTokens({"zeta"});
    } else {
      SetPolicy(kPolicyOfOthers);
    }
    ASSERT_TRUE(stream->Write(ChunkOf(2)));
    EXPECT_FALSE(stream->Read(&response));
    EXPECT_EQ(stream->Finish().error_code(),
              token ? grpc::StatusCode::UNAUTHENTICATED : grpc::StatusCode::PERMISSION_DENIED);
    SetPolicy(kPolicy);
  }
}

TEST_F(AccessTest, AQuotaIsSpentByLeads) {
  const v1::EvaluationSettings settings = Settings({"tenants/quoted/icps/q"});
  EXPECT_TRUE(Score("admin", settings).ok());
  EXPECT_TRUE(Score("admin", settings).ok());
  grpc::ClientContext context;
  Be("admin", &context);
  v1::ScoreRequest request;
  *request.mutable_lead() = LeadOf("l1", 240);
  *request.mutable_settings() = settings;
  v1::ScoreResponse response;
  const grpc::Status status = qualification_->Score(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("tenants/quoted"));
  EXPECT_GT(RetryPushback(context), absl::ZeroDuration());
  EXPECT_EQ(observer_.WaitFor(3)[2].refusal, Refusal::kQuota);
  EXPECT_TRUE(Score("admin", Settings()).ok());  // Others have their own.
}

TEST_F(AccessTest, WhatIsRefusedSpendsNoQuota) {
  const v1::EvaluationSettings quoted = Settings({"tenants/quoted/icps/q"});
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Score("admin", Settings({"tenants/quoted/icps/none"})).error_code(),
              grpc::StatusCode::NOT_FOUND);
  }
  observer_.RefuseLeads(absl::ResourceExhaustedError("the log is full"));
  EXPECT_EQ(Score("admin", quoted).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  observer_.RefuseLeads(absl::OkStatus());
  for (const bool granted : {true, true, false}) EXPECT_EQ(Score("admin", quoted).ok(), granted);
  // What was announced and then refused is told of as skipped, so that nothing is kept for it.
  EXPECT_THAT(observer_.events(), Contains("skipped 1").Times(1));
}

TEST_F(AccessTest, AStreamSpendsItsQuotaByChunks) {
  grpc::ClientContext context;
  Be("admin", &context);
  const auto stream = qualification_->BulkEvaluate(&context);
  ASSERT_TRUE(
      stream->Write(StartOf(v1::BULK_OPERATION_SCORE, Settings({"tenants/quoted/icps/q"}))));
  v1::BulkEvaluateResponse response;
  for (const int number : {1, 2}) {
    ASSERT_TRUE(stream->Write(ChunkOf(number, 2)));
    EXPECT_EQ(stream->Read(&response), number == 1);
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_GT(RetryPushback(context), absl::ZeroDuration());
}

TEST_F(AccessTest, WithoutAPolicyEverythingIsAllowed) {
  access_.SetPolicy(nullptr);
  EXPECT_TRUE(Score("acme", Settings({kForeignIcp})).ok());
  EXPECT_EQ(ListAll("acme", 100).size(), 3u);
}

}  // namespace
}  // namespace bantam
