#include "server/telemetry/decision_sink.h"

#include <utility>

#include "absl/strings/match.h"
#include "server/store/redis_stream.h"
#include "server/store/redis_url.h"
#include "server/telemetry/file_decision_sink.h"

namespace bantam {
namespace {

// The field of an entry that holds the decision.
constexpr absl::string_view kField = "decision";

// Appends each line to a stream of Redis.
class RedisDecisionSink final : public DecisionSink {
 public:
  explicit RedisDecisionSink(std::unique_ptr<RedisStream> stream) : stream_(std::move(stream)) {}

  absl::Status Write(absl::Span<const absl::string_view> lines, absl::Duration limit,
                     size_t* written) override {
    return stream_->Append(lines, limit, written);
  }

  absl::Status Refresh() override { return absl::OkStatus(); }

 private:
  const std::unique_ptr<RedisStream> stream_;
};

absl::StatusOr<std::unique_ptr<DecisionSink>> OpenRedisSink(const DecisionSinkOptions& options) {
  absl::StatusOr<RedisUrl> url = ParseRedisUrl(options.target);
  if (!url.ok()) return url.status();
  RedisStreamOptions stream_options;
  stream_options.key = options.stream;
  stream_options.field = std::string(kField);
  stream_options.max_length = options.max_length;
  absl::StatusOr<std::unique_ptr<RedisStream>> stream =
      RedisStream::Open(*std::move(url), std::move(stream_options));
  if (!stream.ok()) return stream.status();
  return std::make_unique<RedisDecisionSink>(*std::move(stream));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DecisionSink>> OpenDecisionSink(const DecisionSinkOptions& options) {
  if (options.target == "stdout") return FileDecisionSink::StandardOutput();
  if (absl::StartsWith(options.target, "redis://") ||
      absl::StartsWith(options.target, "rediss://")) {
    return OpenRedisSink(options);
  }
  return FileDecisionSink::Open(options.target);
}

}  // namespace bantam
