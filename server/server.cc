#include "server/server.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/call_telemetry.h"
#include "server/health_publisher.h"
#include "server/rpc/cpu_quota.h"
#include "server/rpc/listen_address.h"
#include "server/rpc/rpc_server.h"
#include "server/served_access.h"
#include "server/served_catalog.h"
#include "server/server_report.h"
#include "server/store/postgres_schema.h"
#include "server/telemetry/admin_server.h"
#include "server/telemetry/call_metrics.h"
#include "server/telemetry/decision_log.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

// How long decisions that wait may take to be written at the end.
constexpr absl::Duration kFlushTime = absl::Seconds(5);

// By way of a second file, so that a reader never sees half of it.
absl::Status WritePortFile(const char* option, const std::string& path, int port) {
  if (path.empty()) return absl::OkStatus();
  const std::string temporary = path + ".new";
  std::ofstream file(temporary);
  file << port << "\n";
  file.close();
  if (!file.fail() && std::rename(temporary.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("--", option, ": cannot write ", path, ": ", std::strerror(errno)));
}

RpcServerOptions RpcOptions(const Options& options, const CatalogHealth& health) {
  RpcServerOptions rpc;
  rpc.listen = options.listen;
  rpc.threads = options.threads > 0 ? options.threads : UsableCpus();
  rpc.max_request_bytes = options.max_request_bytes;
  rpc.max_batch_leads = options.max_batch_leads;
  rpc.max_concurrent_streams = options.max_concurrent_streams;
  rpc.max_calls_in_flight = options.max_calls_in_flight;
  rpc.max_waiting = absl::Milliseconds(options.max_waiting_ms);
  rpc.memory_mib = options.rpc_memory_mib;
  rpc.max_connection_age = absl::Seconds(options.max_connection_age_seconds);
  rpc.max_connection_age_grace = absl::Seconds(options.max_connection_age_grace_seconds);
  rpc.ready = health.ready;
  return rpc;
}

void PublishHealth(const CatalogHealth& health, RpcServer* rpc) {
  if (health.ready) rpc->SetHealth("", true);
  for (const CatalogHealth::Part& part : health.parts) rpc->SetHealth(part.name, part.serving);
}

// As many connections and files as the system lets a process have, where it starts with fewer.
void RaiseDescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

absl::StatusOr<std::unique_ptr<DecisionLog>> OpenDecisionLog(const Options& options, Log* log) {
  if (options.decision_log.empty()) return nullptr;
  DecisionSinkOptions sink_options;
  sink_options.target = options.decision_log;
  sink_options.stream = options.decision_log_stream;
  sink_options.max_length = options.decision_log_max_length;
  auto sink = OpenDecisionSink(sink_options);
  if (!sink.ok()) return OptionError("decision_log", sink.status());
  DecisionLogOptions log_options;
  log_options.max_entries = options.decision_log_queue;
  log_options.when_full = options.decision_log_when_full;
  log_options.personal_data = options.decision_log_personal_data;
  return std::make_unique<DecisionLog>(log_options, *std::move(sink), log);
}

absl::StatusOr<std::unique_ptr<AdminServer>> StartAdminServer(const Options& options,
                                                              ServerReport* report) {
  if (options.admin_listen.empty()) return nullptr;
  const absl::StatusOr<ListenAddress> address = ParseListenAddress(options.admin_listen);
  if (!address.ok()) return OptionError("admin_listen", address.status());
  AdminServerOptions admin;
  admin.host = address->host;
  admin.port = address->port;
  auto server = AdminServer::Start(admin, report->Pages());
  if (!server.ok()) return OptionError("admin_listen", server.status());
  return server;
}

}  // namespace

// In the order in which they need each other.
struct Server::Parts {
  Options options;
  Log* log = nullptr;
  SystemTimeZones zones;
  HealthPublisher health;
  std::unique_ptr<ServedAccess> access;
  std::unique_ptr<DecisionLog> decisions;  // Null: none is kept.
  std::unique_ptr<CallMetrics> metrics;
  std::unique_ptr<CallTelemetry> telemetry;
  std::unique_ptr<ServedCatalog> catalog;
  std::unique_ptr<ServerReport> report;
  std::unique_ptr<RpcServer> rpc;
  std::unique_ptr<AdminServer> admin;  // Null: nowhere.

