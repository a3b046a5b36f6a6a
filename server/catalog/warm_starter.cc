#include "server/catalog/warm_starter.h"

#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "server/catalog/steady_time.h"

namespace bantam {
namespace {

// How full, in per cent of the byte bound, is full enough.
constexpr int kFullPercent = 90;

// How many names are asked for at once; how many of the most used ones are loaded at most.
constexpr int kPage = 1000;
constexpr int kMaxUsed = 100000;

// How many of them are tried to find out whether the cache alone can be of use.
constexpr int kTried = 10;

// How often it is looked whether the store or the cache has answered; how long after an attempt
// that came to nothing the next one follows.
constexpr std::chrono::milliseconds kLook(5);
constexpr std::chrono::milliseconds kPause(100);

}  // namespace

template <typename Result>
class WarmStarter::Answer {
 public:
  RevisionStore::Done<Result> Taker() {
    return [shared = shared_](absl::StatusOr<Result> result) {
      MutexLock lock(shared->mutex);
      shared->result = std::move(result);
      shared->answered.notify_all();
    };
  }

  absl::StatusOr<Result> Wait() {
    MutexLock lock(shared_->mutex);
    while (!shared_->result.has_value()) shared_->answered.wait(shared_->mutex);
    return *std::move(shared_->result);
  }

 private:
  struct Shared {
    Mutex mutex;
    std::condition_variable_any answered;
    absl::optional<absl::StatusOr<Result>> result ABSL_GUARDED_BY(mutex);
  };
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

WarmStarter::WarmStarter(const Parts& parts, const Options& options)
    : parts_(parts), options_(options), thread_(&WarmStarter::Run, this) {}

WarmStarter::~WarmStarter() { Stop(); }

void WarmStarter::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

bool WarmStarter::ready() const {
  MutexLock lock(mutex_);
  return ready_;
}

bool WarmStarter::WaitReady(absl::Time deadline) const {
  const auto until = absl::ToChronoTime(deadline);
  MutexLock lock(mutex_);
  while (!ready_ && !stopping_) {
    if (changed_.wait_until(mutex_, until) == std::cv_status::timeout) break;
  }
  return ready_;
}

void WarmStarter::Run() {
  WaitForAnswer();
  {
    MutexLock lock(mutex_);
    end_ = SteadyNow() + options_.limit;
  }
  LoadInAdvance();
  WaitForLoads();
  WaitUntilOfUse();
  CatalogEvent event;
  event.kind = CatalogEvent::Kind::kWarmStartDone;
  {
    MutexLock lock(mutex_);
    event.loaded = loaded_;
    ready_ = !stopping_;
    changed_.notify_all();
    if (stopping_) return;
  }
  parts_.events->Tell(std::move(event));
}

void WarmStarter::WaitForAnswer() {
  MutexLock lock(mutex_);
  while (!stopping_ && !parts_.store_health->answered() &&
         (parts_.cache == nullptr || !parts_.cache_health->answered())) {
    changed_.wait_for(mutex_, kLook);
  }
}

void WarmStarter::LoadInAdvance() {
  const bool has_cache = parts_.cache != nullptr;
  if (options_.which == WarmStart::kNone) return;
  if (options_.which == WarmStart::kUsed && !has_cache) return;
  while (true) {
    if (options_.which == WarmStart::kAll && LoadAll()) return;
    if (has_cache && LoadUsed(kMaxUsed)) return;
    MutexLock lock(mutex_);
    if (!Enough()) changed_.wait_for(mutex_, kPause);
    if (Enough()) return;
  }
}

bool WarmStarter::OfUse() const { return parts_.store_health->answered() || loaded_ > 0; }

void WarmStarter::WaitUntilOfUse() {
  while (true) {
    {
      MutexLock lock(mutex_);
      if (stopping_ || OfUse()) return;
      changed_.wait_for(mutex_, kPause);
      if (stopping_ || OfUse()) return;
      end_ = SteadyNow() + options_.limit;
    }
    LoadUsed(kTried);
    WaitForLoads();
  }
}

void WarmStarter::WaitForLoads() {
  MutexLock lock(mutex_);
  while (loading_ > 0 && !stopping_ && SteadyNow() < end_) changed_.wait_for(mutex_, kLook);
}

bool WarmStarter::LoadUsed(int limit) {
  using Names = std::vector<std::string>;
  Answer<Names> answer;
  parts_.cache_health->Ask<Names>(answer.Taker(), [&](RevisionCache::Done<Names> done) {
    parts_.cache->ReadMostUsed(limit, std::move(done));
  });
  const absl::StatusOr<Names> names = answer.Wait();
  if (names.ok()) Load(*names);
  return names.ok();
}

bool WarmStarter::LoadAll() {
  using Records = std::vector<RevisionRecord>;
  std::string after;
  while (true) {
    Answer<Records> answer;
    parts_.store_health->Ask<Records>(answer.Taker(), [&](RevisionStore::Done<Records> done) {
      parts_.store->ListCurrent("tenants/-", after, kPage, absl::Now() + options_.timeout,
                                std::move(done));
    });
    const absl::StatusOr<Records> records = answer.Wait();
    if (!records.ok()) return false;
    if (records->empty()) return true;
    std::vector<std::string> names;
    for (const RevisionRecord& record : *records) names.push_back(record.name);
    if (!Load(names)) return true;
    after = names.back();
  }
}

bool WarmStarter::Enough() const {
  return stopping_ || SteadyNow() >= end_ || parts_.held->IsFull(kFullPercent);
}

bool WarmStarter::Load(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    {
      MutexLock lock(mutex_);
      while (loading_ >= options_.max_loads && !Enough()) changed_.wait_for(mutex_, kLook);
      if (Enough()) return false;
      ++loading_;
    }
    parts_.flights->Join(name, Demand(), [this](const absl::StatusOr<HeldEntryPtr>& held) {
      MutexLock lock(mutex_);
      --loading_;
      if (held.ok() && (*held)->finding.entry != nullptr) ++loaded_;
      changed_.notify_all();
    });
  }
  return true;
}

}  // namespace bantam
