#include "server/store/redis_connection.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "server/catalog/steady_time.h"

namespace bantam {
namespace {

// A connection that held for so long was no failure.
constexpr absl::Duration kSteady = absl::Seconds(1);

// The bytes of a command as Redis wants them.
std::string Format(const std::vector<absl::string_view>& arguments) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const absl::string_view argument : arguments) {
    texts.push_back(argument.data() == nullptr ? "" : argument.data());
    sizes.push_back(argument.size());
  }
  char* command = nullptr;
  const auto size =
      redisFormatCommandArgv(&command, static_cast<int>(texts.size()), texts.data(), sizes.data());
  std::string wire = size < 0 ? "" : std::string(command, static_cast<size_t>(size));
  if (size >= 0) redisFreeCommand(command);
  return wire;
}

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

}  // namespace

std::string RedisErrorText(const redisReply& error) {
  absl::string_view text(error.str, error.len);
  text = text.substr(0, text.find_first_of("\r\n"));
  // "unknown command 'X', with args beginning with: ..."
  text = text.substr(0, text.find(", with args"));
  return std::string(text.substr(0, 160));
}

bool IsRedisError(const redisReply& reply, absl::string_view code) {
  if (reply.type != REDIS_REPLY_ERROR) return false;
  const absl::string_view text(reply.str, reply.len);
  return code.empty() || text == code || absl::StartsWith(text, absl::StrCat(code, " "));
}

absl::string_view RedisText(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_STRING && reply.type != REDIS_REPLY_STATUS) return "";
  return absl::string_view(reply.str, reply.len);
}

RedisConnection::RedisConnection(EventLoop* loop, RedisUrl url, const RedisTls* tls,
                                 RedisConnectionOptions options, RedisConnectionEvents events)
    : loop_(loop),
      url_(std::move(url)),
      tls_(tls),
      options_(std::move(options)),
      events_(std::move(events)),
      last_error_(Unavailable("not connected yet")) {
  Begin();
}

RedisConnection::~RedisConnection() {
  if (!stopped_) Stop();
}

void RedisConnection::Stop() {
  stopped_ = true;
  Close();
  last_error_ = Unavailable("given up, since this program ends");
  Fail(last_error_);
}

absl::Status RedisConnection::Unavailable(absl::string_view why) const {
  return absl::UnavailableError(absl::StrCat("Redis at ", url_.Address(), ": ", why));
}

void RedisConnection::Begin() {
  ++attempt_;
  state_ = State::kResolving;
  attempt_timer_ = loop_->RunAfter(options_.connect_timeout, [this] {
    Drop(Unavailable(
        absl::StrCat("no connection within ", absl::FormatDuration(options_.connect_timeout))));
  });
  // Asked each time: after a fail-over the name may stand for another machine.
  lookup_ = loop_->Resolve(url_.host, [this](absl::StatusOr<std::vector<std::string>> addresses) {
    if (!addresses.ok()) {
      Drop(Unavailable(addresses.status().message()));
      return;
    }
    addresses_ = *std::move(addresses);
    std::reverse(addresses_.begin(), addresses_.end());
    // Not always the same first, which may be one that never answers.
    std::rotate(addresses_.begin(),
                addresses_.begin() + failures_ % static_cast<int>(addresses_.size()),
                addresses_.end());
    ConnectToNext(absl::OkStatus());
  });
}

void RedisConnection::ConnectToNext(const absl::Status& failure) {
  absl::Status last = failure;
  while (!addresses_.empty()) {
    watch_ = nullptr;
    socket_ = nullptr;
    absl::StatusOr<std::unique_ptr<RedisSocket>> socket =
        RedisSocket::Connect(addresses_.back(), url_.port, tls_, url_.host);
    addresses_.pop_back();
    if (!socket.ok()) {
      last = socket.status();
      continue;
    }
    socket_ = *std::move(socket);
    state_ = State::kConnecting;
    watch_ = loop_->Watch(
        socket_->descriptor(), [this] { OnReadable(); }, [this] { OnWritable(); });
    if (watch_ == nullptr) {
      last = absl::UnavailableError("its socket cannot be watched");
      continue;
    }
    watch_->WantWrite(true);
    return;
  }
  Drop(Unavailable(last.message()));
}

void RedisConnection::OnConnected() {
  const absl::StatusOr<bool> connected = socket_->Connected();
  if (!connected.ok()) {
    ConnectToNext(connected.status());
    return;
  }
  watch_->WantRead(true);
  watch_->WantWrite(socket_->wants_write());
  if (*connected) LogIn();
}

