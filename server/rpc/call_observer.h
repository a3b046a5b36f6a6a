// What the room tells of its calls: how telemetry hears of them.
#ifndef BANTAM_SERVER_RPC_CALL_OBSERVER_H_
#define BANTAM_SERVER_RPC_CALL_OBSERVER_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/lead.pb.h"
#include "server/engine/compiled_icp.h"

namespace bantam {

enum class CallType { kUnary, kBidiStream };

// One method of the contract.
struct RpcMethod {
  int index = 0;        // Its place in RpcMethods(), for arrays with an entry for each method.
  std::string name;     // "/bantam.v1.QualificationService/Score"
  std::string service;  // "bantam.v1.QualificationService"
  std::string method;   // "Score"
  CallType type = CallType::kUnary;
};

// All methods of bantam.v1, always in the same order. Health and reflection are not among them:
// no CallObserver hears of their calls. Health is served by this room (health_service.h),
// reflection by gRPC.
const std::vector<RpcMethod>& RpcMethods();

// The one with this name, such as "/bantam.v1.QualificationService/Score". It must exist.
const RpcMethod& RpcMethodNamed(absl::string_view name);

// Who and what a call is. Valid as long as the observer's function that it was given to. Safe for
// concurrent use.
//
// What stands in the call's metadata is looked up when it is first asked for, so that it costs
// nothing if it never is. Who asks for the request's id has it sent back to the caller, as
// "x-request-id" in the trailing metadata; those of failed calls always are.
class CallInfo {
 public:
  explicit CallInfo(const RpcMethod* method) : method_(method) {}
  virtual ~CallInfo() = default;
  CallInfo(const CallInfo&) = delete;
  CallInfo& operator=(const CallInfo&) = delete;

  const RpcMethod& method() const { return *method_; }

  // By which name the caller is known: the first identity it has proved, or "anonymous".
  virtual absl::string_view caller() const = 0;

  // The caller's "x-request-id", if it is at most 128 printable ASCII characters, else one made up
  // for the call: 32 hexadecimal digits. Never empty.
  virtual absl::string_view request_id() const = 0;

  // The caller's "traceparent", if it has the form that W3C gives it; empty: there is none.
  virtual absl::string_view traceparent() const = 0;

 private:
  const RpcMethod* const method_;
};

// What was decided about one lead.
struct Decision {
  const v1::Lead& lead;  // As it was asked about.
  Operation operation;
  absl::Time evaluate_time;
  const EvaluationSummary& summary;

  // The person's decision that it was asked with; null: there was none.
  const v1::StageOverride* override_by;
};

// Why a call was turned away.
enum class Refusal {
  kOverload,  // Too many calls in flight, or too much work waiting.
  kQuota,     // Its tenant has used up its leads.
  kAccess,    // The caller may not do this for this tenant. Methods are refused before a call gets
              // here: access_control.h counts those.
  kDecisionLog,  // OnLeads() said so.
  kTooLarge,     // A message of it has more bytes than RpcServerOptions::max_request_bytes.
};
inline constexpr int kRefusals = 5;

// "overload", "quota", "access", "decision_log", "too_large".
absl::string_view RefusalName(Refusal refusal);

// One call that is over, as far as the handlers are concerned.
struct CallReport {
  const CallInfo& info;
  const absl::Status& status;       // With the cause, which the caller may not have been shown.
  int leads = 0;                    // Leads that were looked at, good or bad.
  absl::Duration duration;          // Since the call arrived.
  absl::optional<Refusal> refusal;  // Set if that is why it failed.
};

// Hears of every call. Implementations are safe for concurrent use and never block. What is not
// overridden does nothing.
//
//   OnCallBegin { OnLeads { OnDecision | OnLeadError } [ OnLeadsSkipped ] } OnCallEnd
//
// A stream has OnLeads() for each of its chunks, several at a time. Each lead that OnLeads()
// announced and did not refuse is told of once: by OnDecision() or OnLeadError(), or among those of
// OnLeadsSkipped().
class CallObserver {
 public:
  virtual ~CallObserver() = default;

  // A call has arrived.
  virtual void OnCallBegin(const CallInfo& /*info*/) {}

  // So many leads are about to be evaluated. An error, whose message is shown to the caller,
  // refuses the call: RESOURCE_EXHAUSTED, for now, so the caller is told to try again after a
  // pause; INVALID_ARGUMENT, for good: the message is what the request must be.
  virtual absl::Status OnLeads(const CallInfo& /*info*/, int /*leads*/) { return absl::OkStatus(); }

  // A lead was evaluated, before its answer is sent.
  virtual void OnDecision(const CallInfo& /*info*/, const Decision& /*decision*/) {}

  // A lead of a batch or stream has an error in place of an answer.
  virtual void OnLeadError(const CallInfo& /*info*/) {}

  // So many of the leads that OnLeads() announced will not be evaluated: the call was abandoned
  // half-way, or its answer grew too large.
  virtual void OnLeadsSkipped(const CallInfo& /*info*/, int /*leads*/) {}

  // Before the end of a unary call is sent, after that of a stream is.
  virtual void OnCallEnd(const CallReport& /*report*/) {}

  // Nobody waits any more for the answer of a call: it was cancelled, its connection was lost, or
  // its deadline passed. OnCallEnd() may come before or after it.
  virtual void OnCallAbandoned(const CallInfo& /*info*/) {}
};

// A call, and who hears of it.
struct ObservedCall {
  CallObserver* observer = nullptr;
  const CallInfo* info = nullptr;
};

// Leads that OnLeads() has announced for a call; when this ends, those that were not counted are
// told of as skipped. For one thread, and while the call lasts.
class AnnouncedLeads {
 public:
  AnnouncedLeads(const ObservedCall& call, int leads) : call_(call), left_(leads) {}
  ~AnnouncedLeads() {
    if (left_ > 0) call_.observer->OnLeadsSkipped(*call_.info, left_);
  }
  AnnouncedLeads(const AnnouncedLeads&) = delete;
  AnnouncedLeads& operator=(const AnnouncedLeads&) = delete;

  // One more of them was evaluated, or found bad.
  void CountOne() { --left_; }

 private:
  const ObservedCall call_;
  int left_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_CALL_OBSERVER_H_
