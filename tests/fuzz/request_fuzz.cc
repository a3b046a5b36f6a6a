// The bytes of a request, after one byte that says of which call: parsed, checked and evaluated as
// the server does it. What does not parse is explained, what is wrong is told in a status.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/error_details.pb.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/rpc/call_observer.h"
#include "server/rpc/evaluate_leads.h"
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
}

// Parses `bytes`; false: they are no `Message`, which is then explained as a message of `type`.
bool Parse(absl::string_view bytes, const google::protobuf::Descriptor& type,
           google::protobuf::Message* message) {
  if (ParseMessage(InSlices(bytes), message)) return true;
  const std::vector<Violation> violations = ExplainParseFailure(bytes, type, "");
  Require(!violations.empty() && violations.size() <= 20, "a failure to parse is explained");
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

template <typename Request>
void FuzzCatalogRequest(absl::string_view bytes) {
  Request request;
  Parse(bytes, *Request::descriptor(), &request);
}

void FuzzRequest(uint8_t call, absl::string_view bytes) {
  SilenceProtobuf();
  switch (call) {
    case 0:
      return FuzzScore(bytes);
    case 1:
      return FuzzQualify(bytes);
    case 2:
      return FuzzAdvance(bytes);
    case 3:
      return FuzzBatch<rpc::RawBatchScoreRequest>(bytes, *v1::BatchScoreRequest::descriptor(),
                                                  Operation::kScore);
    case 4:
      return FuzzBatch<rpc::RawBatchQualifyRequest>(bytes, *v1::BatchQualifyRequest::descriptor(),
                                                    Operation::kQualify);
    case 5:
      return FuzzBatchAdvance(bytes);
    case 6:
      return FuzzBulk(bytes);
    case 7:
      return FuzzCatalogRequest<v1::SaveIcpRequest>(bytes);
    case 8:
      return FuzzCatalogRequest<v1::ListIcpsRequest>(bytes);
    default:
      return;
  }
}

}  // namespace
}  // namespace bantam

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) {
    bantam::FuzzRequest(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  }
  return 0;
}