void RedisConnection::LogIn() {
  state_ = State::kLoggingIn;
  reader_ = redisReaderCreate();
  if (!url_.password.empty()) {
    LoginStep step;
    step.arguments = {"AUTH"};
    if (!url_.user.empty()) step.arguments.push_back(url_.user);
    step.arguments.push_back(url_.password);
    step.secret = true;
    login_.push_back(std::move(step));
  }
  if (url_.database != 0) login_.push_back({{"SELECT", absl::StrCat(url_.database)}});
  login_.push_back({{"CLIENT", "SETNAME", options_.client_name}, false, true});
  // Refused while Redis still reads its data, or has lost the one that it is a copy of.
  login_.push_back({{"PING"}});
  for (const LoginStep& step : login_) {
    output_ += Format({step.arguments.begin(), step.arguments.end()});
  }
  Flush();
}

void RedisConnection::OnLoginReply(const redisReply& reply) {
  const LoginStep step = std::move(login_.front());
  login_.pop_front();
  if (IsRedisError(reply) && !step.optional) {
    const std::string text = RedisErrorText(reply);
    Drop(Unavailable(step.secret ? absl::StrCat("the user or the password is refused (",
                                                text.substr(0, text.find(' ')), ")")
                                 : absl::StrCat(step.arguments[0], " is refused: ", text)));
  } else if (login_.empty()) {
    BecomeReady();
  }
}

void RedisConnection::BecomeReady() {
  state_ = State::kReady;
  ready_time_ = last_read_time_ = SteadyNow();
  loop_->Cancel(attempt_timer_);
  for (Pending& pending : pending_) {
    output_ += pending.wire;
    pending.wire = std::string();
    pending.sent_time = ready_time_;
  }
  ping_timer_ = loop_->RunAfter(options_.ping_interval, [this] { Ping(); });
  if (!pending_.empty()) CheckSilenceAfter(options_.silence_limit);
  const int64_t attempt = attempt_;
  if (events_.on_ready) events_.on_ready();
  if (attempt == attempt_ && state_ == State::kReady) Flush();
}

void RedisConnection::Send(const std::vector<absl::string_view>& arguments, absl::Duration timeout,
                           RedisDone done) {
  if (down()) {
    done(last_error_);
    return;
  }
  Pending pending;
  pending.wire = Format(arguments);
  pending.bytes = pending.wire.size();
  if (pending_.size() >= options_.max_commands ||
      pending_bytes_ + pending.bytes > options_.max_bytes) {
    done(absl::ResourceExhaustedError(
        absl::StrCat("Redis at ", url_.Address(), ": too many commands wait for their answer")));
    return;
  }
  pending.sent_time = SteadyNow();
  pending.deadline = pending.sent_time + timeout;
  pending.done = std::move(done);
  pending_bytes_ += pending.bytes;
  if (ready()) {
    output_ += pending.wire;
    pending.wire = std::string();
    CheckSilenceAfter(options_.silence_limit);
  }
  if (pending.deadline < timer_deadline_) SetDeadlineTimer(pending.deadline);
  pending_.push_back(std::move(pending));
}

void RedisConnection::Flush() {
  if (state_ != State::kLoggingIn && state_ != State::kReady) return;
  while (output_sent_ < output_.size()) {
    const absl::StatusOr<size_t> sent =
        socket_->Write(absl::string_view(output_).substr(output_sent_));
    if (!sent.ok()) {
      Drop(Unavailable(sent.status().message()));
      return;
    }
    if (*sent == 0) break;
    output_sent_ += *sent;
  }
  const bool all = output_sent_ == output_.size();
  if (all) {
    output_.clear();
    output_sent_ = 0;
  }
  watch_->WantWrite(!all);
}

void RedisConnection::OnWritable() {
  if (state_ == State::kConnecting) {
    OnConnected();
  } else {
    Flush();
  }
}

void RedisConnection::OnReadable() {
  if (state_ == State::kConnecting) {
    OnConnected();
  } else if (ReadAll()) {
    Flush();
  }
}

bool RedisConnection::ReadAll() {
  if (state_ != State::kLoggingIn && state_ != State::kReady) return false;
  char bytes[64 << 10];
  // Not for ever, so that the other connections of the loop have their turn.
  for (int i = 0; i < 64 || socket_->HasReceived(); ++i) {
    const absl::StatusOr<size_t> count = socket_->Read(bytes, sizeof(bytes));
    if (!count.ok()) {
      Drop(Unavailable(count.status().message()));
      return false;
    }
    if (*count == 0) return true;
    last_read_time_ = SteadyNow();
    if (redisReaderFeed(reader_, bytes, *count) != REDIS_OK) {
      Drop(Unavailable("its answer cannot be read: out of memory"));
      return false;
    }
    if (!HandleReplies()) return false;
  }
  return true;
}

bool RedisConnection::HandleReplies() {
  const int64_t attempt = attempt_;
  while (true) {
    void* next = nullptr;
    if (redisReaderGetReply(reader_, &next) != REDIS_OK) {
      Drop(Unavailable("its answer cannot be read: this is not Redis' protocol"));
      return false;
    }
    if (next == nullptr) return true;
    const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(next));
    HandleReply(*reply);
    if (attempt != attempt_ || down()) return false;
  }
}

