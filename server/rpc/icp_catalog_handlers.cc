#include "server/rpc/icp_catalog_handlers.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/definition/load_icp.h"
#include "server/engine/validate.h"
#include "server/rpc/data_age.h"
#include "server/rpc/icp_messages.h"
#include "server/rpc/page_token.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

constexpr char kAllTenants[] = "tenants/-";

std::vector<Violation> CheckGet(const v1::GetIcpRequest& request) {
  std::vector<Violation> violations;
  CheckIcpName(request.name(), &violations);
  CheckRevisionOrNumber(request.revision(), request.number(), &violations);
  if (request.has_max_staleness()) {
    CheckMaxStaleness(request.max_staleness(), "max_staleness", &violations);
  }
  return violations;
}

// Also reads the page token.
std::vector<Violation> CheckList(const v1::ListIcpsRequest& request, std::string* after) {
  std::vector<Violation> violations;
  if (request.parent() != kAllTenants && !IsTenantName(request.parent())) {
    violations.push_back({"parent", "must be of the form tenants/{tenant}, or tenants/-"});
  }
  CheckPageSize(request.page_size(), &violations);
  absl::StatusOr<std::string> token = ReadPageToken(request.page_token(), request.parent());
  if (token.ok()) {
    *after = *std::move(token);
  } else {
    violations.push_back({"page_token", std::string(token.status().message())});
  }
  return violations;
}

void Answer(UnaryCall* call, const IcpAnswer& answer) {
  call->SetDataAge(answer.age);
  auto* response = call->Create<v1::GetIcpResponse>();
  DescribeRevision(*answer.entry, response->mutable_icp());
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

}  // namespace

IcpCatalogHandlers::IcpCatalogHandlers(Catalog* catalog, const TimeZones* zones)
    : catalog_(catalog), zones_(zones) {}

void IcpCatalogHandlers::GetIcp(UnaryCall* call) const {
  const auto* request = call->Parse<v1::GetIcpRequest>();
  if (request == nullptr) return;
  const std::vector<Violation> violations = CheckGet(*request);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  IcpQuery query;
  query.name = request->name();
  query.revision = request->revision();
  query.number = request->number();
  query.max_staleness = MaxStalenessOf(*request);
  catalog_->Get(query, [call](absl::StatusOr<IcpAnswer> answer) {
    if (!answer.ok()) return call->Fail(answer.status());
    call->Continue(1, [call, answer = *std::move(answer)] { Answer(call, answer); });
  });
}

void IcpCatalogHandlers::ListIcps(UnaryCall* call) const {
  const auto* request = call->Parse<v1::ListIcpsRequest>();
  if (request == nullptr) return;
  std::string after;
  const std::vector<Violation> violations = CheckList(*request, &after);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  const int limit = request->page_size() == 0 ? kDefaultPageSize : request->page_size();
  catalog_->List(request->parent(), after, limit, [call, request](absl::StatusOr<IcpPage> page) {
    if (!page.ok()) return call->Fail(page.status());
    call->Continue(1, [call, request, page = *std::move(page)]() mutable {
      Answer(call, request->parent(), std::move(page));
    });
  });
}

void IcpCatalogHandlers::ValidateIcp(UnaryCall* call) const {
  const auto* request = call->Parse<v1::ValidateIcpRequest>();
  if (request == nullptr) return;
  std::vector<Violation> violations;
  CheckYaml(request->yaml(), "check", &violations);
  CheckFile(request->file(), &violations);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  LoadedIcp loaded = LoadIcp(request->yaml(), FileName(request->file()), *zones_);
  auto* response = call->Create<v1::ValidateIcpResponse>();
  response->set_name(loaded.name);
  if (loaded.icp != nullptr) response->set_revision(loaded.icp->revision());
  for (v1::Issue& issue : loaded.issues) *response->add_issues() = std::move(issue);
  call->Finish(*response);
}

}  // namespace bantam
