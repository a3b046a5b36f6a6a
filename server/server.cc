#include "server/server.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "server/catalog/snapshot_catalog.h"
#include "server/definition/load_icp.h"
#include "server/rpc/cpu_quota.h"
#include "server/rpc/rpc_server.h"
#include "server/store/directory_source.h"
#include "server/store/file_watcher.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

constexpr size_t kMaxLoggedNames = 20;

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
                {{"method", std::string(report.method)},
                 {"code", absl::StatusCodeToString(status.code())},
                 {"cause", std::string(status.message())}});
  }

  // The line of its end says so as well.
  void OnCallAbandoned(absl::string_view /*method*/) override {}

 private:
  Log* const log_;
};

std::string Names(std::vector<std::string> names) {
  if (names.size() <= kMaxLoggedNames) return absl::StrJoin(names, ",");
  const size_t more = names.size() - kMaxLoggedNames;
  names.resize(kMaxLoggedNames);
  return absl::StrCat(absl::StrJoin(names, ","), " and ", more, " more");
}

void LogReload(const ReloadReport& report, Log* log) {
  if (!report.source.ok()) {
    log->Write(LogLevel::kError, "ICPs cannot be read; those read last stay in service",
               {{"cause", std::string(report.source.message())}});
    return;
  }
  Log::Fields fields = {{"icps", absl::StrCat(report.icps)},
                        {"errors", absl::StrCat(report.errors)},
                        {"warnings", absl::StrCat(report.warnings)}};
  const auto add = [&fields](const char* key, const std::vector<std::string>& names) {
    if (!names.empty()) fields.emplace_back(key, Names(names));
  };
  add("added", report.added);
  add("changed", report.changed);
  add("removed", report.removed);
  add("last_good", report.stale);
  log->Write(report.ok() ? LogLevel::kInfo : LogLevel::kError, "ICPs loaded", fields);
  for (const v1::Issue& issue : report.new_issues) {
    const bool is_error = issue.severity() == v1::ISSUE_SEVERITY_ERROR;
    log->Write(
        is_error ? LogLevel::kError : LogLevel::kWarning,
        absl::StrCat(issue.file(), ":", issue.line(), ":", issue.column(), ": ", issue.message()));
  }
}

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

RpcServerOptions RpcOptions(const Options& options) {
  RpcServerOptions rpc;
  rpc.listen = options.listen;
  rpc.threads = options.threads > 0 ? options.threads : UsableCpus();
  rpc.max_request_bytes = options.max_request_bytes;
  rpc.max_batch_leads = options.max_batch_leads;
  rpc.max_concurrent_streams = options.max_concurrent_streams;
  return rpc;
}

absl::StatusOr<std::unique_ptr<SnapshotCatalog>> OpenCatalog(const Options& options,
                                                             FileWatcher* watcher,
                                                             const TimeZones* zones, Log* log) {
  SnapshotCatalogOptions catalog_options;
  catalog_options.strict = options.strict;
  absl::StatusOr<std::unique_ptr<SnapshotCatalog>> catalog = SnapshotCatalog::Open(
      std::make_unique<DirectorySource>(options.icps, watcher),
      [zones](absl::string_view yaml, absl::string_view file) {
        return LoadIcp(yaml, file, *zones);
      },
      catalog_options, [log](const ReloadReport& report) { LogReload(report, log); });
  if (catalog.ok()) return catalog;
  return absl::Status(catalog.status().code(),
                      absl::StrCat("--icps=", options.icps, ": ", catalog.status().message()));
}

}  // namespace

// In the order in which they need each other.
struct Server::Parts {
  Options options;
  Log* log = nullptr;
  SystemTimeZones zones;
  std::unique_ptr<FileWatcher> watcher;
  std::unique_ptr<SnapshotCatalog> catalog;
  std::unique_ptr<CallLog> call_log;
  std::unique_ptr<RpcServer> rpc;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options, Log* log) {
  // gRPC's own lines would stand between ours in another format; what matters comes back as a
  // status. Who looks for a fault in gRPC itself sets the variable.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  auto parts = std::make_unique<Parts>();
  parts->options = options;
  parts->log = log;

  FileWatcherOptions watcher_options;
  watcher_options.poll_interval = absl::Seconds(options.reload_poll_seconds);
  parts->watcher = std::make_unique<FileWatcher>(watcher_options);
  auto catalog = OpenCatalog(options, parts->watcher.get(), &parts->zones, log);
  if (!catalog.ok()) return catalog.status();
  parts->catalog = *std::move(catalog);

  parts->call_log = std::make_unique<CallLog>(log);
  const RpcServerOptions rpc_options = RpcOptions(options);
  auto rpc = RpcServer::Start(rpc_options, parts->catalog.get(), &parts->zones, absl::Now,
                              parts->call_log.get());
  if (!rpc.ok()) {
    return absl::Status(rpc.status().code(), absl::StrCat("--listen: ", rpc.status().message()));
  }
  parts->rpc = *std::move(rpc);
  if (!options.port_file.empty()) {
    const absl::Status written = WritePortFile(options.port_file, parts->rpc->port());
    if (!written.ok()) return written;
  }
  log->Write(LogLevel::kInfo, "serving",
             {{"listen", options.listen},
              {"port", absl::StrCat(parts->rpc->port())},
              {"threads", absl::StrCat(rpc_options.threads)},
              {"icps", options.icps}});
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

}  // namespace bantam
