#ifndef BANTAM_SERVER_SERVER_REPORT_H_
#define BANTAM_SERVER_SERVER_REPORT_H_

#include <atomic>
#include <string>

#include "absl/time/time.h"
#include "server/options.h"
#include "server/served_access.h"
#include "server/served_catalog.h"
#include "server/telemetry/admin_server.h"
#include "server/telemetry/call_metrics.h"
#include "server/telemetry/decision_log.h"
#include "server/telemetry/server_status.h"

namespace bantam {

// How the whole server does, gathered from its parts, for the pages. The parts outlive it. Safe for
// concurrent use.
class ServerReport {
 public:
  // `decisions` may be null.
  ServerReport(const Options& options, const ServedAccess* access, CallMetrics* metrics,
               const DecisionLog* decisions);

  // The server takes calls by this catalog from now on; before that it is starting.
  void SetServing(ServedCatalog* catalog) { catalog_ = catalog; }

  // It takes none any more soon.
  void SetDraining() { draining_ = true; }

  // For the pages; keeps a pointer to this.
  AdminPages Pages();

 private:
  Readiness ReadinessNow() const;
  ServerStatus Status() const;

  // All but what the system tells of the process.
  ServerStatus StatusOfParts() const;

  // Some of the ICPs, if the source tells them soon.
  void AddIcps(ServerStatus* status) const;

  const std::string decision_log_target_;
  const absl::Time start_time_;
  const ServedAccess* const access_;
  CallMetrics* const metrics_;
  const DecisionLog* const decisions_;
  std::atomic<ServedCatalog*> catalog_{nullptr};
  std::atomic<bool> draining_{false};
};

}  // namespace bantam

#endif  // BANTAM_SERVER_SERVER_REPORT_H_
