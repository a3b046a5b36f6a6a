#include "server/catalog/tenant_gathering.h"

#include <algorithm>
#include <utility>

#include "server/catalog/store_errors.h"

namespace bantam {
namespace {

// How many of a tenant's ICPs are asked for at once.
constexpr size_t kAtOnce = 16;

}  // namespace

TenantGathering::TenantGathering(std::vector<std::string> names, absl::Duration age, Ask ask,
                                 Catalog::GetTenantDone done)
    : names_(std::move(names)),
      ask_(std::move(ask)),
      entries_(names_.size()),
      age_(age),
      done_(std::move(done)) {}

void TenantGathering::AskOn() {
  while (true) {
    size_t index = 0;
    {
      MutexLock lock(mutex_);
      if (asking_ || next_ == names_.size() || under_way_ == kAtOnce) return;
      asking_ = true;
      index = next_++;
      ++under_way_;
    }
    ask_(names_[index], [self = shared_from_this(), index](
                            const absl::StatusOr<IcpAnswer>& answer) { self->Add(index, answer); });
    MutexLock lock(mutex_);
    asking_ = false;
  }
}

void TenantGathering::Add(size_t index, const absl::StatusOr<IcpAnswer>& answer) {
  {
    MutexLock lock(mutex_);
    --under_way_;
    if (answer.ok()) {
      entries_[index] = answer->entry;
      age_ = std::max(age_, answer->age);
    } else if (!absl::IsNotFound(answer.status()) && error_.ok()) {
      error_ = CopyOf(answer.status());
      next_ = names_.size();
    }
  }
  AskOn();
  AnswerIfDone();
}

void TenantGathering::AnswerIfDone() {
  Catalog::GetTenantDone done;
  absl::StatusOr<TenantAnswer> result;
  {
    MutexLock lock(mutex_);
    if (next_ < names_.size() || under_way_ > 0 || !done_) return;
    if (error_.ok()) {
      entries_.erase(std::remove(entries_.begin(), entries_.end(), nullptr), entries_.end());
      result = TenantAnswer{std::move(entries_), age_};
    } else {
      result = error_;
    }
    done = std::move(done_);
    done_ = nullptr;
  }
  done(std::move(result));
}

}  // namespace bantam
