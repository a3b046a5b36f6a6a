// Changing a catalog.
#ifndef BANTAM_SERVER_CATALOG_ICP_EDITOR_H_
#define BANTAM_SERVER_CATALOG_ICP_EDITOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/catalog/catalog.h"
#include "server/catalog/revision_store.h"

namespace bantam {

// What a change did, and the ICP as it is now (null after a deletion).
struct EditedIcp {
  AppliedChange change;
  CatalogEntryPtr entry;
};

// One revision of an ICP's history, good or bad.
struct StoredRevision {
  RevisionRecord record;
  CatalogEntryPtr entry;          // Null: this version of the program finds it bad.
  std::vector<v1::Issue> issues;  // Warnings, and errors if it is bad.
  absl::Time read_time;           // When this process read it.
};

// One page of an ICP's history.
struct HistoryPage {
  std::vector<RevisionRecord> records;  // Newest first, without texts.
  bool more = false;                    // Whether there are older ones.
};

// Changes the ICPs of a catalog. Safe for concurrent use. Each function calls `done` exactly once,
// on any thread, and never blocks the caller. When it is called without an error, the change is
// durable, the next Get() of this replica shows it, and the other replicas have been told.
//
// Errors, whose messages may be shown to callers: ABORTED: another etag is current, with what to
// do; NOT_FOUND; FAILED_PRECONDITION: the store may be read only; UNAVAILABLE: the store cannot be
// reached; after it the change may have been made or not, and to repeat it is safe.
class IcpEditor {
 public:
  template <typename Result>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Result>)>;

  virtual ~IcpEditor() = default;

  // Saves a text that has been found good: `entry` has its compiled form and the text, its `origin`
  // the author and comment. With `validate_only` nothing is written, and the answer has neither
  // number nor time.
  virtual void Save(const CatalogEntry& entry, absl::string_view etag, bool validate_only,
                    Done<EditedIcp> done) = 0;

  // Takes an ICP out of service.
  virtual void Delete(absl::string_view name, absl::string_view etag, absl::string_view author,
                      absl::string_view comment, Done<EditedIcp> done) = 0;

  // Saves the text of an earlier revision (named by one of `revision` and `number`) anew.
  // NOT_FOUND: no such revision; FAILED_PRECONDITION: this version of the program finds it bad.
  virtual void Rollback(absl::string_view name, absl::string_view revision, int64_t number,
                        absl::string_view etag, absl::string_view author, absl::string_view comment,
                        Done<EditedIcp> done) = 0;

  // The revision of this number, as it stands in the store. NOT_FOUND: there is none, or it is a
  // deletion.
  virtual void ReadRevision(absl::string_view name, int64_t number, Done<StoredRevision> done) = 0;

  // The history of an ICP from the record before number `before` (0: from the newest), at most
  // `limit`. NOT_FOUND: the ICP never was.
  virtual void ListRevisions(absl::string_view name, int64_t before, int limit,
                             Done<HistoryPage> done) = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_ICP_EDITOR_H_
