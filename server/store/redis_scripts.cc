#include "server/store/redis_scripts.h"

#include <hiredis/hiredis.h>
#include <openssl/evp.h>

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace bantam {
namespace {

std::string Sha1(absl::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), size));
}

constexpr absl::string_view kReadCurrent = R"lua(
local function read(key)
  local value = redis.pcall('GETRANGE', key, 0, ARGV[3] - 1)
  if type(value) == 'table' and string.find(value.err, 'WRONGTYPE', 1, true) then return 0 end
  return value
end
local pointer = read(KEYS[1])
if type(pointer) == 'table' then return pointer end
local number = type(pointer) == 'string' and string.match(pointer, '^%d+ 0*(%d+)\n')
if not number or number == '0' or number == ARGV[1] then return {pointer} end
local record = read(ARGV[2] .. number)
if type(record) == 'table' then return record end
return {pointer, record}
)lua";

constexpr absl::string_view kWriteFronted = R"lua(
local zero = string.rep('0', 19)
local written, kept, problem = 0, 0, ''
for i, key in ipairs(KEYS) do
  local entry, ttl = ARGV[2 * i], ARGV[2 * i + 1]
  local sequence, state = string.sub(entry, 1, 19), string.sub(entry, 21, 39)
  local old = redis.pcall('GETRANGE', key, 0, 39)
  local old_sequence, old_state
  if type(old) == 'string' then
    old_sequence, old_state = string.match(old, '^(%d+) (%d+)\n')
    if old_sequence and (#old_sequence ~= 19 or #old_state ~= 19) then old_sequence = nil end
  elseif not string.find(old.err, 'WRONGTYPE', 1, true) then
    return old
  end
  local newer = not old_sequence or sequence > old_sequence or
      (sequence == old_sequence and old_state == zero and state ~= zero)
  if not newer or (old_sequence and state == old_state and state == ARGV[1]) then
    kept = kept + 1
  else
    local set = redis.pcall('SET', key, entry, 'PX', ttl)
    if not set.err then
      written = written + 1
    elseif string.find(set.err, 'OOM', 1, true) then
      problem = set.err
      if old ~= '' then redis.call('DEL', key) end
    else
      return set
    end
  end
end
return {written, kept, problem}
)lua";

constexpr absl::string_view kRemoveIfEqual = R"lua(
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
)lua";

constexpr absl::string_view kAddUses = R"lua(
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'zset' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
if redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[1]) then
  redis.call('ZUNIONSTORE', KEYS[1], 1, KEYS[1], 'WEIGHTS', '0.5')
end
for i = 3, #ARGV, 2 do redis.call('ZINCRBY', KEYS[1], ARGV[i + 1], ARGV[i]) end
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[2])
return 1
)lua";

}  // namespace

RedisScript::RedisScript(absl::string_view text) : text_(text), sha1_(Sha1(text)) {}

void RedisScript::Run(RedisConnection* connection, int keys, std::vector<std::string> arguments,
                      absl::Duration timeout, RedisDone done) const {
  const std::string key_count = absl::StrCat(keys);
  std::vector<absl::string_view> words = {"EVALSHA", sha1_, key_count};
  if (connection->IsNewScript(sha1_)) words = {"EVAL", text_, key_count};
  words.insert(words.end(), arguments.begin(), arguments.end());
  connection->Send(words, timeout,
                   [this, connection, key_count, arguments = std::move(arguments), timeout,
                    done = std::move(done)](absl::StatusOr<const redisReply*> reply) mutable {
                     if (!reply.ok() || !IsRedisError(**reply, "NOSCRIPT")) {
                       done(reply);
                       return;
                     }
                     std::vector<absl::string_view> words = {"EVAL", text_, key_count};
                     words.insert(words.end(), arguments.begin(), arguments.end());
                     connection->Send(words, timeout, std::move(done));
                   });
}

const RedisScript& ReadCurrentScript() {
  static const RedisScript& script = *new RedisScript(kReadCurrent);
  return script;
}

const RedisScript& WriteFrontedScript() {
  static const RedisScript& script = *new RedisScript(kWriteFronted);
  return script;
}

const RedisScript& RemoveIfEqualScript() {
  static const RedisScript& script = *new RedisScript(kRemoveIfEqual);
  return script;
}

const RedisScript& AddUsesScript() {
  static const RedisScript& script = *new RedisScript(kAddUses);
  return script;
}

}  // namespace bantam
