#ifndef BANTAM_TESTS_TELEMETRY_FAKE_DECISION_SINK_H_
#define BANTAM_TESTS_TELEMETRY_FAKE_DECISION_SINK_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/decision.pb.h"
#include "server/catalog/mutex.h"
#include "server/telemetry/decision_log.h"
#include "server/telemetry/decision_sink.h"

namespace bantam {

// What a FakeDecisionSink does and has seen; shared with the test, which may change it at any time.
class SinkControl {
 public:
  // Takes everything (at first); nothing; or nothing, and that only after Write()'s limit.
  enum class Mode { kGood, kFailing, kHanging };
  void SetMode(Mode mode);

  // Fails after so many more lines, as a disk does that becomes full.
  void FailAfter(size_t lines);

  // From now on Refresh() gives this. At first: OK.
  void SetRefreshStatus(absl::Status status);

  // The lines taken so far.
  std::vector<std::string> lines() const;
  size_t writes() const;
  size_t refreshes() const;

 private:
  friend class FakeDecisionSink;

  mutable Mutex mutex_;
  std::condition_variable_any changed_;
  Mode mode_ ABSL_GUARDED_BY(mutex_) = Mode::kGood;
  size_t left_ ABSL_GUARDED_BY(mutex_) = SIZE_MAX;  // Lines that it still takes.
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
  size_t writes_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t refreshes_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status refresh_status_ ABSL_GUARDED_BY(mutex_);
};

// A sink with fault switches.
class FakeDecisionSink : public DecisionSink {
 public:
  // `control` must outlive this.
  explicit FakeDecisionSink(SinkControl* control) : control_(control) {}

  absl::Status Write(absl::Span<const absl::string_view> lines, absl::Duration limit,
                     size_t* written) override;
  absl::Status Refresh() override;

 private:
  SinkControl* const control_;
};

// A record with every text set, of the lead `lead_id`. Texts of `lead_id` must outlive it.
DecisionRecord RecordOf(absl::string_view lead_id);

// The Decision that `line` is; fails the test if it is none.
v1::Decision ParseDecision(absl::string_view line);

// The lead ids of `lines`, in their order.
std::vector<std::string> LeadIds(const std::vector<std::string>& lines);

// Waits until `condition` holds; false after two minutes.
bool WaitUntil(const std::function<bool()>& condition);

}  // namespace bantam

#endif  // BANTAM_TESTS_TELEMETRY_FAKE_DECISION_SINK_H_