  // What publishes uses the parts after it; the catalog goes before what is reported of it.
  ~Parts() {
    health.Stop();
    admin.reset();
  }

  absl::Status OpenTelemetry();
  absl::Status OpenCatalog();
  absl::Status StartServing();
};

// The pages are there before the catalog is, so that probes see a server that is starting.
absl::Status Server::Parts::OpenTelemetry() {
  auto opened = ServedAccess::Open(options, log);
  if (!opened.ok()) return opened.status();
  access = *std::move(opened);
  auto decision_log = OpenDecisionLog(options, log);
  if (!decision_log.ok()) return decision_log.status();
  decisions = *std::move(decision_log);
  metrics = std::make_unique<CallMetrics>(CountedMethods(), options.metrics_max_icps);
  telemetry = std::make_unique<CallTelemetry>(metrics.get(), decisions.get(), log);
  report = std::make_unique<ServerReport>(options, access.get(), metrics.get(), decisions.get());
  auto started = StartAdminServer(options, report.get());
  if (!started.ok()) return started.status();
  admin = *std::move(started);
  if (admin == nullptr) return absl::OkStatus();
  return WritePortFile("admin_port_file", options.admin_port_file, admin->port());
}

absl::Status Server::Parts::OpenCatalog() {
  auto opened = ServedCatalog::Open(options, &zones, log, [this] { health.Notify(); });
  if (!opened.ok()) return opened.status();
  catalog = *std::move(opened);
  return absl::OkStatus();
}

absl::Status Server::Parts::StartServing() {
  RpcServerOptions rpc_options = RpcOptions(options, catalog->Health());
  rpc_options.credentials = access->PortCredentials(telemetry.get());
  rpc_options.access = access->control();
  auto started = RpcServer::Start(rpc_options, catalog->catalog(), catalog->editor(), &zones,
                                  absl::Now, telemetry.get());
  if (!started.ok()) return OptionError("listen", started.status());
  rpc = *std::move(started);
  PublishHealth(catalog->Health(), rpc.get());
  health.Start([this] {
    PublishHealth(catalog->Health(), rpc.get());
    catalog->LogDue();
  });
  report->SetServing(catalog.get());
  const absl::Status written = WritePortFile("port_file", options.port_file, rpc->port());
  if (!written.ok()) return written;
  log->Write(LogLevel::kInfo, "serving",
             {{"listen", options.listen},
              {"port", absl::StrCat(rpc->port())},
              {"tls", options.tls_cert.empty() ? "false" : "true"},
              {"admin_port", admin == nullptr ? "none" : absl::StrCat(admin->port())},
              {"threads", absl::StrCat(rpc_options.threads)},
              {"ready", rpc_options.ready ? "true" : "false"},
              {"icps", options.icp_source.empty() ? options.icps : "database"}});
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Server>> Server::Open(const Options& options, Log* log) {
  // gRPC's own lines would stand between ours in another format; what matters comes back as a
  // status. Who looks for a fault in gRPC itself sets the variable.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  RaiseDescriptorLimit();
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  parts->log = log;
  absl::Status status = parts->OpenTelemetry();
  if (status.ok()) status = parts->OpenCatalog();
  if (!status.ok()) return status;
  return std::unique_ptr<Server>(new Server(std::move(parts)));
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() = default;

absl::Status Server::Serve() { return parts_->StartServing(); }

void Server::ReopenLogs() {
  if (parts_->decisions != nullptr) parts_->decisions->Reopen();
}

void Server::Drain() {
  const Options& options = parts_->options;
  parts_->log->Write(LogLevel::kInfo, "draining",
                     {{"drain_delay_seconds", absl::StrCat(options.drain_delay_seconds)},
                      {"drain_seconds", absl::StrCat(options.drain_seconds)}});
  parts_->report->SetDraining();
  parts_->rpc->BeginDrain();
  absl::SleepFor(absl::Seconds(options.drain_delay_seconds));
  parts_->rpc->Drain(absl::Now() + absl::Seconds(options.drain_seconds));
  if (parts_->decisions != nullptr) parts_->decisions->Stop(kFlushTime);
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
