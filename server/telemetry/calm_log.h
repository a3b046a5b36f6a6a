#ifndef BANTAM_SERVER_TELEMETRY_CALM_LOG_H_
#define BANTAM_SERVER_TELEMETRY_CALM_LOG_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/mutex.h"
#include "server/telemetry/log.h"

namespace bantam {

// Logs how something does that may come and go many times a second, such as a store in an outage.
// About one subject the same line is written once in 10 s at most. One that comes too early waits,
// and is left out if another one about its subject comes before its time: so the newest one is
// always written, with how many were left out before it. Safe for concurrent use.
class CalmLog {
 public:
  using WriteLine = std::function<void(LogLevel, absl::string_view message, const Log::Fields&)>;

  // After how long the same line may be written again.
  static constexpr absl::Duration kInterval = absl::Seconds(10);

  // `write` writes a line, without blocking or calling this object; `clock` tells a time that is
  // never set back.
  CalmLog(WriteLine write, std::function<absl::Time()> clock);

  // Writes what waits.
  ~CalmLog();

  CalmLog(const CalmLog&) = delete;
  CalmLog& operator=(const CalmLog&) = delete;

  // Writes a line about `subject`, now or later. There must be few subjects: none is forgotten.
  // Where others were left out before it, it gets the field "repeated": how many.
  void Write(absl::string_view subject, LogLevel level, absl::string_view message,
             const Log::Fields& fields = {});

  // Writes the lines that have waited long enough. To be called about every second.
  void WriteDue();

 private:
  struct Line {
    LogLevel level;
    std::string message;
    Log::Fields fields;
    std::string text;  // By which lines are the same.
  };
  struct Subject {
    absl::flat_hash_map<std::string, absl::Time> written;  // Of the last 10 s, by text.
    absl::optional<Line> waiting;
    int64_t left_out = 0;
  };

  void WriteIfDue(Subject* subject) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WriteWaiting(Subject* subject) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const WriteLine write_;
  const std::function<absl::Time()> clock_;

  Mutex mutex_;
  absl::flat_hash_map<std::string, Subject> subjects_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_CALM_LOG_H_
