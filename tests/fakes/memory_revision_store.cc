#include "tests/fakes/memory_revision_store.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/catalog/etag.h"
#include "server/engine/sha256.h"

namespace bantam {
namespace {

constexpr std::chrono::seconds kLimit(120);
constexpr size_t kChangesAtOnce = 1000;

std::string TenantOfName(absl::string_view name) {
  return std::string(name.substr(0, name.find("/icps/")));
}

RevisionRecord Summary(const RevisionRecord& record) {
  RevisionRecord summary = record;
  summary.yaml.clear();
  return summary;
}

// One that shares nothing with `failure`, for another thread. Where that is no error: another
// error.
absl::Status CopyOf(const absl::Status& failure) {
  if (failure.ok()) return absl::UnknownError("there is no result");
  return absl::Status(failure.code(), failure.message());
}

absl::Status Unavailable() { return absl::UnavailableError("the memory store did not answer"); }

}  // namespace

struct MemoryRevisions::Data {
  struct Icp {
    std::vector<RevisionRecord> records;  // By number.
    int64_t sequence = 0;

    const RevisionRecord& newest() const { return records.back(); }
    bool exists() const { return !newest().deletion(); }
  };

  int64_t sequence = 0;
  std::map<std::string, Icp, std::less<>> icps;
  std::map<std::string, int64_t, std::less<>> tenants;  // When their names changed last.

  const Icp* Find(absl::string_view name) const {
    const auto found = icps.find(name);
    return found == icps.end() ? nullptr : &found->second;
  }

