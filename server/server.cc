#include "server/server.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/health_publisher.h"
#include "server/rpc/cpu_quota.h"
#include "server/rpc/rpc_server.h"
#include "server/served_catalog.h"
#include "server/store/postgres_schema.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

// Logs a line for each failed call.
class CallLog final : public CallObserver {
 public:
  explicit CallLog(Log* log) : log_(log) {}

  void OnCallEnd(const CallReport& report) override {
    const absl::Status& status = report.status;
    if (status.ok()) return;
    const bool is_ours =
        status.code() == absl::StatusCode::kInternal || status.code() == absl::StatusCode::kUnknown;
    log_->Write(is_ours ? LogLevel::kError : LogLevel::kInfo, "call failed",
                {{"method", report.info.method().name},
                 {"code", absl::StatusCodeToString(status.code())},
                 {"cause", std::string(status.message())}});
  }

 private:
  Log* const log_;
};

// By way of a second file, so that a reader never sees half of it.
absl::Status WritePortFile(const std::string& path, int port) {
  const std::string temporary = path + ".new";
  std::ofstream file(temporary);
  file << port << "\n";
  file.close();
  if (!file.fail() && std::rename(temporary.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("--port_file: cannot write ", path, ": ", std::strerror(errno)));
}

RpcServerOptions RpcOptions(const Options& options, const CatalogHealth& health) {
  RpcServerOptions rpc;
  rpc.listen = options.listen;
  rpc.threads = options.threads > 0 ? options.threads : UsableCpus();
  rpc.max_request_bytes = options.max_request_bytes;
  rpc.max_batch_leads = options.max_batch_leads;
  rpc.max_concurrent_streams = options.max_concurrent_streams;
  rpc.ready = health.ready;
  return rpc;
}

void PublishHealth(const CatalogHealth& health, RpcServer* rpc) {
  if (health.ready) rpc->SetHealth("", true);
  for (const CatalogHealth::Part& part : health.parts) rpc->SetHealth(part.name, part.serving);
}

}  // namespace

// In the order in which they need each other.
struct Server::Parts {
  Options options;
  Log* log = nullptr;
  SystemTimeZones zones;
  HealthPublisher health;
  std::unique_ptr<ServedCatalog> catalog;
  std::unique_ptr<CallLog> call_log;
  std::unique_ptr<RpcServer> rpc;

  // What publishes uses the parts after it.
  ~Parts() { health.Stop(); }
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options, Log* log) {
  // gRPC's own lines would stand between ours in another format; what matters comes back as a
  // status. Who looks for a fault in gRPC itself sets the variable.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  parts->log = log;

  HealthPublisher* health = &parts->health;
  auto catalog = ServedCatalog::Open(options, &parts->zones, log, [health] { health->Notify(); });
  if (!catalog.ok()) return catalog.status();
  parts->catalog = *std::move(catalog);

  parts->call_log = std::make_unique<CallLog>(log);
  const RpcServerOptions rpc_options = RpcOptions(options, parts->catalog->Health());
  auto rpc = RpcServer::Start(rpc_options, parts->catalog->catalog(), parts->catalog->editor(),
                              &parts->zones, absl::Now, parts->call_log.get());
  if (!rpc.ok()) {
    return absl::Status(rpc.status().code(), absl::StrCat("--listen: ", rpc.status().message()));
  }
  parts->rpc = *std::move(rpc);
  PublishHealth(parts->catalog->Health(), parts->rpc.get());
  health->Start(
      [parts = parts.get()] { PublishHealth(parts->catalog->Health(), parts->rpc.get()); });
  if (!options.port_file.empty()) {
    const absl::Status written = WritePortFile(options.port_file, parts->rpc->port());
    if (!written.ok()) return written;
  }
  log->Write(LogLevel::kInfo, "serving",
             {{"listen", options.listen},
              {"port", absl::StrCat(parts->rpc->port())},
              {"threads", absl::StrCat(rpc_options.threads)},
              {"ready", rpc_options.ready ? "true" : "false"},
              {"icps", options.icp_source.empty() ? options.icps : "database"}});
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() = default;

void Server::Drain() {
  parts_->log->Write(LogLevel::kInfo, "draining",
                     {{"drain_seconds", absl::StrCat(parts_->options.drain_seconds)}});
  parts_->rpc->Drain(absl::Now() + absl::Seconds(parts_->options.drain_seconds));
  parts_->log->Write(LogLevel::kInfo, "ended");
}

ExitCode MigrateDatabase(const Options& options) {
  const absl::Status migrated = MigratePostgres(options.icp_source, [](absl::string_view line) {
    std::printf("%s\n", std::string(line).c_str());
  });
  if (migrated.ok()) return kExitOk;
  std::fprintf(stderr, "bantamd: --icp_source: %s\n", std::string(migrated.message()).c_str());
  return kExitFailed;
}

}  // namespace bantam
