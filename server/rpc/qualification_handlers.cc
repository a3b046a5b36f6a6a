#include "server/rpc/qualification_handlers.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/rpc/answer_bytes.h"
#include "server/rpc/raw_batch.pb.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

// A batch whose answer takes more than this is refused half-way.
constexpr size_t kMaxAnswerBytes = 64 * 1024 * 1024;

std::vector<Violation> CheckBatchSize(int leads, int max_leads, const char* path) {
  if (leads == 0) return {{path, "must hold at least one lead"}};
  if (leads <= max_leads) return {};
  return {{path, absl::StrCat("must hold at most ", max_leads, " leads, not ", leads,
                              "; send several batches, or use BulkEvaluate")}};
}

// Sorts the results best first; `summaries` are theirs.
void RankResults(const std::vector<absl::optional<EvaluationSummary>>& summaries,
                 google::protobuf::RepeatedPtrField<rpc::RawLeadResult>* results) {
  std::vector<rpc::RawLeadResult*> before(results->size());
  // All stay on their arena; only the pointers move.
  results->UnsafeArenaExtractSubrange(0, results->size(), before.data());
  for (const size_t index : Rank(summaries)) results->UnsafeArenaAddAllocated(before[index]);
}

}  // namespace

QualificationHandlers::QualificationHandlers(Catalog* catalog, Clock clock, int max_batch_leads)
    : catalog_(catalog), clock_(std::move(clock)), max_batch_leads_(max_batch_leads) {}

void QualificationHandlers::Score(UnaryCall* call) const {
  const auto* request = call->Parse<v1::ScoreRequest>();
  if (request != nullptr) EvaluateOne(call, *request, Operation::kScore);
}

void QualificationHandlers::Qualify(UnaryCall* call) const {
  const auto* request = call->Parse<v1::QualifyRequest>();
  if (request != nullptr) EvaluateOne(call, *request, Operation::kQualify);
}

void QualificationHandlers::Advance(UnaryCall* call) const {
  const auto* request = call->Parse<v1::AdvanceRequest>();
  if (request == nullptr) return;
  EvaluateOne(call, *request, Operation::kAdvance, request->mode(),
              request->has_override() ? &request->override() : nullptr);
}

// All that is wrong is told at once, hence also what only the ICPs can tell; where they are not to
// be had, what is wrong without them.
template <typename Request>
void QualificationHandlers::EvaluateOne(UnaryCall* call, const Request& request,
                                        Operation operation, v1::AdvanceMode mode,
                                        const v1::StageOverride* override_by) const {
  const v1::Lead* const lead = &request.lead();
  const v1::EvaluationSettings* const settings = &request.settings();
  std::vector<Violation> violations;
  CheckSettings(request.has_settings(), *settings, mode, operation, "", &violations);
  const bool names_icps = violations.empty();
  std::vector<Violation> of_lead;
  CheckLead(request.has_lead(), *lead, override_by, operation, "", &of_lead);
  violations.insert(violations.begin(), of_lead.begin(), of_lead.end());
  if (!names_icps) return call->Fail(InvalidRequest(violations));
  if (!call->MayEvaluate(*settings)) return;
  CollectIcps(
      catalog_, *settings,
      [=, violations = std::move(violations)](absl::StatusOr<CollectedIcps> collected) mutable {
        if (!collected.ok()) {
          return call->Fail(violations.empty() ? collected.status() : InvalidRequest(violations));
        }
        call->SetDataAge(collected->age);
        const size_t evaluations = collected->icps.size();
        call->Continue(evaluations, [=, violations = std::move(violations),
                                     icps = std::move(collected->icps)]() mutable {
          CheckForIcps(icps, *lead, "lead", override_by, "override", &violations);
          if (!violations.empty()) return call->Fail(InvalidRequest(violations));
          if (!call->BeginLeads(*settings, 1)) return;
          EvaluateOptions options = MakeOptions(*settings, operation, mode, clock_);
          options.override_by = override_by;
          std::string* const evaluation = call->text();
          EvaluateAndTell(icps, *lead, options, call->observed(), evaluation);
          call->CountLeads(1);
          call->Finish(SerializeEvaluation(*evaluation));
        });
      });
}

