#include "server/server_report.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "google/protobuf/stubs/common.h"
#include "grpcpp/grpcpp.h"
#include "server/engine/compiled_icp.h"
#include "server/telemetry/metrics_text.h"
#include "server/telemetry/process_stats.h"
#include "server/telemetry/status_page.h"

namespace bantam {
namespace {

// ICPs that the status page shows, and how long it waits for them.
constexpr int kShownIcps = 500;
constexpr absl::Duration kListTime = absl::Seconds(2);

// Without the URL of a Redis, which may hold a password.
std::string DecisionLogTarget(const Options& options) {
  if (options.decision_log == "stdout") return "standard output";
  if (absl::StartsWith(options.decision_log, "redis://") ||
      absl::StartsWith(options.decision_log, "rediss://")) {
    return absl::StrCat("Redis stream ", options.decision_log_stream);
  }
  return options.decision_log;
}

// What a list that may come late is put into.
struct Listed {
  absl::Notification done;
  absl::StatusOr<IcpPage> page;
};

}  // namespace

ServerReport::ServerReport(const Options& options, const ServedAccess* access, CallMetrics* metrics,
                           const DecisionLog* decisions)
    : decision_log_target_(DecisionLogTarget(options)),
      start_time_(absl::Now()),
      access_(access),
      metrics_(metrics),
      decisions_(decisions) {}

AdminPages ServerReport::Pages() {
  AdminPages pages;
  pages.readiness = [this] { return ReadinessNow(); };
  pages.metrics = [this] { return MetricsText(Status(), metrics_->Snapshot(absl::Now())); };
  pages.status_page = [this] {
    ServerStatus status = Status();
    AddIcps(&status);
    return StatusPage(status, metrics_->Snapshot(status.now));
  };
  return pages;
}

// Probes ask often, so nothing of the process is read for them.
Readiness ServerReport::ReadinessNow() const { return StatusOfParts().readiness; }

ServerStatus ServerReport::Status() const {
  ServerStatus status = StatusOfParts();
  status.process = ReadProcessStats();
  return status;
}

ServerStatus ServerReport::StatusOfParts() const {
  ServerStatus status;
  status.version = std::string(kEngineVersion);
  status.grpc_version = grpc::Version();
  status.protobuf_version = google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION);
  status.now = absl::Now();
  status.start_time = start_time_;
  Readiness& readiness = status.readiness;
  const ServedCatalog* const catalog = catalog_;
  if (catalog != nullptr) {
    catalog->AddTo(&status);
  } else {
    readiness.missing.push_back("the server is starting");
  }
  access_->AddTo(&status);
  for (const FileStatus& file : status.files) {
    if (!file.failed) continue;
    readiness.degraded.push_back(
        absl::StrCat("the newest ", file.file, " was refused; an earlier one is in use"));
  }
  if (decisions_ != nullptr) {
    const DecisionLogStats stats = decisions_->Stats();
    status.decision_log = {decision_log_target_, stats.logged, stats.dropped, stats.failures,
                           stats.entries,        stats.limit,  stats.failing, stats.misplaced};
    if (stats.failing) readiness.degraded.push_back("decisions cannot be written");
    if (stats.misplaced) {
      readiness.degraded.push_back(
          "the decision log's file is not at its name, and cannot be opened anew");
    }
  }
  readiness.draining = draining_;
  if (readiness.draining) readiness.missing.push_back("the server is about to end");
  readiness.ready = readiness.missing.empty();
  return status;
}

void ServerReport::AddIcps(ServerStatus* status) const {
  ServedCatalog* const catalog = catalog_;
  if (catalog == nullptr) return;
  const auto listed = std::make_shared<Listed>();
  catalog->catalog()->List("tenants/-", "", kShownIcps, [listed](absl::StatusOr<IcpPage> page) {
    listed->page = std::move(page);
    listed->done.Notify();
  });
  if (!listed->done.WaitForNotificationWithTimeout(kListTime) || !listed->page.ok()) return;
  for (const v1::IcpSummary& icp : listed->page->icps) status->icps.push_back(IcpStatusOf(icp));
  const auto shown = static_cast<int64_t>(status->icps.size());
  status->icp_count = listed->page->more ? std::max(status->catalog.icps, shown + 1) : shown;
}

}  // namespace bantam
