#include "server/rpc/worker_pool.h"

#include <utility>

namespace bantam {
namespace {

thread_local ThreadRole current_role = ThreadRole::kForeign;

}  // namespace

ThreadRole CurrentThreadRole() { return current_role; }

void SetCurrentThreadRole(ThreadRole role) { current_role = role; }

WorkerPool::WorkerPool(int threads, size_t max_waiting_calls)
    : max_waiting_calls_(max_waiting_calls) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() {
  {
    absl::MutexLock lock(&mu_);
    ends_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::SubmitCall(Task task) {
  absl::MutexLock lock(&mu_);
  if (calls_.size() >= max_waiting_calls_) return false;
  calls_.push_back(std::move(task));
  return true;
}

void WorkerPool::SubmitUnbounded(Task task) {
  absl::MutexLock lock(&mu_);
  unbounded_.push_back(std::move(task));
}

WorkerPool::Task WorkerPool::TakeTask() {
  std::deque<Task>* const preferred = unbounded_turn_ ? &unbounded_ : &calls_;
  std::deque<Task>* const other = unbounded_turn_ ? &calls_ : &unbounded_;
  std::deque<Task>* const queue = preferred->empty() ? other : preferred;
  if (queue->empty()) return nullptr;
  unbounded_turn_ = queue == &calls_;
  Task task = std::move(queue->front());
  queue->pop_front();
  return task;
}

void WorkerPool::Work() {
  SetCurrentThreadRole(ThreadRole::kWorker);
  while (true) {
    Task task;
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(this, &WorkerPool::HasWorkOrEnds));
      task = TakeTask();
    }
    if (task == nullptr) return;
    task();
  }
}

}  // namespace bantam
