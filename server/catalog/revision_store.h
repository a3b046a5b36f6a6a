// What the catalog needs of a source that is read ICP by ICP, such as a database.
#ifndef BANTAM_SERVER_CATALOG_REVISION_STORE_H_
#define BANTAM_SERVER_CATALOG_REVISION_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace bantam {

// What the revisions of texts begin with that were saved by hand.
inline constexpr absl::string_view kByHand = "sql-";

// One entry of an ICP's history. Immutable once stored.
struct RevisionRecord {
  std::string name;    // `tenants/{tenant}/icps/{icp}`.
  int64_t number = 0;  // Its place in the history of its ICP, from 1, without gaps.

  // As CompiledIcp::revision() was for whoever saved it. A text that was saved by hand, past this
  // program, was never compiled then: kByHand and some digits of the text's own hash. Empty: a
  // deletion.
  std::string revision;

  std::string title;       // The ICP's English title, or its id. Empty: a deletion.
  std::string author;      // As they said.
  std::string comment;     // As they said.
  absl::Time create_time;  // By the store's clock, whole microseconds.
  std::string yaml;        // As written. Empty: a deletion; or where only a summary was asked for.

  bool deletion() const { return revision.empty(); }
  bool saved_by_hand() const { return absl::StartsWith(revision, kByHand); }
};

// Names the state of an ICP whose newest record is this one. Opaque to callers.
std::string EtagOf(const RevisionRecord& record);

// What is current under a name.
struct CurrentRevision {
  std::string name;

  // The change by which it became so: changes of the whole store are counted from 1 without gaps,
  // in the order in which they can be seen. For a name that never was: the count when it was
  // looked up. Of two states of one name the one with the higher sequence is the newer one.
  int64_t sequence = 0;

  int64_t number = 0;    // 0: there is none; never was, or deleted.
  std::string revision;  // Empty if there is none.

  bool exists() const { return number != 0; }
};

// A name's current revision together with its text.
struct CurrentRead {
  CurrentRevision current;

  // The text. Absent: there is none, or its number is the one that the reader knows.
  absl::optional<RevisionRecord> record;
};

// The names of a tenant's current ICPs.
struct TenantNames {
  std::string tenant;    // `tenants/{tenant}`.
  int64_t sequence = 0;  // The newest change that added or removed one, as CurrentRevision.
  std::vector<std::string> names;  // Ascending.

  // When the store was asked for them, by the clock of whoever did. Set by the catalog, kept by
  // caches; infinitely long ago: not known.
  absl::Time read_time = absl::InfinitePast();
};

// That a tenant got or lost an ICP.
struct TenantChange {
  std::string tenant;    // `tenants/{tenant}`.
  int64_t sequence = 0;  // The newest change by which it did: that of its TenantNames.
};

// What changed in a store.
struct StoreChanges {
  int64_t sequence = 0;               // All changes up to this one are known to the reader now.
  std::vector<CurrentRevision> icps;  // By sequence; each ICP once, as it is now.
  std::vector<TenantChange> tenants;  // Those that got or lost an ICP, each once.
  bool more = false;                  // Whether there are further ones: read on from `sequence`.
};

// A change to one ICP.
struct RevisionChange {
  std::string name;
  std::string yaml;      // Empty: a deletion.
  std::string revision;  // Empty: a deletion.
  std::string title;     // Empty: a deletion.
  std::string author;
  std::string comment;

  // The etag that must be current. "*": any, or none. Empty: the ICP must not be there (never was,
  // or is deleted).
  std::string etag;
};

// What a change did.
struct AppliedChange {
  RevisionRecord record;       // The newest one, with its text.
  int64_t sequence = 0;        // As CurrentRevision::sequence.
  bool unchanged = false;      // The same text was current already: nothing was written.
  bool names_changed = false;  // The ICP came or went, so that its tenant's names are others now.
};

// Keeps every revision of every ICP. Knows nothing of what stands in them. Safe for concurrent use.
//
// Each function returns at once and calls `done` exactly once, on any thread, perhaps before it
// returns, and not much later than `deadline`. `done` must not block. What a read returns was
// current at a moment between the call and `done`.
//
// Errors (one line, no credentials; may be shown to operators): UNAVAILABLE: the store cannot be
// reached, or did not answer within the deadline. RESOURCE_EXHAUSTED: too many wait already.
// FAILED_PRECONDITION: the store is not set up, or by another version, or may not be read. Of
// Apply() also: PERMISSION_DENIED: the store may be read only; and fit to be shown to callers:
// ABORTED: another etag is current; NOT_FOUND: a deletion of what is not there; INVALID_ARGUMENT:
// a text that cannot be stored. After UNAVAILABLE
// of Apply() the change may have been made or not; to repeat it is safe.
class RevisionStore {
 public:
  template <typename Result>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Result>)>;

  // Gives up what is under way: its `done` is called with UNAVAILABLE before this returns.
  virtual ~RevisionStore() = default;

  // What is current under `name`; with its text unless its number is `known_number` (0: none).
  virtual void ReadCurrent(absl::string_view name, int64_t known_number, absl::Time deadline,
                           Done<CurrentRead> done) = 0;

  // The newest record with this `revision`, or if that is empty, the one with this `number`.
  // Nothing: there is none, or it is a deletion.
  virtual void ReadRevision(absl::string_view name, absl::string_view revision, int64_t number,
                            absl::Time deadline, Done<absl::optional<RevisionRecord>> done) = 0;

  // The record before `number`, the newest that has a lower one. Nothing: there is none, or it is a
  // deletion.
  virtual void ReadBefore(absl::string_view name, int64_t number, absl::Time deadline,
                          Done<absl::optional<RevisionRecord>> done) = 0;

  // What is current under each of `names` (at most 1000), in their order, without texts.
  virtual void ReadPointers(const std::vector<std::string>& names, absl::Time deadline,
                            Done<std::vector<CurrentRevision>> done) = 0;

  // The names of one tenant's current ICPs.
  virtual void ReadTenant(absl::string_view tenant, absl::Time deadline,
                          Done<TenantNames> done) = 0;

  // What changed after change `after`, at most about 1000 ICPs at once. `after` < 0: nothing but
  // the newest sequence.
  virtual void ReadChanges(int64_t after, absl::Time deadline, Done<StoreChanges> done) = 0;

  // The records in force of `parent` ("tenants/-": of all tenants) whose names come after `after`,
  // by name, at most `limit`, without texts.
  virtual void ListCurrent(absl::string_view parent, absl::string_view after, int limit,
                           absl::Time deadline, Done<std::vector<RevisionRecord>> done) = 0;

  // The records of `name`, newest first, from the one before number `before` (0: from the newest),
  // at most `limit`, without texts. None: the ICP never was.
  virtual void ListRevisions(absl::string_view name, int64_t before, int limit, absl::Time deadline,
                             Done<std::vector<RevisionRecord>> done) = 0;

  // Makes `change` as one transaction: a record with the next number, which becomes current, and
  // the next sequence. It is durable when `done` is called without an error.
  virtual void Apply(RevisionChange change, absl::Time deadline, Done<AppliedChange> done) = 0;
};

}  // namespace bantam

#endif  // BANTAM_SERVER_CATALOG_REVISION_STORE_H_
