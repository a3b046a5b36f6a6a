#ifndef BANTAM_SERVER_RPC_LANE_H_
#define BANTAM_SERVER_RPC_LANE_H_

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "grpcpp/completion_queue.h"
#include "server/rpc/arena_pool.h"
#include "server/rpc/backlog.h"

namespace bantam {

// What a completion queue gives back when an operation is done.
class Tag {
 public:
  // `ok` as in grpc::CompletionQueue::Next().
  virtual void Run(bool ok) = 0;

 protected:
  ~Tag() = default;
};

// A tag that calls a member function of its owner.
template <typename Owner>
class MemberTag final : public Tag {
 public:
  using Function = void (Owner::*)(bool ok);
  MemberTag(Owner* owner, Function function) : owner_(owner), function_(function) {}
  void Run(bool ok) override { (owner_->*function_)(ok); }

 private:
  Owner* const owner_;
  const Function function_;
};

// One completion queue, the threads that serve it, and what its calls reuse.
class Lane {
 public:
  // `max_waiting`: how long small work may wait for its turn.
  explicit Lane(std::unique_ptr<grpc::ServerCompletionQueue> queue,
                absl::Duration max_waiting = absl::InfiniteDuration());
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void Start(int threads);

  // Ends the queue and its threads, if that was not done. Only after the server has shut down and
  // there is no call.
  void Stop();

  grpc::ServerCompletionQueue* queue() { return queue_.get(); }
  ArenaPool& arenas() { return arenas_; }

  // Runs `work`, which has come now, on this thread of the lane or another: at once as long as they
  // keep up with what comes, else in its turn. False: it would wait too long, and is not run.
  bool RunInTurn(Tag* work, Backlog::Instant now);

  // Counts a call, from when gRPC is asked for it to when it is completely over.
  void BeginCall() ABSL_LOCKS_EXCLUDED(mu_);
  void EndCall() ABSL_LOCKS_EXCLUDED(mu_);

  // Waits until there is no call, neither asked for nor active, which is so only after the server
  // has begun to shut down. False: there are some at `deadline`.
  bool WaitForCalls(absl::Time deadline) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Serve();

  // Has events run, as far as there are any, whose small work is put into the backlog.
  void TakeIn();
  bool HasNoCall() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return calls_ == 0; }

  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  ArenaPool arenas_;
  Backlog backlog_;
  std::atomic<Backlog::Instant> next_look_{Backlog::Instant::min()};  // At what waits in the queue.
  absl::Mutex mu_;
  int64_t calls_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<std::thread> threads_;
  bool stopped_ = false;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_RPC_LANE_H_
