#include "client/commands/server_commands.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bantam/v1/icp_catalog_service.grpc.pb.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
#include "client/health.pb.h"
#include "client/output/result_writer.h"
#include "client/output/table.h"
#include "client/output/words.h"
#include "client/qualifier/remote_qualifier.h"
#include "server/definition/yaml.h"

namespace bantam {
namespace {

void SetDeadline(const ServerFlags& flags, grpc::ClientContext* context) {
  context->set_deadline(absl::ToChronoTime(absl::Now() + flags.Timeout()));
}

void PrintIcpTable(const std::vector<v1::IcpSummary>& icps) {
  Table table({{"name"}, {"revision"}, {"loaded"}, {"title", false, true}});
  for (const v1::IcpSummary& icp : icps) {
    table.AddRow({{icp.name()},
                  {icp.revision()},
                  {ReadableTime(icp.load_time(), absl::UTCTimeZone())},
                  {Printable(icp.title())}});
  }
  if (table.empty()) {
    std::cout << "no ICPs\n";
  } else {
    std::cout << table.Render(StandardOutputStyle(ColorChoice::kAuto));
  }
}

// One grpc.health.v1.Health/Check.
grpc::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const ServerFlags& flags,
                         const std::string& service, client::HealthCheckResponse* response) {
  grpc::TemplatedGenericStub<client::HealthCheckRequest, client::HealthCheckResponse> stub(channel);
  client::HealthCheckRequest request;
  request.set_service(service);
  grpc::ClientContext context;
  SetDeadline(flags, &context);
  grpc::CompletionQueue queue;
  const auto call =
      stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  grpc::Status status;
  call->StartCall();
  call->Finish(response, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  return status;
}

}  // namespace

int RunIcpList(const ServerFlags& flags, const std::string& parent, bool json) {
  const auto stub = v1::IcpCatalogService::NewStub(Connect(flags.server));
  v1::ListIcpsRequest request;
  request.set_parent(absl::StrContains(parent, '/') ? parent : absl::StrCat("tenants/", parent));
  request.set_page_size(1000);
  std::vector<v1::IcpSummary> icps;
  do {
    grpc::ClientContext context;
    SetDeadline(flags, &context);
    v1::ListIcpsResponse response;
    const grpc::Status status = stub->ListIcps(&context, request, &response);
    if (!status.ok()) return PrintFailedCall(FromGrpc(status), flags.server);
    icps.insert(icps.end(), response.icps().begin(), response.icps().end());
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (json) {
    for (const v1::IcpSummary& icp : icps) std::cout << ToJson(icp, /*pretty=*/false) << "\n";
  } else {
    PrintIcpTable(icps);
  }
  return kExitOk;
}

int RunIcpGet(const ServerFlags& flags, const std::string& name, const std::string& revision,
              IcpForm form) {
  const auto stub = v1::IcpCatalogService::NewStub(Connect(flags.server));
  v1::GetIcpRequest request;
  request.set_name(name);
  request.set_revision(revision);
  grpc::ClientContext context;
  SetDeadline(flags, &context);
  v1::GetIcpResponse response;
  const grpc::Status status = stub->GetIcp(&context, request, &response);
  if (!status.ok()) return PrintFailedCall(FromGrpc(status), flags.server);
  switch (form) {
    case IcpForm::kWritten:
      std::cout << response.icp().yaml();
      break;
    case IcpForm::kDefaults:
      std::cout << FormatYaml(response.icp().icp());
      break;
    case IcpForm::kJson:
      std::cout << ToJson(response.icp(), /*pretty=*/true);
      break;
  }
  return kExitOk;
}

int RunHealth(const ServerFlags& flags) {
  const std::shared_ptr<grpc::Channel> channel = Connect(flags.server);
  bool serving = true;
  for (const char* service :
       {"", "bantam.v1.QualificationService", "bantam.v1.IcpCatalogService"}) {
    client::HealthCheckResponse response;
    const grpc::Status status = CheckHealth(channel, flags, service, &response);
    const bool offered = status.error_code() != grpc::StatusCode::NOT_FOUND;
    if (offered && !status.ok()) return PrintFailedCall(FromGrpc(status), flags.server);
    serving = serving && offered && response.status() == client::SERVING_STATUS_SERVING;
    std::cout << (offered ? Words(response.status()) : "not offered") << "  "
              << (*service == '\0' ? flags.server : service) << std::endl;
  }
  return serving ? kExitOk : kExitSomeFailed;
}

}  // namespace bantam
