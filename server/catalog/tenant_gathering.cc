#include "server/catalog/tenant_gathering.h"

#include <algorithm>
#include <utility>

#include "server/catalog/store_errors.h"

namespace bantam {

TenantGathering::TenantGathering(size_t count, absl::Duration age, Catalog::GetTenantDone done)
    : missing_(count), entries_(count), age_(age), done_(std::move(done)) {}

void TenantGathering::Add(size_t index, const absl::StatusOr<IcpAnswer>& answer) {
  Catalog::GetTenantDone done;
  absl::StatusOr<TenantAnswer> result;
  {
    MutexLock lock(mutex_);
    if (answer.ok()) {
      entries_[index] = answer->entry;
      age_ = std::max(age_, answer->age);
    } else if (!absl::IsNotFound(answer.status()) && error_.ok()) {
      error_ = CopyOf(answer.status());
    }
    if (--missing_ > 0) return;
    if (error_.ok()) {
      entries_.erase(std::remove(entries_.begin(), entries_.end(), nullptr), entries_.end());
      result = TenantAnswer{std::move(entries_), age_};
    } else {
      result = error_;
    }
    done = std::move(done_);
  }
  done(std::move(result));
}

}  // namespace bantam
