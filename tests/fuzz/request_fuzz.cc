// The bytes of a request, after one byte that says of which call (kCalls): parsed, checked, and
// evaluated or compiled as the server does it. What does not parse is explained, what is wrong is
// told in a status.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/error_details.pb.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/definition/load_icp.h"
#include "server/rpc/call_observer.h"
#include "server/rpc/data_age.h"
#include "server/rpc/evaluate_leads.h"
#include "server/rpc/icp_messages.h"
#include "server/rpc/icp_requests.h"
#include "server/rpc/parse.h"
#include "server/rpc/raw_batch.pb.h"
#include "server/rpc/status.h"
#include "tests/fuzz/evaluate_checked.h"
#include "tests/fuzz/require.h"

namespace bantam {
namespace {

absl::Time FixedClock() { return absl::FromUnixSeconds(1769817600); }  // 2026-01-31

// In two slices, as requests may arrive.
grpc::ByteBuffer InSlices(absl::string_view bytes) {
  const size_t half = bytes.size() / 2;
  const grpc::Slice slices[] = {{bytes.data(), half}, {bytes.data() + half, bytes.size() - half}};
  return grpc::ByteBuffer(slices, bytes.size() < 64 ? 1 + (bytes.size() > 1) : 2);
}

// Clients of gRPC take 8 KiB of metadata; ids and other entries need some of it.
constexpr size_t kMaxTrailerBytes = 7680;

// What a status takes in the trailers: the message with percent signs and three bytes for what is
// not printable ASCII, the details in base64.
size_t TrailerBytes(const grpc::Status& status) {
  const std::string& message = status.error_message();
  const auto escaped = std::count_if(message.begin(), message.end(),
                                     [](char c) { return c < ' ' || c > '~' || c == '%'; });
  return message.size() + 2 * static_cast<size_t>(escaped) +
         (status.error_details().size() + 2) / 3 * 4;
}

// What is wrong becomes a status that says so, in words and as google.rpc.BadRequest.
void CheckRefusal(const std::vector<Violation>& violations) {
  for (const Violation& violation : violations) {
    Require(!violation.field.empty() && !violation.description.empty(), "violations say something");
    Require(IsUtf8(violation.field) && IsUtf8(violation.description), "violations are UTF-8");
  }
  const grpc::Status status = ToGrpcStatus(InvalidRequest(violations));
  Require(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT, "it is INVALID_ARGUMENT");
  v1::RpcStatus details;
  Require(details.ParseFromString(status.error_details()), "details are a google.rpc.Status");
  v1::BadRequest bad;
  Require(details.details_size() == 1 && bad.ParseFromString(details.details(0).value()) &&
              bad.field_violations_size() > 0,
          "which holds a google.rpc.BadRequest");
  Require(TrailerBytes(status) <= kMaxTrailerBytes, "the trailers are within what clients take");
}

// Parses `bytes`; false: they are no `Message`, which is then explained as a message of `type`.
bool Parse(absl::string_view bytes, const google::protobuf::Descriptor& type,
           google::protobuf::Message* message) {
  if (ParseMessage(InSlices(bytes), message)) return true;
  const std::vector<Violation> violations = ExplainParseFailure(bytes, type, "");
  Require(!violations.empty() && violations.size() <= kMaxParseViolations,
          "a failure to parse is explained");
  CheckRefusal(violations);
  return false;
}

// The ICPs that a request names are of no interest here: it gets the samples.
IcpList IcpsFor(Operation operation) {
  const Icps& samples = SampleIcps();
  if (operation == Operation::kAdvance) return {samples[0]};
  return {samples.begin(), samples.end()};
}

// An answer or an error, as LeadEvaluator gives it, is one that a caller can read.
void CheckResult(const rpc::RawLeadResult& result) {
  v1::LeadResult read;
  Require(read.ParseFromString(result.SerializeAsString()), "a result is a LeadResult");
  Require(read.has_error() != read.has_evaluation(), "it holds an answer or an error");
  Require(!read.has_error() || read.error().violations_size() > 0, "an error names fields");
}

template <typename Request>
void FuzzSingle(absl::string_view bytes, Operation operation,
                v1::AdvanceMode (*mode)(const Request&),
                const v1::StageOverride* (*override_of)(const Request&)) {
  Request request;
  if (!Parse(bytes, *Request::descriptor(), &request)) return;
  const v1::StageOverride* const override_by = override_of(request);
  std::vector<Violation> violations;
  CheckSettings(request.has_settings(), request.settings(), mode(request), operation, "",
                &violations);
  CheckLead(request.has_lead(), request.lead(), override_by, operation, "", &violations);
  const IcpList icps = IcpsFor(operation);
  CheckForIcps(icps, request.lead(), "lead", override_by, "override", &violations);
  if (!violations.empty()) return CheckRefusal(violations);
  EvaluateOptions options = MakeOptions(request.settings(), operation, mode(request), FixedClock);
  options.override_by = override_by;
  EvaluateBestChecked({icps.begin(), icps.end()}, request.lead(), options);
}

void FuzzScore(absl::string_view bytes) {
  FuzzSingle<v1::ScoreRequest>(
      bytes, Operation::kScore, [](const auto&) { return v1::ADVANCE_MODE_UNSPECIFIED; },
      [](const auto&) -> const v1::StageOverride* { return nullptr; });
}

void FuzzQualify(absl::string_view bytes) {
  FuzzSingle<v1::QualifyRequest>(
      bytes, Operation::kQualify, [](const auto&) { return v1::ADVANCE_MODE_UNSPECIFIED; },
      [](const auto&) -> const v1::StageOverride* { return nullptr; });
}

void FuzzAdvance(absl::string_view bytes) {
  FuzzSingle<v1::AdvanceRequest>(
      bytes, Operation::kAdvance, [](const v1::AdvanceRequest& request) { return request.mode(); },
      [](const v1::AdvanceRequest& request) {
        return request.has_override() ? &request.override() : nullptr;
      });
}

// A call that nobody hears of.
class UnknownCall final : public CallInfo {
 public:
  UnknownCall() : CallInfo(&RpcMethods()[0]) {}
  absl::string_view caller() const override { return "anonymous"; }
  absl::string_view request_id() const override { return "0"; }
  absl::string_view traceparent() const override { return ""; }
};

ObservedCall Observed() {
  static CallObserver& observer = *new CallObserver();
  static const UnknownCall& call = *new UnknownCall();
  return {&observer, &call};
}

template <typename Leads>
void EvaluateLeads(const Leads& leads, const v1::EvaluationSettings& settings,
                   Operation operation) {
  const LeadEvaluator evaluator(
      IcpsFor(operation),
      MakeOptions(settings, operation, v1::ADVANCE_MODE_UNSPECIFIED, FixedClock), Observed());
  v1::Lead lead;
  for (int i = 0; i < leads.size(); ++i) {
    rpc::RawLeadResult result;
    evaluator.EvaluateLead(leads[i], absl::StrCat("leads[", i, "]"), &lead, &result);
    CheckResult(result);
  }
}

template <typename Raw>
void FuzzBatch(absl::string_view bytes, const google::protobuf::Descriptor& type,
               Operation operation) {
  Raw request;
  if (!Parse(bytes, type, &request)) return;
  std::vector<Violation> violations;
  CheckSettings(request.has_settings(), request.settings(), v1::ADVANCE_MODE_UNSPECIFIED, operation,
                "", &violations);
  if (!violations.empty()) return CheckRefusal(violations);
  EvaluateLeads(request.leads(), request.settings(), operation);
}

void FuzzBatchAdvance(absl::string_view bytes) {
  rpc::RawBatchAdvanceRequest request;
  if (!Parse(bytes, *v1::BatchAdvanceRequest::descriptor(), &request)) return;
  std::vector<Violation> violations;
  CheckSettings(request.has_settings(), request.settings(), request.mode(), Operation::kAdvance, "",
                &violations);
  if (!violations.empty()) return CheckRefusal(violations);
  const LeadEvaluator evaluator(
      IcpsFor(Operation::kAdvance),
      MakeOptions(request.settings(), Operation::kAdvance, request.mode(), FixedClock), Observed());
  v1::AdvanceItem item;
  for (int i = 0; i < request.items_size(); ++i) {
    rpc::RawLeadResult result;
    evaluator.EvaluateItem(request.items(i), absl::StrCat("items[", i, "]"), &item, &result);
    CheckResult(result);
  }
}

void FuzzBulk(absl::string_view bytes) {
  rpc::RawBulkEvaluateRequest request;
  if (!Parse(bytes, *v1::BulkEvaluateRequest::descriptor(), &request)) return;
  if (request.has_chunk()) {
    return EvaluateLeads(request.chunk().leads(), {}, Operation::kQualify);
  }
  std::vector<Violation> violations;
  CheckSettings(request.start().has_settings(), request.start().settings(), request.start().mode(),
                Operation::kAdvance, "start.", &violations);
  if (!violations.empty()) CheckRefusal(violations);
}

// A request of IcpCatalogService that parses and has nothing wrong with it by `check`; null: it was
// told what is wrong.
template <typename Request, typename Check>
std::unique_ptr<Request> GoodRequest(absl::string_view bytes, Check check) {
  auto request = std::make_unique<Request>();
  if (!Parse(bytes, *Request::descriptor(), request.get())) return nullptr;
  const std::vector<Violation> violations = check(*request);
  if (violations.empty()) return request;
  CheckRefusal(violations);
  return nullptr;
}

void FuzzGetIcp(absl::string_view bytes) {
  const auto request = GoodRequest<v1::GetIcpRequest>(bytes, CheckGetIcp);
  if (request == nullptr) return;
  Require(IsIcpName(request->name()), "it names an ICP");
  const absl::optional<absl::Duration> max_staleness = MaxStalenessOf(*request);
  Require(!max_staleness.has_value() || *max_staleness >= absl::ZeroDuration(), "and a time");
}

void FuzzListIcps(absl::string_view bytes) {
  std::string after;
  const auto request = GoodRequest<v1::ListIcpsRequest>(
      bytes, [&](const auto& each) { return CheckListIcps(each, &after); });
  if (request == nullptr) return;
  const int limit = PageLimit(request->page_size());
  Require(limit > 0 && limit <= kMaxPageSize, "a page is bounded");
  Require(request->page_token().empty() == after.empty(), "a token says where to go on");
}

void FuzzListIcpRevisions(absl::string_view bytes) {
  int64_t before = 0;
  const auto request = GoodRequest<v1::ListIcpRevisionsRequest>(
      bytes, [&](const auto& each) { return CheckListIcpRevisions(each, &before); });
  if (request == nullptr) return;
  Require(IsIcpName(request->name()), "it names an ICP");
  Require(request->page_token().empty() ? before == 0 : before > 0, "a token says where to go on");
}

// What is deleted, or goes back, is named and not guessed.
template <typename Request>
void FuzzEdit(absl::string_view bytes, std::vector<Violation> (*check)(const Request&)) {
  const auto request = GoodRequest<Request>(bytes, check);
  if (request == nullptr) return;
  Require(IsIcpName(request->name()) && !request->etag().empty(), "it names an ICP and its etag");
}

// What is answered to a good definition, and to one with errors.
template <typename Request>
void FuzzDefinition(absl::string_view bytes, std::vector<Violation> (*check)(const Request&)) {
  const auto request = GoodRequest<Request>(bytes, check);
  if (request == nullptr) return;
  LoadedIcp loaded = LoadIcp(request->yaml(), FileName(request->file()), FuzzTimeZones());
  if (loaded.icp == nullptr) return CheckRefusal(DefinitionErrors(loaded.issues));
  Require(DefinitionErrors(loaded.issues).empty(), "a good definition has no errors");
  CatalogEntry entry;
  entry.icp = std::move(loaded.icp);
  entry.yaml = request->yaml();
  entry.warnings = std::move(loaded.issues);
  v1::GetIcpResponse answer;
  DescribeRevision(entry, answer.mutable_icp());
  v1::GetIcpResponse read;
  Require(read.ParseFromString(answer.SerializeAsString()), "its revision can be read");
}

// In the order of the number that an input begins with; new ones come last.
struct Call {
  const char* method;
  void (*fuzz)(absl::string_view bytes);
};

constexpr Call kCalls[] = {
    {"Score", FuzzScore},
    {"Qualify", FuzzQualify},
    {"Advance", FuzzAdvance},
    {"BatchScore",
     [](absl::string_view bytes) {
       FuzzBatch<rpc::RawBatchScoreRequest>(bytes, *v1::BatchScoreRequest::descriptor(),
                                            Operation::kScore);
     }},
    {"BatchQualify",
     [](absl::string_view bytes) {
       FuzzBatch<rpc::RawBatchQualifyRequest>(bytes, *v1::BatchQualifyRequest::descriptor(),
                                              Operation::kQualify);
     }},
    {"BatchAdvance", FuzzBatchAdvance},
    {"BulkEvaluate", FuzzBulk},
    {"SaveIcp", [](absl::string_view bytes) { FuzzDefinition(bytes, CheckSaveIcp); }},
    {"ListIcps", FuzzListIcps},
    {"GetIcp", FuzzGetIcp},
    {"ValidateIcp", [](absl::string_view bytes) { FuzzDefinition(bytes, CheckValidateIcp); }},
    {"DeleteIcp", [](absl::string_view bytes) { FuzzEdit(bytes, CheckDeleteIcp); }},
    {"ListIcpRevisions", FuzzListIcpRevisions},
    {"RollbackIcp", [](absl::string_view bytes) { FuzzEdit(bytes, CheckRollbackIcp); }},
};

// Once; and requires that no method was forgotten.
bool Prepare() {
  SilenceProtobuf();
  for (const RpcMethod& method : RpcMethods()) {
    Require(std::any_of(std::begin(kCalls), std::end(kCalls),
                        [&method](const Call& call) { return method.method == call.method; }),
            absl::StrCat(method.method, " stands in kCalls"));
  }
  return true;
}

void FuzzRequest(uint8_t call, absl::string_view bytes) {
  static const bool prepared = Prepare();
  if (prepared && call < std::size(kCalls)) kCalls[call].fuzz(bytes);
}

}  // namespace
}  // namespace bantam

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) {
    bantam::FuzzRequest(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  }
  return 0;
}
