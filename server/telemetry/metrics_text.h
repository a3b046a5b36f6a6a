#ifndef BANTAM_SERVER_TELEMETRY_METRICS_TEXT_H_
#define BANTAM_SERVER_TELEMETRY_METRICS_TEXT_H_

#include <string>

#include "server/telemetry/call_metrics.h"
#include "server/telemetry/server_status.h"

namespace bantam {

// The content type of MetricsText().
inline constexpr char kMetricsContentType[] = "text/plain; version=0.0.4; charset=utf-8";

// All metrics, in Prometheus' text format. Every family is always there, with HELP and TYPE; it has
// no sample where its value has no meaning, such as the expiry of a certificate without TLS. What
// they mean: README.md.
std::string MetricsText(const ServerStatus& status, const CallSnapshot& calls);

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_METRICS_TEXT_H_
