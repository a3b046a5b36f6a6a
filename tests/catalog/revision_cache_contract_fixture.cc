// What the tests of the contract are made of.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/catalog/revision_cache_contract.h"

namespace bantam {

CacheEvents CacheEventLog::Events() {
  CacheEvents events;
  events.on_changed = [this](const std::vector<std::string>& names) {
    MutexLock lock(mutex_);
    names_.insert(names_.end(), names.begin(), names.end());
    told_.notify_all();
  };
  events.on_all_changed = [this] {
    MutexLock lock(mutex_);
    ++all_changed_;
    told_.notify_all();
  };
  return events;
}

bool CacheEventLog::WaitUntil(const std::function<bool()>& condition) {
  const auto limit = std::chrono::steady_clock::now() + kCacheContractLimit;
  while (!condition()) {
    MutexLock lock(mutex_);
    // Looked at again at times, as something may be told between the two.
    told_.wait_for(mutex_, std::chrono::milliseconds(20));
    if (std::chrono::steady_clock::now() > limit) return false;
  }
  return true;
}

bool CacheEventLog::WaitForName(absl::string_view name, int count) {
  return WaitUntil([&] { return CountOf(name) >= count; });
}

bool CacheEventLog::WaitForAllChanged(int count) {
  return WaitUntil([&] { return all_changed() >= count; });
}

int CacheEventLog::CountOf(absl::string_view name) const {
  MutexLock lock(mutex_);
  return static_cast<int>(std::count(names_.begin(), names_.end(), name));
}

int CacheEventLog::all_changed() const {
  MutexLock lock(mutex_);
  return all_changed_;
}

CurrentRevision RevisionCacheContract::Pointer(absl::string_view name, int64_t sequence,
                                               int64_t number) {
  CurrentRevision current;
  current.name = std::string(name);
  current.sequence = sequence;
  current.number = number;
  if (number != 0) current.revision = absl::StrCat("revision-", number);
  return current;
}

RevisionRecord RevisionCacheContract::Record(absl::string_view name, int64_t number) {
  RevisionRecord record;
  record.name = std::string(name);
  record.number = number;
  record.revision = absl::StrCat("revision-", number);
  record.title = "Small business";
  record.author = "Jo Łuk";
  record.comment = "better";
  record.create_time = absl::FromUnixMicros(1770000000000001 + number);
  record.yaml = absl::StrCat("name: ", name, "\n# ", number, "\n");
  return record;
}

TenantNames RevisionCacheContract::Names(absl::string_view tenant, int64_t sequence,
                                         std::vector<std::string> names) {
  TenantNames result;
  result.tenant = std::string(tenant);
  result.sequence = sequence;
  result.names = std::move(names);
  result.read_time = kReadTime;
  return result;
}

absl::StatusOr<CachedRead> RevisionCacheContract::ReadCurrent(absl::string_view name,
                                                              int64_t known_number,
                                                              RevisionCache* cache) {
  return WaitForRead<CachedRead>([&](RevisionCache::Done<CachedRead> done) {
    (cache == nullptr ? cache_.get() : cache)->ReadCurrent(name, known_number, std::move(done));
  });
}

absl::StatusOr<absl::optional<RevisionRecord>> RevisionCacheContract::ReadRevision(
    absl::string_view name, absl::string_view revision) {
  return WaitForRead<absl::optional<RevisionRecord>>(
      [&](RevisionCache::Done<absl::optional<RevisionRecord>> done) {
        cache_->ReadRevision(name, revision, std::move(done));
      });
}

absl::StatusOr<std::vector<absl::optional<CurrentRevision>>> RevisionCacheContract::ReadPointers(
    const std::vector<std::string>& names) {
  return WaitForRead<std::vector<absl::optional<CurrentRevision>>>(
      [&](RevisionCache::Done<std::vector<absl::optional<CurrentRevision>>> done) {
        cache_->ReadPointers(names, std::move(done));
      });
}

absl::StatusOr<absl::optional<TenantNames>> RevisionCacheContract::ReadTenant(
    absl::string_view tenant) {
  return WaitForRead<absl::optional<TenantNames>>(
      [&](RevisionCache::Done<absl::optional<TenantNames>> done) {
        cache_->ReadTenant(tenant, std::move(done));
      });
}

absl::StatusOr<std::vector<std::string>> RevisionCacheContract::ReadMostUsed(int limit) {
  return WaitForRead<std::vector<std::string>>(
      [&](RevisionCache::Done<std::vector<std::string>> done) {
        cache_->ReadMostUsed(limit, std::move(done));
      });
}

int64_t RevisionCacheContract::SequenceOf(absl::string_view name) {
  const absl::StatusOr<CachedRead> read = ReadCurrent(name);
  EXPECT_TRUE(read.ok()) << read.status();
  return read.ok() && read->current.has_value() ? read->current->sequence : -1;
}

std::string RevisionCacheContract::NamesOf(absl::string_view tenant) {
  const absl::StatusOr<absl::optional<TenantNames>> names = ReadTenant(tenant);
  EXPECT_TRUE(names.ok()) << names.status();
  return names.ok() && names->has_value() ? absl::StrJoin((*names)->names, ",") : "(miss)";
}

void RevisionCacheContract::Settle(RevisionCache* cache) {
  // Writes of one cache arrive in their order.
  const RevisionRecord marker = Record("tenants/marker/icps/text", ++markers_);
  cache->WriteRevision(marker);
  const auto limit = std::chrono::steady_clock::now() + kCacheContractLimit;
  while (true) {
    const absl::StatusOr<absl::optional<RevisionRecord>> read =
        ReadRevision(marker.name, marker.revision);
    ASSERT_TRUE(read.ok()) << read.status();
    if (read->has_value()) return;
    ASSERT_LT(std::chrono::steady_clock::now(), limit) << "a write did not arrive";
  }
}

void RevisionCacheContract::SettleEvents(CacheEventLog* log) {
  const std::string marker = absl::StrCat("tenants/marker/icps/m", ++markers_);
  const std::string tenant_marker = absl::StrCat("tenants/m", markers_);
  // Order may be kept among pointers and among lists only.
  cache_->WritePointers({Pointer(marker, 1, 1)}, kReadTime);
  cache_->WriteTenant(Names(tenant_marker, 1, {marker}));
  ASSERT_TRUE(log->WaitForName(marker));
  ASSERT_TRUE(log->WaitForName(tenant_marker));
}

}  // namespace bantam
