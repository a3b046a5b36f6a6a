// The decision log: who asked what about which lead, and what the answer was. Entries are those of
// proto/bantam/v1/decision.proto, as JSON.
//
//   calls ─► Write(): a copy into the queue ─► one thread: JSON ─► DecisionSink
#ifndef BANTAM_SERVER_TELEMETRY_DECISION_LOG_H_
#define BANTAM_SERVER_TELEMETRY_DECISION_LOG_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/evaluation.pb.h"
#include "bantam/v1/lead.pb.h"
#include "bantam/v1/qualification_service.pb.h"
#include "server/telemetry/decision_sink.h"
#include "server/telemetry/log.h"

namespace bantam {

// One decision, as told to DecisionLog::Write(), which copies what it needs. The fields are those
// of bantam.v1.Decision; the times must be set, the others may be left as
// they are. Texts longer than 512 bytes are cut.
struct DecisionRecord {
  absl::Time time;
  absl::string_view request_id;
  absl::string_view traceparent;
  absl::string_view caller;
  absl::string_view method;
  v1::BulkOperation operation = v1::BULK_OPERATION_UNSPECIFIED;
  absl::string_view lead_id;
  absl::string_view icp;
  absl::string_view icp_revision;
  absl::Time evaluate_time;
  v1::Verdict verdict = v1::VERDICT_UNSPECIFIED;
  absl::optional<double> score;  // In [0, 100]. Absent: the lead is restricted.
  absl::string_view grade;
  absl::string_view stage;

  // Of Advance: the transition. `to_stage` empty: there is none.
  absl::string_view from_stage;
  absl::string_view to_stage;
  v1::AdvanceReason outcome = v1::ADVANCE_REASON_UNSPECIFIED;

  // Looked at only if personal data is logged. May be null.
  const v1::Lead* lead = nullptr;
  const v1::StageOverride* override_by = nullptr;
};

// What becomes of decisions when the queue is full.
enum class WhenFull {
  kDrop,    // They are answered, but not logged, and counted.
  kRefuse,  // The calls are refused, so that nothing is decided that is not logged.
};

struct DecisionLogOptions {
  // Most decisions that wait to be written. Range: [1, 10000000]. Each takes about 0.4 KB, up to 5
  // KB where ids are long; with personal data up to 8 KiB more.
  int64_t max_entries = 65536;

  WhenFull when_full = WhenFull::kDrop;

  // Whether DecisionPersonalData is logged.
  bool personal_data = false;

  // How long decisions are gathered before they are written together.
  absl::Duration gather_time = absl::Milliseconds(5);

  // After a failure the sink is tried again after a pause, which doubles from the first to the
  // second.
  absl::Duration min_pause = absl::Milliseconds(100);
  absl::Duration max_pause = absl::Seconds(5);
};

// What a decision log has done since it began.
struct DecisionLogStats {
  int64_t logged = 0;    // Decisions that were written.
  int64_t dropped = 0;   // Decisions that were answered and not written.
  int64_t refused = 0;   // Times that Reserve() failed.
  int64_t failures = 0;  // Times that the sink could not write, or not reopen its file.
  int64_t entries = 0;   // Decisions that wait, or for which there is a reservation.
  int64_t limit = 0;     // The most of these.
  bool failing = false;  // The sink could not write the last time.

  // The file was moved away or deleted, and could not be opened anew the last time.
  bool misplaced = false;
};

// Writes decisions to a sink, on a thread of its own. Safe for concurrent use.
class DecisionLog {
 public:
  // `log` hears when the sink begins to fail, and when it works again; it must outlive this.
  DecisionLog(const DecisionLogOptions& options, std::unique_ptr<DecisionSink> sink, Log* log);

  // As Stop(), with 2 s, if that was not called.
  ~DecisionLog();

  DecisionLog(const DecisionLog&) = delete;
  DecisionLog& operator=(const DecisionLog&) = delete;

  // To be called before `leads` leads are evaluated. WhenFull::kRefuse: makes room for their
  // decisions, each of which must then be written or given back with Release() (a lead that had an
  // error). RESOURCE_EXHAUSTED: there is no room now; INVALID_ARGUMENT: there never is for so many.
  // The leads must not be evaluated then, and the text is for the caller. WhenFull::kDrop: does
  // nothing. Never waits.
  absl::Status Reserve(int leads);
  void Release(int leads);

  // The most leads that one Reserve() can be OK for.
  int64_t max_entries() const;

  // Logs one decision. Never waits for the sink: about 0.1 µs. WhenFull::kDrop: drops it if the
  // queue is full.
  void Write(const DecisionRecord& record);

  // Has the sink look at once whether its file was moved away, so that it opens another one
  // (SIGHUP). It looks once a second anyway.
  void Reopen();

  // Writes what waits, for `limit` at most; what is left then is counted as dropped and logged. To
  // be called once, after the last Write(); later ones are dropped. True: nothing was left.
  bool Stop(absl::Duration limit);

  DecisionLogStats Stats() const;

 private:
  class Writer;
  const std::unique_ptr<Writer> writer_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_DECISION_LOG_H_
