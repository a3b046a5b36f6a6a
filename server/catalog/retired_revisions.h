#ifndef BANTAM_SERVER_CATALOG_RETIRED_REVISIONS_H_
#define BANTAM_SERVER_CATALOG_RETIRED_REVISIONS_H_

#include <cstddef>
#include <list>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "server/catalog/catalog.h"

namespace bantam {

// Estimate of the memory that `entry` holds, in bytes.
size_t ByteSize(const CatalogEntry& entry);

// Revisions that are not current any more, kept so that callers who pinned them still get answers.
// Bounded; what was retired first goes first. Not safe for concurrent use.
class RetiredRevisions {
 public:
  // `max_per_icp`: how many of one ICP are kept; `max_bytes`: of all ICPs together. 0: none.
  RetiredRevisions(int max_per_icp, size_t max_bytes);

  // Adds `entry`, then drops what is beyond the bounds. A revision that is kept already is
  // replaced, and counts as retired just now.
  void Add(CatalogEntryPtr entry);

  // Drops one revision, which became current again. No effect if it is not kept.
  void Remove(absl::string_view name, absl::string_view revision);

  // What is kept, longest retired first.
  const std::list<CatalogEntryPtr>& entries() const { return entries_; }

  // Their size in bytes.
  size_t bytes() const { return bytes_; }

 private:
  void Erase(std::list<CatalogEntryPtr>::iterator it);

  const int max_per_icp_;
  const size_t max_bytes_;
  std::list<CatalogEntryPtr> entries_;
  absl::flat_hash_map<std::string, int> count_by_icp_;
  size_t bytes_ = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_RETIRED_REVISIONS_H_
