#include "server/catalog/catalog_editor.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/catalog/etag.h"
#include "server/catalog/icp_title.h"
#include "server/catalog/not_found.h"
#include "server/catalog/revision_search.h"
#include "server/catalog/steady_time.h"
#include "server/catalog/store_errors.h"

namespace bantam {
namespace {

RevisionChange ChangeTo(const CatalogEntry& entry, absl::string_view etag) {
  RevisionChange change;
  change.name = entry.icp->name();
  change.yaml = entry.yaml;
  change.revision = entry.icp->revision();
  change.title = IcpTitle(*entry.icp);
  change.author = entry.origin.author;
  change.comment = entry.origin.comment;
  change.etag = std::string(etag);
  return change;
}

// What `change` would write, without number and time.
RevisionRecord RecordOf(const RevisionChange& change) {
  RevisionRecord record;
  record.name = change.name;
  record.revision = change.revision;
  record.title = change.title;
  record.author = change.author;
  record.comment = change.comment;
  record.yaml = change.yaml;
  return record;
}

absl::Status BadText(absl::string_view name, int64_t number, const std::vector<v1::Issue>& issues) {
  std::string message =
      absl::StrCat("number ", number, " of ICP '", name,
                   "' has errors for this version of the program; save a mended text instead:");
  for (const v1::Issue& issue : issues) {
    if (issue.severity() == v1::ISSUE_SEVERITY_ERROR)
      absl::StrAppend(&message, "\n", issue.rendered());
  }
  return absl::FailedPreconditionError(message);
}

}  // namespace

absl::Time CatalogEditor::Deadline() const { return absl::Now() + parts_.timeout; }

void CatalogEditor::Save(const CatalogEntry& entry, absl::string_view etag, bool validate_only,
                         Done<EditedIcp> done) {
  RevisionChange change = ChangeTo(entry, etag);
  auto copy = std::make_shared<const CatalogEntry>(entry);
  if (validate_only) return Validate(std::move(change), std::move(copy), std::move(done));
  Apply(std::move(change), std::move(copy), std::move(done));
}

void CatalogEditor::Delete(absl::string_view name, absl::string_view etag, absl::string_view author,
                           absl::string_view comment, Done<EditedIcp> done) {
  RevisionChange change;
  change.name = std::string(name);
  change.author = std::string(author);
  change.comment = std::string(comment);
  change.etag = std::string(etag);
  Apply(std::move(change), nullptr, std::move(done));
}

void CatalogEditor::Apply(RevisionChange change, CatalogEntryPtr entry, Done<EditedIcp> done) {
  const FindingOrigin origin = parts_.held->OriginInStore(change.name);
  parts_.store_health->Ask<AppliedChange>(
      [this, origin, entry = std::move(entry),
       done = std::move(done)](absl::StatusOr<AppliedChange> applied) mutable {
        if (!applied.ok()) return done(ApplyErrorForCallers(applied.status()));
        parts_.threads->Post([this, origin, applied = *std::move(applied), entry = std::move(entry),
                              done = std::move(done)]() mutable {
          OnApplied(origin, std::move(applied), std::move(entry), std::move(done));
        });
      },
      [&](RevisionStore::Done<AppliedChange> applied) {
        parts_.store->Apply(std::move(change), Deadline(), std::move(applied));
      });
}

void CatalogEditor::OnApplied(const FindingOrigin& origin, AppliedChange applied,
                              CatalogEntryPtr entry, Done<EditedIcp> done) {
  const RevisionRecord& record = applied.record;
  EditedIcp edited;
  Finding finding;
  finding.current.name = record.name;
  finding.current.sequence = applied.sequence;
  if (entry == nullptr) {
    finding.absence = std::string(UnknownIcp(record.name, {}).message());
  } else {
    auto saved = std::make_shared<CatalogEntry>(*entry);
    saved->load_time = absl::Now();
    saved->origin = OriginOf(record);
    finding.current.number = record.number;
    finding.current.revision = record.revision;
    finding.entry = saved;
    edited.entry = saved;
    if (parts_.cache != nullptr) parts_.cache->WriteRecord(record);
  }
  const CurrentRevision current = finding.current;
  // It is held without being loaded, which would tell.
  parts_.bad_revisions->Good(record.name, current.number);
  // Where something newer is known, that counts.
  parts_.held->Install(record.name, std::move(finding), origin);
  parts_.follower->OnApplied(current, applied.names_changed, origin.known_time);
  edited.change = std::move(applied);
  done(std::move(edited));
}

// The current text first: to save it again is fine whatever the etag.
void CatalogEditor::Validate(RevisionChange change, CatalogEntryPtr entry, Done<EditedIcp> done) {
  EditedIcp edited;
  edited.change.record = RecordOf(change);
  edited.entry = std::move(entry);
  const std::string name = change.name;
  parts_.store_health->Ask<CurrentRead>(
      [this, change = std::move(change), edited = std::move(edited),
       done = std::move(done)](absl::StatusOr<CurrentRead> read) mutable {
        if (!read.ok()) return done(StoreErrorForCallers(read.status()));
        if (IsUnchanged(change, read->record.has_value() ? &*read->record : nullptr)) {
          edited.change.unchanged = true;
          return done(std::move(edited));
        }
        ValidateEtag(change, std::move(edited), std::move(done));
      },
      [&](RevisionStore::Done<CurrentRead> read) {
        parts_.store->ReadCurrent(name, 0, Deadline(), std::move(read));
      });
}

void CatalogEditor::ValidateEtag(const RevisionChange& change, EditedIcp edited,
                                 Done<EditedIcp> done) {
  using Records = std::vector<RevisionRecord>;
  parts_.store_health->Ask<Records>(
      [change, edited = std::move(edited),
       done = std::move(done)](absl::StatusOr<Records> newest) mutable {
        if (!newest.ok()) return done(StoreErrorForCallers(newest.status()));
        absl::Status status = CheckEtag(change.name, change.etag, /*deletion=*/false,
                                        newest->empty() ? nullptr : &newest->front());
        if (!status.ok()) return done(std::move(status));
        done(std::move(edited));
      },
      [&](RevisionStore::Done<Records> newest) {
        parts_.store->ListRevisions(change.name, 0, 1, Deadline(), std::move(newest));
      });
}

void CatalogEditor::FindCompiled(const std::string& name, const std::string& revision,
                                 int64_t number, Done<StoredRevision> done) {
  using Record = absl::optional<RevisionRecord>;
  FindRevision({parts_.store, parts_.store_health, parts_.reader, parts_.threads}, name, revision,
               number, Deadline(),
               [this, name, revision, number,
                done = std::move(done)](absl::StatusOr<Record> record) mutable {
                 if (!record.ok()) return done(StoreErrorForCallers(record.status()));
                 if (!record->has_value()) return done(UnknownRevision(name, revision, number));
                 parts_.threads->Post(
                     [this, record = **std::move(record), done = std::move(done)]() mutable {
                       CompiledRecord compiled = parts_.reader->Compile(record);
                       done(StoredRevision{std::move(record), std::move(compiled.entry),
                                           std::move(compiled.issues), absl::Now()});
                     });
               });
}

void CatalogEditor::Rollback(absl::string_view name, absl::string_view revision, int64_t number,
                             absl::string_view etag, absl::string_view author,
                             absl::string_view comment, Done<EditedIcp> done) {
  FindCompiled(
      std::string(name), std::string(revision), number,
      [this, etag = std::string(etag), author = std::string(author), comment = std::string(comment),
       done = std::move(done)](absl::StatusOr<StoredRevision> found) mutable {
        if (!found.ok()) return done(found.status());
        const RevisionRecord& record = found->record;
        if (found->entry == nullptr) {
          return done(BadText(record.name, record.number, found->issues));
        }
        auto entry = std::make_shared<CatalogEntry>(*found->entry);
        entry->origin.author = author;
        entry->origin.comment =
            comment.empty() ? absl::StrCat("rolled back to number ", record.number) : comment;
        RevisionChange restored = ChangeTo(*entry, etag);
        Apply(std::move(restored), std::move(entry), std::move(done));
      });
}

void CatalogEditor::ReadRevision(absl::string_view name, int64_t number,
                                 Done<StoredRevision> done) {
  FindCompiled(std::string(name), "", number, std::move(done));
}

void CatalogEditor::ListRevisions(absl::string_view name, int64_t before, int limit,
                                  Done<HistoryPage> done) {
  using Records = std::vector<RevisionRecord>;
  const auto wanted = static_cast<size_t>(limit);
  parts_.store_health->Ask<Records>(
      [name = std::string(name), before, wanted,
       done = std::move(done)](absl::StatusOr<Records> records) mutable {
        if (!records.ok()) return done(StoreErrorForCallers(records.status()));
        if (records->empty() && before == 0) return done(UnknownIcp(name, {}));
        HistoryPage page;
        page.more = records->size() > wanted;
        page.records = *std::move(records);
        if (page.more) page.records.resize(wanted);
        done(std::move(page));
      },
      [&](RevisionStore::Done<Records> records) {
        // One more than wanted, to know whether there is more.
        parts_.store->ListRevisions(name, before, limit + 1, Deadline(), std::move(records));
      });
}

}  // namespace bantam
