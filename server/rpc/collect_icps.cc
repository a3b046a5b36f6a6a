#include "server/rpc/collect_icps.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"

namespace bantam {
namespace {

using Done = absl::AnyInvocable<void(absl::StatusOr<IcpList>)>;

// Puts the answers of several Get() calls together, whatever their order.
class Collector {
 public:
  Collector(size_t count, Done done) : done_(std::move(done)), missing_(count), entries_(count) {}

  void Set(size_t index, absl::StatusOr<CatalogEntryPtr> entry) ABSL_LOCKS_EXCLUDED(mu_) {
    {
      absl::MutexLock lock(&mu_);
      entries_[index] = std::move(entry);
      if (--missing_ > 0) return;
    }
    done_(Result());
  }

 private:
  absl::StatusOr<IcpList> Result() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    IcpList icps;
    absl::StatusCode code = absl::StatusCode::kOk;
    std::string message;
    for (const absl::StatusOr<CatalogEntryPtr>& entry : entries_) {
      if (entry.ok()) {
        icps.push_back((*entry)->icp);
        continue;
      }
      // An outage outweighs an unknown name: after it, the call may be tried again.
      if (code == absl::StatusCode::kOk || code == absl::StatusCode::kNotFound) {
        code = entry.status().code();
      }
      absl::StrAppend(&message, message.empty() ? "" : "; ", entry.status().message());
    }
    if (code != absl::StatusCode::kOk) return absl::Status(code, message);
    return icps;
  }

  Done done_;
  absl::Mutex mu_;
  size_t missing_ ABSL_GUARDED_BY(mu_);
  std::vector<absl::StatusOr<CatalogEntryPtr>> entries_ ABSL_GUARDED_BY(mu_);
};

void CollectTenant(Catalog* catalog, const std::string& tenant, Done done) {
  catalog->List(tenant, [tenant, done = std::move(done)](
                            absl::StatusOr<std::vector<CatalogEntryPtr>> entries) mutable {
    if (!entries.ok()) return done(entries.status());
    if (entries->empty()) {
      return done(absl::NotFoundError(absl::StrCat(
          tenant, " has no ICPs; ListIcps with parent \"tenants/-\" names those that exist")));
    }
    IcpList icps;
    for (const CatalogEntryPtr& entry : *entries) icps.push_back(entry->icp);
    done(std::move(icps));
  });
}

}  // namespace

void CollectIcps(Catalog* catalog, const v1::EvaluationSettings& settings, Done done) {
  if (!settings.all_icps_of().empty()) {
    return CollectTenant(catalog, settings.all_icps_of(), std::move(done));
  }
  if (settings.icps_size() == 1) {
    return catalog->Get(settings.icps(0).name(), settings.icps(0).revision(),
                        [done = std::move(done)](absl::StatusOr<CatalogEntryPtr> entry) mutable {
                          if (!entry.ok()) return done(entry.status());
                          done(IcpList{(*entry)->icp});
                        });
  }
  auto collector = std::make_shared<Collector>(settings.icps_size(), std::move(done));
  // The last answer may end the request that `settings` belongs to, so the names are copied first.
  const std::vector<v1::IcpReference> icps(settings.icps().begin(), settings.icps().end());
  for (size_t i = 0; i < icps.size(); ++i) {
    catalog->Get(icps[i].name(), icps[i].revision(),
                 [collector, i](absl::StatusOr<CatalogEntryPtr> entry) {
                   collector->Set(i, std::move(entry));
                 });
  }
}

}  // namespace bantam
