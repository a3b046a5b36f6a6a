#include "server/store/event_loop.h"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <uv.h>

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bantam {

struct EventLoop::Handles {
  uv_loop_t loop;
  uv_async_t wake;
  uv_timer_t alarm;
};

namespace {

// What libuv says for a person.
std::string UvError(int code) { return uv_strerror(code); }

int64_t SteadyNanoseconds() { return static_cast<int64_t>(uv_hrtime()); }

class UvWatch final : public FdWatch {
 public:
  UvWatch(uv_loop_t* loop, int fd, std::function<void()> on_readable,
          std::function<void()> on_writable)
      : poll_(new Poll) {
    poll_->on_readable = std::move(on_readable);
    poll_->on_writable = std::move(on_writable);
    poll_->handle.data = poll_;
    // Without a handle there is nothing that libuv would have to close.
    if (uv_poll_init(loop, &poll_->handle, fd) != 0) {
      delete poll_;
      poll_ = nullptr;
    }
  }

  ~UvWatch() override {
    if (poll_ == nullptr) return;
    poll_->ended = true;
    uv_poll_stop(&poll_->handle);
    uv_close(reinterpret_cast<uv_handle_t*>(&poll_->handle),
             [](uv_handle_t* handle) { delete static_cast<Poll*>(handle->data); });
  }

  bool valid() const { return poll_ != nullptr; }

  void WantRead(bool want) override { Want(UV_READABLE, want); }
  void WantWrite(bool want) override { Want(UV_WRITABLE, want); }

 private:
  // Outlives the watch, since libuv lets go of a handle only in its next turn.
  struct Poll {
    uv_poll_t handle;
    std::function<void()> on_readable;
    std::function<void()> on_writable;
    int wanted = 0;  // UV_READABLE, UV_WRITABLE.
    bool ended = false;
  };

  void Want(int event, bool want) {
    const int wanted = want ? poll_->wanted | event : poll_->wanted & ~event;
    if (wanted == poll_->wanted) return;
    poll_->wanted = wanted;
    Begin(poll_);
  }

  static void Begin(Poll* poll) {
    if (poll->wanted == 0) {
      uv_poll_stop(&poll->handle);
    } else {
      uv_poll_start(&poll->handle, poll->wanted, OnEvents);
    }
  }

  static void OnEvents(uv_poll_t* handle, int status, int events) {
    Poll* const poll = static_cast<Poll*>(handle->data);
    if (status < 0) events = UV_READABLE | UV_WRITABLE;
    if ((events & poll->wanted & UV_READABLE) != 0) poll->on_readable();
    if (poll->ended) return;
    if ((events & poll->wanted & UV_WRITABLE) != 0) poll->on_writable();
    // After an error libuv has stopped by itself.
    if (status < 0 && !poll->ended) Begin(poll);
  }

  Poll* poll_;
};

class UvLookup final : public NameLookup {
 public:
  using Done = std::function<void(absl::StatusOr<std::vector<std::string>>)>;

  UvLookup(uv_loop_t* loop, const std::string& host, Done done) : request_(new Request) {
    request_->host = host;
    request_->done = std::move(done);
    request_->uv.data = request_;
    addrinfo hints = {};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    const int error =
        uv_getaddrinfo(loop, &request_->uv, OnResolved, host.c_str(), nullptr, &hints);
    if (error == 0) return;
    // The name is too long, say. The answer must not come before the look-up is handed out.
    request_->error = error;
    uv_timer_init(loop, &request_->failure);
    request_->failure.data = request_;
    uv_timer_start(&request_->failure, OnFailure, 0, 0);
  }

  ~UvLookup() override {
    if (request_->finished) {
      delete request_;
      return;
    }
    request_->given_up = true;
    if (request_->error == 0) uv_cancel(reinterpret_cast<uv_req_t*>(&request_->uv));
  }

 private:
  // Outlives the look-up, if that is given up while the resolver is at it.
  struct Request {
    uv_getaddrinfo_t uv;
    uv_timer_t failure;
    int error = 0;  // Why the look-up could not begin.
    std::string host;
    Done done;
    bool given_up = false;
    bool finished = false;
  };

  static void OnResolved(uv_getaddrinfo_t* uv, int status, addrinfo* found) {
    Finish(static_cast<Request*>(uv->data), status, found);
    uv_freeaddrinfo(found);
  }

  static void OnFailure(uv_timer_t* timer) {
    uv_close(reinterpret_cast<uv_handle_t*>(timer), [](uv_handle_t* handle) {
      Request* const request = static_cast<Request*>(handle->data);
      Finish(request, request->error, nullptr);
    });
  }

  static void Finish(Request* request, int status, const addrinfo* found) {
    if (request->given_up) {
      delete request;
      return;
    }
    request->finished = true;
    // The callback may destroy the look-up, and the request with it.
    const Done done = std::move(request->done);
    done(Addresses(request->host, status, found));
  }

  static absl::StatusOr<std::vector<std::string>> Addresses(const std::string& host, int status,
                                                            const addrinfo* found) {
    if (status != 0) {
      return absl::UnavailableError(
          absl::StrCat("the address of ", host, " cannot be found: ", UvError(status)));
    }
    std::vector<std::string> addresses;
    for (; found != nullptr; found = found->ai_next) {
      char text[NI_MAXHOST];
      if (getnameinfo(found->ai_addr, found->ai_addrlen, text, sizeof(text), nullptr, 0,
                      NI_NUMERICHOST) != 0) {
        continue;
      }
      if (std::find(addresses.begin(), addresses.end(), text) == addresses.end()) {
        addresses.push_back(text);
      }
    }
    if (!addresses.empty()) return addresses;
    return absl::UnavailableError(absl::StrCat(host, " has no address"));
  }

  Request* const request_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Start() {
  auto handles = std::make_unique<Handles>();
  int error = uv_loop_init(&handles->loop);
  if (error == 0) {
    error = uv_async_init(&handles->loop, &handles->wake, [](uv_async_t* wake) {
      static_cast<EventLoop*>(wake->data)->RunPosted();
    });
    if (error != 0) uv_loop_close(&handles->loop);
  }
  if (error != 0) {
    return absl::ResourceExhaustedError(
        absl::StrCat("an event loop cannot be started: ", UvError(error)));
  }
  uv_timer_init(&handles->loop, &handles->alarm);
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(handles)));
}

EventLoop::EventLoop(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {
  handles_->wake.data = this;
  handles_->alarm.data = this;
  thread_ = std::thread(&EventLoop::Run, this);
}

EventLoop::~EventLoop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  uv_async_send(&handles_->wake);
  thread_.join();
  uv_loop_close(&handles_->loop);
}

void EventLoop::Run() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  uv_run(&handles_->loop, UV_RUN_DEFAULT);
}

