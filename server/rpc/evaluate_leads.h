// What single calls, batches and streams have in common.
#ifndef BANTAM_SERVER_RPC_EVALUATE_LEADS_H_
#define BANTAM_SERVER_RPC_EVALUATE_LEADS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/qualification_service.pb.h"
#include "server/engine/compiled_icp.h"
#include "server/engine/validate.h"
#include "server/rpc/call_observer.h"
#include "server/rpc/collect_icps.h"
#include "server/rpc/raw_batch.pb.h"

namespace bantam {

// Tells the time; read once per request, batch or stream.
using Clock = std::function<absl::Time()>;

// Options for the engine: `now` is the request's evaluate_time or else the clock's.
EvaluateOptions MakeOptions(const v1::EvaluationSettings& settings, Operation operation,
                            v1::AdvanceMode mode, const Clock& clock);

// What every request has: settings, and for Advance a mode. Appends to `violations`, with paths
// that start with `prefix` ("" or "start.").
void CheckSettings(bool has_settings, const v1::EvaluationSettings& settings, v1::AdvanceMode mode,
                   Operation operation, absl::string_view prefix,
                   std::vector<Violation>* violations);

// A lead and its override (may be null), checked by themselves; `prefix` is the path before
// "lead" and "override": "", "items[3].".
void CheckLead(bool has_lead, const v1::Lead& lead, const v1::StageOverride* override_by,
               Operation operation, absl::string_view prefix, std::vector<Violation>* violations);

// What only the ICPs can tell about them, as ValidateForIcps() does.
void CheckForIcps(const IcpList& icps, const v1::Lead& lead, absl::string_view lead_path,
                  const v1::StageOverride* override_by, absl::string_view override_path,
                  std::vector<Violation>* violations);

// Evaluates one valid lead, appends the answer to `bytes`, and tells `call` of the decision.
EvaluationSummary EvaluateAndTell(const IcpList& icps, const v1::Lead& lead,
                                  const EvaluateOptions& options, const ObservedCall& call,
                                  std::string* bytes);

// Evaluates the leads of one batch or chunk, each by itself. Immutable; safe for concurrent use.
class LeadEvaluator {
 public:
  // `call` hears of each lead's decision or error; what it points to outlives this.
  LeadEvaluator(IcpList icps, EvaluateOptions options, ObservedCall call);

  // Parses `bytes` as a Lead into `lead` (reused from lead to lead), checks and evaluates it.
  // `path` is that of the lead, such as "leads[3]". `result` gets its answer or its error. Returns
  // what ranking goes by; nothing if there is an error.
  absl::optional<EvaluationSummary> EvaluateLead(const std::string& bytes, const std::string& path,
                                                 v1::Lead* lead, rpc::RawLeadResult* result) const;

  // The same for an AdvanceItem at `path`, such as "items[3]".
  absl::optional<EvaluationSummary> EvaluateItem(const std::string& bytes, const std::string& path,
                                                 v1::AdvanceItem* item,
                                                 rpc::RawLeadResult* result) const;

  size_t icp_count() const { return icps_.size(); }

 private:
  // Evaluates a lead that has no `violations`, or tells of them.
  absl::optional<EvaluationSummary> Evaluate(const v1::Lead& lead,
                                             const v1::StageOverride* override_by,
                                             const std::vector<Violation>& violations,
                                             rpc::RawLeadResult* result) const;

  const IcpList icps_;
  const EvaluateOptions options_;
  const ObservedCall call_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_EVALUATE_LEADS_H_
