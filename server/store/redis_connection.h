#ifndef BANTAM_SERVER_STORE_REDIS_CONNECTION_H_
#define BANTAM_SERVER_STORE_REDIS_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/store/event_loop.h"
#include "server/store/redis_socket.h"
#include "server/store/redis_url.h"

struct redisReader;  // hiredis'
struct redisReply;

namespace bantam {

// What Redis answered. Errors that Redis itself answers are replies too.
using RedisDone = absl::AnyInvocable<void(absl::StatusOr<const redisReply*>)>;

// An error that Redis answered, cut to what is fit for a log: one line without the arguments that
// Redis repeats in some.
std::string RedisErrorText(const redisReply& error);

// Whether the reply is an error that begins with the word `code`, such as "NOSCRIPT". An empty
// code: any error.
bool IsRedisError(const redisReply& reply, absl::string_view code = "");

// A text, or nothing for a reply of another type.
absl::string_view RedisText(const redisReply& reply);

struct RedisConnectionOptions {
  // Shown in Redis' list of clients.
  std::string client_name;

  // How long finding the address, connecting and logging in may take together.
  absl::Duration connect_timeout = absl::Seconds(1);

  // After how long without a byte from Redis, while an answer is due, the connection counts as
  // dead.
  absl::Duration silence_limit = absl::Milliseconds(500);

  // How often Redis is asked whether it is there, so that a dead connection is noticed.
  absl::Duration ping_interval = absl::Seconds(1);

  // The pause before connecting again doubles from the first to the second; up to one half of it
  // is taken off at random.
  absl::Duration min_pause = absl::Milliseconds(50);
  absl::Duration max_pause = absl::Seconds(5);

  // If Redis answers that it is a copy which must not be written, the connection is made anew,
  // since after a fail-over another one may be behind its name: once it has been up for so long, so
  // that one to a copy that stays one is not made again and again.
  absl::Duration copy_patience = absl::Seconds(30);

  // How many commands may be without an answer, and how many bytes they may have together.
  size_t max_commands = 4096;
  size_t max_bytes = 16 << 20;
};

// What a connection tells its owner. Called on the loop's thread.
struct RedisConnectionEvents {
  // It is connected and logged in.
  std::function<void()> on_ready;

  // It was lost (`was_ready`), or could not be made. One line, without credentials.
  std::function<void(const absl::Status& why, bool was_ready)> on_down;

  // Something came that Redis says by itself. True: it was that; false: it is an answer.
  std::function<bool(const redisReply& reply)> on_push;
};

// One connection to Redis that is made again whenever it is lost, or turns out to lead to a copy
// that must not be written (after a fail-over). Commands are sent without waiting for the answers
// of those before. Belongs to the thread of its loop.
class RedisConnection {
 public:
  // Begins to connect. `loop` and `tls` (null: without TLS) must outlive this.
  RedisConnection(EventLoop* loop, RedisUrl url, const RedisTls* tls,
                  RedisConnectionOptions options, RedisConnectionEvents events);

  // As Stop(), if that was not called.
  ~RedisConnection();

  // Ends it: whoever waits, or sends a command after this, is told UNAVAILABLE. The loop is not
  // needed any more then.
  void Stop();

  // Sends a command, with the next Flush() at the latest. While the connection is being made, it
  // waits for that. `done` is called once, perhaps before this returns. Errors: UNAVAILABLE: there
  // is no connection, or it was lost; DEADLINE_EXCEEDED: no answer in time; RESOURCE_EXHAUSTED: too
  // many commands wait. `timeout`: infinite: until the connection counts as dead.
  void Send(const std::vector<absl::string_view>& arguments, absl::Duration timeout,
            RedisDone done);
  void Flush();

  // Whether this is the first time that `script` is named on the connection as it is now (or as it
  // is being made). From then on Redis knows it.
  bool IsNewScript(absl::string_view script) { return scripts_.insert(std::string(script)).second; }

  // Gives the connection up, to make another one after a pause.
  void Drop(const absl::Status& why);

  // Whether commands are sent at once.
  bool ready() const { return state_ == State::kReady; }

  // Whether commands are of no use now.
  bool down() const { return state_ == State::kPausing; }

 private:
  enum class State { kPausing, kResolving, kConnecting, kLoggingIn, kReady };

  // Times are those of SteadyNow().
  struct Pending {
    std::string wire;  // Until it is sent.
    size_t bytes;
    absl::Time sent_time;
    absl::Time deadline;
    RedisDone done;  // Null: told already that it is too late.
  };

  // A command of the log-in.
  struct LoginStep {
    std::vector<std::string> arguments;
    bool secret = false;    // What Redis says of it may hold credentials.
    bool optional = false;  // It may be refused.
  };

  // The steps from a pause to the connection.
  void Begin();
  void ConnectToNext(const absl::Status& failure);
  void OnConnected();
  void LogIn();
  void OnLoginReply(const redisReply& reply);
  void BecomeReady();

  void OnReadable();
  void OnWritable();

  // Reads and handles what is there. False: the connection was lost meanwhile.
  bool ReadAll();

  // Handles the replies that are complete. False: as above.
  bool HandleReplies();
  void HandleReply(const redisReply& reply);

  // Tells those whose time is over.
  void OnDeadline();
  void SetDeadlineTimer(absl::Time deadline);
  void CheckSilenceAfter(absl::Duration delay);
  void OnSilenceCheck();
  void Ping();

  // Ends what there is of a connection.
  void Close();
  void Fail(const absl::Status& why);

  // `why`, with the address.
  absl::Status Unavailable(absl::string_view why) const;

  EventLoop* const loop_;
  const RedisUrl url_;
  const RedisTls* const tls_;
  const RedisConnectionOptions options_;
  const RedisConnectionEvents events_;
  absl::BitGen random_;

  State state_ = State::kPausing;
  bool stopped_ = false;
  absl::Status last_error_;
  int64_t attempt_ = 0;  // Counts connections, so that a callback can tell that its own is gone.
  int failures_ = 0;     // In a row.
  absl::Time ready_time_;

  std::unique_ptr<NameLookup> lookup_;
  std::vector<std::string> addresses_;  // Not tried yet, the next one last.
  std::unique_ptr<RedisSocket> socket_;
  std::unique_ptr<FdWatch> watch_;
  redisReader* reader_ = nullptr;
  std::deque<LoginStep> login_;  // Without an answer.
  std::set<std::string> scripts_;
  std::string output_;
  size_t output_sent_ = 0;  // How many of its bytes are on their way.

  std::deque<Pending> pending_;
  size_t pending_bytes_ = 0;
  absl::Time last_read_time_;

  EventLoop::TimerId attempt_timer_;  // Of the pause, or of the attempt to connect.
  EventLoop::TimerId ping_timer_;
  EventLoop::TimerId deadline_timer_;
  absl::Time timer_deadline_ = absl::InfiniteFuture();
  EventLoop::TimerId silence_timer_;
  bool checking_silence_ = false;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_REDIS_CONNECTION_H_
