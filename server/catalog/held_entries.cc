#include "server/catalog/held_entries.h"

#include <algorithm>

#include "server/catalog/steady_time.h"

namespace bantam {
namespace {

// How many names' newest sequences are remembered at least.
constexpr size_t kKnownNames = 128 * 1024;

// The part of the byte bound that absences may take.
constexpr size_t kAbsenceShare = 16;

// By how much the clocks of replicas may differ, where one would have to go backwards otherwise.
constexpr absl::Duration kClockTolerance = absl::Seconds(5);

// Nothing serves under `key`: no ICP of that name, no ICP of that tenant.
bool IsAbsence(absl::string_view key, const Finding& finding) {
  switch (KindOfKey(key)) {
    case KeyKind::kIcp:
      return finding.entry == nullptr;
    case KeyKind::kTenant:
      return finding.names.empty();
    case KeyKind::kPinned:
      return false;
  }
  return false;
}

bool IsSame(const CurrentRevision& held, const CurrentRevision& current) {
  if (!held.exists() || !current.exists()) return held.exists() == current.exists();
  return held.sequence == current.sequence && held.number == current.number &&
         held.revision == current.revision;
}

}  // namespace

HeldEntries::HeldEntries(const Options& options)
    : options_(options),
      entries_(options.max_bytes - options.max_bytes / kAbsenceShare),
      absences_(options.max_bytes / kAbsenceShare),
      known_(kKnownNames),
      random_(std::random_device()()) {}

HeldEntryPtr HeldEntries::Find(absl::string_view key) {
  HeldEntryPtr held = entries_.Find(key);
  return held != nullptr ? held : absences_.Find(key);
}

HeldEntryPtr HeldEntries::Peek(absl::string_view key) const {
  HeldEntryPtr held = entries_.Peek(key);
  return held != nullptr ? held : absences_.Peek(key);
}

bool HeldEntries::IsOfThisEpoch(const HeldEntry& held) const { return held.epoch == epoch_; }

std::vector<std::pair<std::string, int64_t>> HeldEntries::TakeUses() {
  std::vector<std::pair<std::string, int64_t>> uses = entries_.TakeUses();
  uses.erase(std::remove_if(uses.begin(), uses.end(),
                            [](const auto& use) { return KindOfKey(use.first) != KeyKind::kIcp; }),
             uses.end());
  return uses;
}

std::vector<std::string> HeldEntries::Keys() const {
  std::vector<std::string> keys = entries_.Keys();
  for (std::string& key : absences_.Keys()) keys.push_back(std::move(key));
  return keys;
}

bool HeldEntries::IsFull(int percent) const {
  const size_t bound = options_.max_bytes - options_.max_bytes / kAbsenceShare;
  return entries_.Stats().bytes >= bound / 100 * percent;
}

absl::Time HeldEntries::Expiry(absl::string_view key, const Finding& finding) {
  if (!IsAbsence(key, finding) || finding.current.exists()) return absl::InfiniteFuture();
  const double off = std::uniform_real_distribution<double>(0, 0.2)(random_);
  return SteadyNow() + options_.absence_ttl * (1 - off);
}

void HeldEntries::Put(absl::string_view key, const HeldEntryPtr& held) {
  const size_t bytes = HeldBytes(key, held->finding);
  if (IsAbsence(key, held->finding)) {
    entries_.Erase(key);
    absences_.Put(key, held, bytes);
  } else {
    absences_.Erase(key);
    entries_.Put(key, held, bytes);
  }
}

FindingOrigin HeldEntries::OriginInStore(absl::string_view key) const {
  FindingOrigin origin;
  origin.known_time = SteadyNow();
  origin.from_store = true;
  MutexLock lock(mutex_);
  origin.known_sequence = known_.Of(key);
  return origin;
}

HeldEntryPtr HeldEntries::Install(absl::string_view key, Finding finding,
                                  const FindingOrigin& origin) {
  const int64_t sequence = finding.current.sequence;
  MutexLock lock(mutex_);
  const HeldEntryPtr existing = Peek(key);
  if (KindOfKey(key) != KeyKind::kPinned) {
    // Something newer came while this one was loaded; it may have gone again.
    if (existing != nullptr && existing->epoch == epoch_ &&
        existing->finding.current.sequence > sequence) {
      return existing;
    }
    if (known_.Of(key) > std::max(sequence, origin.known_sequence)) return nullptr;
    if (origin.known_time >= went_back_) known_.Set(key, sequence);
  }
  return Hold(key, std::move(finding), origin, existing);
}

HeldEntryPtr HeldEntries::Hold(absl::string_view key, Finding finding, const FindingOrigin& origin,
                               const HeldEntryPtr& existing) {
  const KeyKind kind = KindOfKey(key);
  absl::Time known_time = origin.known_time;
  bool tracked = origin.from_store && known_time >= tracking_since_;
  if (kind != KeyKind::kPinned) {
    for (const HeldEntryPtr& other : {existing, origin.same_as}) {
      if (other == nullptr || other->epoch != epoch_) continue;
      if (!IsSame(other->finding.current, finding.current)) continue;
      known_time = std::max(known_time, other->freshness.KnownTime(polled()));
      tracked = tracked || other->freshness.tracked();
    }
  }
  const bool suspect = kind != KeyKind::kPinned && (known_.Of(key) > finding.current.sequence ||
                                                    (kind == KeyKind::kTenant && !tracked));
  const int epoch = origin.known_time < went_back_ ? epoch_ - 1 : epoch_.load();
  const absl::Time expiry = Expiry(key, finding);
  const auto held = std::make_shared<const HeldEntry>(std::move(finding), known_time, tracked,
                                                      suspect, epoch, expiry);
  // By a number of the time before the store went back: it answers who asked then, and nobody else.
  if (kind == KeyKind::kPinned && origin.from_store && epoch != epoch_) return held;
  if (kind != KeyKind::kPinned) {
    if (suspect) {
      suspects_[std::string(key)] = SteadyNow();
    } else {
      suspects_.erase(key);
    }
    if (kind == KeyKind::kIcp) {
      if (tracked) {
        unconfirmed_.erase(key);
      } else {
        unconfirmed_.insert(std::string(key));
        PruneUnconfirmed();
      }
    }
  }
  Put(key, held);
  return held;
}

bool HeldEntries::MayBeCurrent(absl::string_view key, int64_t sequence,
                               absl::Time read_time) const {
  MutexLock lock(mutex_);
  if (sequence < known_.Of(key) || read_time < went_back_) return false;
  // Read before the newest poll, and yet newer than all that this one told: of another history.
  const bool impossible =
      sequence_ >= 0 && sequence > sequence_ && read_time < polled_.load() - kClockTolerance;
  return !impossible;
}

HeldEntryPtr HeldEntries::PeekOrExpire(absl::string_view key) {
  HeldEntryPtr held = Peek(key);
  if (held == nullptr || SteadyNow() < held->expiry) return held;
  absences_.Erase(key, held.get());
  return nullptr;
}

void HeldEntries::SuspectLocked(absl::string_view key, const HeldEntry& held) {
  held.freshness.Suspect(polled());
  suspects_[std::string(key)] = SteadyNow();
}

bool HeldEntries::Suspect(absl::string_view key) {
  MutexLock lock(mutex_);
  const HeldEntryPtr held = PeekOrExpire(key);
  if (held == nullptr) return false;
  SuspectLocked(key, *held);
  return true;
}

bool HeldEntries::Hear(const CurrentRevision& current, absl::Time time) {
  MutexLock lock(mutex_);
  known_.Raise(current.name, current.sequence);
  const HeldEntryPtr held = Peek(current.name);
  if (held == nullptr) return false;
  if (!IsSame(held->finding.current, current)) {
    const bool older = held->epoch == epoch_ && held->finding.current.sequence > current.sequence;
    if (older) return false;
    SuspectLocked(current.name, *held);
    unconfirmed_.erase(current.name);  // It is loaded again instead.
    return false;
  }
  const bool tracked = held->freshness.tracked() || time >= tracking_since_;
  held->freshness.Confirm(time, tracked);
  if (tracked) unconfirmed_.erase(current.name);
  const auto suspect = suspects_.find(current.name);
  if (suspect != suspects_.end() && suspect->second < time) {
    held->freshness.Clear();
    suspects_.erase(suspect);
  }
  return true;
}

void HeldEntries::ChangeTenant(const CurrentRevision& current) {
  const std::string tenant = TenantOf(current.name);
  MutexLock lock(mutex_);
  known_.Raise(tenant, current.sequence);
  const HeldEntryPtr held = Peek(tenant);
  if (held == nullptr) return;
  SuspectLocked(tenant, *held);
  Finding finding = held->finding;
  finding.current.sequence = std::max(finding.current.sequence, current.sequence);
  std::vector<std::string>& names = finding.names;
  const auto place = std::lower_bound(names.begin(), names.end(), current.name);
  const bool there = place != names.end() && *place == current.name;
  if (current.exists() && !there) names.insert(place, current.name);
  if (!current.exists() && there) names.erase(place);
  FindingOrigin origin;
  origin.known_time = held->freshness.KnownTime(polled());
  Hold(tenant, std::move(finding), origin, held);
}

void HeldEntries::HearOfTenant(absl::string_view tenant, int64_t sequence) {
  MutexLock lock(mutex_);
  known_.Raise(tenant, sequence);
  const HeldEntryPtr held = Peek(tenant);
  if (held != nullptr) SuspectLocked(tenant, *held);
}

void HeldEntries::EndPoll(int64_t sequence, absl::Time time) {
  MutexLock lock(mutex_);
  sequence_ = sequence;
  for (auto it = suspects_.begin(); it != suspects_.end();) {
    const auto suspect = it++;
    const HeldEntryPtr held = Peek(suspect->first);
    if (held != nullptr) {
      const bool cleared = suspect->second < time && held->freshness.tracked() &&
                           KindOfKey(suspect->first) == KeyKind::kIcp && held->epoch == epoch_ &&
                           held->finding.current.sequence >= known_.Of(suspect->first);
      if (!cleared) continue;
      held->freshness.Clear();
    }
    suspects_.erase(suspect);
  }
  polled_.store(time);
}

void HeldEntries::BeginTracking(int64_t sequence, absl::Time time, bool went_back) {
  {
    MutexLock lock(mutex_);
    if (went_back) {
      ++epoch_;
      known_.Clear();
      went_back_ = time;
    }
    sequence_ = sequence;
    tracking_since_ = time;
  }
  const auto lose_track = [this, went_back](const std::string& key, const HeldEntryPtr& held) {
    if (went_back && KindOfKey(key) == KeyKind::kPinned) {
      entries_.Erase(key);
    } else {
      LoseTrack(key, *held);
    }
  };
  entries_.ForEach(lose_track);
  absences_.ForEach(lose_track);
}

void HeldEntries::LoseTrack(const std::string& key, const HeldEntry& held) {
  MutexLock lock(mutex_);
  const KeyKind kind = KindOfKey(key);
  if (kind == KeyKind::kPinned) return;
  held.freshness.LoseTrack(polled());
  if (kind == KeyKind::kIcp) unconfirmed_.insert(key);
  if (kind == KeyKind::kTenant) SuspectLocked(key, held);
}

std::vector<std::string> HeldEntries::Suspects() {
  MutexLock lock(mutex_);
  std::vector<std::string> keys;
  for (auto it = suspects_.begin(); it != suspects_.end();) {
    const auto suspect = it++;
    if (PeekOrExpire(suspect->first) == nullptr) {
      suspects_.erase(suspect);
    } else {
      keys.push_back(suspect->first);
    }
  }
  return keys;
}

std::vector<std::string> HeldEntries::Unconfirmed(size_t limit) {
  MutexLock lock(mutex_);
  std::vector<std::string> names;
  for (auto it = unconfirmed_.begin(); it != unconfirmed_.end() && names.size() < limit;) {
    const auto name = it++;
    if (PeekOrExpire(*name) == nullptr) {
      unconfirmed_.erase(name);
    } else {
      names.push_back(*name);
    }
  }
  return names;
}

void HeldEntries::PruneUnconfirmed() {
  if (unconfirmed_.size() < 1000) return;
  const int64_t held = entries_.Stats().entries + absences_.Stats().entries;
  if (static_cast<int64_t>(unconfirmed_.size()) < 2 * held) return;
  for (auto it = unconfirmed_.begin(); it != unconfirmed_.end();) {
    const auto name = it++;
    if (Peek(*name) == nullptr) unconfirmed_.erase(name);
  }
}

HeldEntries::Stats HeldEntries::GetStats() const {
  const BoundedCacheStats entries = entries_.Stats();
  const BoundedCacheStats absences = absences_.Stats();
  Stats stats;
  stats.entries = entries.entries + absences.entries;
  stats.icps =
      entries_.CountKeys([](absl::string_view key) { return KindOfKey(key) == KeyKind::kIcp; });
  stats.bytes = entries.bytes + absences.bytes;
  stats.hits = entries.hits + absences.hits;
  stats.evictions = entries.evictions + absences.evictions;
  MutexLock lock(mutex_);
  stats.suspects = suspects_.size();
  return stats;
}

}  // namespace bantam
