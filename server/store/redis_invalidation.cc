#include "server/store/redis_invalidation.h"

#include <hiredis/hiredis.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

constexpr absl::string_view kChannel = "__redis__:invalidate";

}  // namespace

RedisInvalidation::RedisInvalidation(EventLoop* loop, RedisUrl url, const RedisTls* tls,
                                     RedisConnectionOptions options,
                                     std::vector<std::string> prefixes,
                                     RedisInvalidationEvents events)
    : prefixes_(std::move(prefixes)),
      events_(std::move(events)),
      connection_(loop, std::move(url), tls, std::move(options), ConnectionEvents()) {}

RedisConnectionEvents RedisInvalidation::ConnectionEvents() {
  RedisConnectionEvents events;
  events.on_ready = [this] { AskForId(); };
  events.on_down = [this](const absl::Status& why, bool) {
    watching_ = false;
    events_.on_watching(why);
  };
  events.on_push = [this](const redisReply& reply) { return OnPush(reply); };
  return events;
}

void RedisInvalidation::Step(const std::vector<absl::string_view>& arguments,
                             std::function<void(const redisReply& reply)> next) {
  const std::string command(arguments[0]);
  connection_.Send(
      arguments, absl::InfiniteDuration(),
      [this, command, next](absl::StatusOr<const redisReply*> reply) {
        // A lost connection has told so already.
        if (!reply.ok()) return;
        if (!IsRedisError(**reply)) {
          next(**reply);
          return;
        }
        connection_.Drop(absl::UnavailableError(absl::StrCat(
            "Redis tells no changes: ", command, " is refused: ", RedisErrorText(**reply))));
      });
}

void RedisInvalidation::AskForId() {
  Step({"CLIENT", "ID"}, [this](const redisReply& reply) { Track(reply.integer); });
}

void RedisInvalidation::Track(int64_t id) {
  const std::string id_text = absl::StrCat(id);
  std::vector<absl::string_view> arguments = {"CLIENT",   "TRACKING", "ON",
                                              "REDIRECT", id_text,    "BCAST"};
  for (const std::string& prefix : prefixes_) {
    arguments.push_back("PREFIX");
    arguments.push_back(prefix);
  }
  Step(arguments, [this](const redisReply&) { Listen(); });
}

void RedisInvalidation::Listen() {
  Step({"SUBSCRIBE", kChannel}, [this](const redisReply&) {
    watching_ = true;
    events_.on_watching(absl::OkStatus());
  });
}

bool RedisInvalidation::OnPush(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 3 ||
      RedisText(*reply.element[0]) != "message") {
    return false;
  }
  ++messages_;
  const redisReply& keys = *reply.element[2];
  if (keys.type != REDIS_REPLY_ARRAY) {
    events_.on_all();
    return true;
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < keys.elements; ++i) names.emplace_back(RedisText(*keys.element[i]));
  events_.on_keys(names);
  return true;
}

}  // namespace bantam
