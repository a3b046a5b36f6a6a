// The catalog's front door: from an ICP's name to its compiled form.
#ifndef BANTAM_SERVER_CATALOG_CATALOG_H_
#define BANTAM_SERVER_CATALOG_CATALOG_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/engine/compiled_icp.h"

namespace bantam {

// One ICP revision as the catalog holds it. Immutable.
struct CatalogEntry {
  std::shared_ptr<const CompiledIcp> icp;
  std::string yaml;                 // As written.
  std::vector<v1::Issue> warnings;  // No errors: such a definition does not get here.
  absl::Time load_time;             // When this process read it.
};

using CatalogEntryPtr = std::shared_ptr<const CatalogEntry>;

// Holds ICPs ready to run. Safe for concurrent use.
class Catalog {
 public:
  virtual ~Catalog() = default;

  // Calls `done` exactly once, with the entry for `name` in `revision` (empty: the current one):
  // at once and on this thread where the entry is at hand, else later on another thread, never
  // blocking the caller.
  //
  // Errors: NOT_FOUND: no such ICP, or the revision is not held any more; UNAVAILABLE: the source
  // cannot be reached and nothing is held. Their messages may be shown to callers.
  using Done = absl::AnyInvocable<void(absl::StatusOr<CatalogEntryPtr>)>;
  virtual void Get(absl::string_view name, absl::string_view revision, Done done) = 0;

  // The current entries of `tenants/{tenant}` (or of all tenants: "tenants/-"), by name. A tenant
  // without ICPs gives an empty list.
  using ListDone = absl::AnyInvocable<void(absl::StatusOr<std::vector<CatalogEntryPtr>>)>;
  virtual void List(absl::string_view parent, ListDone done) = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_CATALOG_H_
