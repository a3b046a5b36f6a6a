#ifndef BANTAM_SERVER_TELEMETRY_DECISION_JSON_H_
#define BANTAM_SERVER_TELEMETRY_DECISION_JSON_H_

#include <string>

#include "server/telemetry/decision_queue.h"

namespace bantam {

// Appends `decision` to `json` as a bantam.v1.Decision: one line without its end, with the names of
// the contract's fields and without those that are absent. What protobuf's own printer would do,
// many times as fast. Bytes that are not UTF-8 become U+FFFD.
void AppendDecisionJson(const QueuedDecision& decision, std::string* json);

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_DECISION_JSON_H_
