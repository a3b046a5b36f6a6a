#ifndef BANTAM_SERVER_CATALOG_CATALOG_EDITOR_H_
#define BANTAM_SERVER_CATALOG_CATALOG_EDITOR_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/catalog/bad_revisions.h"
#include "server/catalog/change_follower.h"
#include "server/catalog/entry_reader.h"
#include "server/catalog/held_entries.h"
#include "server/catalog/icp_editor.h"
#include "server/catalog/loader_threads.h"
#include "server/catalog/part_health.h"
#include "server/catalog/revision_cache.h"
#include "server/catalog/revision_store.h"

namespace bantam {

// Makes changes in the store; then has them held, and told to the other replicas.
class CatalogEditor : public IcpEditor {
 public:
  // What it works with. All but the cache (null: none) are there, and outlive it.
  struct Parts {
    RevisionStore* store = nullptr;
    PartHealth* store_health = nullptr;
    RevisionCache* cache = nullptr;
    HeldEntries* held = nullptr;
    EntryReader* reader = nullptr;
    ChangeFollower* follower = nullptr;
    BadRevisions* bad_revisions = nullptr;
    LoaderThreads* threads = nullptr;
    absl::Duration timeout;  // Of each question to the store.
  };

  explicit CatalogEditor(const Parts& parts) : parts_(parts) {}

  void Save(const CatalogEntry& entry, absl::string_view etag, bool validate_only,
            Done<EditedIcp> done) override;
  void Delete(absl::string_view name, absl::string_view etag, absl::string_view author,
              absl::string_view comment, Done<EditedIcp> done) override;
  void Rollback(absl::string_view name, absl::string_view revision, int64_t number,
                absl::string_view etag, absl::string_view author, absl::string_view comment,
                Done<EditedIcp> done) override;
  void ReadRevision(absl::string_view name, int64_t number, Done<StoredRevision> done) override;
  void ListRevisions(absl::string_view name, int64_t before, int limit,
                     Done<HistoryPage> done) override;

 private:
  // What is named by one of `revision` and `number`, compiled; NOT_FOUND. `done` is called on a
  // loader thread where it is found.
  void FindCompiled(const std::string& name, const std::string& revision, int64_t number,
                    Done<StoredRevision> done);

  // Makes a change. `entry`: the text's compiled form; null: a deletion.
  void Apply(RevisionChange change, CatalogEntryPtr entry, Done<EditedIcp> done);

  // Has what is current now held, and tells the others. On a loader thread.
  void OnApplied(const FindingOrigin& origin, AppliedChange applied, CatalogEntryPtr entry,
                 Done<EditedIcp> done);

  // Whether `change` could be made.
  void Validate(RevisionChange change, CatalogEntryPtr entry, Done<EditedIcp> done);
  void ValidateEtag(const RevisionChange& change, EditedIcp edited, Done<EditedIcp> done);

  absl::Time Deadline() const;

  const Parts parts_;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_CATALOG_EDITOR_H_
