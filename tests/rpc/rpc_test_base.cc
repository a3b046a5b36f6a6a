#include "tests/rpc/rpc_test_base.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/generic/generic_stub.h"
#include "server/rpc/parse.h"

namespace bantam {

void RecordingObserver::OnCallBegin(const CallInfo& info) {
  absl::MutexLock lock(&mu_);
  events_.push_back(absl::StrCat("begin ", info.method().method));
}

absl::Status RecordingObserver::OnLeads(const CallInfo& /*info*/, int leads) {
  absl::MutexLock lock(&mu_);
  events_.push_back(absl::StrCat("leads ", leads));
  return leads_status_;
}

void RecordingObserver::OnDecision(const CallInfo& info, const Decision& decision) {
  constexpr absl::string_view kOperations[] = {"score", "qualify", "advance"};
  absl::MutexLock lock(&mu_);
  events_.push_back(absl::StrCat("decision ", decision.lead.id(), " ", decision.summary.icp->name(),
                                 " ", kOperations[static_cast<int>(decision.operation)]));
  if (!absl::StartsWith(info.method().method, "Batch")) return;
  decision_held_ = !decisions_may_go_;
  EXPECT_TRUE(mu_.AwaitWithTimeout(absl::Condition(&decisions_may_go_), absl::Seconds(60)));
}

void RecordingObserver::HoldDecisions() {
  absl::MutexLock lock(&mu_);
  decisions_may_go_ = false;
}

void RecordingObserver::LetDecisions() {
  absl::MutexLock lock(&mu_);
  decisions_may_go_ = true;
}

void RecordingObserver::WaitForHeldDecision() {
  absl::MutexLock lock(&mu_);
  EXPECT_TRUE(mu_.AwaitWithTimeout(absl::Condition(&decision_held_), absl::Seconds(60)));
}

void RecordingObserver::OnLeadError(const CallInfo& /*info*/) {
  absl::MutexLock lock(&mu_);
  events_.push_back("lead error");
}

void RecordingObserver::OnLeadsSkipped(const CallInfo& /*info*/, int leads) {
  absl::MutexLock lock(&mu_);
  events_.push_back(absl::StrCat("skipped ", leads));
}

void RecordingObserver::OnCallEnd(const CallReport& report) {
  absl::MutexLock lock(&mu_);
  const CallInfo& info = report.info;
  events_.push_back(
      absl::StrCat("end ", info.method().method, " ", report.leads, " ", info.caller()));
  calls_.push_back({info.method().name, report.status, report.leads, report.duration,
                    report.refusal,
                    asks_for_request_ids_ ? std::string(info.request_id()) : std::string(),
                    std::string(info.traceparent())});
}

void RecordingObserver::RefuseLeads(absl::Status status) {
  absl::MutexLock lock(&mu_);
  leads_status_ = std::move(status);
}

void RecordingObserver::AskForRequestIds() {
  absl::MutexLock lock(&mu_);
  asks_for_request_ids_ = true;
}

std::vector<std::string> RecordingObserver::events() {
  absl::MutexLock lock(&mu_);
  return events_;
}

void RecordingObserver::OnCallAbandoned(const CallInfo& /*info*/) {
  absl::MutexLock lock(&mu_);
  abandoned_ = true;
}

void RecordingObserver::WaitForAbandoned() {
  absl::MutexLock lock(&mu_);
  EXPECT_TRUE(mu_.AwaitWithTimeout(absl::Condition(&abandoned_), absl::Seconds(60)));
}

bool RecordingObserver::HasCallWithin(absl::Duration limit) {
  absl::MutexLock lock(&mu_);
  const auto any = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !calls_.empty(); };
  return mu_.AwaitWithTimeout(absl::Condition(&any), limit);
}

std::vector<RecordingObserver::Call> RecordingObserver::WaitFor(size_t count) {
  absl::MutexLock lock(&mu_);
  const auto enough = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return calls_.size() >= count; };
  EXPECT_TRUE(mu_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(60)));
  return calls_;
}

RpcTest::RpcTest() {
  catalog_.Add(kIcp);
  Start(DefaultOptions());
}

