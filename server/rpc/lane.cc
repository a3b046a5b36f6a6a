#include "server/rpc/lane.h"

#include <chrono>
#include <utility>

#include "server/rpc/worker_pool.h"

namespace bantam {
namespace {

// How often a lane that keeps up looks whether anything waits in gRPC, which takes a system call.
constexpr std::chrono::milliseconds kLookInterval(1);

// While something waits, a thread looks again after so many answers, and takes in so many events. A
// call is three: it arrives, its answer is sent, it is over. So what waits is soon taken in, and if
// that has to be refused, nearly every second call is answered all the same.
constexpr int kAnswersPerLook = 16;
constexpr int kEventsPerLook = 64;

thread_local bool taking_in = false;

}  // namespace

Lane::Lane(std::unique_ptr<grpc::ServerCompletionQueue> queue, absl::Duration max_waiting)
    : queue_(std::move(queue)), backlog_(max_waiting) {}

Lane::~Lane() { Stop(); }

void Lane::Start(int threads) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      SetCurrentThreadRole(ThreadRole::kLane);
      Serve();
    });
  }
}

void Lane::Stop() {
  if (stopped_) return;
  stopped_ = true;
  queue_->Shutdown();
  if (threads_.empty()) Serve();  // The queue must be drained in any case.
  for (std::thread& thread : threads_) thread.join();
}

void Lane::BeginCall() {
  absl::MutexLock lock(&mu_);
  ++calls_;
}

void Lane::EndCall() {
  absl::MutexLock lock(&mu_);
  --calls_;
}

bool Lane::WaitForCalls(absl::Time deadline) {
  absl::MutexLock lock(&mu_);
  return mu_.AwaitWithDeadline(absl::Condition(this, &Lane::HasNoCall), deadline);
}

bool Lane::RunInTurn(Tag* work, Backlog::Instant now) {
  // gRPC does not tell what waits in it, nor since when. So, now and then, the lane takes in what
  // has come before it goes on, and until all of that is done, which shows how long things wait.
  if (!taking_in && backlog_.empty() && now < next_look_.load(std::memory_order_relaxed)) {
    work->Run(true);
    return true;
  }
  next_look_.store(now + kLookInterval, std::memory_order_relaxed);
  return backlog_.Push(work, now);
}

void Lane::Serve() {
  void* tag;
  bool ok;
  int answers = kAnswersPerLook;  // Since this thread has looked.
  while (true) {
    if (backlog_.empty()) {
      if (!queue_->Next(&tag, &ok)) return;
      static_cast<Tag*>(tag)->Run(ok);
      answers = kAnswersPerLook;
      continue;
    }
    if (answers >= kAnswersPerLook) {
      TakeIn();
      answers = 0;
    }
    Tag* const work = backlog_.Pop();
    if (work != nullptr) work->Run(true);
    ++answers;
  }
}

void Lane::TakeIn() {
  const gpr_timespec past = gpr_inf_past(GPR_CLOCK_MONOTONIC);
  void* tag;
  bool ok;
  taking_in = true;
  for (int i = 0; i < kEventsPerLook; ++i) {
    if (queue_->AsyncNext(&tag, &ok, past) != grpc::CompletionQueue::GOT_EVENT) break;
    static_cast<Tag*>(tag)->Run(ok);
  }
  taking_in = false;
}

}  // namespace bantam
