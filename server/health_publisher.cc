#include "server/health_publisher.h"

#include <chrono>
#include <utility>

namespace bantam {

HealthPublisher::~HealthPublisher() { Stop(); }

void HealthPublisher::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void HealthPublisher::Start(std::function<void()> publish) {
  thread_ = std::thread([this, publish = std::move(publish)] { Run(publish); });
}

void HealthPublisher::Notify() {
  MutexLock lock(mutex_);
  changed_ = true;
  wake_.notify_one();
}

void HealthPublisher::Run(const std::function<void()>& publish) {
  while (true) {
    {
      MutexLock lock(mutex_);
      const auto next = std::chrono::steady_clock::now() + std::chrono::seconds(1);
      while (!changed_ && !stopping_ && wake_.wait_until(mutex_, next) != std::cv_status::timeout) {
      }
      if (stopping_) return;
      changed_ = false;
    }
    publish();
  }
}

}  // namespace bantam
