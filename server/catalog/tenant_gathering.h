#ifndef BANTAM_SERVER_CATALOG_TENANT_GATHERING_H_
#define BANTAM_SERVER_CATALOG_TENANT_GATHERING_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "server/catalog/catalog.h"
#include "server/catalog/mutex.h"

namespace bantam {

// Asks for each of a tenant's ICPs, a few at a time, so that a large tenant leaves room for other
// calls; then answers for the tenant. An ICP that is not found is left out; the first other error
// ends it and becomes the answer. Keeps itself alive until then. Safe for concurrent use.
class TenantGathering : public std::enable_shared_from_this<TenantGathering> {
 public:
  // Asks for one ICP; the answer may come at once, or later on any thread.
  using Ask = std::function<void(const std::string& name, Catalog::GetDone done)>;

  // `age`: of the list of names.
  TenantGathering(std::vector<std::string> names, absl::Duration age, Ask ask,
                  Catalog::GetTenantDone done);

  void Begin() { AskOn(); }

 private:
  // Asks for as many as may be under way. Where answers come at once, it is the outermost call that
  // goes on, so that the stack does not grow with the tenant.
  void AskOn();

  // The answer for the ICP `index` in the order of names.
  void Add(size_t index, const absl::StatusOr<IcpAnswer>& answer);

  // Answers for the tenant, if nothing is missing any more.
  void AnswerIfDone();

  const std::vector<std::string> names_;
  const Ask ask_;

  Mutex mutex_;
  bool asking_ ABSL_GUARDED_BY(mutex_) = false;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;  // That is asked for next.
  size_t under_way_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<CatalogEntryPtr> entries_ ABSL_GUARDED_BY(mutex_);
  absl::Duration age_ ABSL_GUARDED_BY(mutex_);
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
  Catalog::GetTenantDone done_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_TENANT_GATHERING_H_
