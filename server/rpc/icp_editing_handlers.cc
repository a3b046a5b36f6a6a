#include "server/rpc/icp_editing_handlers.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/definition/load_icp.h"
#include "server/engine/validate.h"
#include "server/rpc/icp_messages.h"
#include "server/rpc/page_token.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

constexpr size_t kMaxEtagBytes = 256;

absl::Status NoEditorError() {
  return absl::FailedPreconditionError(
      "this server reads its ICPs from files, and keeps no history of them; change the files and "
      "it takes them over, or run it with --icp_source for a database that these calls change");
}

void CheckEtag(absl::string_view etag, bool required, std::vector<Violation>* violations) {
  if (etag.empty() && required) {
    violations->push_back({"etag", "must be set: the etag that GetIcp gave, or * for any"});
  } else if (etag.size() > kMaxEtagBytes) {
    violations->push_back({"etag", "must be the etag that GetIcp gave, or * for any"});
  }
}

std::vector<Violation> CheckSave(const v1::SaveIcpRequest& request) {
  std::vector<Violation> violations;
  CheckYaml(request.yaml(), "save", &violations);
  CheckEtag(request.etag(), /*required=*/false, &violations);
  CheckAuthorAndComment(request.author(), request.comment(), &violations);
  CheckFile(request.file(), &violations);
  return violations;
}

std::vector<Violation> CheckDelete(const v1::DeleteIcpRequest& request) {
  std::vector<Violation> violations;
  CheckIcpName(request.name(), &violations);
  CheckEtag(request.etag(), /*required=*/true, &violations);
  CheckAuthorAndComment(request.author(), request.comment(), &violations);
  return violations;
}

std::vector<Violation> CheckRollback(const v1::RollbackIcpRequest& request) {
  std::vector<Violation> violations;
  CheckIcpName(request.name(), &violations);
  if (request.revision().empty() && request.number() == 0) {
    violations.push_back({"revision", "must be set, or number: what to go back to"});
  }
  CheckRevisionOrNumber(request.revision(), request.number(), &violations);
  CheckEtag(request.etag(), /*required=*/true, &violations);
  CheckAuthorAndComment(request.author(), request.comment(), &violations);
  return violations;
}

// Also reads the page token.
std::vector<Violation> CheckListRevisions(const v1::ListIcpRevisionsRequest& request,
                                          int64_t* before) {
  std::vector<Violation> violations;
  CheckIcpName(request.name(), &violations);
  CheckPageSize(request.page_size(), &violations);
  const absl::StatusOr<int64_t> token = ReadRevisionPageToken(request.page_token(), request.name());
  if (token.ok()) {
    *before = *token;
  } else {
    violations.push_back({"page_token", std::string(token.status().message())});
  }
  return violations;
}

// The errors of a definition as violations of the request.
std::vector<Violation> DefinitionErrors(const std::vector<v1::Issue>& issues) {
  std::vector<Violation> violations;
  for (const v1::Issue& issue : issues) {
    if (issue.severity() != v1::ISSUE_SEVERITY_ERROR) continue;
    const std::string place =
        issue.line() == 0 ? "" : absl::StrCat(":", issue.line(), ":", issue.column());
    violations.push_back({issue.field().empty() ? "yaml" : issue.field(),
                          absl::StrCat(issue.file(), place, ": ", issue.message())});
  }
  return violations;
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
  const std::vector<Violation> violations = CheckSave(*request);
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
  const std::vector<Violation> violations = CheckDelete(*request);
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
  const std::vector<Violation> violations = CheckListRevisions(*request, &before);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  if (!call->MayUse(request->name())) return;
  const int limit = request->page_size() == 0 ? kDefaultPageSize : request->page_size();
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
  const std::vector<Violation> violations = CheckRollback(*request);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  if (!call->MayUse(request->name())) return;
  editor_->Rollback(request->name(), request->revision(), request->number(), request->etag(),
                    request->author(), request->comment(),
                    AnswerEdit<v1::RollbackIcpResponse>(call));
}

}  // namespace bantam
