#include "client/commands/catalog_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/qualifier/remote_qualifier.h"

namespace bantam {
namespace {

constexpr int64_t kMaxPageSize = 1000;

}  // namespace

CatalogClient::CatalogClient(const ServerFlags& flags)
    : flags_(flags), channel_(Connect(flags.channel)) {
  if (channel_.ok()) stub_ = v1::IcpCatalogService::NewStub(*channel_);
}

template <typename Request, typename Response>
absl::StatusOr<Response> CatalogClient::Call(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                          const Request&,
                                                                          Response*),
                                             const Request& request) {
  if (!channel_.ok()) return channel_.status();
  const absl::Time deadline = absl::Now() + flags_.Timeout();
  TryToConnect(channel_->get(), deadline);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  Response response;
  const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
  data_age_ = DataAge(context);
  if (!status.ok()) return ExplainFailure(FromGrpc(status, context), flags_.channel);
  return response;
}

absl::StatusOr<v1::IcpRevision> CatalogClient::Get(const v1::GetIcpRequest& request) {
  absl::StatusOr<v1::GetIcpResponse> response = Call(&Stub::GetIcp, request);
  if (!response.ok()) return response.status();
  return std::move(*response->mutable_icp());
}

absl::StatusOr<v1::IcpRevision> CatalogClient::GetNewest(const std::string& name) {
  v1::GetIcpRequest request;
  request.set_name(name);
  request.mutable_max_staleness();  // 0 s.
  return Get(request);
}

absl::StatusOr<v1::SaveIcpResponse> CatalogClient::Save(const v1::SaveIcpRequest& request) {
  return Call(&Stub::SaveIcp, request);
}

absl::StatusOr<v1::DeleteIcpResponse> CatalogClient::Delete(const v1::DeleteIcpRequest& request) {
  return Call(&Stub::DeleteIcp, request);
}

absl::StatusOr<v1::RollbackIcpResponse> CatalogClient::Rollback(
    const v1::RollbackIcpRequest& request) {
  return Call(&Stub::RollbackIcp, request);
}

absl::Status CatalogClient::List(const std::string& parent, const TakeIcp& take) {
  v1::ListIcpsRequest request;
  request.set_parent(parent);
  request.set_page_size(kMaxPageSize);
  bool any = parent == "tenants/-";
  do {
    const absl::StatusOr<v1::ListIcpsResponse> response = Call(&Stub::ListIcps, request);
    if (!response.ok()) return response.status();
    for (const v1::IcpSummary& icp : response->icps()) {
      if (!take(icp)) return absl::OkStatus();
      any = true;
    }
    request.set_page_token(response->next_page_token());
  } while (!request.page_token().empty());
  if (any) return absl::OkStatus();
  return absl::NotFoundError(
      absl::StrCat(parent, " has no ICPs; `bantam icp list -` shows those of all tenants"));
}

absl::Status CatalogClient::ListRevisions(const std::string& name, int64_t expected,
                                          const TakeRevision& take) {
  v1::ListIcpRevisionsRequest request;
  request.set_name(name);
  request.set_page_size(
      static_cast<int32_t>(expected > 0 ? std::min(expected, kMaxPageSize) : kMaxPageSize));
  do {
    const absl::StatusOr<v1::ListIcpRevisionsResponse> response =
        Call(&Stub::ListIcpRevisions, request);
    if (!response.ok()) return response.status();
    for (const v1::IcpRevisionSummary& revision : response->revisions()) {
      if (!take(revision)) return absl::OkStatus();
    }
    request.set_page_token(response->next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<v1::IcpRevisionSummary> CatalogClient::NewestEntry(const std::string& name) {
  absl::optional<v1::IcpRevisionSummary> newest;
  const absl::Status status =
      ListRevisions(name, 1, [&newest](const v1::IcpRevisionSummary& revision) {
        newest = revision;
        return false;
      });
  if (!status.ok()) return status;
  if (!newest.has_value()) return absl::NotFoundError(absl::StrCat("no ICP '", name, "'"));
  return *std::move(newest);
}

}  // namespace bantam
