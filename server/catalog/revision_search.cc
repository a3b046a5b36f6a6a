#include "server/catalog/revision_search.h"

#include <memory>
#include <utility>
#include <vector>

namespace bantam {
namespace {

constexpr int kMaxListed = 1000;
constexpr size_t kMaxCompiled = 100;

using Record = absl::optional<RevisionRecord>;
using Records = std::vector<RevisionRecord>;

// One search. Keeps itself alive while something is under way; its functions run one after the
// other, on threads of the store or the loader.
class Search : public std::enable_shared_from_this<Search> {
 public:
  Search(const RevisionSearchParts& parts, std::string name, std::string revision,
         absl::Time deadline, RevisionStore::Done<Record> done)
      : parts_(parts),
        name_(std::move(name)),
        revision_(std::move(revision)),
        deadline_(deadline),
        done_(std::move(done)) {}

  // `number`: if there is no revision to look for.
  void Begin(int64_t number) {
    Read(revision_, number, [self = shared_from_this()](absl::StatusOr<Record> record) {
      if (!record.ok() || record->has_value() || self->revision_.empty()) {
        return self->done_(std::move(record));
      }
      self->List();
    });
  }

 private:
  void Read(const std::string& revision, int64_t number, RevisionStore::Done<Record> read) {
    parts_.store_health->Ask<Record>(std::move(read), [&](RevisionStore::Done<Record> done) {
      parts_.store->ReadRevision(name_, revision, number, deadline_, std::move(done));
    });
  }

  void List() {
    parts_.store_health->Ask<Records>(
        [self = shared_from_this()](absl::StatusOr<Records> records) {
          if (!records.ok()) return self->done_(records.status());
          for (const RevisionRecord& record : *records) {
            if (self->candidates_.size() == kMaxCompiled) break;
            if (record.saved_by_hand()) self->candidates_.push_back(record.number);
          }
          self->TryNext();
        },
        [this](RevisionStore::Done<Records> done) {
          parts_.store->ListRevisions(name_, 0, kMaxListed, deadline_, std::move(done));
        });
  }

  void TryNext() {
    if (next_ == candidates_.size()) return done_(Record());
    Read("", candidates_[next_++], [self = shared_from_this()](absl::StatusOr<Record> record) {
      if (!record.ok() || !record->has_value()) return self->done_(std::move(record));
      self->parts_.threads->Post([self, record = **std::move(record)]() mutable {
        const CompiledRecord compiled = self->parts_.reader->Compile(record);
        if (compiled.entry == nullptr || compiled.entry->icp->revision() != self->revision_) {
          return self->TryNext();
        }
        record.revision = self->revision_;
        self->done_(std::move(record));
      });
    });
  }

  const RevisionSearchParts parts_;
  const std::string name_;
  const std::string revision_;
  const absl::Time deadline_;
  RevisionStore::Done<Record> done_;
  std::vector<int64_t> candidates_;  // Numbers, newest first.
  size_t next_ = 0;
};

}  // namespace

void FindRevision(const RevisionSearchParts& parts, const std::string& name,
                  const std::string& revision, int64_t number, absl::Time deadline,
                  RevisionStore::Done<absl::optional<RevisionRecord>> done) {
  std::make_shared<Search>(parts, name, revision, deadline, std::move(done))->Begin(number);
}

}  // namespace bantam
