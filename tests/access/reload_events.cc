#include "tests/access/reload_events.h"

#include <chrono>
#include <memory>

#include "absl/strings/match.h"

namespace bantam {
namespace {

std::chrono::steady_clock::time_point Deadline() {
  return std::chrono::steady_clock::now() + std::chrono::minutes(2);
}

}  // namespace

OnReload ReloadEvents::Recorder() {
  return [this](const ReloadEvent& event) {
    MutexLock lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  };
}

bool ReloadEvents::WaitFor(ReloadEvent::Kind kind, absl::string_view message) {
  const auto deadline = Deadline();
  MutexLock lock(mutex_);
  while (true) {
    while (next_ < events_.size()) {
      const ReloadEvent& event = events_[next_++];
      if (event.kind == kind && absl::StrContains(event.message, message)) return true;
    }
    if (changed_.wait_until(mutex_, deadline) == std::cv_status::timeout) return false;
  }
}

bool ReloadEvents::WaitForPolls(FileWatcher* watcher, const std::string& path, int count) {
  int seen = 0;  // Guarded by mutex_.
  const std::unique_ptr<FileWatch> watch = watcher->Watch(path, [&] {
    MutexLock lock(mutex_);
    ++seen;
    changed_.notify_all();
  });
  const auto deadline = Deadline();
  MutexLock lock(mutex_);
  while (seen < count) {
    if (changed_.wait_until(mutex_, deadline) == std::cv_status::timeout) return false;
  }
  return true;
}

int ReloadEvents::size() const {
  MutexLock lock(mutex_);
  return static_cast<int>(events_.size());
}

}  // namespace bantam