void RedisConnection::HandleReply(const redisReply& reply) {
  if (state_ == State::kLoggingIn) {
    OnLoginReply(reply);
    return;
  }
  if (events_.on_push && events_.on_push(reply)) return;
  if (pending_.empty()) {
    // Such as "max number of clients reached".
    Drop(Unavailable(IsRedisError(reply) ? RedisErrorText(reply)
                                         : "it answered without a question"));
    return;
  }
  RedisDone done = std::move(pending_.front().done);
  pending_bytes_ -= pending_.front().bytes;
  pending_.pop_front();
  const int64_t attempt = attempt_;
  if (done) done(&reply);
  if (attempt == attempt_ && IsRedisError(reply, "READONLY") &&
      SteadyNow() - ready_time_ >= options_.copy_patience) {
    Drop(Unavailable(RedisErrorText(reply)));
  }
}

void RedisConnection::SetDeadlineTimer(absl::Time deadline) {
  loop_->Cancel(deadline_timer_);
  timer_deadline_ = deadline;
  deadline_timer_ = loop_->RunAfter(deadline - SteadyNow(), [this] { OnDeadline(); });
}

void RedisConnection::OnDeadline() {
  timer_deadline_ = absl::InfiniteFuture();
  // The answer may be there while this program was slow.
  if (ready() && !ReadAll()) return;
  const absl::Time now = SteadyNow();
  std::vector<RedisDone> late;
  absl::Time next = absl::InfiniteFuture();
  for (Pending& pending : pending_) {
    if (!pending.done) continue;
    if (pending.deadline > now) {
      next = std::min(next, pending.deadline);
    } else {
      late.push_back(std::move(pending.done));
      pending.done = nullptr;
    }
  }
  if (!ready()) {
    // What was not sent has no answer that would have to be waited for.
    pending_.erase(std::remove_if(pending_.begin(), pending_.end(),
                                  [this](const Pending& pending) {
                                    if (!pending.done) pending_bytes_ -= pending.bytes;
                                    return !pending.done;
                                  }),
                   pending_.end());
  }
  if (next != absl::InfiniteFuture()) SetDeadlineTimer(next);
  const absl::Status status =
      absl::DeadlineExceededError(Unavailable("no answer in time").message());
  for (RedisDone& done : late) done(status);
  Flush();
}

void RedisConnection::CheckSilenceAfter(absl::Duration delay) {
  if (checking_silence_) return;
  checking_silence_ = true;
  silence_timer_ = loop_->RunAfter(delay, [this] { OnSilenceCheck(); });
}

void RedisConnection::OnSilenceCheck() {
  checking_silence_ = false;
  if (!ReadAll() || pending_.empty()) return;
  const absl::Duration silence =
      SteadyNow() - std::max(last_read_time_, pending_.front().sent_time);
  if (silence >= options_.silence_limit) {
    Drop(Unavailable(absl::StrCat("no answer for ", absl::FormatDuration(options_.silence_limit))));
    return;
  }
  CheckSilenceAfter(options_.silence_limit - silence);
  Flush();
}

void RedisConnection::Ping() {
  ping_timer_ = loop_->RunAfter(options_.ping_interval, [this] { Ping(); });
  // One that waits will do.
  if (!pending_.empty()) return;
  Send({"PING"}, absl::InfiniteDuration(), [this](absl::StatusOr<const redisReply*> reply) {
    if (reply.ok() && IsRedisError(**reply)) Drop(Unavailable(RedisErrorText(**reply)));
  });
  Flush();
}

void RedisConnection::Close() {
  ++attempt_;
  state_ = State::kPausing;
  for (const EventLoop::TimerId& timer :
       {attempt_timer_, ping_timer_, deadline_timer_, silence_timer_}) {
    loop_->Cancel(timer);
  }
  timer_deadline_ = absl::InfiniteFuture();
  checking_silence_ = false;
  lookup_ = nullptr;
  watch_ = nullptr;
  socket_ = nullptr;
  if (reader_ != nullptr) redisReaderFree(reader_);
  reader_ = nullptr;
  addresses_.clear();
  login_.clear();
  scripts_.clear();
  output_.clear();
  output_sent_ = 0;
}

void RedisConnection::Fail(const absl::Status& why) {
  std::deque<Pending> pending;
  pending.swap(pending_);
  pending_bytes_ = 0;
  for (Pending& one : pending) {
    if (one.done) one.done(why);
  }
}

void RedisConnection::Drop(const absl::Status& why) {
  if (down()) return;
  const bool was_ready = ready();
  if (was_ready && SteadyNow() - ready_time_ >= kSteady) failures_ = 0;
  Close();
  last_error_ = why;
  const absl::Duration longest =
      std::min(options_.max_pause, options_.min_pause * std::exp2(std::min(failures_, 20)));
  ++failures_;
  attempt_timer_ = loop_->RunAfter(longest * absl::Uniform(random_, 0.5, 1.0), [this] { Begin(); });
  Fail(why);
  if (events_.on_down) events_.on_down(why, was_ready);
}

}  // namespace bantam
