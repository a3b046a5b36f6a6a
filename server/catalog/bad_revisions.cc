#include "server/catalog/bad_revisions.h"

#include <algorithm>
#include <utility>

namespace bantam {
namespace {

constexpr size_t kMaxKnown = 10000;

}  // namespace

void BadRevisions::Bad(absl::string_view name, int64_t number, bool last_good,
                       const std::vector<v1::Issue>& issues) {
  {
    MutexLock lock(mutex_);
    if (known_.size() >= kMaxKnown && !known_.contains(name)) known_.erase(known_.begin());
    Known& known = known_[name];
    const bool told = known.number == number;
    known = {number, last_good};
    if (told) return;
  }
  CatalogEvent event;
  event.kind = CatalogEvent::Kind::kBadRevision;
  event.name = std::string(name);
  event.number = number;
  event.last_good = last_good;
  event.issues = issues;
  events_->Tell(std::move(event));
}

void BadRevisions::Good(absl::string_view name, int64_t number) {
  {
    MutexLock lock(mutex_);
    const auto known = known_.find(name);
    if (known == known_.end()) return;
    known_.erase(known);
  }
  if (number == 0) return;
  CatalogEvent event;
  event.kind = CatalogEvent::Kind::kGoodAgain;
  event.name = std::string(name);
  event.number = number;
  events_->Tell(std::move(event));
}

int64_t BadRevisions::count() const {
  MutexLock lock(mutex_);
  return static_cast<int64_t>(known_.size());
}

int64_t BadRevisions::last_good_count() const {
  MutexLock lock(mutex_);
  return std::count_if(known_.begin(), known_.end(),
                       [](const auto& known) { return known.second.last_good; });
}

}  // namespace bantam
