// Where the decision log writes to.
#ifndef BANTAM_SERVER_TELEMETRY_DECISION_SINK_H_
#define BANTAM_SERVER_TELEMETRY_DECISION_SINK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace bantam {

// Takes the lines of a decision log. Used by one thread at a time.
class DecisionSink {
 public:
  virtual ~DecisionSink() = default;

  // Writes `lines`, in their order. Each is a JSON object without a line break; there is at least
  // one. `*written` is how many of the first were written for good. OK: all of them; else the
  // reason why the next one was not, in one line without credentials and without anything of
  // `lines`. The same ones, and perhaps more, are given again then, so a sink takes care that none
  // is left half-written.
  //
  // Blocks, but not for longer than `limit` (about).
  virtual absl::Status Write(absl::Span<const absl::string_view> lines, absl::Duration limit,
                             size_t* written) = 0;

  // Called about once a second, and when the log is told to reopen: a sink looks whether its file
  // was moved away. An error does not keep the sink from writing where it wrote before.
  virtual absl::Status Refresh() = 0;
};

struct DecisionSinkOptions {
  // "stdout"; a Redis, as redis:// or rediss://; else the name of a file, to which lines are
  // appended (a device or a named pipe that somebody reads will do). Required.
  std::string target;

  // Redis only: the stream's key, and about how many entries it holds before the oldest go. Range
  // of the latter: [1, 2^53].
  std::string stream = "bantam:decisions";
  int64_t max_length = 1000000;
};

// Makes the sink that `options` ask for. A Redis need not be there yet. INVALID_ARGUMENT,
// NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE …: the file cannot be opened, or the URL is wrong.
absl::StatusOr<std::unique_ptr<DecisionSink>> OpenDecisionSink(const DecisionSinkOptions& options);

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_DECISION_SINK_H_
