#include "server/call_telemetry.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace bantam {
namespace {

RefusalReason ReasonOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::kOverload:
      return RefusalReason::kOverload;
    case Refusal::kQuota:
      return RefusalReason::kQuota;
    case Refusal::kAccess:
      return RefusalReason::kAccess;
    case Refusal::kDecisionLog:
      return RefusalReason::kDecisionLog;
    case Refusal::kTooLarge:
      break;
  }
  return RefusalReason::kTooLarge;
}

v1::BulkOperation OperationOf(Operation operation) {
  switch (operation) {
    case Operation::kScore:
      return v1::BULK_OPERATION_SCORE;
    case Operation::kQualify:
      return v1::BULK_OPERATION_QUALIFY;
    case Operation::kAdvance:
      break;
  }
  return v1::BULK_OPERATION_ADVANCE;
}

}  // namespace

CallTelemetry::CallTelemetry(CallMetrics* metrics, DecisionLog* decisions, Log* log)
    : metrics_(metrics), decisions_(decisions), log_(log) {}

void CallTelemetry::OnCallBegin(const CallInfo& info) { metrics_->OnStart(info.method().index); }

absl::Status CallTelemetry::OnLeads(const CallInfo& /*info*/, int leads) {
  return decisions_ == nullptr ? absl::OkStatus() : decisions_->Reserve(leads);
}

void CallTelemetry::OnDecision(const CallInfo& info, const Decision& decision) {
  const EvaluationSummary& summary = decision.summary;
  metrics_->OnLead(summary.icp->name(), summary.verdict, summary.grade,
                   summary.to_stage.empty() ? summary.stage : summary.to_stage);
  if (decisions_ != nullptr) LogDecision(info, decision);
}

void CallTelemetry::LogDecision(const CallInfo& info, const Decision& decision) {
  const EvaluationSummary& summary = decision.summary;
  DecisionRecord record;
  record.time = absl::Now();
  record.request_id = info.request_id();
  record.traceparent = info.traceparent();
  record.caller = info.caller();
  record.method = info.method().name;
  record.operation = OperationOf(decision.operation);
  record.lead_id = decision.lead.id();
  record.icp = summary.icp->name();
  record.icp_revision = summary.icp->revision();
  record.evaluate_time = decision.evaluate_time;
  record.verdict = summary.verdict;
  if (summary.has_score) record.score = summary.total;
  record.grade = summary.grade;
  record.stage = summary.to_stage.empty() ? summary.stage : summary.to_stage;
  if (!summary.to_stage.empty()) {
    record.from_stage = summary.stage;
    record.to_stage = summary.to_stage;
    record.outcome = summary.advance_reason;
  }
  record.lead = &decision.lead;
  record.override_by = decision.override_by;
  decisions_->Write(record);
}

void CallTelemetry::OnLeadError(const CallInfo& /*info*/) {
  metrics_->OnLeadError();
  if (decisions_ != nullptr) decisions_->Release(1);
}

void CallTelemetry::OnLeadsSkipped(const CallInfo& /*info*/, int leads) {
  if (decisions_ != nullptr) decisions_->Release(leads);
}

void CallTelemetry::OnCallEnd(const CallReport& report) {
  const CallInfo& info = report.info;
  metrics_->OnEnd(info.method().index, report.status.code(), report.duration);
  if (report.refusal.has_value()) metrics_->OnRefused(ReasonOf(*report.refusal));
  if (report.status.ok()) return;
  LogFailure(info.method().name, report.status, info.caller(), info.request_id(),
             info.traceparent());
}

// Such a call has not begun, as far as the handlers know.
void CallTelemetry::OnDenied(const DeniedCall& call) {
  metrics_->OnRefused(RefusalReason::kAccess);
  for (const RpcMethod& method : RpcMethods()) {
    if (method.name != call.full_method) continue;
    metrics_->OnStart(method.index);
    metrics_->OnEnd(method.index, call.status.code(), absl::ZeroDuration());
  }
  LogFailure(call.full_method, call.status,
             call.caller == nullptr ? "unknown" : absl::string_view(call.caller->name()),
             call.request_id, call.traceparent);
}

void CallTelemetry::LogFailure(absl::string_view method, const absl::Status& status,
                               absl::string_view caller, absl::string_view request_id,
                               absl::string_view traceparent) {
  const bool is_ours =
      status.code() == absl::StatusCode::kInternal || status.code() == absl::StatusCode::kUnknown;
  Log::Fields fields = {{"method", std::string(method)},
                        {"code", absl::StatusCodeToString(status.code())},
                        {"cause", std::string(status.message())},
                        {"caller", std::string(caller)},
                        {"request_id", std::string(request_id)}};
  if (!traceparent.empty()) fields.emplace_back("traceparent", std::string(traceparent));
  log_->Write(is_ours ? LogLevel::kError : LogLevel::kInfo, "call failed", fields);
}

// The line of its end says so as well.
void CallTelemetry::OnCallAbandoned(const CallInfo& info) {
  metrics_->OnAbandoned(info.method().index);
}

std::vector<CallMethod> CountedMethods() {
  std::vector<CallMethod> methods;
  for (const RpcMethod& method : RpcMethods()) {
    methods.push_back(
        {method.service, method.method, method.type == CallType::kUnary ? "unary" : "bidi_stream"});
  }
  return methods;
}

}  // namespace bantam
