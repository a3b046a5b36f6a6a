#ifndef BANTAM_SERVER_CATALOG_HELD_ENTRY_H_
#define BANTAM_SERVER_CATALOG_HELD_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/catalog.h"
#include "server/catalog/freshness.h"
#include "server/catalog/revision_store.h"

namespace bantam {

// What is known under a key:
//
//   tenants/acme/icps/software            what is current, be it that there is no such ICP
//   tenants/acme/icps/software@{revision}  a pinned revision
//   tenants/acme/icps/software#{number}    the same by its number
//   tenants/acme                          the names of a tenant's ICPs
//
// Immutable.
struct Finding {
  // What is current. Of a tenant: its name and sequence. Of a pinned revision: its name.
  CurrentRevision current;

  // The ICP that serves. Null: there is none.
  CatalogEntryPtr entry;

  // Why there is none, for callers.
  std::string absence;

  // Set if `current` is bad and `entry` an earlier one: when that was current last.
  absl::optional<absl::Time> last_good_until;

  // Of a tenant.
  std::vector<std::string> names;
};

enum class KeyKind { kIcp, kPinned, kTenant };

KeyKind KindOfKey(absl::string_view key);

// The tenant of an ICP's name.
std::string TenantOf(absl::string_view name);
std::string PinnedKey(absl::string_view name, absl::string_view revision, int64_t number);

// A finding that is held. Immutable but for its freshness.
struct HeldEntry {
  HeldEntry(Finding found, absl::Time known_time, bool tracked, bool suspect, int epoch,
            absl::Time expiry)
      : finding(std::move(found)),
        expiry(expiry),
        epoch(epoch),
        freshness(known_time, tracked, suspect) {}

  const Finding finding;

  // From then on it does not count any more.
  const absl::Time expiry;

  // How often the store's counter went back before it was read: only sequences of one epoch can be
  // compared.
  const int epoch;

  mutable Freshness freshness;
};

using HeldEntryPtr = std::shared_ptr<const HeldEntry>;

// Estimate of the memory that `finding` takes under `key` while it is held, in bytes.
size_t HeldBytes(absl::string_view key, const Finding& finding);

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_HELD_ENTRY_H_
