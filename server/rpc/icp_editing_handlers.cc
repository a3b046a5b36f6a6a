#include "server/rpc/icp_editing_handlers.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/definition/load_icp.h"
#include "server/rpc/icp_messages.h"
#include "server/rpc/icp_requests.h"
#include "server/rpc/page_token.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

absl::Status NoEditorError() {
  return absl::FailedPreconditionError(
      "this server reads its ICPs from files, and keeps no history of them; change the files and "
      "it takes them over, or run it with --icp_source for a database that these calls change");
}

// SaveIcp and RollbackIcp.
template <typename Response>
IcpEditor::Done<EditedIcp> AnswerEdit(UnaryCall* call) {
  return [call](absl::StatusOr<EditedIcp> edited) {
    if (!edited.ok()) return call->Fail(edited.status());
    call->Conclude([call, edited = *std::move(edited)] {
      auto* response = call->Create<Response>();
      DescribeRevision(*edited.entry, response->mutable_icp());
      response->set_unchanged(edited.change.unchanged);
      call->Finish(*response);
    });
  };
}

// One call of ListIcpRevisions. Which entry is in force is what the catalog has: the newest may be
// bad.
class HistoryCall : public std::enable_shared_from_this<HistoryCall> {
 public:
  // `request` lives as long as `call`, which is answered exactly once. The page begins before
  // number `before`; 0: with the newest.
  HistoryCall(Catalog* catalog, IcpEditor* editor, UnaryCall* call,
              const v1::ListIcpRevisionsRequest* request, int64_t before)
      : catalog_(catalog), editor_(editor), call_(call), request_(request), before_(before) {}

  void Read() {
    editor_->ListRevisions(request_->name(), before_, PageLimit(request_->page_size()),
                           [self = shared_from_this()](absl::StatusOr<HistoryPage> page) {
                             if (!page.ok()) return self->call_->Fail(page.status());
                             self->page_ = *std::move(page);
                             // Another replica may have answered the page before, by what it knew.
                             self->FindCurrent(self->before_ == 0
                                                   ? absl::nullopt
                                                   : absl::make_optional(absl::ZeroDuration()));
                           });
  }

 private:
  // 0: the page does not begin with it.
  int64_t newest() const {
    return before_ == 0 && !page_.records.empty() ? page_.records.front().number : 0;
  }

  void FindCurrent(absl::optional<absl::Duration> max_staleness) {
    IcpQuery query;
    query.name = request_->name();
    query.max_staleness = max_staleness;
    catalog_->Get(
        query, [self = shared_from_this(), is_fresh = max_staleness.has_value()](
                   const absl::StatusOr<IcpAnswer>& answer) { self->OnFound(answer, is_fresh); });
  }

  void OnFound(const absl::StatusOr<IcpAnswer>& answer, bool is_fresh) {
    if (!answer.ok() && !absl::IsNotFound(answer.status())) return call_->Fail(answer.status());
    const int64_t current = answer.ok() ? answer->entry->origin.number : 0;
    if (newest() != 0 && current != newest()) {
      // The newest entry may have come after what the catalog holds; or what the catalog has, after
      // the page was read.
      if (!is_fresh) return FindCurrent(absl::ZeroDuration());
      if (current > newest() && ++attempts_ < kMaxAttempts) return Read();
    }
    call_->Continue(1, [self = shared_from_this(), current] { self->Answer(current); });
  }

  void Answer(int64_t current) const {
    auto* response = call_->Create<v1::ListIcpRevisionsResponse>();
    for (const RevisionRecord& record : page_.records) {
      SummarizeRevision(record, record.number == current, response->add_revisions());
    }
    if (page_.more) {
      response->set_next_page_token(
          MakeRevisionPageToken(request_->name(), page_.records.back().number));
    }
    call_->Finish(*response);
  }

  // Of reading the page, while the ICP is saved again and again.
  static constexpr int kMaxAttempts = 5;

  Catalog* const catalog_;
  IcpEditor* const editor_;
  UnaryCall* const call_;
  const v1::ListIcpRevisionsRequest* const request_;
  const int64_t before_;
  HistoryPage page_;
  int attempts_ = 0;
};

}  // namespace

IcpEditingHandlers::IcpEditingHandlers(Catalog* catalog, IcpEditor* editor, const TimeZones* zones,
                                       Clock clock)
    : catalog_(catalog), editor_(editor), zones_(zones), clock_(std::move(clock)) {}

template <typename Request>
const Request* IcpEditingHandlers::ParseForEditor(UnaryCall* call) const {
  if (editor_ != nullptr) return call->Parse<Request>();
  call->Fail(NoEditorError());
  return nullptr;
}

void IcpEditingHandlers::SaveIcp(UnaryCall* call) const {
  const auto* request = ParseForEditor<v1::SaveIcpRequest>(call);
  if (request == nullptr) return;
  const std::vector<Violation> violations = CheckSaveIcp(*request);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  LoadedIcp loaded = LoadIcp(request->yaml(), FileName(request->file()), *zones_);
  // Whose ICP it is stands in the text. Of a text that names nobody's, its errors alone are told.
  if (IsIcpName(loaded.name) && !call->MayUse(loaded.name)) return;
  if (loaded.icp == nullptr) return call->Fail(InvalidRequest(DefinitionErrors(loaded.issues)));
  CatalogEntry entry;
  entry.icp = std::move(loaded.icp);
  entry.yaml = request->yaml();
  entry.warnings = std::move(loaded.issues);
  entry.load_time = clock_();
  entry.origin.author = request->author();
  entry.origin.comment = request->comment();
  editor_->Save(entry, request->etag(), request->validate_only(),
                AnswerEdit<v1::SaveIcpResponse>(call));
}

void IcpEditingHandlers::DeleteIcp(UnaryCall* call) const {
  const auto* request = ParseForEditor<v1::DeleteIcpRequest>(call);
  if (request == nullptr) return;
  const std::vector<Violation> violations = CheckDeleteIcp(*request);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  if (!call->MayUse(request->name())) return;
  editor_->Delete(request->name(), request->etag(), request->author(), request->comment(),
                  [call](absl::StatusOr<EditedIcp> edited) {
                    if (!edited.ok()) return call->Fail(edited.status());
                    call->Conclude([call, edited = *std::move(edited)] {
                      auto* response = call->Create<v1::DeleteIcpResponse>();
                      SummarizeRevision(edited.change.record, /*current=*/false,
                                        response->mutable_deletion());
                      call->Finish(*response);
                    });
                  });
}

void IcpEditingHandlers::ListIcpRevisions(UnaryCall* call) const {
  const auto* request = ParseForEditor<v1::ListIcpRevisionsRequest>(call);
  if (request == nullptr) return;
  int64_t before = 0;
  const std::vector<Violation> violations = CheckListIcpRevisions(*request, &before);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  if (!call->MayUse(request->name())) return;
  std::make_shared<HistoryCall>(catalog_, editor_, call, request, before)->Read();
}

void IcpEditingHandlers::RollbackIcp(UnaryCall* call) const {
  const auto* request = ParseForEditor<v1::RollbackIcpRequest>(call);
  if (request == nullptr) return;
  const std::vector<Violation> violations = CheckRollbackIcp(*request);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  if (!call->MayUse(request->name())) return;
  editor_->Rollback(request->name(), request->revision(), request->number(), request->etag(),
                    request->author(), request->comment(),
                    AnswerEdit<v1::RollbackIcpResponse>(call));
}

}  // namespace bantam
