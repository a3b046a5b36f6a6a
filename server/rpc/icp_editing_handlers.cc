#include "server/rpc/icp_editing_handlers.h"

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

void Answer(UnaryCall* call, const v1::ListIcpRevisionsRequest& request, bool from_newest,
            const HistoryPage& page) {
  auto* response = call->Create<v1::ListIcpRevisionsResponse>();
  for (const RevisionRecord& record : page.records) {
    const bool newest = from_newest && &record == &page.records.front();
    SummarizeRevision(record, newest && !record.deletion(), response->add_revisions());
  }
  if (page.more) {
    response->set_next_page_token(
        MakeRevisionPageToken(request.name(), page.records.back().number));
  }
  call->Finish(*response);
}

}  // namespace

IcpEditingHandlers::IcpEditingHandlers(IcpEditor* editor, const TimeZones* zones, Clock clock)
    : editor_(editor), zones_(zones), clock_(std::move(clock)) {}

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
  const int limit = PageLimit(request->page_size());
  editor_->ListRevisions(request->name(), before, limit,
                         [call, request, before](absl::StatusOr<HistoryPage> page) {
                           if (!page.ok()) return call->Fail(page.status());
                           call->Continue(1, [call, request, before, page = *std::move(page)] {
                             Answer(call, *request, before == 0, page);
                           });
                         });
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
