#include "server/rpc/collect_icps.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "server/rpc/data_age.h"

namespace bantam {
namespace {

using Done = absl::AnyInvocable<void(absl::StatusOr<CollectedIcps>)>;

// Puts the answers of several Get() calls together, whatever their order.
class Collector {
 public:
  Collector(size_t count, Done done) : done_(std::move(done)), missing_(count), answers_(count) {}

  void Set(size_t index, absl::StatusOr<IcpAnswer> answer) ABSL_LOCKS_EXCLUDED(mu_) {
    {
      absl::MutexLock lock(&mu_);
      answers_[index] = std::move(answer);
      if (--missing_ > 0) return;
    }
    done_(Result());
  }

 private:
  absl::StatusOr<CollectedIcps> Result() ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    CollectedIcps collected;
    absl::StatusCode code = absl::StatusCode::kOk;
    std::string message;
    for (const absl::StatusOr<IcpAnswer>& answer : answers_) {
      if (answer.ok()) {
        collected.icps.push_back(answer->entry->icp);
        collected.age = std::max(collected.age, answer->age);
        continue;
      }
      // An outage outweighs an unknown name: after it, the call may be tried again.
      if (code == absl::StatusCode::kOk || code == absl::StatusCode::kNotFound) {
        code = answer.status().code();
      }
      absl::StrAppend(&message, message.empty() ? "" : "; ", answer.status().message());
    }
    if (code != absl::StatusCode::kOk) return absl::Status(code, message);
    return collected;
  }

  Done done_;
  absl::Mutex mu_;
  size_t missing_ ABSL_GUARDED_BY(mu_);
  std::vector<absl::StatusOr<IcpAnswer>> answers_ ABSL_GUARDED_BY(mu_);
};

void CollectTenant(Catalog* catalog, const std::string& tenant,
                   absl::optional<absl::Duration> max_staleness, Done done) {
  catalog->GetTenant(
      tenant, max_staleness,
      [tenant, done = std::move(done)](absl::StatusOr<TenantAnswer> answer) mutable {
        if (!answer.ok()) return done(answer.status());
        if (answer->entries.empty()) {
          return done(absl::NotFoundError(absl::StrCat(
              tenant, " has no ICPs; ListIcps with parent \"tenants/-\" names those that exist")));
        }
        CollectedIcps collected;
        for (const CatalogEntryPtr& entry : answer->entries) collected.icps.push_back(entry->icp);
        collected.age = answer->age;
        done(std::move(collected));
      });
}

IcpQuery QueryOf(const v1::IcpReference& icp, absl::optional<absl::Duration> max_staleness) {
  IcpQuery query;
  query.name = icp.name();
  query.revision = icp.revision();
  query.max_staleness = max_staleness;
  return query;
}

absl::StatusOr<CollectedIcps> CollectedOf(const absl::StatusOr<IcpAnswer>& answer) {
  if (!answer.ok()) return answer.status();
  return CollectedIcps{{answer->entry->icp}, answer->age};
}

}  // namespace

absl::optional<absl::StatusOr<CollectedIcps>> FindIcp(Catalog* catalog,
                                                      const v1::EvaluationSettings& settings) {
  if (settings.icps_size() != 1) return absl::nullopt;
  const absl::optional<absl::StatusOr<IcpAnswer>> found =
      catalog->Find(QueryOf(settings.icps(0), MaxStalenessOf(settings)));
  if (!found.has_value()) return absl::nullopt;
  return CollectedOf(*found);
}

void GetIcps(Catalog* catalog, const v1::EvaluationSettings& settings, Done done) {
  const absl::optional<absl::Duration> max_staleness = MaxStalenessOf(settings);
  if (!settings.all_icps_of().empty()) {
    return CollectTenant(catalog, settings.all_icps_of(), max_staleness, std::move(done));
  }
  if (settings.icps_size() == 1) {
    return catalog->Get(QueryOf(settings.icps(0), max_staleness),
                        [done = std::move(done)](const absl::StatusOr<IcpAnswer>& answer) mutable {
                          done(CollectedOf(answer));
                        });
  }
  auto collector = std::make_shared<Collector>(settings.icps_size(), std::move(done));
  // The last answer may end the request that `settings` belongs to, so the names are copied first.
  const std::vector<v1::IcpReference> icps(settings.icps().begin(), settings.icps().end());
  for (size_t i = 0; i < icps.size(); ++i) {
    catalog->Get(QueryOf(icps[i], max_staleness), [collector, i](absl::StatusOr<IcpAnswer> answer) {
      collector->Set(i, std::move(answer));
    });
  }
}

}  // namespace bantam
