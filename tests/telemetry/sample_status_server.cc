// Serves the pages of a server that is well used, on any free port, until the standard input ends.
// Writes the port to the standard output.
#include <cstdio>

#include "server/telemetry/admin_server.h"
#include "server/telemetry/metrics_text.h"
#include "server/telemetry/status_page.h"
#include "tests/telemetry/sample_status.h"

int main() {
  const auto server = bantam::AdminServer::Start(
      {}, {[] { return bantam::SampleStatus().readiness; },
           [] { return bantam::MetricsText(bantam::SampleStatus(), bantam::SampleCalls()); },
           [] { return bantam::StatusPage(bantam::SampleStatus(), bantam::SampleCalls()); }});
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
    return 1;
  }
  std::printf("%d\n", (*server)->port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
