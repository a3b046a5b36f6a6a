#include "server/catalog/loader_threads.h"

#include <utility>

namespace bantam {

LoaderThreads::LoaderThreads(int count) {
  for (int i = 0; i < count; ++i) threads_.emplace_back(&LoaderThreads::Run, this);
}

LoaderThreads::~LoaderThreads() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

void LoaderThreads::Post(Task task) {
  MutexLock lock(mutex_);
  tasks_.push_back(std::move(task));
  wake_.notify_one();
}

void LoaderThreads::Run() {
  while (true) {
    Task task;
    {
      MutexLock lock(mutex_);
      while (tasks_.empty() && !stopping_) wake_.wait(mutex_);
      if (tasks_.empty()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace bantam