void EventLoop::Post(Task task) {
  bool wake;
  {
    MutexLock lock(mutex_);
    wake = posted_.empty();
    posted_.push_back(std::move(task));
  }
  if (wake) uv_async_send(&handles_->wake);
}

void EventLoop::RunAndWait(absl::FunctionRef<void()> task) {
  if (OnThread()) {
    task();
    return;
  }
  Mutex mutex;
  std::condition_variable_any changed;
  bool has_run = false;
  Post([&] {
    task();
    MutexLock lock(mutex);
    has_run = true;
    changed.notify_all();
  });
  MutexLock lock(mutex);
  while (!has_run) changed.wait(mutex);
}

void EventLoop::RunPosted() {
  std::vector<Task> tasks;
  {
    MutexLock lock(mutex_);
    tasks.swap(posted_);
  }
  for (Task& task : tasks) task();
  tasks.clear();
  {
    MutexLock lock(mutex_);
    if (!stopping_ || !posted_.empty()) return;
  }
  timers_.clear();
  for (uv_handle_t* handle : {reinterpret_cast<uv_handle_t*>(&handles_->wake),
                              reinterpret_cast<uv_handle_t*>(&handles_->alarm)}) {
    if (uv_is_closing(handle) == 0) uv_close(handle, nullptr);
  }
}

EventLoop::TimerId EventLoop::RunAfter(absl::Duration delay, Task task) {
  // A longer one would not fit into the clock's numbers.
  constexpr absl::Duration kLongest = absl::Hours(24 * 365);
  const TimerId id = {SteadyNanoseconds() + absl::ToInt64Nanoseconds(std::min(
                                                std::max(delay, absl::ZeroDuration()), kLongest)),
                      ++last_timer_};
  timers_.emplace(id, std::move(task));
  if (!(timers_.begin()->first < id)) SetAlarm();
  return id;
}

void EventLoop::Cancel(TimerId timer) { timers_.erase(timer); }

void EventLoop::SetAlarm() {
  if (timers_.empty()) return;
  const int64_t wait = std::max<int64_t>(0, timers_.begin()->first.due - SteadyNanoseconds());
  // libuv counts from when its current turn began.
  uv_update_time(&handles_->loop);
  uv_timer_start(
      &handles_->alarm,
      [](uv_timer_t* alarm) { static_cast<EventLoop*>(alarm->data)->RunTimers(); },
      static_cast<uint64_t>((wait + 999999) / 1000000), 0);
}

void EventLoop::RunTimers() {
  const int64_t now = SteadyNanoseconds();
  while (!timers_.empty() && timers_.begin()->first.due <= now) {
    Task task = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    task();
  }
  SetAlarm();
}

std::unique_ptr<FdWatch> EventLoop::Watch(int fd, std::function<void()> on_readable,
                                          std::function<void()> on_writable) {
  auto watch = std::make_unique<UvWatch>(&handles_->loop, fd, std::move(on_readable),
                                         std::move(on_writable));
  if (!watch->valid()) return nullptr;
  return watch;
}

std::unique_ptr<NameLookup> EventLoop::Resolve(
    const std::string& host, std::function<void(absl::StatusOr<std::vector<std::string>>)> done) {
  return std::make_unique<UvLookup>(&handles_->loop, host, std::move(done));
}

}  // namespace bantam
