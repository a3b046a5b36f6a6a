#ifndef BANTAM_SERVER_TELEMETRY_STATUS_PAGE_H_
#define BANTAM_SERVER_TELEMETRY_STATUS_PAGE_H_

#include <string>

#include "server/telemetry/call_metrics.h"
#include "server/telemetry/server_status.h"

namespace bantam {

// Most ICPs that the status page lists.
inline constexpr int kMaxShownIcps = 500;

// How the server does, as a page of HTML for people: whole by itself, without scripts. Sorts the
// ICPs by name, shows the first kMaxShownIcps, and says how many there are beside them.
std::string StatusPage(const ServerStatus& status, const CallSnapshot& calls);

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_STATUS_PAGE_H_
