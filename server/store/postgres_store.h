#ifndef BANTAM_SERVER_STORE_POSTGRES_STORE_H_
#define BANTAM_SERVER_STORE_POSTGRES_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "server/catalog/revision_store.h"
#include "server/store/event_loop.h"
#include "server/store/postgres_pool.h"
#include "server/store/postgres_statements.h"

namespace bantam {

// Revisions in a PostgreSQL (12 or later), in the tables that MigratePostgres() makes. Connects
// when first asked, and again by itself when a connection is lost.
//
// A read whose connection is lost is sent once more; a change never. What is read comes from one
// statement, hence from one moment. Names that PostgreSQL cannot store (bytes that are not UTF-8,
// NUL bytes) are not there; Apply() refuses such texts with INVALID_ARGUMENT.
//
// Every `done` is called on the thread of the event loop.
class PostgresStore final : public RevisionStore {
 public:
  // INVALID_ARGUMENT: the URL (see PostgresUrl). Whether the database can be reached shows later.
  // `loop` must outlive the store.
  static absl::StatusOr<std::unique_ptr<PostgresStore>> Open(
      const std::string& url, EventLoop* loop, const PostgresPoolOptions& options = {});

  // From another thread than the event loop's.
  ~PostgresStore() override;

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

  // What its connections have done.
  PostgresPoolStats Stats() const { return pool_->Stats(); }

 private:
  struct Applying;  // A change on its way.
  using ApplyingPtr = std::shared_ptr<Applying>;

  PostgresStore(EventLoop* loop, PostgresUrl url, const PostgresPoolOptions& options);

  // Sends a query that only reads, and calls `done` with what `decode` makes of the result.
  template <typename Result>
  void Read(PostgresQuery query, PostgresPriority priority, absl::Time deadline,
            absl::AnyInvocable<Result(const PostgresResult&)> decode, Done<Result> done);

  void Send(PostgresRequest request);

  // Looks at what is current, and saves if that lets it.
  void LookAndSave(ApplyingPtr applying);
  void OnLooked(ApplyingPtr applying, absl::StatusOr<NewestRead> newest);
  void Save(ApplyingPtr applying, int64_t expected_number);
  void OnSaved(ApplyingPtr applying, absl::StatusOr<PostgresResult> result);

  EventLoop* const loop_;
  std::unique_ptr<PostgresPool> pool_;  // Belongs to the loop's thread.
};

}  // namespace bantam

#endif  // BANTAM_SERVER_STORE_POSTGRES_STORE_H_
