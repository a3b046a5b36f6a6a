#ifndef BANTAM_SERVER_CALL_TELEMETRY_H_
#define BANTAM_SERVER_CALL_TELEMETRY_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/rpc/call_observer.h"
#include "server/rpc/server_credentials.h"
#include "server/telemetry/call_metrics.h"
#include "server/telemetry/decision_log.h"
#include "server/telemetry/log.h"

namespace bantam {

// Hands what the rpc room tells of its calls on to telemetry: counts, a line in the log for each
// failed call, and decisions. Safe for concurrent use.
class CallTelemetry final : public CallObserver, public DenialObserver {
 public:
  // All outlive it. `decisions` may be null: they are not logged.
  CallTelemetry(CallMetrics* metrics, DecisionLog* decisions, Log* log);

  void OnCallBegin(const CallInfo& info) override;
  absl::Status OnLeads(const CallInfo& info, int leads) override;
  void OnDecision(const CallInfo& info, const Decision& decision) override;
  void OnLeadError(const CallInfo& info) override;
  void OnLeadsSkipped(const CallInfo& info, int leads) override;
  void OnCallEnd(const CallReport& report) override;
  void OnCallAbandoned(const CallInfo& info) override;
  void OnDenied(const DeniedCall& call) override;

 private:
  void LogDecision(const CallInfo& info, const Decision& decision);
  void LogFailure(absl::string_view method, const absl::Status& status, absl::string_view caller,
                  absl::string_view request_id, absl::string_view traceparent);

  CallMetrics* const metrics_;
  DecisionLog* const decisions_;
  Log* const log_;
};

// What CallMetrics is to count: RpcMethods(), in their order.
std::vector<CallMethod> CountedMethods();

}  // namespace bantam

#endif  // BANTAM_SERVER_CALL_TELEMETRY_H_
