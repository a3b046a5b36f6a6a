#include "client/watch/redis_source.h"

#include <hiredis/hiredis.h>
#include <poll.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"

namespace bantam {
namespace {

// How long Redis waits for an entry before it answers that there is none, and how long its answer
// may take beyond that.
constexpr char kBlockMilliseconds[] = "1000";
constexpr absl::Duration kAnswerLimit = absl::Seconds(6);

constexpr absl::Duration kMinPause = absl::Milliseconds(100);
constexpr absl::Duration kMaxPause = absl::Seconds(5);

absl::string_view Text(const redisReply& reply) {
  return reply.type == REDIS_REPLY_STRING ? absl::string_view(reply.str, reply.len) : "";
}

// The value of the field `decision` of an entry's fields.
absl::string_view Decision(const redisReply& fields) {
  for (size_t i = 0; fields.type == REDIS_REPLY_ARRAY && i + 1 < fields.elements; i += 2) {
    if (Text(*fields.element[i]) == "decision") return Text(*fields.element[i + 1]);
  }
  return "";
}

void Wait(absl::Duration pause, const DecisionSource::IsOver& is_over) {
  const absl::Time end = absl::Now() + pause;
  while (!is_over() && absl::Now() < end) poll(nullptr, 0, 50);
}

}  // namespace

void RedisSource::NoteIfMissing(const IsOver& is_over, const Note& note) {
  const absl::StatusOr<RedisReplyPtr> reply =
      client_->Run({"EXISTS", stream_}, kAnswerLimit, is_over);
  // Who may not ask that may still read; and a connection that is lost is noticed at once.
  if (!reply.ok() || (*reply)->type != REDIS_REPLY_INTEGER || (*reply)->integer != 0) return;
  note(absl::StrCat("Redis at ", target_.Address(), " has no stream '", stream_,
                    "' yet; waiting for the first decision of a server with --decision_log there"));
}

absl::Status RedisSource::FindEnd(const IsOver& is_over) {
  const absl::StatusOr<RedisReplyPtr> reply =
      client_->Run({"XREVRANGE", stream_, "+", "-", "COUNT", "1"}, kAnswerLimit, is_over);
  if (!reply.ok()) return reply.status();
  after_ = "0";
  const redisReply& entries = **reply;
  if (entries.type == REDIS_REPLY_ARRAY && entries.elements == 1 &&
      entries.element[0]->type == REDIS_REPLY_ARRAY && entries.element[0]->elements == 2) {
    after_ = std::string(Text(*entries.element[0]->element[0]));
  }
  return absl::OkStatus();
}

absl::Status RedisSource::ReadOn(const TakeLine& take, const IsOver& is_over) {
  while (!is_over()) {
    const absl::StatusOr<RedisReplyPtr> reply = client_->Run(
        {"XREAD", "COUNT", "500", "BLOCK", kBlockMilliseconds, "STREAMS", stream_, after_},
        kAnswerLimit, is_over);
    if (!reply.ok()) return reply.status();
    // [[stream, [[id, [field, value, …]], …]]], or nothing.
    const redisReply& streams = **reply;
    if (streams.type != REDIS_REPLY_ARRAY || streams.elements != 1 ||
        streams.element[0]->type != REDIS_REPLY_ARRAY || streams.element[0]->elements != 2) {
      continue;
    }
    const redisReply& entries = *streams.element[0]->element[1];
    for (size_t i = 0; entries.type == REDIS_REPLY_ARRAY && i < entries.elements; ++i) {
      const redisReply& entry = *entries.element[i];
      if (entry.type != REDIS_REPLY_ARRAY || entry.elements != 2) continue;
      after_ = std::string(Text(*entry.element[0]));
      if (!take(std::string(Decision(*entry.element[1])))) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status RedisSource::Refused(const absl::Status& why) const {
  return absl::FailedPreconditionError(
      absl::StrCat("Redis at ", target_.Address(), ": ", why.message()));
}

absl::Status RedisSource::Follow(const TakeLine& take, const IsOver& is_over, const Note& note) {
  bool was_connected = false;
  absl::Duration pause = kMinPause;
  while (true) {
    absl::StatusOr<std::unique_ptr<RedisClient>> client = RedisClient::Connect(target_, is_over);
    absl::Status status = client.status();
    if (status.ok()) {
      client_ = *std::move(client);
      if (was_connected) note(absl::StrCat("connected to Redis at ", target_.Address(), " again"));
      if (!was_connected) NoteIfMissing(is_over, note);
      if (after_.empty()) status = FindEnd(is_over);
      if (absl::IsFailedPrecondition(status)) return Refused(status);
      if (status.ok()) {
        was_connected = true;
        pause = kMinPause;
        status = ReadOn(take, is_over);
        if (is_over()) return absl::OkStatus();
        if (status.ok()) return status;
        if (absl::IsFailedPrecondition(status)) return Refused(status);
        note(absl::StrCat("the connection to Redis at ", target_.Address(), " is lost (",
                          status.message(), "); trying again"));
      }
    }
    if (is_over()) return absl::OkStatus();
    if (!was_connected) return status;
    Wait(pause, is_over);
    pause = std::min(2 * pause, kMaxPause);
  }
}

}  // namespace bantam
