#include "server/catalog/change_follower.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "server/catalog/steady_time.h"

namespace bantam {
namespace {

// How many names the store is asked to confirm at once; how many the cache is asked for.
constexpr size_t kConfirmBatch = 1000;
constexpr size_t kSweepBatch = 500;

// How many changes are written to the cache again when it comes back.
constexpr size_t kMaxRecent = 1000;

// The first uses are told after so small a part of the interval, which doubles then: replicas that
// start soon after an installation's first one find out what is used as well.
constexpr int kFirstFlushes = 32;

template <typename Value>
void Append(Value value, std::deque<Value>* recent) {
  recent->push_back(std::move(value));
  if (recent->size() > kMaxRecent) recent->pop_front();
}

}  // namespace

ChangeFollower::ChangeFollower(Parts parts, const Options& options)
    : parts_(parts),
      options_(options),
      flush_interval_(options.uses_interval / kFirstFlushes),
      random_(std::random_device()()) {
  next_flush_ = SteadyNow() + WithJitter(flush_interval_);
}

ChangeFollower::~ChangeFollower() { Stop(); }

absl::Status ChangeFollower::Start() {
  thread_ = std::thread(&ChangeFollower::Run, this);
  MutexLock lock(mutex_);
  while (!first_result_.has_value()) wake_.wait(mutex_);
  return *first_result_;
}

void ChangeFollower::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void ChangeFollower::Run() {
  while (true) {
    absl::optional<PollResult> result;
    bool poll_now = false;
    bool rewrite = false;
    {
      MutexLock lock(mutex_);
      while (!stopping_ && !result_.has_value() && (polling_ || !poll_now_)) {
        const absl::Time next = polling_ ? next_flush_ : std::min(next_poll_, next_flush_);
        const absl::Duration pause = next - SteadyNow();
        if (pause <= absl::ZeroDuration()) break;
        wake_.wait_for(mutex_, absl::ToChronoMicroseconds(pause) + std::chrono::microseconds(1));
      }
      if (stopping_) return;
      result.swap(result_);
      if (!polling_ || result.has_value()) poll_now = std::exchange(poll_now_, false);
      rewrite = std::exchange(rewrite_, false);
    }
    if (rewrite) RewriteRecent();
    if (result.has_value()) {
      polling_ = false;
      OnPolled(poll_begin_, *std::move(result));
    }
    if (!polling_ && (poll_now || SteadyNow() >= next_poll_)) BeginPoll();
    if (SteadyNow() >= next_flush_) FlushUses();
  }
}

// The poll is the store's natural probe: it goes on while the breaker is open.
void ChangeFollower::BeginPoll() {
  polling_ = true;
  poll_begin_ = SteadyNow();
  int64_t after = -1;
  {
    MutexLock lock(mutex_);
    after = stats_.sequence;
    poll_sweeps_ = std::exchange(sweep_if_failed_, false);
  }
  parts_.store_health->AskAnyway<StoreChanges>(
      [this](PollResult result) {
        MutexLock lock(mutex_);
        result_ = std::move(result);
        wake_.notify_all();
      },
      [this, after](RevisionStore::Done<StoreChanges> done) {
        parts_.store->ReadChanges(after, absl::Now() + options_.timeout, std::move(done));
      });
}

void ChangeFollower::OnPolled(absl::Time begin, PollResult result) {
  int64_t after = -1;
  {
    MutexLock lock(mutex_);
    after = stats_.sequence;
    if (result.ok()) {
      ++stats_.polls;
      stats_.last_poll_time = SystemFromSteady(begin);
      stats_.last_poll_duration = SteadyNow() - begin;
      stats_.sequence = result->sequence;
    } else {
      ++stats_.poll_failures;
    }
  }
  next_poll_ = begin + WithJitter(options_.poll_interval);
  if (!result.ok()) {
    AfterFailedPoll();
  } else if (after < 0 || result->sequence < after) {
    BeginTracking(after, *result);
  } else {
    TakeOver(begin, *result);
  }
  MutexLock lock(mutex_);
  if (!first_result_.has_value()) {
    first_result_ = absl::Status(result.status().code(), result.status().message());
    wake_.notify_all();
  }
}

// The counter may have gone on after the question began: only what is read from now on is tracked.
void ChangeFollower::BeginTracking(int64_t after, const StoreChanges& changes) {
  const bool went_back = after >= 0;
  if (went_back) {
    CatalogEvent event;
    event.kind = CatalogEvent::Kind::kStoreWentBack;
    parts_.events->Tell(std::move(event));
    MutexLock lock(mutex_);
    recent_.clear();
    recent_tenants_.clear();
  }
  parts_.held->BeginTracking(changes.sequence, SteadyNow(), went_back);
  RefreshSuspects();
  BeginConfirming();
}

void ChangeFollower::TakeOver(absl::Time begin, const StoreChanges& changes) {
  for (const CurrentRevision& current : changes.icps) parts_.held->Hear(current, begin);
  for (const TenantChange& change : changes.tenants) {
    // In this order, so that a load that ends in between is caught by one of the two.
    parts_.flights->Doubt(change.tenant);
    parts_.held->HearOfTenant(change.tenant, change.sequence);
  }
  Remember(changes, SystemFromSteady(begin));
  RepairCache(begin, changes);
  if (changes.more) {
    next_poll_ = absl::InfinitePast();
  } else {
    parts_.held->EndPoll(changes.sequence, begin);
  }
  RefreshSuspects();
  BeginConfirming();
}

void ChangeFollower::RepairCache(absl::Time begin, const StoreChanges& changes) {
  if (parts_.cache == nullptr) return;
  if (!changes.icps.empty()) parts_.cache->WritePointers(changes.icps, SystemFromSteady(begin));
  for (const TenantChange& change : changes.tenants) {
    parts_.cache->DropTenant(change.tenant, change.sequence);
  }
}

void ChangeFollower::Remember(const StoreChanges& changes, absl::Time time) {
  MutexLock lock(mutex_);
  stats_.changes_polled += static_cast<int64_t>(changes.icps.size());
  if (parts_.cache == nullptr) return;
  for (const CurrentRevision& current : changes.icps) {
    Append(std::make_pair(current, time), &recent_);
  }
  for (const TenantChange& change : changes.tenants) Append(change, &recent_tenants_);
}

// The cache may know what the store cannot tell; and it must have answered once, if the store has
// not, for the catalog to be of use.
void ChangeFollower::AfterFailedPoll() {
  if (parts_.cache == nullptr) return;
  bool sweep = poll_sweeps_;
  {
    MutexLock lock(mutex_);
    sweep = std::exchange(sweep_if_failed_, false) || sweep;
  }
  if (sweep) {
    SweepCache(std::make_shared<const std::vector<std::string>>(parts_.held->Keys()), 0);
  }
  if (parts_.cache_health->answered()) return;
  parts_.cache_health->Ask<std::vector<std::string>>(
      [](const absl::StatusOr<std::vector<std::string>>&) {},
      [this](RevisionCache::Done<std::vector<std::string>> done) {
        parts_.cache->ReadMostUsed(1, std::move(done));
      });
}

void ChangeFollower::Refresh(const std::string& key) {
  parts_.flights->Refresh(key, /*newest=*/KindOfKey(key) == KeyKind::kTenant);
}

void ChangeFollower::RefreshSuspects() {
  for (const std::string& key : parts_.held->Suspects()) Refresh(key);
}

// The store is asked, since the cache may hold by now what this very load wrote there. A load in
// the background that found nothing new enough is left to the next poll, not to repeat itself for
// ever.
void ChangeFollower::OnLoaded(const std::string& key, const SingleFlight::Landing& landing) {
  if (KindOfKey(key) == KeyKind::kPinned) return;
  if (landing.doubted) parts_.held->Suspect(key);
  const HeldEntryPtr held = parts_.held->Peek(key);
  if (held == nullptr) return;
  // A tenant's names have no means of being confirmed but to be read.
  const bool unsure =
      KindOfKey(key) == KeyKind::kTenant
          ? !held->freshness.tracked()
          : !parts_.held->MayBeCurrent(key, held->finding.current.sequence, SteadyNow());
  if (landing.doubted || (unsure && !landing.in_background)) {
    parts_.flights->Refresh(key, /*newest=*/true);
  }
  if (!held->freshness.tracked()) BeginConfirming();
}

void ChangeFollower::OnApplied(const CurrentRevision& current, bool names_changed,
                               absl::Time begin) {
  StoreChanges changes;
  changes.sequence = current.sequence;
  changes.icps.push_back(current);
  const std::string tenant = TenantOf(current.name);
  if (names_changed) {
    changes.tenants.push_back({tenant, current.sequence});
    parts_.flights->Doubt(tenant);
    parts_.held->ChangeTenant(current);
  }
  Remember(changes, SystemFromSteady(begin));
  RepairCache(begin, changes);
  if (names_changed && parts_.held->Peek(tenant) != nullptr) Refresh(tenant);
}

void ChangeFollower::BeginConfirming() {
  {
    MutexLock lock(mutex_);
    if (stopping_ || stats_.sequence < 0) return;
    confirm_again_ = confirming_;
    if (confirming_) return;
    confirming_ = true;
  }
  std::vector<std::string> names = parts_.held->Unconfirmed(kConfirmBatch);
  if (names.empty()) {
    MutexLock lock(mutex_);
    confirming_ = false;
    return;
  }
  const absl::Time begin = SteadyNow();
  using Current = std::vector<CurrentRevision>;
  parts_.store_health->Ask<Current>(
      [this, begin, names](absl::StatusOr<Current> current) { OnConfirmed(begin, names, current); },
      [this, &names](RevisionStore::Done<Current> done) {
        parts_.store->ReadPointers(names, absl::Now() + options_.timeout, std::move(done));
      });
}

// Goes on at once if it got anywhere, or was asked to; else with the next poll.
void ChangeFollower::OnConfirmed(absl::Time begin, const std::vector<std::string>& names,
                                 const absl::StatusOr<std::vector<CurrentRevision>>& current) {
  std::vector<CurrentRevision> other;
  int64_t confirmed = 0;
  if (current.ok()) {
    for (const CurrentRevision& now : *current) {
      if (parts_.held->Hear(now, begin)) {
        ++confirmed;
      } else {
        other.push_back(now);
      }
    }
  }
  if (!other.empty() && parts_.cache != nullptr) {
    parts_.cache->WritePointers(other, SystemFromSteady(begin));
  }
  for (const CurrentRevision& now : other) {
    // In this order, so that a load that ends in between is caught by one of the two.
    parts_.flights->Doubt(now.name);
    const HeldEntryPtr held = parts_.held->Peek(now.name);
    if (held != nullptr && held->freshness.suspect()) Refresh(now.name);
  }
  bool again = confirmed > 0;
  {
    MutexLock lock(mutex_);
    stats_.confirmed += confirmed;
    stats_.corrected += static_cast<int64_t>(other.size());
    confirming_ = false;
    again = again || confirm_again_;
    confirm_again_ = false;
  }
  if (again) BeginConfirming();
}

void ChangeFollower::OnChanged(const std::vector<std::string>& keys) {
  std::vector<std::string> held;
  for (const std::string& key : keys) {
    // In this order, so that a load that ends in between is caught by one of the two.
    parts_.flights->Doubt(key);
    if (parts_.held->Suspect(key)) held.push_back(key);
  }
  {
    MutexLock lock(mutex_);
    stats_.cache_messages += static_cast<int64_t>(keys.size());
  }
  if (held.empty()) return;
  parts_.threads->Post([this, held = std::move(held)] {
    for (const std::string& key : held) Refresh(key);
  });
}

void ChangeFollower::OnAllChanged() {
  MutexLock lock(mutex_);
  ++stats_.cache_all_changed;
  poll_now_ = true;
  sweep_if_failed_ = true;
  rewrite_ = true;
  wake_.notify_all();
}

void ChangeFollower::SweepCache(std::shared_ptr<const std::vector<std::string>> keys,
                                size_t begin) {
  std::vector<std::string> names;
  for (; begin < keys->size() && names.size() < kSweepBatch; ++begin) {
    if (KindOfKey((*keys)[begin]) == KeyKind::kIcp) names.push_back((*keys)[begin]);
  }
  if (names.empty()) return;
  using Current = std::vector<absl::optional<CurrentRevision>>;
  parts_.cache_health->Ask<Current>(
      [this, keys, begin, names](absl::StatusOr<Current> current) {
        if (!current.ok()) return;
        for (size_t i = 0; i < names.size() && i < current->size(); ++i) {
          const HeldEntryPtr held = parts_.held->Peek(names[i]);
          const absl::optional<CurrentRevision>& now = (*current)[i];
          if (held == nullptr || !now.has_value()) continue;
          if (now->sequence <= held->finding.current.sequence) continue;
          if (parts_.held->Suspect(names[i])) Refresh(names[i]);
        }
        SweepCache(keys, begin);
      },
      [this, &names](RevisionCache::Done<Current> done) {
        parts_.cache->ReadPointers(names, std::move(done));
      });
}

void ChangeFollower::RewriteRecent() {
  std::vector<CurrentRevision> current;
  std::deque<TenantChange> tenants;
  absl::Time time = absl::InfiniteFuture();
  {
    MutexLock lock(mutex_);
    for (const auto& [icp, known_time] : recent_) {
      current.push_back(icp);
      time = std::min(time, known_time);
    }
    tenants = recent_tenants_;
  }
  if (!current.empty()) parts_.cache->WritePointers(current, time);
  for (const TenantChange& change : tenants) {
    parts_.cache->DropTenant(change.tenant, change.sequence);
  }
}

void ChangeFollower::FlushUses() {
  flush_interval_ = std::min(2 * flush_interval_, options_.uses_interval);
  next_flush_ = SteadyNow() + WithJitter(flush_interval_);
  if (parts_.cache == nullptr) return;
  const std::vector<std::pair<std::string, int64_t>> uses = parts_.held->TakeUses();
  if (!uses.empty()) parts_.cache->AddUses(uses);
}

absl::Duration ChangeFollower::WithJitter(absl::Duration interval) {
  return interval * (1 + std::uniform_real_distribution<double>(0, 0.2)(random_));
}

ChangeFollower::Stats ChangeFollower::GetStats() const {
  MutexLock lock(mutex_);
  return stats_;
}

}  // namespace bantam
