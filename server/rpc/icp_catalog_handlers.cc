#include "server/rpc/icp_catalog_handlers.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/definition/load_icp.h"
#include "server/rpc/data_age.h"
#include "server/rpc/icp_messages.h"
#include "server/rpc/icp_requests.h"
#include "server/rpc/page_token.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

void Answer(UnaryCall* call, const IcpAnswer& answer) {
  call->SetDataAge(answer.age);
  auto* response = call->Create<v1::GetIcpResponse>();
  DescribeRevision(*answer.entry, response->mutable_icp());
  call->Finish(*response);
}

void Answer(UnaryCall* call, const StoredRevision& stored) {
  auto* response = call->Create<v1::GetIcpResponse>();
  if (stored.entry != nullptr) {
    DescribeRevision(*stored.entry, response->mutable_icp());
  } else {
    DescribeBadRevision(stored, response->mutable_icp());
  }
  call->Finish(*response);
}

void Answer(UnaryCall* call, const std::string& parent, IcpPage page) {
  auto* response = call->Create<v1::ListIcpsResponse>();
  if (page.more) {
    response->set_next_page_token(MakePageToken(parent, page.icps.back().name()));
  }
  for (v1::IcpSummary& icp : page.icps) *response->add_icps() = std::move(icp);
  call->Finish(*response);
}

// A page of those ICPs of all tenants that its caller may see, gathered from as many pages of the
// catalog as that takes. Its token names the last one shown, never one that the caller may not see.
class VisiblePage : public std::enable_shared_from_this<VisiblePage> {
 public:
  VisiblePage(Catalog* catalog, UnaryCall* call, int limit)
      : catalog_(catalog), call_(call), limit_(limit) {}

  // Goes on after the ICP of this name, and answers the call when the page is full or all were
  // looked at.
  void Gather(const std::string& after) {
    const absl::Status abandoned = call_->Abandoned();
    if (!abandoned.ok()) return call_->Fail(abandoned);
    catalog_->List(kAllTenants, after, kMaxPageSize,
                   [self = shared_from_this()](absl::StatusOr<IcpPage> page) {
                     if (!page.ok()) return self->call_->Fail(page.status());
                     self->Take(*std::move(page));
                   });
  }

 private:
  void Take(IcpPage page) {
    const CallAccess access = call_->access();
    const std::string last = page.icps.empty() ? "" : page.icps.back().name();
    for (v1::IcpSummary& icp : page.icps) {
      if (!access.MaySee(icp.name())) continue;
      if (page_.icps.size() == limit_) {
        page_.more = true;
        break;
      }
      page_.icps.push_back(std::move(icp));
    }
    if (page.more && !page_.more) return Gather(last);
    call_->Continue(1, [call = call_, shown = std::move(page_)]() mutable {
      Answer(call, kAllTenants, std::move(shown));
    });
  }

  Catalog* const catalog_;
  UnaryCall* const call_;
  const size_t limit_;
  IcpPage page_;
};

}  // namespace

IcpCatalogHandlers::IcpCatalogHandlers(Catalog* catalog, IcpEditor* editor, const TimeZones* zones)
    : catalog_(catalog), editor_(editor), zones_(zones) {}

void IcpCatalogHandlers::GetIcp(UnaryCall* call) const {
  const auto* request = call->Parse<v1::GetIcpRequest>();
  if (request == nullptr) return;
  const std::vector<Violation> violations = CheckGetIcp(*request);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  if (!call->MayUse(request->name())) return;
  IcpQuery query;
  query.name = request->name();
  query.revision = request->revision();
  query.number = request->number();
  query.max_staleness = MaxStalenessOf(*request);
  catalog_->Get(query, [this, call, request](absl::StatusOr<IcpAnswer> answer) {
    if (absl::IsNotFound(answer.status()) && request->number() != 0 && editor_ != nullptr) {
      return AnswerFromHistory(call, *request);
    }
    if (!answer.ok()) return call->Fail(answer.status());
    call->Continue(1, [call, answer = *std::move(answer)] { Answer(call, answer); });
  });
}

void IcpCatalogHandlers::AnswerFromHistory(UnaryCall* call,
                                           const v1::GetIcpRequest& request) const {
  editor_->ReadRevision(
      request.name(), request.number(), [call](absl::StatusOr<StoredRevision> stored) {
        if (!stored.ok()) return call->Fail(stored.status());
        call->Continue(1, [call, stored = *std::move(stored)] { Answer(call, stored); });
      });
}

void IcpCatalogHandlers::ListIcps(UnaryCall* call) const {
  const auto* request = call->Parse<v1::ListIcpsRequest>();
  if (request == nullptr) return;
  std::string after;
  const std::vector<Violation> violations = CheckListIcps(*request, &after);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  const int limit = PageLimit(request->page_size());
  if (request->parent() == kAllTenants) {
    if (!call->access().SeesAll()) return ListVisible(call, after, limit);
  } else if (!call->MayUse(request->parent())) {
    return;
  }
  catalog_->List(request->parent(), after, limit, [call, request](absl::StatusOr<IcpPage> page) {
    if (!page.ok()) return call->Fail(page.status());
    call->Continue(1, [call, request, page = *std::move(page)]() mutable {
      Answer(call, request->parent(), std::move(page));
    });
  });
}

void IcpCatalogHandlers::ListVisible(UnaryCall* call, const std::string& after, int limit) const {
  std::make_shared<VisiblePage>(catalog_, call, limit)->Gather(after);
}

void IcpCatalogHandlers::ValidateIcp(UnaryCall* call) const {
  const auto* request = call->Parse<v1::ValidateIcpRequest>();
  if (request == nullptr) return;
  const std::vector<Violation> violations = CheckValidateIcp(*request);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  LoadedIcp loaded = LoadIcp(request->yaml(), FileName(request->file()), *zones_);
  auto* response = call->Create<v1::ValidateIcpResponse>();
  response->set_name(loaded.name);
  if (loaded.icp != nullptr) response->set_revision(loaded.icp->revision());
  for (v1::Issue& issue : loaded.issues) *response->add_issues() = std::move(issue);
  call->Finish(*response);
}

}  // namespace bantam
