#ifndef BANTAM_SERVER_CATALOG_STORE_ERRORS_H_
#define BANTAM_SERVER_CATALOG_STORE_ERRORS_H_

#include "absl/status/status.h"
#include "server/catalog/catalog.h"
#include "server/catalog/revision_store.h"

namespace bantam {

// An error of a store's read, in words for callers: nothing of what is inside. NOT_FOUND stays.
absl::Status StoreErrorForCallers(const absl::Status& status);

// The same of RevisionStore::Apply(): what is meant for callers stays, and of the rest it is said
// that the change may have been made.
absl::Status ApplyErrorForCallers(const absl::Status& status);

// Nothing is held that is as fresh as it must be, and the store cannot be asked. `newest`: the
// newest there is was wanted, whatever is held.
absl::Status NotFreshEnough(bool newest);

// A copy that shares nothing with `status`, for another thread.
absl::Status CopyOf(const absl::Status& status);

// Where `record` stands in the history of its ICP.
RevisionOrigin OriginOf(const RevisionRecord& record);

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_STORE_ERRORS_H_
