#ifndef BANTAM_SERVER_CATALOG_BAD_REVISIONS_H_
#define BANTAM_SERVER_CATALOG_BAD_REVISIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/catalog/catalog_events.h"
#include "server/catalog/mutex.h"

namespace bantam {

// Remembers which ICPs' newest revisions are bad, and tells each of them once. Bounded: of more
// than 10,000 some are told again when they are loaded again. Safe for concurrent use.
class BadRevisions {
 public:
  explicit BadRevisions(CatalogEvents* events) : events_(events) {}

  // Number `number` of `name` is current and bad. `last_good`: an earlier one serves.
  void Bad(absl::string_view name, int64_t number, bool last_good,
           const std::vector<v1::Issue>& issues);

  // Number `number` of `name` is current and good; 0: there is none.
  void Good(absl::string_view name, int64_t number);

  // How many ICPs' newest revisions are bad; of these, in whose place an earlier one serves.
  int64_t count() const;
  int64_t last_good_count() const;

 private:
  struct Known {
    int64_t number = 0;
    bool last_good = false;
  };

  CatalogEvents* const events_;
  mutable Mutex mutex_;
  absl::flat_hash_map<std::string, Known> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_BAD_REVISIONS_H_
