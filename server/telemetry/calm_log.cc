#include "server/telemetry/calm_log.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace bantam {

constexpr absl::Duration CalmLog::kInterval;

CalmLog::CalmLog(WriteLine write, std::function<absl::Time()> clock)
    : write_(std::move(write)), clock_(std::move(clock)) {}

CalmLog::~CalmLog() {
  MutexLock lock(mutex_);
  for (auto& [name, subject] : subjects_) {
    if (subject.waiting.has_value()) WriteWaiting(&subject);
  }
}

void CalmLog::Write(absl::string_view subject, LogLevel level, absl::string_view message,
                    const Log::Fields& fields) {
  std::string text = FormatEvent(LogFormat::kHuman, message, fields);
  MutexLock lock(mutex_);
  Subject& about = subjects_[subject];
  if (about.waiting.has_value()) ++about.left_out;
  about.waiting = Line{level, std::string(message), fields, std::move(text)};
  WriteIfDue(&about);
}

void CalmLog::WriteDue() {
  MutexLock lock(mutex_);
  for (auto& [name, subject] : subjects_) {
    if (subject.waiting.has_value()) WriteIfDue(&subject);
  }
}

void CalmLog::WriteIfDue(Subject* subject) {
  const absl::Time now = clock_();
  absl::erase_if(subject->written,
                 [now](const auto& written) { return now - written.second >= kInterval; });
  if (subject->written.contains(subject->waiting->text)) return;
  subject->written[subject->waiting->text] = now;
  WriteWaiting(subject);
}

void CalmLog::WriteWaiting(Subject* subject) {
  Line line = *std::exchange(subject->waiting, absl::nullopt);
  const int64_t left_out = std::exchange(subject->left_out, 0);
  if (left_out > 0) line.fields.emplace_back("repeated", absl::StrCat(left_out));
  write_(line.level, line.message, line.fields);
}

}  // namespace bantam
