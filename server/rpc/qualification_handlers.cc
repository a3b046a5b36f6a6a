#include "server/rpc/qualification_handlers.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/rpc/raw_batch.pb.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

// A batch whose answer takes more than this (without long texts) is refused half-way.
constexpr size_t kMaxArenaBytes = 64 * 1024 * 1024;

std::vector<Violation> CheckBatchSize(int leads, int max_leads, const char* path) {
  if (leads == 0) return {{path, "must hold at least one lead"}};
  if (leads <= max_leads) return {};
  return {{path, absl::StrCat("must hold at most ", max_leads, " leads, not ", leads,
                              "; send several batches, or use BulkEvaluate")}};
}

// Sorts the results themselves best first.
void RankResults(google::protobuf::RepeatedPtrField<v1::LeadResult>* results) {
  std::vector<v1::LeadResult*> order(results->size());
  // All stay on their arena; only the pointers move.
  results->UnsafeArenaExtractSubrange(0, results->size(), order.data());
  Rank(&order);
  for (v1::LeadResult* result : order) results->UnsafeArenaAddAllocated(result);
}

}  // namespace

QualificationHandlers::QualificationHandlers(Catalog* catalog, Clock clock, int max_batch_leads)
    : catalog_(catalog), clock_(std::move(clock)), max_batch_leads_(max_batch_leads) {}

void QualificationHandlers::Score(UnaryCall* call) const {
  EvaluateOne<v1::ScoreRequest, v1::ScoreResponse>(call, Operation::kScore);
}

void QualificationHandlers::Qualify(UnaryCall* call) const {
  EvaluateOne<v1::QualifyRequest, v1::QualifyResponse>(call, Operation::kQualify);
}

template <typename Request, typename Response>
void QualificationHandlers::EvaluateOne(UnaryCall* call, Operation operation) const {
  const auto* request = call->Parse<Request>();
  if (request == nullptr) return;
  std::vector<Violation> violations;
  CheckLead(request->has_lead(), request->lead(), nullptr, operation, "", &violations);
  CheckSettings(request->has_settings(), request->settings(), v1::ADVANCE_MODE_UNSPECIFIED,
                operation, "", &violations);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  CollectIcps(catalog_, request->settings(), [=](absl::StatusOr<CollectedIcps> collected) {
    if (!collected.ok()) return call->Fail(collected.status());
    call->SetDataAge(collected->age);
    const size_t evaluations = collected->icps.size();
    call->Continue(evaluations, [=, icps = std::move(collected->icps)] {
      std::vector<Violation> violations;
      CheckForIcps(icps, request->lead(), "lead", nullptr, "", &violations);
      if (!violations.empty()) return call->Fail(InvalidRequest(violations));
      const EvaluateOptions options =
          MakeOptions(request->settings(), operation, v1::ADVANCE_MODE_UNSPECIFIED, clock_);
      auto* response = call->Create<Response>();
      EvaluateBest(icps, request->lead(), options, response->mutable_evaluation());
      call->CountLeads(1);
      call->Finish(*response);
    });
  });
}

void QualificationHandlers::Advance(UnaryCall* call) const {
  const auto* request = call->Parse<v1::AdvanceRequest>();
  if (request == nullptr) return;
  const v1::StageOverride* const override_by =
      request->has_override() ? &request->override() : nullptr;
  std::vector<Violation> violations;
  CheckLead(request->has_lead(), request->lead(), override_by, Operation::kAdvance, "",
            &violations);
  CheckSettings(request->has_settings(), request->settings(), request->mode(), Operation::kAdvance,
                "", &violations);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  CollectIcps(catalog_, request->settings(), [=](absl::StatusOr<CollectedIcps> collected) {
    if (!collected.ok()) return call->Fail(collected.status());
    call->SetDataAge(collected->age);
    call->Continue(1, [=, icps = std::move(collected->icps)] {
      std::vector<Violation> violations;
      CheckForIcps(icps, request->lead(), "lead", override_by, "override", &violations);
      if (!violations.empty()) return call->Fail(InvalidRequest(violations));
      EvaluateOptions options =
          MakeOptions(request->settings(), Operation::kAdvance, request->mode(), clock_);
      options.override_by = override_by;
      auto* response = call->Create<v1::AdvanceResponse>();
      EvaluateBest(icps, request->lead(), options, response->mutable_evaluation());
      call->CountLeads(1);
      call->Finish(*response);
    });
  });
}

