#ifndef BANTAM_SERVER_RPC_CALL_OBSERVER_H_
#define BANTAM_SERVER_RPC_CALL_OBSERVER_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bantam {

// One call that is over, as far as the handlers are concerned.
struct CallReport {
  absl::string_view method;  // Such as "/bantam.v1.QualificationService/Score".
  absl::Status status;       // With the cause, which the caller may not have been shown.
  int leads = 0;             // Leads that were looked at, good or bad.
};

// Hears of every call. Implementations are safe for concurrent use and never block.
class CallObserver {
 public:
  virtual ~CallObserver() = default;
  virtual void OnCallEnd(const CallReport& report) = 0;

  // Nobody waits any more for the answer of a call of `method`: it was cancelled, its connection
  // was lost, or its deadline passed. OnCallEnd() may come before or after it.
  virtual void OnCallAbandoned(absl::string_view method) = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_CALL_OBSERVER_H_
