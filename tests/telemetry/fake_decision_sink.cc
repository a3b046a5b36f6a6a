#include "tests/telemetry/fake_decision_sink.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace bantam {

void SinkControl::SetMode(Mode mode) {
  MutexLock lock(mutex_);
  mode_ = mode;
  left_ = SIZE_MAX;
  changed_.notify_all();
}

void SinkControl::FailAfter(size_t lines) {
  MutexLock lock(mutex_);
  left_ = lines;
}

void SinkControl::SetRefreshStatus(absl::Status status) {
  MutexLock lock(mutex_);
  refresh_status_ = std::move(status);
}

std::vector<std::string> SinkControl::lines() const {
  MutexLock lock(mutex_);
  return lines_;
}

size_t SinkControl::writes() const {
  MutexLock lock(mutex_);
  return writes_;
}

size_t SinkControl::refreshes() const {
  MutexLock lock(mutex_);
  return refreshes_;
}

absl::Status FakeDecisionSink::Write(absl::Span<const absl::string_view> lines,
                                     absl::Duration limit, size_t* written) {
  SinkControl& control = *control_;
  MutexLock lock(control.mutex_);
  ++control.writes_;
  *written = 0;
  if (control.mode_ == SinkControl::Mode::kHanging) {
    const absl::Time end = absl::Now() + limit;
    while (control.mode_ == SinkControl::Mode::kHanging && absl::Now() < end) {
      control.changed_.wait_for(control.mutex_, absl::ToChronoNanoseconds(end - absl::Now()));
    }
  }
  if (control.mode_ != SinkControl::Mode::kGood) return absl::UnavailableError("the disk is full");
  *written = std::min(lines.size(), control.left_);
  for (const absl::string_view line : lines.subspan(0, *written)) {
    control.lines_.emplace_back(line);
  }
  if (control.left_ != SIZE_MAX) control.left_ -= *written;
  return *written == lines.size() ? absl::OkStatus() : absl::UnavailableError("the disk is full");
}

absl::Status FakeDecisionSink::Refresh() {
  MutexLock lock(control_->mutex_);
  ++control_->refreshes_;
  return control_->refresh_status_;
}

DecisionRecord RecordOf(absl::string_view lead_id) {
  DecisionRecord record;
  record.time = absl::FromUnixMillis(1790000000123);
  record.request_id = "5f3c2a9be0d14c7a8b6e0f1d2c3b4a59";
  record.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  record.caller = "spiffe://example.org/ns/crm/sa/sync";
  record.method = "/bantam.v1.QualificationService/BatchAdvance";
  record.operation = v1::BULK_OPERATION_ADVANCE;
  record.lead_id = lead_id;
  record.icp = "tenants/acme/icps/software";
  record.icp_revision = "0123456789abcdef0123456789abcdef";
  record.evaluate_time = absl::FromUnixSeconds(1790000000);
  record.verdict = v1::VERDICT_QUALIFIED;
  record.score = 59;
  record.grade = "B";
  record.stage = "sql";
  record.from_stage = "mql";
  record.to_stage = "sql";
  record.outcome = v1::ADVANCE_REASON_MOVED_FORWARD;
  return record;
}

v1::Decision ParseDecision(absl::string_view line) {
  v1::Decision decision;
  const auto status = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(line.data(), line.size()), &decision);
  EXPECT_TRUE(status.ok()) << status << ": " << line;
  return decision;
}

std::vector<std::string> LeadIds(const std::vector<std::string>& lines) {
  std::vector<std::string> ids;
  for (const std::string& line : lines) ids.push_back(ParseDecision(line).lead_id());
  return ids;
}

bool WaitUntil(const std::function<bool()>& condition) {
  const absl::Time end = absl::Now() + absl::Minutes(2);
  while (!condition()) {
    if (absl::Now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace bantam
