#ifndef BANTAM_TESTS_RPC_FAKE_ICP_EDITOR_H_
#define BANTAM_TESTS_RPC_FAKE_ICP_EDITOR_H_

#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "server/catalog/icp_editor.h"

namespace bantam {

// Keeps what it is asked, and answers as a test has set it, on a thread of its own like a database.
// Safe for concurrent use.
class FakeIcpEditor : public IcpEditor {
 public:
  // One call, with what was given.
  struct Call {
    std::string method;
    std::string name;
    std::string yaml;
    std::string revision;
    std::string etag;
    std::string author;
    std::string comment;
    int64_t number = 0;  // Or `before`.
    int limit = 0;
    bool validate_only = false;
  };

  ~FakeIcpEditor() override;

  // All calls so far.
  std::vector<Call> calls() const ABSL_LOCKS_EXCLUDED(mu_);

  // From now on every call fails like this (OK: works again).
  void FailWith(absl::Status status) ABSL_LOCKS_EXCLUDED(mu_);

  // From now on saved texts were current already.
  void SetUnchanged() ABSL_LOCKS_EXCLUDED(mu_);

  // What Rollback() brings back.
  void SetCurrent(CatalogEntryPtr entry) ABSL_LOCKS_EXCLUDED(mu_);

  // What ReadRevision() tells.
  void SetStored(StoredRevision stored) ABSL_LOCKS_EXCLUDED(mu_);

  // What ListRevisions() tells, newest first.
  void SetHistory(std::vector<RevisionRecord> records) ABSL_LOCKS_EXCLUDED(mu_);

  // Gives it number 7 and the like, unless `validate_only`.
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
  // Keeps `call`, and has `answer` run on another thread; or fails.
  template <typename Result>
  void Handle(Call call, Done<Result> done, absl::AnyInvocable<Result()> answer)
      ABSL_LOCKS_EXCLUDED(mu_);

  mutable absl::Mutex mu_;
  std::vector<Call> calls_ ABSL_GUARDED_BY(mu_);
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  bool unchanged_ ABSL_GUARDED_BY(mu_) = false;
  CatalogEntryPtr current_ ABSL_GUARDED_BY(mu_);
  StoredRevision stored_ ABSL_GUARDED_BY(mu_);
  std::vector<RevisionRecord> history_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bantam

#endif  // BANTAM_TESTS_RPC_FAKE_ICP_EDITOR_H_
