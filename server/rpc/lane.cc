#include "server/rpc/lane.h"

#include <utility>

#include "server/rpc/worker_pool.h"

namespace bantam {

Lane::Lane(std::unique_ptr<grpc::ServerCompletionQueue> queue) : queue_(std::move(queue)) {}

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

void Lane::Serve() {
  void* tag;
  bool ok;
  while (queue_->Next(&tag, &ok)) static_cast<Tag*>(tag)->Run(ok);
}

}  // namespace bantam