void QualificationHandlers::BatchScore(UnaryCall* call) const {
  const auto* request =
      call->ParseAs<rpc::RawBatchScoreRequest>(*v1::BatchScoreRequest::descriptor());
  if (request == nullptr) return;
  EvaluateBatch<v1::BatchScoreResponse, v1::Lead>(
      call,
      {&request->leads(), "leads", request->has_settings(), &request->settings(), Operation::kScore,
       v1::ADVANCE_MODE_UNSPECIFIED, request->rank(), &LeadEvaluator::EvaluateLead});
}

void QualificationHandlers::BatchQualify(UnaryCall* call) const {
  const auto* request =
      call->ParseAs<rpc::RawBatchQualifyRequest>(*v1::BatchQualifyRequest::descriptor());
  if (request == nullptr) return;
  EvaluateBatch<v1::BatchQualifyResponse, v1::Lead>(
      call, {&request->leads(), "leads", request->has_settings(), &request->settings(),
             Operation::kQualify, v1::ADVANCE_MODE_UNSPECIFIED, /*rank=*/false,
             &LeadEvaluator::EvaluateLead});
}

void QualificationHandlers::BatchAdvance(UnaryCall* call) const {
  const auto* request =
      call->ParseAs<rpc::RawBatchAdvanceRequest>(*v1::BatchAdvanceRequest::descriptor());
  if (request == nullptr) return;
  EvaluateBatch<v1::BatchAdvanceResponse, v1::AdvanceItem>(
      call, {&request->items(), "items", request->has_settings(), &request->settings(),
             Operation::kAdvance, request->mode(), /*rank=*/false, &LeadEvaluator::EvaluateItem});
}

template <typename Response, typename Scratch>
void QualificationHandlers::EvaluateBatch(UnaryCall* call, const Batch<Scratch>& batch) const {
  std::vector<Violation> violations =
      CheckBatchSize(batch.leads->size(), max_batch_leads_, batch.path);
  CheckSettings(batch.has_settings, *batch.settings, batch.mode, batch.operation, "", &violations);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  CollectIcps(catalog_, *batch.settings, [=](absl::StatusOr<CollectedIcps> collected) {
    if (!collected.ok()) return call->Fail(collected.status());
    call->SetDataAge(collected->age);
    const size_t evaluations = collected->icps.size() * batch.leads->size();
    call->Continue(evaluations, [=, icps = std::move(collected->icps)] {
      const LeadEvaluator evaluator(
          icps, MakeOptions(*batch.settings, batch.operation, batch.mode, clock_));
      auto* response = call->Create<Response>();
      auto* scratch = call->Create<Scratch>();
      for (int i = 0; i < batch.leads->size(); ++i) {
        const absl::Status abandoned = call->Abandoned();
        if (!abandoned.ok()) return call->Fail(abandoned);
        if (call->ArenaBytes() > kMaxArenaBytes) {
          return call->Fail(absl::ResourceExhaustedError(
              "the answer grows too large; send fewer leads, omit the trace, or use BulkEvaluate"));
        }
        v1::LeadResult* const result = response->add_results();
        result->set_index(i);
        (evaluator.*batch.evaluate)(batch.leads->Get(i), absl::StrCat(batch.path, "[", i, "]"),
                                    scratch, result);
        call->CountLeads(1);
      }
      if (batch.rank) RankResults(response->mutable_results());
      call->Finish(*response);
    });
  });
}

}  // namespace bantam
