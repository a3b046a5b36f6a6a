// The catalog's front door: from an ICP's name to its compiled form.
#ifndef BANTAM_SERVER_CATALOG_CATALOG_H_
#define BANTAM_SERVER_CATALOG_CATALOG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/engine/compiled_icp.h"

namespace bantam {

// Where a revision stands in the history of its ICP. A catalog of files has no history: all empty.
struct RevisionOrigin {
  int64_t number = 0;      // From 1.
  std::string etag;        // Names this state of the ICP.
  std::string author;      // As they said.
  std::string comment;     // As they said.
  absl::Time create_time;  // When it was saved.
};

// One ICP revision as the catalog holds it. Immutable.
struct CatalogEntry {
  std::shared_ptr<const CompiledIcp> icp;
  std::string yaml;                 // As written.
  std::vector<v1::Issue> warnings;  // No errors: such a definition does not get here.
  absl::Time load_time;             // When this process read it.
  RevisionOrigin origin;
};

using CatalogEntryPtr = std::shared_ptr<const CatalogEntry>;

// Which ICP, and how fresh. The texts need to live for the call only that it is handed to.
struct IcpQuery {
  absl::string_view name;      // `tenants/{tenant}/icps/{icp}`.
  absl::string_view revision;  // Empty: the current one.
  int64_t number = 0;          // The same by its number; 0: none. Not together with `revision`.

  // How long ago the answer may have been known to be current. Zero: it is read by a load that
  // begins after this query came. Absent: the catalog's own bound. Pinned revisions never change,
  // so it does not count for them.
  absl::optional<absl::Duration> max_staleness;
};

struct IcpAnswer {
  CatalogEntryPtr entry;

  // How long ago the entry was known to be current. Zero for a pinned revision.
  absl::Duration age;
};

// The ICPs of a tenant.
struct TenantAnswer {
  std::vector<CatalogEntryPtr> entries;  // By name. None: the tenant has no ICPs.
  absl::Duration age;                    // The greatest of theirs and of the list's.
};

// One page of a list.
struct IcpPage {
  std::vector<v1::IcpSummary> icps;  // By name.
  bool more = false;                 // Whether there are further ones.
};

// Holds ICPs ready to run. Safe for concurrent use.
//
// Each function calls `done` exactly once: at once and on this thread where the answer is at hand,
// else later on another thread, never blocking the caller.
//
// Errors, whose messages may be shown to callers: NOT_FOUND: no such ICP, or the revision is not
// held (any more); FAILED_PRECONDITION: this catalog does not number revisions; UNAVAILABLE: the
// source cannot be reached and nothing is held that is fresh enough; RESOURCE_EXHAUSTED: too many
// wait already.
class Catalog {
 public:
  virtual ~Catalog() = default;

  // One ICP.
  using GetDone = absl::AnyInvocable<void(absl::StatusOr<IcpAnswer>)>;
  virtual void Get(const IcpQuery& query, GetDone done) = 0;

  // What Get() would answer at once, without what a callback costs; nothing: Get() is to be asked.
  virtual absl::optional<absl::StatusOr<IcpAnswer>> Find(const IcpQuery& /*query*/) {
    return absl::nullopt;
  }

  // Every current ICP of `tenants/{tenant}`. An ICP that is bad and was never good is left out.
  // FAILED_PRECONDITION: the tenant has more than the catalog's options allow, before any of them
  // is loaded.
  using GetTenantDone = absl::AnyInvocable<void(absl::StatusOr<TenantAnswer>)>;
  virtual void GetTenant(absl::string_view tenant, absl::optional<absl::Duration> max_staleness,
                         GetTenantDone done) = 0;

  // The current ICPs of `tenants/{tenant}` (or of all tenants: "tenants/-") whose names come after
  // `after`, at most `limit`. For people who look at a catalog, not for evaluating.
  using ListDone = absl::AnyInvocable<void(absl::StatusOr<IcpPage>)>;
  virtual void List(absl::string_view parent, absl::string_view after, int limit,
                    ListDone done) = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_CATALOG_H_
