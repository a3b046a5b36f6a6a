#include "client/commands/server_commands.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "client/commands/catalog_client.h"
#include "client/commands/exit_codes.h"
#include "client/commands/failure.h"
#include "client/commands/revision_choice.h"
#include "client/health.pb.h"
#include "client/output/result_writer.h"
#include "client/output/table.h"
#include "client/output/words.h"
#include "client/qualifier/remote_qualifier.h"
#include "server/definition/yaml.h"
#include "server/engine/protobuf_time.h"

namespace bantam {
namespace {

void PrintIcpTable(const std::vector<v1::IcpSummary>& icps) {
  // A catalog of files counts no revisions; one in a database is listed without loading them.
  Table table(
      {{"name"}, {"number", true}, {"revision"}, {"saved"}, {"loaded"}, {"title", false, true}});
  const auto time = [](bool is_set, const google::protobuf::Timestamp& time) {
    return is_set ? ReadableTime(time, absl::UTCTimeZone()) : "";
  };
  for (const v1::IcpSummary& icp : icps) {
    table.AddRow({{icp.name()},
                  {icp.number() > 0 ? absl::StrCat(icp.number()) : ""},
                  {icp.revision()},
                  {time(icp.has_create_time(), icp.create_time())},
                  {time(icp.has_load_time(), icp.load_time())},
                  {Printable(icp.title())}});
  }
  if (table.empty()) {
    std::cout << "no ICPs\n";
  } else {
    std::cout << table.Render(StandardOutputStyle(ColorChoice::kAuto));
  }
}

// What a server reports the health of.
struct HealthName {
  const char* service;  // Empty: the server as a whole.
  bool is_part;         // Serving goes on without it, from what is held in memory.
  const char* remark;
};

constexpr HealthName kHealthNames[] = {
    {"", false, ""},
    {"bantam.v1.QualificationService", false, ""},
    {"bantam.v1.IcpCatalogService", false, ""},
    {"bantam.source", true, "  where the ICPs come from"},
    {"bantam.cache", true, "  the shared cache"},
    {"bantam.icps", true, "  whether the newest definition of every ICP is good"},
};

// One grpc.health.v1.Health/Check.
absl::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel, const ServerFlags& flags,
                         const std::string& service, client::HealthCheckResponse* response) {
  grpc::TemplatedGenericStub<client::HealthCheckRequest, client::HealthCheckResponse> stub(channel);
  client::HealthCheckRequest request;
  request.set_service(service);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + flags.Timeout()));
  grpc::CompletionQueue queue;
  const auto call =
      stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  grpc::Status status;
  call->StartCall();
  call->Finish(response, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  return ExplainFailure(FromGrpc(status, context), flags.channel);
}

}  // namespace

int RunIcpList(const ServerFlags& flags, const std::string& parent, bool json) {
  CatalogClient client(flags);
  std::vector<v1::IcpSummary> icps;
  const absl::Status status = client.List(parent, [&icps](const v1::IcpSummary& icp) {
    icps.push_back(icp);
    return true;
  });
  if (!status.ok()) return PrintFailedCall(status, client.server());
  if (json) {
    for (const v1::IcpSummary& icp : icps) std::cout << ToJson(icp, /*pretty=*/false) << "\n";
  } else {
    PrintIcpTable(icps);
  }
  return kExitOk;
}

int RunIcpGet(const GetFlags& flags) {
  CatalogClient client(flags.server);
  absl::StatusOr<RevisionChoice> choice = RevisionChoice{};
  if (!flags.revision.empty()) {
    choice = ChooseRevision(&client, flags.name, flags.revision, "--revision: ");
    if (!choice.ok()) return PrintFailedCall(choice.status(), client.server());
  }
  v1::GetIcpRequest request;
  request.set_name(flags.name);
  request.set_number(choice->number);
  request.set_revision(choice->revision);
  if (const auto bound = flags.freshness.MaxStaleness(); bound.has_value()) {
    SetDuration(*bound, request.mutable_max_staleness());
  }
  const absl::StatusOr<v1::IcpRevision> icp = client.Get(request);
  if (!icp.ok()) return PrintFailedCall(icp.status(), client.server());
  if (flags.form == IcpForm::kDefaults) {
    if (const absl::Status good = CheckGood(*icp); !good.ok()) {
      return PrintFailedCall(good, client.server());
    }
  }
  switch (flags.form) {
    case IcpForm::kWritten:
      std::cout << icp->yaml();
      break;
    case IcpForm::kDefaults:
      std::cout << FormatYaml(icp->icp());
      break;
    case IcpForm::kJson:
      std::cout << ToJson(*icp, /*pretty=*/true);
      break;
  }
  std::cout << std::flush;
  PrintDataAge(client.data_age());
  if (choice->is_current()) NoteBadNewest(&client, *icp);
  if (!icp->errors().empty()) {
    std::cerr << "note: number " << icp->number() << " of " << icp->name()
              << " is bad, so it does not serve:" << ErrorLines(*icp) << "\n";
  }
  return kExitOk;
}

int RunHealth(const ServerFlags& flags) {
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = Connect(flags.channel);
  if (!channel.ok()) return PrintFailedCall(channel.status(), flags.server());
  TryToConnect(channel->get(), absl::Now() + flags.Timeout());
  bool serving = true;
  for (const HealthName& name : kHealthNames) {
    client::HealthCheckResponse response;
    const absl::Status status = CheckHealth(*channel, flags, name.service, &response);
    const bool offered = !absl::IsNotFound(status);
    if (offered && !status.ok()) return PrintFailedCall(status, flags.server());
    if (name.is_part && !offered) continue;  // Not used by this server.
    const bool good = offered && response.status() == client::SERVING_STATUS_SERVING;
    const std::string word = !offered                ? "not offered"
                             : name.is_part && !good ? "degraded"
                                                     : Words(response.status());
    std::cout << word << "  " << (*name.service == '\0' ? flags.server() : name.service)
              << name.remark << std::endl;
    if (!name.is_part) serving = serving && good;
  }
  return serving ? kExitOk : kExitSomeFailed;
}

}  // namespace bantam
