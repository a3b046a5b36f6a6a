#include "tests/fakes/reload_log.h"

#include <chrono>

namespace bantam {
namespace {

constexpr std::chrono::seconds kLimit(120);

}  // namespace

SnapshotCatalog::OnReload ReloadLog::Recorder() {
  return [this](const ReloadReport& report) {
    MutexLock lock(mutex_);
    reports_.push_back(report);
    added_.notify_all();
  };
}

std::unique_ptr<ReloadReport> ReloadLog::WaitFor(
    const std::function<bool(const ReloadReport&)>& condition) {
  const auto limit = std::chrono::steady_clock::now() + kLimit;
  MutexLock lock(mutex_);
  while (true) {
    while (next_ < reports_.size()) {
      const ReloadReport& report = reports_[next_++];
      if (condition(report)) return std::make_unique<ReloadReport>(report);
    }
    if (added_.wait_until(mutex_, limit) == std::cv_status::timeout) return nullptr;
  }
}

std::unique_ptr<ReloadReport> ReloadLog::Next() {
  return WaitFor([](const ReloadReport&) { return true; });
}

int ReloadLog::size() const {
  MutexLock lock(mutex_);
  return static_cast<int>(reports_.size());
}

}  // namespace bantam
