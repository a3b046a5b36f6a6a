#ifndef BANTAM_SERVER_TELEMETRY_LOG_H_
#define BANTAM_SERVER_TELEMETRY_LOG_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}  // namespace details
}  // namespace spdlog

namespace bantam {

enum class LogFormat {
  kHuman,  // "2026-01-31T09:00:00.000Z info message key=value"
  kJson,   // {"time":"2026-01-31T09:00:00.000Z","level":"info","message":"message","key":"value"}
};

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Writes one line per event to the standard error. The lines are written by a thread of its own, so
// that a caller never waits; if they come faster than they can be written, the oldest of 8192 that
// wait are dropped. Safe for concurrent use. Never give it a lead's data.
class Log {
 public:
  using Fields = std::vector<std::pair<absl::string_view, std::string>>;

  // Events below `level` are not written.
  Log(LogFormat format, LogLevel level);

  // Writes what is waiting.
  ~Log();

  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void Write(LogLevel level, absl::string_view message, const Fields& fields = {});

 private:
  const LogFormat format_;
  std::shared_ptr<spdlog::details::thread_pool> writer_;
  std::shared_ptr<spdlog::logger> logger_;
};

// An event as Log writes it after time and level; for tests. Whatever the bytes are that it is
// given, it is one line of UTF-8 without control characters: what is not plain stands in quotation
// marks, as in JSON, where bytes that are not UTF-8 are U+FFFD.
std::string FormatEvent(LogFormat format, absl::string_view message, const Log::Fields& fields);

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_LOG_H_
