#include "server/catalog/retired_revisions.h"

#include <algorithm>
#include <utility>

namespace bantam {

size_t ByteSize(const CatalogEntry& entry) {
  size_t bytes = sizeof(CatalogEntry) + entry.yaml.capacity() + entry.icp->ByteSize();
  for (const v1::Issue& issue : entry.warnings) bytes += issue.SpaceUsedLong();
  return bytes;
}

RetiredRevisions::RetiredRevisions(int max_per_icp, size_t max_bytes)
    : max_per_icp_(max_per_icp), max_bytes_(max_bytes) {}

void RetiredRevisions::Add(CatalogEntryPtr entry) {
  const std::string name = entry->icp->name();
  Remove(name, entry->icp->revision());
  bytes_ += ByteSize(*entry);
  entries_.push_back(std::move(entry));
  if (++count_by_icp_[name] > max_per_icp_) {
    Erase(std::find_if(entries_.begin(), entries_.end(),
                       [&name](const CatalogEntryPtr& kept) { return kept->icp->name() == name; }));
  }
  while (bytes_ > max_bytes_) Erase(entries_.begin());
}

void RetiredRevisions::Remove(absl::string_view name, absl::string_view revision) {
  const auto it = std::find_if(entries_.begin(), entries_.end(), [&](const CatalogEntryPtr& kept) {
    return kept->icp->name() == name && kept->icp->revision() == revision;
  });
  if (it != entries_.end()) Erase(it);
}

void RetiredRevisions::Erase(std::list<CatalogEntryPtr>::iterator it) {
  const auto count = count_by_icp_.find((*it)->icp->name());
  if (--count->second == 0) count_by_icp_.erase(count);
  bytes_ -= ByteSize(**it);
  entries_.erase(it);
}

}  // namespace bantam
