#include "server/telemetry/log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/telemetry/json_text.h"
#include "spdlog/async.h"
#include "spdlog/async_logger.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace bantam {
namespace {

constexpr size_t kMaxWaiting = 8192;

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Nothing that a terminal would obey, and nothing that might not be UTF-8.
bool IsPrintableAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

bool NeedsQuotes(absl::string_view value) {
  return value.empty() || !IsPrintableAscii(value) ||
         value.find_first_of(" \"\\=") != absl::string_view::npos;
}

void AppendForPeople(absl::string_view text, bool quoted, std::string* event) {
  if (quoted) {
    AppendJsonString(text, event);
  } else {
    absl::StrAppend(event, text);
  }
}

}  // namespace

std::string FormatEvent(LogFormat format, absl::string_view message, const Log::Fields& fields) {
  std::string event;
  if (format == LogFormat::kJson) {
    event = "\"message\":";
    AppendJsonString(message, &event);
    for (const auto& [key, value] : fields) {
      event += ',';
      AppendJsonString(key, &event);
      event += ':';
      AppendJsonString(value, &event);
    }
    return event;
  }
  AppendForPeople(message, !IsPrintableAscii(message), &event);
  for (const auto& [key, value] : fields) {
    absl::StrAppend(&event, " ", key, "=");
    AppendForPeople(value, NeedsQuotes(value), &event);
  }
  return event;
}

Log::Log(LogFormat format, LogLevel level)
    : format_(format), writer_(std::make_shared<spdlog::details::thread_pool>(kMaxWaiting, 1)) {
  logger_ = std::make_shared<spdlog::async_logger>(
      "bantamd", std::make_shared<spdlog::sinks::stderr_sink_mt>(), writer_,
      spdlog::async_overflow_policy::overrun_oldest);
  logger_->set_level(ToSpdlog(level));
  logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>(
      format == LogFormat::kJson ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})"
                                 : "%Y-%m-%dT%H:%M:%S.%eZ %l %v",
      spdlog::pattern_time_type::utc));
}

Log::~Log() {
  logger_->flush();
  logger_.reset();
  writer_.reset();  // Waits for its thread, which writes all that is left.
}

void Log::Write(LogLevel level, absl::string_view message, const Fields& fields) {
  if (!logger_->should_log(ToSpdlog(level))) return;
  const std::string event = FormatEvent(format_, message, fields);
  logger_->log(ToSpdlog(level), spdlog::string_view_t(event.data(), event.size()));
}

}  // namespace bantam
