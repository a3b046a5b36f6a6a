#include "tests/fakes/memory_revision_cache.h"

#include <algorithm>
#include <chrono>

#include "absl/time/clock.h"

namespace bantam {
namespace {

constexpr std::chrono::seconds kLimit(120);
constexpr absl::Duration kTimeOut = absl::Milliseconds(10);

absl::Status Unavailable() { return absl::UnavailableError("the memory cache did not answer"); }

}  // namespace

MemoryCachedRevisions::MemoryCachedRevisions() : thread_(&MemoryCachedRevisions::Run, this) {}

MemoryCachedRevisions::~MemoryCachedRevisions() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void MemoryCachedRevisions::FlushAll() {
  MutexLock lock(mutex_);
  pointers_.clear();
  records_.clear();
  pinned_.clear();
  tenants_.clear();
  dropped_.clear();
  uses_.clear();
  Send({});
}

void MemoryCachedRevisions::SetDown(bool down) {
  MutexLock lock(mutex_);
  const bool came_back = down_ && !down;
  down_ = down;
  if (came_back) Send({});
}

void MemoryCachedRevisions::SetLosesWrites(bool loses) {
  MutexLock lock(mutex_);
  loses_writes_ = loses;
}

void MemoryCachedRevisions::SetDeaf(bool deaf) {
  MutexLock lock(mutex_);
  deaf_ = deaf;
}

void MemoryCachedRevisions::Hold(bool without_time_out) {
  MutexLock lock(mutex_);
  holding_ = true;
  without_time_out_ = without_time_out;
}

void MemoryCachedRevisions::Release() {
  MutexLock lock(mutex_);
  holding_ = false;
  ready_.splice(ready_.end(), held_);
  idle_ = idle_ && ready_.empty();
  changed_.notify_all();
}

void MemoryCachedRevisions::HoldConnections() {
  MutexLock lock(mutex_);
  holding_connections_ = true;
}

void MemoryCachedRevisions::LetConnect() {
  MutexLock lock(mutex_);
  holding_connections_ = false;
  messages_.splice(messages_.end(), connections_);
  idle_ = idle_ && messages_.empty();
  changed_.notify_all();
}

bool MemoryCachedRevisions::WaitUntilHeld(size_t count) const {
  const auto limit = std::chrono::steady_clock::now() + kLimit;
  MutexLock lock(mutex_);
  while (held_.size() < count) {
    if (changed_.wait_until(mutex_, limit) == std::cv_status::timeout) return false;
  }
  return true;
}

bool MemoryCachedRevisions::WaitUntilQuiet() const {
  const auto limit = std::chrono::steady_clock::now() + kLimit;
  MutexLock lock(mutex_);
  while (!idle_) {
    if (changed_.wait_until(mutex_, limit) == std::cv_status::timeout) return false;
  }
  return true;
}

void MemoryCachedRevisions::ForcePointer(const CurrentRevision& current, absl::Time read_time) {
  MutexLock lock(mutex_);
  pointers_[current.name] = {current, read_time};
  Send({current.name});
}

void MemoryCachedRevisions::LosePointer(absl::string_view name) {
  MutexLock lock(mutex_);
  pointers_.erase(std::string(name));
}

void MemoryCachedRevisions::LoseRecords(absl::string_view name) {
  MutexLock lock(mutex_);
  for (auto it = records_.begin(); it != records_.end();) {
    it = it->first.first == name ? records_.erase(it) : std::next(it);
  }
}

void MemoryCachedRevisions::Tell(const std::vector<std::string>& names) {
  MutexLock lock(mutex_);
  Send(names);
}

absl::optional<CurrentRevision> MemoryCachedRevisions::Pointer(absl::string_view name) const {
  MutexLock lock(mutex_);
  const auto found = pointers_.find(name);
  if (found == pointers_.end()) return absl::nullopt;
  return found->second.current;
}

absl::Time MemoryCachedRevisions::PointerReadTime(absl::string_view name) const {
  MutexLock lock(mutex_);
  const auto it = pointers_.find(name);
  return it == pointers_.end() ? absl::InfinitePast() : it->second.read_time;
}

bool MemoryCachedRevisions::HasRecord(absl::string_view name, int64_t number) const {
  MutexLock lock(mutex_);
  return records_.count({std::string(name), number}) > 0;
}

absl::optional<TenantNames> MemoryCachedRevisions::Tenant(absl::string_view tenant) const {
  MutexLock lock(mutex_);
  const auto found = tenants_.find(tenant);
  if (found == tenants_.end()) return absl::nullopt;
  return found->second;
}

std::map<std::string, int64_t> MemoryCachedRevisions::uses() const {
  MutexLock lock(mutex_);
  return uses_;
}

int MemoryCachedRevisions::reads() const {
  MutexLock lock(mutex_);
  return reads_;
}

int MemoryCachedRevisions::writes() const {
  MutexLock lock(mutex_);
  return writes_;
}

bool MemoryCachedRevisions::BeginWrite() {
  ++writes_;
  return !down_ && !loses_writes_;
}

void MemoryCachedRevisions::Send(std::vector<std::string> names) {
  if (down_ || deaf_) return;
  messages_.push_back({std::move(names), nullptr});
  idle_ = false;
  changed_.notify_all();
}

void MemoryCachedRevisions::Submit(const void* owner, Answer answer) {
  ++reads_;
  Pending pending;
  pending.owner = owner;
  pending.deadline = without_time_out_ ? absl::InfiniteFuture() : absl::Now() + kTimeOut;
  pending.answer = std::move(answer);
  (holding_ ? held_ : ready_).push_back(std::move(pending));
  idle_ = idle_ && ready_.empty();
  changed_.notify_all();
}

void MemoryCachedRevisions::GiveUp(const void* owner) {
  std::list<Pending> given_up;
  {
    MutexLock lock(mutex_);
    watchers_.erase(owner);
    for (std::list<Pending>* list : {&held_, &ready_}) {
      for (auto it = list->begin(); it != list->end();) {
        const auto pending = it++;
        if (pending->owner == owner) given_up.splice(given_up.end(), *list, pending);
      }
    }
    while (calling_ == owner) changed_.wait(mutex_);
  }
  for (Pending& pending : given_up) pending.answer(Unavailable());
}

void MemoryCachedRevisions::Watch(const void* owner, CacheEvents events) {
  MutexLock lock(mutex_);
  watchers_[owner] = std::move(events);
  // The connection has come.
  (holding_connections_ ? connections_ : messages_).push_back({{}, owner});
  idle_ = idle_ && messages_.empty();
  changed_.notify_all();
}

// One watcher at a time, looked up anew each time: it may have gone.
void MemoryCachedRevisions::Deliver(const Message& message) {
  std::vector<const void*> owners;
  {
    MutexLock lock(mutex_);
    for (const auto& [owner, events] : watchers_) {
      if (message.only == nullptr || message.only == owner) owners.push_back(owner);
    }
  }
  for (const void* const owner : owners) {
    CacheEvents events;
    {
      MutexLock lock(mutex_);
      const auto found = watchers_.find(owner);
      if (found == watchers_.end()) continue;
      events = found->second;
      calling_ = owner;
    }
    if (message.names.empty()) {
      events.on_all_changed();
    } else {
      events.on_changed(message.names);
    }
    events = CacheEvents();
    MutexLock lock(mutex_);
    calling_ = nullptr;
    changed_.notify_all();
  }
}

void MemoryCachedRevisions::Run() {
  while (true) {
    std::list<Pending> next;
    std::list<Message> message;
    bool expired = false;
    {
      MutexLock lock(mutex_);
      calling_ = nullptr;
      idle_ = messages_.empty() && ready_.empty();
      changed_.notify_all();
      while (next.empty() && message.empty()) {
        if (stopping_) return;
        expired = !held_.empty() && held_.front().deadline <= absl::Now();
        if (expired) {
          next.splice(next.end(), held_, held_.begin());
        } else if (!messages_.empty()) {
          message.splice(message.end(), messages_, messages_.begin());
        } else if (!ready_.empty()) {
          next.splice(next.end(), ready_, ready_.begin());
        } else if (held_.empty() || held_.front().deadline == absl::InfiniteFuture()) {
          changed_.wait(mutex_);
        } else {
          changed_.wait_until(mutex_, absl::ToChronoTime(held_.front().deadline));
        }
      }
      if (!next.empty()) calling_ = next.front().owner;
    }
    if (!message.empty()) Deliver(message.front());
    if (next.empty()) continue;
    next.front().answer(expired ? Unavailable() : absl::OkStatus());
    next.clear();  // Whatever the answer holds goes before its owner may.
  }
}

MemoryRevisionCache::MemoryRevisionCache(std::shared_ptr<MemoryCachedRevisions> cached)
    : cached_(std::move(cached)) {}

MemoryRevisionCache::~MemoryRevisionCache() { cached_->GiveUp(this); }

template <typename Result, typename Read>
void MemoryRevisionCache::Answer(Done<Result> done, Read read) {
  MutexLock lock(cached_->mutex_);
  absl::StatusOr<Result> result = Unavailable();
  if (!cached_->down_) result = read();
  cached_->Submit(this,
                  [result = std::move(result), done = std::move(done)](absl::Status late) mutable {
                    if (!late.ok()) return done(std::move(late));
                    done(std::move(result));
                  });
}

void MemoryRevisionCache::ReadCurrent(absl::string_view name, int64_t known_number,
                                      Done<CachedRead> done) {
  Answer<CachedRead>(std::move(done), [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    CachedRead read;
    const auto pointer = cached_->pointers_.find(name);
    if (pointer == cached_->pointers_.end()) return read;
    read.current = pointer->second.current;
    read.read_time = pointer->second.read_time;
    const int64_t number = read.current->number;
    const auto record = cached_->records_.find({std::string(name), number});
    if (number != known_number && record != cached_->records_.end()) read.record = record->second;
    return read;
  });
}

void MemoryRevisionCache::ReadRevision(absl::string_view name, absl::string_view revision,
                                       Done<absl::optional<RevisionRecord>> done) {
  using Record = absl::optional<RevisionRecord>;
  Answer<Record>(std::move(done), [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS -> Record {
    const auto found = cached_->pinned_.find({std::string(name), std::string(revision)});
    if (found == cached_->pinned_.end()) return absl::nullopt;
    return found->second;
  });
}

void MemoryRevisionCache::ReadPointers(const std::vector<std::string>& names,
                                       Done<std::vector<absl::optional<CurrentRevision>>> done) {
  using Current = std::vector<absl::optional<CurrentRevision>>;
  Answer<Current>(std::move(done), [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    Current current;
    for (const std::string& name : names) {
      const auto found = cached_->pointers_.find(name);
      current.emplace_back();
      if (found != cached_->pointers_.end()) current.back() = found->second.current;
    }
    return current;
  });
}

void MemoryRevisionCache::ReadTenant(absl::string_view tenant,
                                     Done<absl::optional<TenantNames>> done) {
  using Names = absl::optional<TenantNames>;
  Answer<Names>(std::move(done), [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS -> Names {
    const auto found = cached_->tenants_.find(tenant);
    if (found == cached_->tenants_.end()) return absl::nullopt;
    return found->second;
  });
}

void MemoryRevisionCache::WritePointers(const std::vector<CurrentRevision>& current,
                                        absl::Time read_time) {
  MutexLock lock(cached_->mutex_);
  if (!cached_->BeginWrite()) return;
  std::vector<std::string> written;
  for (const CurrentRevision& one : current) {
    const auto found = cached_->pointers_.find(one.name);
    if (found != cached_->pointers_.end() && found->second.current.sequence >= one.sequence) {
      continue;
    }
    cached_->pointers_[one.name] = {one, read_time};
    written.push_back(one.name);
  }
  if (!written.empty()) cached_->Send(std::move(written));
}

void MemoryRevisionCache::WriteRecord(const RevisionRecord& record) {
  MutexLock lock(cached_->mutex_);
  if (cached_->BeginWrite()) cached_->records_[{record.name, record.number}] = record;
}

void MemoryRevisionCache::WriteRevision(const RevisionRecord& record) {
  MutexLock lock(cached_->mutex_);
  if (cached_->BeginWrite()) cached_->pinned_[{record.name, record.revision}] = record;
}

void MemoryRevisionCache::WriteTenant(const TenantNames& names) {
  MutexLock lock(cached_->mutex_);
  if (!cached_->BeginWrite()) return;
  const auto dropped = cached_->dropped_.find(names.tenant);
  if (dropped != cached_->dropped_.end() && names.sequence < dropped->second) return;
  const auto found = cached_->tenants_.find(names.tenant);
  if (found != cached_->tenants_.end() && found->second.sequence >= names.sequence) return;
  cached_->tenants_[names.tenant] = names;
  cached_->Send({names.tenant});
}

void MemoryRevisionCache::DropTenant(absl::string_view tenant, int64_t sequence) {
  MutexLock lock(cached_->mutex_);
  if (!cached_->BeginWrite()) return;
  const auto found = cached_->tenants_.find(tenant);
  if (found != cached_->tenants_.end() && found->second.sequence >= sequence) return;
  int64_t& dropped = cached_->dropped_[std::string(tenant)];
  if (dropped >= sequence) return;
  dropped = sequence;
  if (found != cached_->tenants_.end()) cached_->tenants_.erase(found);
  cached_->Send({std::string(tenant)});
}

void MemoryRevisionCache::AddUses(const std::vector<std::pair<std::string, int64_t>>& uses) {
  MutexLock lock(cached_->mutex_);
  if (!cached_->BeginWrite()) return;
  for (const auto& [name, count] : uses) cached_->uses_[name] += count;
}

void MemoryRevisionCache::ReadMostUsed(int limit, Done<std::vector<std::string>> done) {
  Answer<std::vector<std::string>>(std::move(done), [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    std::vector<std::pair<int64_t, std::string>> uses;
    for (const auto& [name, count] : cached_->uses_) uses.emplace_back(-count, name);
    std::sort(uses.begin(), uses.end());
    std::vector<std::string> names;
    for (auto& [count, name] : uses) {
      if (static_cast<int>(names.size()) < limit) names.push_back(std::move(name));
    }
    return names;
  });
}

void MemoryRevisionCache::Watch(CacheEvents events) { cached_->Watch(this, std::move(events)); }

}  // namespace bantam
