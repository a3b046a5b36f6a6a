// The Lua scripts that Redis runs for a RedisCache. Each takes one round trip, and nothing comes in
// between its steps.
#ifndef BANTAM_SERVER_STORE_REDIS_SCRIPTS_H_
#define BANTAM_SERVER_STORE_REDIS_SCRIPTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/store/redis_connection.h"

namespace bantam {

class RedisScript {
 public:
  explicit RedisScript(absl::string_view text);

  // Runs it; the first `keys` of `arguments` are keys. The text is sent the first time only, so
  // that commands keep their order; and again where Redis has forgotten it, and then `timeout`
  // begins again. `connection` must outlive the answer.
  void Run(RedisConnection* connection, int keys, std::vector<std::string> arguments,
           absl::Duration timeout, RedisDone done) const;

 private:
  const std::string text_;
  const std::string sha1_;  // By which Redis knows it.
};

// Reads a pointer, and with it the text that it points to.
//   Keys: the pointer. Arguments: the number whose text is not wanted; the RecordPrefix(); after
//   how many bytes an entry is cut off.
//   Answers {pointer} or {pointer, record}: "" for what is not there, 0 for a key that is no text.
const RedisScript& ReadCurrentScript();

// Writes entries with a front, each only over one with a lower sequence or over what is none, or,
// with the same sequence, over one with state 0.
//   Keys: one per entry. Arguments: a state (19 digits) that does not replace itself; then per
//   entry: the bytes, the time to live in milliseconds.
//   Answers {written, kept, error}. Where Redis is out of memory (`error`: its text, else ""), an
//   outdated entry is removed instead.
const RedisScript& WriteFrontedScript();

// Removes a key if it holds what was read of it.
//   Keys: one. Arguments: the bytes.
const RedisScript& RemoveIfEqualScript();

// Counts uses.
//   Keys: Uses(), UsesFaded(). Arguments: after how many milliseconds they count half; how many
//   names are kept; then per name: the name, how often it was used.
const RedisScript& AddUsesScript();

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_REDIS_SCRIPTS_H_
