#ifndef BANTAM_SERVER_CATALOG_REVISION_SEARCH_H_
#define BANTAM_SERVER_CATALOG_REVISION_SEARCH_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/entry_reader.h"
#include "server/catalog/loader_threads.h"
#include "server/catalog/part_health.h"
#include "server/catalog/revision_store.h"

namespace bantam {

// What FindRevision() works with. All are there, and outlive it.
struct RevisionSearchParts {
  RevisionStore* store = nullptr;
  PartHealth* store_health = nullptr;
  EntryReader* reader = nullptr;
  LoaderThreads* threads = nullptr;
};

// Reads a record as RevisionStore::ReadRevision() does. A `revision` that it does not find may be
// one that was saved past this program, which the store cannot know by that name: then the newest
// 100 such texts, among the newest 1000 records of the ICP, are compiled until one is it. That
// record is returned with `revision`. Calls `done` on a thread of the store or a loader thread.
void FindRevision(const RevisionSearchParts& parts, const std::string& name,
                  const std::string& revision, int64_t number, absl::Time deadline,
                  RevisionStore::Done<absl::optional<RevisionRecord>> done);

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_REVISION_SEARCH_H_
