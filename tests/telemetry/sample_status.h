#ifndef BANTAM_TESTS_TELEMETRY_SAMPLE_STATUS_H_
#define BANTAM_TESTS_TELEMETRY_SAMPLE_STATUS_H_

#include "server/telemetry/call_metrics.h"
#include "server/telemetry/server_status.h"

namespace bantam {

// A server that has been up for days, with every part, some of them degraded; 510 ICPs, one of them
// with markup in its texts.
ServerStatus SampleStatus();

// What it has counted.
CallSnapshot SampleCalls();

// A server that has just started, with a directory and nothing else, and has not been called.
ServerStatus PlainStatus();
CallSnapshot NoCalls();

}  // namespace bantam

#endif  // BANTAM_TESTS_TELEMETRY_SAMPLE_STATUS_H_
