#ifndef BANTAM_SERVER_CATALOG_TENANT_GATHERING_H_
#define BANTAM_SERVER_CATALOG_TENANT_GATHERING_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/catalog/catalog.h"
#include "server/catalog/mutex.h"

namespace bantam {

// Gathers the answers for each of a tenant's ICPs, which may come in any order and on any threads,
// and then answers for the tenant. Safe for concurrent use.
class TenantGathering {
 public:
  // `count`: how many answers are to come. `age`: of the list of names.
  TenantGathering(size_t count, absl::Duration age, Catalog::GetTenantDone done);

  // The answer for the ICP `index` in the order of names. One that is not found is left out; any
  // other error becomes the answer.
  void Add(size_t index, const absl::StatusOr<IcpAnswer>& answer);

 private:
  Mutex mutex_;
  size_t missing_ ABSL_GUARDED_BY(mutex_);
  std::vector<CatalogEntryPtr> entries_ ABSL_GUARDED_BY(mutex_);
  absl::Duration age_ ABSL_GUARDED_BY(mutex_);
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  Catalog::GetTenantDone done_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_TENANT_GATHERING_H_
