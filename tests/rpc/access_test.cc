// Who may do what for which tenant: every method, streams and lists.
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "server/access/access_control.h"
#include "tests/rpc/rpc_test_base.h"

namespace bantam {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

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
constexpr char kMissingIcp[] = "tenants/gamma/icps/none";

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

  // Calls every method that names an ICP as "acme"; what each answers, by method.
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
  const auto call = [&](const std::string& name, auto invoke) {
    grpc::ClientContext context;
    Be("acme", &context);
    statuses[name] = invoke(&context);
  };
  const auto evaluate = [&](const std::string& name, auto request, auto response, auto method) {
    *request.mutable_settings() = Settings({icp});
    call(name, [&](grpc::ClientContext* context) {
      return ((*qualification_).*method)(context, request, &response);
    });
  };
  using Stub = v1::QualificationService::Stub;
  v1::ScoreRequest score;
  *score.mutable_lead() = LeadOf("l1", 240);
  evaluate("Score", score, v1::ScoreResponse(), &Stub::Score);
  v1::QualifyRequest qualify;
  *qualify.mutable_lead() = LeadOf("l1", 240);
  evaluate("Qualify", qualify, v1::QualifyResponse(), &Stub::Qualify);
  v1::AdvanceRequest advance;
  *advance.mutable_lead() = LeadOf("l1", 240);
  evaluate("Advance", advance, v1::AdvanceResponse(), &Stub::Advance);
  v1::BatchScoreRequest batch_score;
  *batch_score.add_leads() = LeadOf("l1", 240);
  evaluate("BatchScore", batch_score, v1::BatchScoreResponse(), &Stub::BatchScore);
  v1::BatchQualifyRequest batch_qualify;
  *batch_qualify.add_leads() = LeadOf("l1", 240);
  evaluate("BatchQualify", batch_qualify, v1::BatchQualifyResponse(), &Stub::BatchQualify);
  v1::BatchAdvanceRequest batch_advance;
  *batch_advance.add_items()->mutable_lead() = LeadOf("l1", 240);
  evaluate("BatchAdvance", batch_advance, v1::BatchAdvanceResponse(), &Stub::BatchAdvance);
  call("BulkEvaluate", [&](grpc::ClientContext* context) {
    const auto stream = qualification_->BulkEvaluate(context);
    v1::BulkEvaluateRequest request;
    request.mutable_start()->set_operation(v1::BULK_OPERATION_SCORE);
    *request.mutable_start()->mutable_settings() = Settings({icp});
    stream->Write(request);
    stream->WritesDone();
    return stream->Finish();
  });
  call("GetIcp", [&](grpc::ClientContext* context) {
    v1::GetIcpRequest request;
    request.set_name(icp);
    v1::GetIcpResponse response;
    return icp_catalog_->GetIcp(context, request, &response);
  });
  call("ListIcps", [&](grpc::ClientContext* context) {
    v1::ListIcpsRequest request;
    request.set_parent(icp.substr(0, icp.find("/icps/")));
    v1::ListIcpsResponse response;
    return icp_catalog_->ListIcps(context, request, &response);
  });
  call("SaveIcp", [&](grpc::ClientContext* context) {
    v1::SaveIcpRequest request;
    request.set_yaml(absl::StrCat("name: ", icp, "\n"));
    v1::SaveIcpResponse response;
    return icp_catalog_->SaveIcp(context, request, &response);
  });
  call("DeleteIcp", [&](grpc::ClientContext* context) {
    v1::DeleteIcpRequest request;
    request.set_name(icp);
    request.set_etag("*");
    v1::DeleteIcpResponse response;
    return icp_catalog_->DeleteIcp(context, request, &response);
  });
  call("ListIcpRevisions", [&](grpc::ClientContext* context) {
    v1::ListIcpRevisionsRequest request;
    request.set_name(icp);
    v1::ListIcpRevisionsResponse response;
    return icp_catalog_->ListIcpRevisions(context, request, &response);
  });
  call("RollbackIcp", [&](grpc::ClientContext* context) {
    v1::RollbackIcpRequest request;
    request.set_name(icp);
    request.set_number(1);
    request.set_etag("*");
    v1::RollbackIcpResponse response;
    return icp_catalog_->RollbackIcp(context, request, &response);
  });
  return statuses;
}

TEST_F(AccessTest, NoMethodTellsWhetherAForeignIcpExists) {
  const auto foreign = CallAll(kForeignIcp);
  const auto missing = CallAll(kMissingIcp);
  EXPECT_EQ(foreign.size(), RpcMethods().size() - 1);  // ValidateIcp looks nothing up.
  for (const auto& [method, status] : foreign) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << method;
    EXPECT_EQ(status.error_code(), missing.at(method).error_code()) << method;
    EXPECT_EQ(status.error_message(), missing.at(method).error_message()) << method;
    EXPECT_EQ(status.error_details(), missing.at(method).error_details()) << method;
  }
  for (const auto& call : observer_.WaitFor(2 * foreign.size())) {
    EXPECT_EQ(call.refusal, Refusal::kAccess) << call.method;
  }
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
    v1::BulkEvaluateRequest request;
    request.mutable_start()->set_operation(v1::BULK_OPERATION_SCORE);
    *request.mutable_start()->mutable_settings() = Settings();
    ASSERT_TRUE(stream->Write(request));
    request.mutable_chunk()->set_number(1);
    *request.mutable_chunk()->add_leads() = LeadOf("l1", 240);
    ASSERT_TRUE(stream->Write(request));
    v1::BulkEvaluateResponse response;
    ASSERT_TRUE(stream->Read(&response));
    if (token) {
      SetTokens({"zeta"});
    } else {
      SetPolicy(kPolicyOfOthers);
    }
    request.mutable_chunk()->set_number(2);
    ASSERT_TRUE(stream->Write(request));
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
  v1::BulkEvaluateRequest request;
  request.mutable_start()->set_operation(v1::BULK_OPERATION_SCORE);
  *request.mutable_start()->mutable_settings() = Settings({"tenants/quoted/icps/q"});
  ASSERT_TRUE(stream->Write(request));
  *request.mutable_chunk()->add_leads() = LeadOf("l1", 240);
  *request.mutable_chunk()->add_leads() = LeadOf("l2", 240);
  v1::BulkEvaluateResponse response;
  for (const int number : {1, 2}) {
    request.mutable_chunk()->set_number(number);
    ASSERT_TRUE(stream->Write(request));
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
