#ifndef BANTAM_TESTS_RPC_FAKE_CATALOG_H_
#define BANTAM_TESTS_RPC_FAKE_CATALOG_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/catalog/catalog.h"

namespace bantam {

// A catalog in memory with fault switches. It numbers the revisions of an ICP from 1. Safe for
// concurrent use.
class FakeCatalog : public Catalog {
 public:
  // Compiles an ICP with this name and nothing but defaults, and a first employee-count criterion
  // worth `points` of fit; where `stage` is not empty, its funnel is lead, that stage, sql,
  // customer. Replaces the one that was there; its revisions stay held.
  CatalogEntryPtr Add(const std::string& name, double points = 40, const std::string& stage = "")
      ABSL_LOCKS_EXCLUDED(mu_);

  // The same, but Get() does not know of it until it is asked for what is newest.
  void AddUnseen(const std::string& name) ABSL_LOCKS_EXCLUDED(mu_);

  // Is called when the next Get() begins.
  void OnNextGet(absl::AnyInvocable<void()> what) ABSL_LOCKS_EXCLUDED(mu_);

  // From now on every call fails like this (OK: works again).
  void FailWith(absl::Status status) ABSL_LOCKS_EXCLUDED(mu_);

  // From now on calls are not answered until Release(), which answers them on its thread.
  void Hold() ABSL_LOCKS_EXCLUDED(mu_);
  void Release() ABSL_LOCKS_EXCLUDED(mu_);

  // Waits until so many calls are held.
  void WaitUntilHeld(size_t calls) ABSL_LOCKS_EXCLUDED(mu_);

  // How old every current entry is from now on; none at first.
  void SetAge(absl::Duration age) ABSL_LOCKS_EXCLUDED(mu_);

  // What the newest Get() or GetTenant() asked for.
  absl::optional<absl::Duration> last_max_staleness() ABSL_LOCKS_EXCLUDED(mu_);

  void Get(const IcpQuery& query, GetDone done) override;
  void GetTenant(absl::string_view tenant, absl::optional<absl::Duration> max_staleness,
                 GetTenantDone done) override;
  void List(absl::string_view parent, absl::string_view after, int limit, ListDone done) override;

 private:
  void AnswerOrHold(absl::AnyInvocable<void()> answer) ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<IcpAnswer> Find(const std::string& name, const std::string& key, bool pinned)
      ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<TenantAnswer> FindAll(const std::string& parent) ABSL_LOCKS_EXCLUDED(mu_);

  absl::Mutex mu_;
  std::map<std::string, CatalogEntryPtr> current_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, CatalogEntryPtr> unseen_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, CatalogEntryPtr> pinned_ ABSL_GUARDED_BY(mu_);  // By revision and number.
  std::map<std::string, int64_t> numbers_ ABSL_GUARDED_BY(mu_);         // The newest by name.
  absl::Duration age_ ABSL_GUARDED_BY(mu_);
  absl::optional<absl::Duration> last_max_staleness_ ABSL_GUARDED_BY(mu_);
  absl::AnyInvocable<void()> on_next_get_ ABSL_GUARDED_BY(mu_);
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  bool holds_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<absl::AnyInvocable<void()>> held_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bantam

#endif  // BANTAM_TESTS_RPC_FAKE_CATALOG_H_
