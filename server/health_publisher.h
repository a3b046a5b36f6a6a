#ifndef BANTAM_SERVER_HEALTH_PUBLISHER_H_
#define BANTAM_SERVER_HEALTH_PUBLISHER_H_

#include <condition_variable>
#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "server/catalog/mutex.h"

namespace bantam {

// Calls a function that publishes how the server does, on a thread of its own: whenever it is told
// that something may have changed, and every second besides.
class HealthPublisher {
 public:
  HealthPublisher() = default;

  // Stop(), if it was not called.
  ~HealthPublisher();

  // Begins. Once only.
  void Start(std::function<void()> publish);

  // Something may have changed. Never blocks; from any thread, also before Start() and after
  // Stop().
  void Notify();

  // Ends the thread: `publish` is not running any more and is not called again.
  void Stop();

 private:
  void Run(const std::function<void()>& publish);

  Mutex mutex_;
  std::condition_variable_any wake_;
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_HEALTH_PUBLISHER_H_
