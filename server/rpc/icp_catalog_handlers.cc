#include "server/rpc/icp_catalog_handlers.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/definition/load_icp.h"
#include "server/engine/localization.h"
#include "server/engine/validate.h"
#include "server/rpc/page_token.h"
#include "server/rpc/status.h"

namespace bantam {
namespace {

constexpr char kAllTenants[] = "tenants/-";
constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;
constexpr size_t kMaxYamlBytes = 1024 * 1024;
constexpr size_t kMaxFileBytes = 256;

void SetTime(absl::Time time, google::protobuf::Timestamp* timestamp) {
  timestamp->set_seconds(absl::ToUnixSeconds(time));
  timestamp->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(timestamp->seconds()))));
}

void DescribeRevision(const CatalogEntry& entry, v1::IcpRevision* revision) {
  revision->set_name(entry.icp->name());
  revision->set_revision(entry.icp->revision());
  *revision->mutable_icp() = entry.icp->definition();
  revision->set_yaml(entry.yaml);
  SetTime(entry.load_time, revision->mutable_load_time());
  revision->mutable_warnings()->Add(entry.warnings.begin(), entry.warnings.end());
}

void Summarize(const CatalogEntry& entry, v1::IcpSummary* summary) {
  const std::string& name = entry.icp->name();
  const absl::string_view title = PickText(entry.icp->definition().title(), "en");
  summary->set_name(name);
  summary->set_revision(entry.icp->revision());
  summary->set_title(title.empty() ? name.substr(name.rfind('/') + 1) : std::string(title));
  SetTime(entry.load_time, summary->mutable_load_time());
}

std::vector<Violation> CheckGet(const v1::GetIcpRequest& request) {
  std::vector<Violation> violations;
  if (!IsIcpName(request.name())) {
    violations.push_back({"name",
                          "must be of the form tenants/{tenant}/icps/{icp}; ids have "
                          "lower-case letters, digits and hyphens"});
  }
  if (!request.revision().empty() && !IsRevision(request.revision())) {
    violations.push_back(
        {"revision",
         "must be 32 lower-case hexadecimal digits; leave it out for the current revision"});
  }
  return violations;
}

// Also reads the page token.
std::vector<Violation> CheckList(const v1::ListIcpsRequest& request, std::string* after) {
  std::vector<Violation> violations;
  if (request.parent() != kAllTenants && !IsTenantName(request.parent())) {
    violations.push_back({"parent", "must be of the form tenants/{tenant}, or tenants/-"});
  }
  if (request.page_size() < 0 || request.page_size() > kMaxPageSize) {
    violations.push_back({"page_size", absl::StrCat("must be from 0 to ", kMaxPageSize)});
  }
  absl::StatusOr<std::string> token = ReadPageToken(request.page_token(), request.parent());
  if (token.ok()) {
    *after = *std::move(token);
  } else {
    violations.push_back({"page_token", std::string(token.status().message())});
  }
  return violations;
}

std::vector<Violation> CheckValidate(const v1::ValidateIcpRequest& request) {
  std::vector<Violation> violations;
  if (request.yaml().empty()) {
    violations.push_back({"yaml", "must be set: the definition to check"});
  } else if (request.yaml().size() > kMaxYamlBytes) {
    violations.push_back({"yaml", "must be at most 1 MiB long"});
  }
  if (request.file().size() > kMaxFileBytes) {
    violations.push_back({"file", absl::StrCat("must be at most ", kMaxFileBytes, " bytes long")});
  }
  return violations;
}

// The page of `entries` (by name) that begins after `after`.
void FillPage(const std::vector<CatalogEntryPtr>& entries, const v1::ListIcpsRequest& request,
              const std::string& after, v1::ListIcpsResponse* response) {
  const size_t size = request.page_size() == 0 ? kDefaultPageSize : request.page_size();
  auto entry = std::upper_bound(entries.begin(), entries.end(), after,
                                [](const std::string& name, const CatalogEntryPtr& entry) {
                                  return name < entry->icp->name();
                                });
  const auto end = entry + std::min<size_t>(size, entries.end() - entry);
  for (; entry != end; ++entry) Summarize(**entry, response->add_icps());
  if (end != entries.end()) {
    response->set_next_page_token(
        MakePageToken(request.parent(), response->icps(response->icps_size() - 1).name()));
  }
}

}  // namespace

IcpCatalogHandlers::IcpCatalogHandlers(Catalog* catalog, const TimeZones* zones)
    : catalog_(catalog), zones_(zones) {}

void IcpCatalogHandlers::GetIcp(UnaryCall* call) const {
  const auto* request = call->Parse<v1::GetIcpRequest>();
  if (request == nullptr) return;
  const std::vector<Violation> violations = CheckGet(*request);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  catalog_->Get(request->name(), request->revision(),
                [call](absl::StatusOr<CatalogEntryPtr> entry) {
                  if (!entry.ok()) return call->Fail(entry.status());
                  auto* response = call->Create<v1::GetIcpResponse>();
                  DescribeRevision(**entry, response->mutable_icp());
                  call->Finish(*response);
                });
}

void IcpCatalogHandlers::ListIcps(UnaryCall* call) const {
  const auto* request = call->Parse<v1::ListIcpsRequest>();
  if (request == nullptr) return;
  std::string after;
  const std::vector<Violation> violations = CheckList(*request, &after);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  catalog_->List(request->parent(),
                 [call, request, after](absl::StatusOr<std::vector<CatalogEntryPtr>> entries) {
                   if (!entries.ok()) return call->Fail(entries.status());
                   auto* response = call->Create<v1::ListIcpsResponse>();
                   FillPage(*entries, *request, after, response);
                   call->Finish(*response);
                 });
}

void IcpCatalogHandlers::ValidateIcp(UnaryCall* call) const {
  const auto* request = call->Parse<v1::ValidateIcpRequest>();
  if (request == nullptr) return;
  const std::vector<Violation> violations = CheckValidate(*request);
  if (!violations.empty()) return call->Fail(InvalidRequest(violations));
  LoadedIcp loaded =
      LoadIcp(request->yaml(), request->file().empty() ? "icp.yaml" : request->file(), *zones_);
  auto* response = call->Create<v1::ValidateIcpResponse>();
  response->set_name(loaded.name);
  if (loaded.icp != nullptr) response->set_revision(loaded.icp->revision());
  for (v1::Issue& issue : loaded.issues) *response->add_issues() = std::move(issue);
  call->Finish(*response);
}

}  // namespace bantam