  CurrentRevision Current(absl::string_view name) const {
    CurrentRevision current;
    current.name = std::string(name);
    const Icp* const icp = Find(name);
    current.sequence = icp == nullptr ? sequence : icp->sequence;
    if (icp == nullptr || !icp->exists()) return current;
    current.number = icp->newest().number;
    current.revision = icp->newest().revision;
    return current;
  }
};

MemoryRevisions::MemoryRevisions()
    : data_(std::make_shared<Data>()), thread_(&MemoryRevisions::Run, this) {}

MemoryRevisions::~MemoryRevisions() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

RevisionRecord MemoryRevisions::Put(absl::string_view name, absl::string_view yaml) {
  RevisionChange change;
  change.name = std::string(name);
  change.yaml = std::string(yaml);
  const Sha256Digits digits = Sha256Prefix(yaml);
  change.revision = absl::StrCat(kByHand, absl::string_view(digits.data(), digits.size()));
  change.title = "written straight into the store";
  MutexLock lock(mutex_);
  return Append(change);
}

void MemoryRevisions::Delete(absl::string_view name) {
  RevisionChange change;
  change.name = std::string(name);
  MutexLock lock(mutex_);
  Append(change);
}

RevisionRecord MemoryRevisions::Append(const RevisionChange& change) {
  const std::string tenant = TenantOfName(change.name);
  Data::Icp& icp = data_->icps[change.name];
  const bool was_there = !icp.records.empty() && icp.exists();
  RevisionRecord record;
  record.name = change.name;
  record.number = static_cast<int64_t>(icp.records.size()) + 1;
  record.revision = change.revision;
  record.title = change.title;
  record.author = change.author;
  record.comment = change.comment;
  record.create_time = absl::FromUnixMicros(absl::ToUnixMicros(absl::Now()));
  record.yaml = change.yaml;
  icp.records.push_back(record);
  icp.sequence = ++data_->sequence;
  if (was_there != icp.exists()) data_->tenants[tenant] = data_->sequence;
  return record;
}

absl::StatusOr<AppliedChange> MemoryRevisions::Apply(const RevisionChange& change) {
  const Data::Icp* const icp = data_->Find(change.name);
  const RevisionRecord* const newest = icp == nullptr ? nullptr : &icp->newest();
  AppliedChange applied;
  if (IsUnchanged(change, newest)) {
    applied.record = *newest;
    applied.sequence = icp->sequence;
    applied.unchanged = true;
    return applied;
  }
  const bool deletion = change.yaml.empty();
  absl::Status status = CheckEtag(change.name, change.etag, deletion, newest);
  if (!status.ok()) return status;
  const bool was_there = newest != nullptr && !newest->deletion();
  applied.record = Append(change);
  applied.sequence = data_->sequence;
  applied.names_changed = was_there == deletion;
  return applied;
}

int64_t MemoryRevisions::sequence() const {
  MutexLock lock(mutex_);
  return data_->sequence;
}

CurrentRevision MemoryRevisions::Current(absl::string_view name) const {
  MutexLock lock(mutex_);
  return data_->Current(name);
}

std::shared_ptr<const MemoryRevisions::Data> MemoryRevisions::MakeBackup() const {
  MutexLock lock(mutex_);
  return std::make_shared<const Data>(*data_);
}

void MemoryRevisions::Restore(const Data& backup) {
  MutexLock lock(mutex_);
  data_ = std::make_shared<Data>(backup);
}

void MemoryRevisions::SetFailure(absl::Status failure) {
  MutexLock lock(mutex_);
  failure_ = std::move(failure);
}

void MemoryRevisions::Hold(StoreCall call) {
  MutexLock lock(mutex_);
  holding_.insert(call);
}

void MemoryRevisions::HoldAll() {
  for (int call = 0; call <= static_cast<int>(StoreCall::kApply); ++call) {
    Hold(static_cast<StoreCall>(call));
  }
}

void MemoryRevisions::Release() {
  MutexLock lock(mutex_);
  holding_.clear();
  ready_.splice(ready_.end(), held_);
  changed_.notify_all();
}

bool MemoryRevisions::WaitUntilHeld(size_t count) const {
  const auto limit = std::chrono::steady_clock::now() + kLimit;
  MutexLock lock(mutex_);
  while (held_.size() < count) {
    if (changed_.wait_until(mutex_, limit) == std::cv_status::timeout) return false;
  }
  return true;
}

int MemoryRevisions::calls(StoreCall call) const {
  MutexLock lock(mutex_);
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

int MemoryRevisions::reads_of(absl::string_view name) const {
  MutexLock lock(mutex_);
  const auto found = reads_.find(name);
  return found == reads_.end() ? 0 : found->second;
}

void MemoryRevisions::Submit(const void* owner, StoreCall call, absl::Time deadline,
                             Answer answer) {
  ++calls_[call];
  Pending pending;
  pending.owner = owner;
  pending.deadline = deadline;
  pending.answer = std::move(answer);
  (holding_.count(call) > 0 ? held_ : ready_).push_back(std::move(pending));
  changed_.notify_all();
}

void MemoryRevisions::GiveUp(const void* owner) {
  std::list<Pending> given_up;
  {
    MutexLock lock(mutex_);
    for (std::list<Pending>* list : {&held_, &ready_}) {
      for (auto it = list->begin(); it != list->end();) {
        const auto pending = it++;
        if (pending->owner == owner) given_up.splice(given_up.end(), *list, pending);
      }
    }
    while (answering_ == owner) changed_.wait(mutex_);
  }
  for (Pending& pending : given_up) pending.answer(Unavailable());
}

void MemoryRevisions::Run() {
  while (true) {
    std::list<Pending> next;
    bool expired = false;
    {
      MutexLock lock(mutex_);
      answering_ = nullptr;
      changed_.notify_all();
      while (next.empty()) {
        if (stopping_) return;
        absl::Time first_deadline = absl::InfiniteFuture();
        for (auto it = held_.begin(); it != held_.end() && next.empty(); ++it) {
          first_deadline = std::min(first_deadline, it->deadline);
          expired = it->deadline <= absl::Now();
          if (expired) {
            next.splice(next.end(), held_, it);
            break;
          }
        }
        if (next.empty() && !ready_.empty()) next.splice(next.end(), ready_, ready_.begin());
        if (!next.empty()) break;
        if (first_deadline == absl::InfiniteFuture()) {
          changed_.wait(mutex_);
        } else {
          changed_.wait_until(mutex_, absl::ToChronoTime(first_deadline));
        }
      }
      answering_ = next.front().owner;
    }
    next.front().answer(expired ? Unavailable() : absl::OkStatus());
    next.clear();  // Whatever the answer holds goes before its owner may.
  }
}

MemoryRevisionStore::MemoryRevisionStore(std::shared_ptr<MemoryRevisions> revisions)
    : revisions_(std::move(revisions)) {}

MemoryRevisionStore::~MemoryRevisionStore() { revisions_->GiveUp(this); }

template <typename Result, typename Read>
void MemoryRevisionStore::Answer(StoreCall call, absl::Time deadline, Done<Result> done,
                                 Read read) {
  MutexLock lock(revisions_->mutex_);
  absl::StatusOr<Result> result = CopyOf(revisions_->failure_);
  if (revisions_->failure_.ok()) result = read(*revisions_->data_);
  revisions_->Submit(
      this, call, deadline,
      [result = std::move(result), done = std::move(done)](absl::Status late) mutable {
        if (!late.ok()) return done(std::move(late));
        done(std::move(result));
      });
}

void MemoryRevisionStore::ReadCurrent(absl::string_view name, int64_t known_number,
                                      absl::Time deadline, Done<CurrentRead> done) {
  {
    MutexLock lock(revisions_->mutex_);
    ++revisions_->reads_[std::string(name)];
  }
  Answer<CurrentRead>(StoreCall::kReadCurrent, deadline, std::move(done),
                      [&](const MemoryRevisions::Data& data) {
                        CurrentRead read;
                        read.current = data.Current(name);
                        if (read.current.exists() && read.current.number != known_number) {
                          read.record = data.Find(name)->newest();
                        }
                        return read;
                      });
}

void MemoryRevisionStore::ReadRevision(absl::string_view name, absl::string_view revision,
                                       int64_t number, absl::Time deadline,
                                       Done<absl::optional<RevisionRecord>> done) {
  using Record = absl::optional<RevisionRecord>;
  Answer<Record>(StoreCall::kReadRevision, deadline, std::move(done),
                 [&](const MemoryRevisions::Data& data) -> Record {
                   const auto* const icp = data.Find(name);
                   if (icp == nullptr) return absl::nullopt;
                   for (auto it = icp->records.rbegin(); it != icp->records.rend(); ++it) {
                     if (it->deletion()) continue;
                     if (revision.empty() ? it->number == number : it->revision == revision) {
                       return *it;
                     }
                   }
                   return absl::nullopt;
                 });
}

void MemoryRevisionStore::ReadBefore(absl::string_view name, int64_t number, absl::Time deadline,
                                     Done<absl::optional<RevisionRecord>> done) {
  using Record = absl::optional<RevisionRecord>;
  Answer<Record>(StoreCall::kReadBefore, deadline, std::move(done),
                 [&](const MemoryRevisions::Data& data) -> Record {
                   const auto* const icp = data.Find(name);
                   if (icp == nullptr) return absl::nullopt;
                   const auto before = std::find_if(
                       icp->records.rbegin(), icp->records.rend(),
                       [number](const RevisionRecord& record) { return record.number < number; });
                   if (before == icp->records.rend() || before->deletion()) return absl::nullopt;
                   return *before;
                 });
}

void MemoryRevisionStore::ReadPointers(const std::vector<std::string>& names, absl::Time deadline,
                                       Done<std::vector<CurrentRevision>> done) {
  Answer<std::vector<CurrentRevision>>(StoreCall::kReadPointers, deadline, std::move(done),
                                       [&](const MemoryRevisions::Data& data) {
                                         std::vector<CurrentRevision> current;
                                         for (const std::string& name : names)
                                           current.push_back(data.Current(name));
                                         return current;
                                       });
}

void MemoryRevisionStore::ReadTenant(absl::string_view tenant, absl::Time deadline,
                                     Done<TenantNames> done) {
  Answer<TenantNames>(
      StoreCall::kReadTenant, deadline, std::move(done), [&](const MemoryRevisions::Data& data) {
        TenantNames names;
        names.tenant = std::string(tenant);
        const auto changed = data.tenants.find(tenant);
        names.sequence = changed == data.tenants.end() ? data.sequence : changed->second;
        const std::string prefix = absl::StrCat(tenant, "/icps/");
        for (auto it = data.icps.lower_bound(prefix);
             it != data.icps.end() && absl::StartsWith(it->first, prefix); ++it) {
          if (it->second.exists()) names.names.push_back(it->first);
        }
        return names;
      });
}

void MemoryRevisionStore::ReadChanges(int64_t after, absl::Time deadline, Done<StoreChanges> done) {
  Answer<StoreChanges>(StoreCall::kReadChanges, deadline, std::move(done),
                       [&](const MemoryRevisions::Data& data) {
                         StoreChanges changes;
                         changes.sequence = data.sequence;
                         if (after < 0) return changes;
                         std::map<int64_t, const std::string*> by_sequence;
                         for (const auto& [name, icp] : data.icps) {
                           if (icp.sequence > after) by_sequence.emplace(icp.sequence, &name);
                         }
                         for (const auto& [sequence, name] : by_sequence) {
                           if (changes.icps.size() == kChangesAtOnce) {
                             changes.more = true;
                             changes.sequence = changes.icps.back().sequence;
                             break;
                           }
                           changes.icps.push_back(data.Current(*name));
                         }
                         for (const auto& [tenant, sequence] : data.tenants) {
                           if (sequence > after && sequence <= changes.sequence)
                             changes.tenants.push_back({tenant, sequence});
                         }
                         return changes;
                       });
}

void MemoryRevisionStore::ListCurrent(absl::string_view parent, absl::string_view after, int limit,
                                      absl::Time deadline, Done<std::vector<RevisionRecord>> done) {
  Answer<std::vector<RevisionRecord>>(
      StoreCall::kListCurrent, deadline, std::move(done), [&](const MemoryRevisions::Data& data) {
        const std::string prefix = parent == "tenants/-" ? "" : absl::StrCat(parent, "/icps/");
        std::vector<RevisionRecord> records;
        for (auto it = data.icps.lower_bound(std::max(prefix, std::string(after)));
             it != data.icps.end() && absl::StartsWith(it->first, prefix); ++it) {
          if (static_cast<int>(records.size()) == limit) break;
          if (it->first == after || !it->second.exists()) continue;
          records.push_back(Summary(it->second.newest()));
        }
        return records;
      });
}

void MemoryRevisionStore::ListRevisions(absl::string_view name, int64_t before, int limit,
                                        absl::Time deadline,
                                        Done<std::vector<RevisionRecord>> done) {
  Answer<std::vector<RevisionRecord>>(
      StoreCall::kListRevisions, deadline, std::move(done), [&](const MemoryRevisions::Data& data) {
        std::vector<RevisionRecord> records;
        const auto* const icp = data.Find(name);
        if (icp == nullptr) return records;
        for (auto it = icp->records.rbegin(); it != icp->records.rend(); ++it) {
          if (static_cast<int>(records.size()) == limit) break;
          if (before == 0 || it->number < before) records.push_back(Summary(*it));
        }
        return records;
      });
}

void MemoryRevisionStore::Apply(RevisionChange change, absl::Time deadline,
                                Done<AppliedChange> done) {
  MutexLock lock(revisions_->mutex_);
  absl::StatusOr<AppliedChange> applied = CopyOf(revisions_->failure_);
  if (revisions_->failure_.ok()) applied = revisions_->Apply(change);
  revisions_->Submit(
      this, StoreCall::kApply, deadline,
      [applied = std::move(applied), done = std::move(done)](absl::Status late) mutable {
        if (!late.ok()) return done(std::move(late));
        done(std::move(applied));
      });
}

}  // namespace bantam
