// Which changes the etag allows: the same for every RevisionStore.
#ifndef BANTAM_SERVER_CATALOG_ETAG_H_
#define BANTAM_SERVER_CATALOG_ETAG_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/catalog/revision_store.h"

namespace bantam {

// Whether `newest` (null: the ICP never was) lets a change with `etag` be made to `name`. The
// errors are those of RevisionStore::Apply(), fit to be shown to callers: ABORTED, and for a
// deletion NOT_FOUND. Saving the text that is current already needs no etag: see IsUnchanged().
absl::Status CheckEtag(absl::string_view name, absl::string_view etag, bool deletion,
                       const RevisionRecord* newest);

// Whether `change` saves the very text that is current, so that there is nothing to write. `newest`
// has its text; null: the ICP never was.
bool IsUnchanged(const RevisionChange& change, const RevisionRecord* newest);

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_ETAG_H_
