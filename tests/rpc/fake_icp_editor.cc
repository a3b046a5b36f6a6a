#include "tests/rpc/fake_icp_editor.h"

#include <memory>
#include <utility>

namespace bantam {
namespace {

constexpr int64_t kNumber = 7;

absl::Time SaveTime() { return absl::FromUnixSeconds(1769731200); }

}  // namespace

FakeIcpEditor::~FakeIcpEditor() {
  absl::MutexLock lock(&mu_);
  for (std::thread& thread : threads_) thread.join();
}

std::vector<FakeIcpEditor::Call> FakeIcpEditor::calls() const {
  absl::MutexLock lock(&mu_);
  return calls_;
}

void FakeIcpEditor::FailWith(absl::Status status) {
  absl::MutexLock lock(&mu_);
  failure_ = std::move(status);
}

void FakeIcpEditor::SetUnchanged() {
  absl::MutexLock lock(&mu_);
  unchanged_ = true;
}

void FakeIcpEditor::SetCurrent(CatalogEntryPtr entry) {
  absl::MutexLock lock(&mu_);
  current_ = std::move(entry);
}

void FakeIcpEditor::SetStored(StoredRevision stored) {
  absl::MutexLock lock(&mu_);
  stored_ = std::move(stored);
}

void FakeIcpEditor::SetHistory(std::vector<RevisionRecord> records) {
  absl::MutexLock lock(&mu_);
  history_ = std::move(records);
}

template <typename Result>
void FakeIcpEditor::Handle(Call call, Done<Result> done, absl::AnyInvocable<Result()> answer) {
  absl::MutexLock lock(&mu_);
  calls_.push_back(std::move(call));
  threads_.emplace_back(
      [failure = failure_, done = std::move(done), answer = std::move(answer)]() mutable {
        if (!failure.ok()) return done(failure);
        done(answer());
      });
}

void FakeIcpEditor::Save(const CatalogEntry& entry, absl::string_view etag, bool validate_only,
                         Done<EditedIcp> done) {
  Call call;
  call.method = "Save";
  call.name = entry.icp->name();
  call.yaml = entry.yaml;
  call.etag = std::string(etag);
  call.author = entry.origin.author;
  call.comment = entry.origin.comment;
  call.validate_only = validate_only;
  auto saved = std::make_shared<CatalogEntry>(entry);
  if (!validate_only) {
    saved->origin.number = kNumber;
    saved->origin.etag = "etag-7";
    saved->origin.create_time = SaveTime();
  }
  EditedIcp edited;
  edited.entry = std::move(saved);
  {
    absl::MutexLock lock(&mu_);
    edited.change.unchanged = unchanged_;
  }
  Handle<EditedIcp>(std::move(call), std::move(done), [edited] { return edited; });
}

void FakeIcpEditor::Delete(absl::string_view name, absl::string_view etag, absl::string_view author,
                           absl::string_view comment, Done<EditedIcp> done) {
  Call call;
  call.method = "Delete";
  call.name = std::string(name);
  call.etag = std::string(etag);
  call.author = std::string(author);
  call.comment = std::string(comment);
  EditedIcp edited;
  edited.change.record.name = call.name;
  edited.change.record.number = kNumber;
  edited.change.record.author = call.author;
  edited.change.record.comment = call.comment;
  edited.change.record.create_time = SaveTime();
  Handle<EditedIcp>(std::move(call), std::move(done), [edited] { return edited; });
}

void FakeIcpEditor::Rollback(absl::string_view name, absl::string_view revision, int64_t number,
                             absl::string_view etag, absl::string_view author,
                             absl::string_view comment, Done<EditedIcp> done) {
  Call call;
  call.method = "Rollback";
  call.name = std::string(name);
  call.revision = std::string(revision);
  call.number = number;
  call.etag = std::string(etag);
  call.author = std::string(author);
  call.comment = std::string(comment);
  EditedIcp edited;
  {
    absl::MutexLock lock(&mu_);
    edited.entry = current_;
    edited.change.unchanged = unchanged_;
  }
  Handle<EditedIcp>(std::move(call), std::move(done), [edited] { return edited; });
}

void FakeIcpEditor::ReadRevision(absl::string_view name, int64_t number,
                                 Done<StoredRevision> done) {
  Call call;
  call.method = "ReadRevision";
  call.name = std::string(name);
  call.number = number;
  StoredRevision stored;
  {
    absl::MutexLock lock(&mu_);
    stored = stored_;
  }
  Handle<StoredRevision>(std::move(call), std::move(done), [stored] { return stored; });
}

void FakeIcpEditor::ListRevisions(absl::string_view name, int64_t before, int limit,
                                  Done<HistoryPage> done) {
  Call call;
  call.method = "ListRevisions";
  call.name = std::string(name);
  call.number = before;
  call.limit = limit;
  HistoryPage page;
  {
    absl::MutexLock lock(&mu_);
    for (const RevisionRecord& record : history_) {
      if (before != 0 && record.number >= before) continue;
      page.more = page.records.size() == static_cast<size_t>(limit);
      if (page.more) break;
      page.records.push_back(record);
    }
  }
  Handle<HistoryPage>(std::move(call), std::move(done), [page] { return page; });
}

}  // namespace bantam