RpcTest::~RpcTest() { catalog_.Release(); }

RpcServerOptions RpcTest::DefaultOptions() {
  RpcServerOptions options;
  options.listen = "127.0.0.1:0";
  options.threads = 2;
  return options;
}

void RpcTest::Start(const RpcServerOptions& options, bool with_editor) {
  server_.reset();
  absl::StatusOr<std::unique_ptr<RpcServer>> server = RpcServer::Start(
      options, &catalog_, with_editor ? &editor_ : nullptr, &zones_, &RpcTest::Now, &observer_);
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  Use(grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                grpc::InsecureChannelCredentials(), arguments));
}

void RpcTest::Use(std::shared_ptr<grpc::Channel> channel) {
  channel_ = std::move(channel);
  qualification_ = v1::QualificationService::NewStub(channel_);
  icp_catalog_ = v1::IcpCatalogService::NewStub(channel_);
}

v1::EvaluationSettings RpcTest::Settings(const std::vector<std::string>& icps) {
  v1::EvaluationSettings settings;
  for (const std::string& icp : icps) settings.add_icps()->set_name(icp);
  return settings;
}

v1::Lead RpcTest::LeadOf(const std::string& id, int employees) {
  v1::Lead lead;
  lead.set_id(id);
  lead.mutable_company()->set_employee_count(employees);
  return lead;
}

v1::BulkEvaluateRequest RpcTest::StartOf(v1::BulkOperation operation,
                                         const v1::EvaluationSettings& settings) {
  v1::BulkEvaluateRequest request;
  request.mutable_start()->set_operation(operation);
  *request.mutable_start()->mutable_settings() = settings;
  return request;
}

v1::BulkEvaluateRequest RpcTest::ChunkOf(int64_t number, int leads) {
  v1::BulkEvaluateRequest request;
  request.mutable_chunk()->set_number(number);
  for (int i = 0; i < leads; ++i) {
    *request.mutable_chunk()->add_leads() = LeadOf(absl::StrCat(number, ".", i), 240);
  }
  return request;
}

RawAnswer RpcTest::CallRaw(const std::string& method, absl::string_view request) {
  grpc::GenericStub stub(channel_);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  const auto reader =
      stub.PrepareUnaryCall(&context, absl::StrCat("/", method), ToByteBuffer(request), &queue);
  reader->StartCall();
  grpc::ByteBuffer bytes;
  RawAnswer answer;
  reader->Finish(&bytes, &answer.status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  answer.bytes = Flatten(bytes);
  return answer;
}

std::vector<std::string> RpcTest::FieldsIn(const grpc::Status& status) {
  v1::RpcStatus details;
  std::vector<std::string> fields;
  if (!details.ParseFromString(status.error_details())) return {"(no google.rpc.Status)"};
  EXPECT_EQ(details.code(), static_cast<int>(status.error_code()));
  EXPECT_EQ(details.message(), status.error_message());
  for (const v1::RpcAny& any : details.details()) {
    EXPECT_EQ(any.type_url(), "type.googleapis.com/google.rpc.BadRequest");
    v1::BadRequest bad_request;
    EXPECT_TRUE(bad_request.ParseFromString(any.value()));
    for (const auto& violation : bad_request.field_violations()) {
      fields.push_back(violation.field());
      EXPECT_FALSE(violation.description().empty());
    }
  }
  return fields;
}

std::string RpcTest::DataAge(const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerInitialMetadata();
  const auto age = metadata.find("bantam-data-age-ms");
  return age == metadata.end() ? "" : std::string(age->second.data(), age->second.size());
}

absl::Duration RpcTest::RetryPushback(const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto found = metadata.find("grpc-retry-pushback-ms");
  int64_t ms = 0;
  if (found == metadata.end()) return absl::ZeroDuration();
  EXPECT_TRUE(absl::SimpleAtoi(absl::string_view(found->second.data(), found->second.size()), &ms));
  return absl::Milliseconds(ms);
}

grpc::ByteBuffer ToByteBuffer(absl::string_view text) {
  const grpc::Slice slice(text.data(), text.size());
  return grpc::ByteBuffer(&slice, 1);
}

}  // namespace bantam