void QualificationHandlers::BatchScore(UnaryCall* call) const {
  const auto* request =
      call->ParseAs<rpc::RawBatchScoreRequest>(*v1::BatchScoreRequest::descriptor());
  if (request == nullptr) return;
  EvaluateBatch<v1::Lead>(
      call,
      {&request->leads(), "leads", request->has_settings(), &request->settings(), Operation::kScore,
       v1::ADVANCE_MODE_UNSPECIFIED, request->rank(), &LeadEvaluator::EvaluateLead});
}

void QualificationHandlers::BatchQualify(UnaryCall* call) const {
  const auto* request =
      call->ParseAs<rpc::RawBatchQualifyRequest>(*v1::BatchQualifyRequest::descriptor());
  if (request == nullptr) return;
  EvaluateBatch<v1::Lead>(
      call, {&request->leads(), "leads", request->has_settings(), &request->settings(),
             Operation::kQualify, v1::ADVANCE_MODE_UNSPECIFIED, /*rank=*/false,
             &LeadEvaluator::EvaluateLead});
}

void QualificationHandlers::BatchAdvance(UnaryCall* call) const {
  const auto* request =
      call->ParseAs<rpc::RawBatchAdvanceRequest>(*v1::BatchAdvanceRequest::descriptor());
  if (request == nullptr) return;
  EvaluateBatch<v1::AdvanceItem>(
      call, {&request->items(), "items", request->has_settings(), &request->settings(),
             Operation::kAdvance, request->mode(), /*rank=*/false, &LeadEvaluator::EvaluateItem});
}

template <typename Scratch>
void QualificationHandlers::EvaluateBatch(UnaryCall* call, const Batch<Scratch>& batch) const {
  std::vector<Violation> violations =
      CheckBatchSize(batch.leads->size(), max_batch_leads_, batch.path);
  CheckSettings(batch.has_settings, *batch.settings, batch.mode, batch.operation, "", &violations);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  if (!call->MayEvaluate(*batch.settings)) return;
  CollectIcps(catalog_, *batch.settings, [=](absl::StatusOr<CollectedIcps> collected) {
    if (!collected.ok()) return call->Fail(collected.status());
    call->SetDataAge(collected->age);
    const size_t evaluations = collected->icps.size() * batch.leads->size();
    call->Continue(evaluations, [=, icps = std::move(collected->icps)] {
      if (!call->BeginLeads(*batch.settings, batch.leads->size())) return;
      auto* response = call->Create<rpc::RawBatchResponse>();
      const absl::Status evaluated = EvaluateLeads(call, batch, icps, response);
      if (!evaluated.ok()) return call->Fail(evaluated);
      call->Finish(*response);
    });
  });
}

template <typename Scratch>
absl::Status QualificationHandlers::EvaluateLeads(UnaryCall* call, const Batch<Scratch>& batch,
                                                  const IcpList& icps,
                                                  rpc::RawBatchResponse* response) const {
  const LeadEvaluator evaluator(
      icps, MakeOptions(*batch.settings, batch.operation, batch.mode, clock_), call->observed());
  AnnouncedLeads announced(call->observed(), batch.leads->size());
  std::vector<absl::optional<EvaluationSummary>> summaries;
  size_t answer_bytes = 0;
  auto* scratch = call->Create<Scratch>();
  for (int i = 0; i < batch.leads->size(); ++i) {
    const absl::Status abandoned = call->Abandoned();
    if (!abandoned.ok()) return abandoned;
    if (call->ArenaBytes() + answer_bytes > kMaxAnswerBytes) {
      return AskForLess({std::string(batch.path),
                         "must make a smaller answer; send fewer, omit the trace, or use "
                         "BulkEvaluate"});
    }
    rpc::RawLeadResult* const result = response->add_results();
    result->set_index(i);
    summaries.push_back((evaluator.*batch.evaluate)(
        batch.leads->Get(i), absl::StrCat(batch.path, "[", i, "]"), scratch, result));
    answer_bytes += result->evaluation().capacity();
    announced.CountOne();
    call->CountLeads(1);
  }
  if (batch.rank) RankResults(summaries, response->mutable_results());
  return absl::OkStatus();
}

}  // namespace bantam
