#include "server/telemetry/log.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
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

// `text` between quotation marks, escaped as JSON wants it; it stays one line.
std::string Quote(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        quoted += "\\\"";
        break;
      case '\\':
        quoted += "\\\\";
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<unsigned char>(c));
        } else {
          quoted += c;
        }
    }
  }
  return quoted + "\"";
}

bool NeedsQuotes(absl::string_view text) {
  return text.empty() || text.find_first_of(" \"\\\n\t=") != absl::string_view::npos;
}

}  // namespace

std::string FormatEvent(LogFormat format, absl::string_view message, const Log::Fields& fields) {
  std::string event;
  if (format == LogFormat::kJson) {
    event = absl::StrCat("\"message\":", Quote(message));
    for (const auto& [key, value] : fields) {
      absl::StrAppend(&event, ",", Quote(key), ":", Quote(value));
    }
    return event;
  }
  event = std::string(message);
  for (const auto& [key, value] : fields) {
    absl::StrAppend(&event, " ", key, "=", NeedsQuotes(value) ? Quote(value) : value);
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
