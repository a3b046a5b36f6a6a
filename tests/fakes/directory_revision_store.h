#ifndef BANTAM_TESTS_FAKES_DIRECTORY_REVISION_STORE_H_
#define BANTAM_TESTS_FAKES_DIRECTORY_REVISION_STORE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/load_function.h"
#include "server/catalog/mutex.h"
#include "server/catalog/revision_store.h"
#include "tests/fakes/memory_revision_store.h"

namespace bantam {

// What RevisionChange wants to know of a text, as whoever saves it does: by `load`. A text that is
// bad gets a revision all the same, made of its bytes.
RevisionChange ChangeTo(absl::string_view name, absl::string_view yaml, const LoadFunction& load);

// A directory as a RevisionStore: the file "tenants/acme/icps/software.yaml" holds what is current
// under "tenants/acme/icps/software". Each call looks at the files first; what has changed since
// the last look becomes a revision, kept in memory. Apply() does not write files.
class DirectoryRevisionStore : public RevisionStore {
 public:
  DirectoryRevisionStore(std::string directory, LoadFunction load);

  void ReadCurrent(absl::string_view name, int64_t known_number, absl::Time deadline,
                   Done<CurrentRead> done) override;
  void ReadRevision(absl::string_view name, absl::string_view revision, int64_t number,
                    absl::Time deadline, Done<absl::optional<RevisionRecord>> done) override;
  void ReadBefore(absl::string_view name, int64_t number, absl::Time deadline,
                  Done<absl::optional<RevisionRecord>> done) override;
  void ReadPointers(const std::vector<std::string>& names, absl::Time deadline,
                    Done<std::vector<CurrentRevision>> done) override;
  void ReadTenant(absl::string_view tenant, absl::Time deadline, Done<TenantNames> done) override;
  void ReadChanges(int64_t after, absl::Time deadline, Done<StoreChanges> done) override;
  void ListCurrent(absl::string_view parent, absl::string_view after, int limit,
                   absl::Time deadline, Done<std::vector<RevisionRecord>> done) override;
  void ListRevisions(absl::string_view name, int64_t before, int limit, absl::Time deadline,
                     Done<std::vector<RevisionRecord>> done) override;
  void Apply(RevisionChange change, absl::Time deadline, Done<AppliedChange> done) override;

 private:
  // The store, after a look at the files.
  RevisionStore& Looked();

  const std::string directory_;
  const LoadFunction load_;
  const std::shared_ptr<MemoryRevisions> revisions_ = std::make_shared<MemoryRevisions>();
  MemoryRevisionStore store_{revisions_};

  Mutex mutex_;
  std::map<std::string, std::string> texts_ ABSL_GUARDED_BY(mutex_);  // By name.
};

}  // namespace bantam

#endif  // BANTAM_TESTS_FAKES_DIRECTORY_REVISION_STORE_H_
