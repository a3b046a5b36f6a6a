#include "server/telemetry/server_status.h"

namespace bantam {

CatalogStatus CatalogStatusOf(const LoadingCatalogStats& stats, int64_t max_bytes, absl::Time now) {
  CatalogStatus status;
  status.icps = stats.icps;
  status.bad_icps = stats.bad_revisions;
  status.last_good_icps = stats.last_good_icps;
  status.entries = stats.entries;
  status.bytes = static_cast<int64_t>(stats.bytes);
  status.max_bytes = max_bytes;
  status.evictions = stats.evictions;
  status.hits = stats.hits;
  status.misses = stats.misses;
  status.waiting = stats.waiting;
  status.loads_from_cache = stats.loads_from_cache;
  status.loads_from_store = stats.loads_from_store;
  status.load_failures = stats.load_failures;
  status.loading = stats.loading;
  status.invalidations = stats.cache_messages + stats.cache_all_changed + stats.changes_polled;
  status.last_reload_time = stats.last_poll_time;
  status.current_time = stats.last_poll_time;
  return status;
}

CatalogStatus CatalogStatusOf(const CatalogStats& stats, absl::Time now) {
  CatalogStatus status;
  status.icps = stats.icps;
  status.bad_icps = stats.stale_icps + stats.broken_icps + stats.nameless_documents;
  status.last_good_icps = stats.stale_icps;
  status.entries = stats.icps + stats.retired_revisions;
  status.bytes = static_cast<int64_t>(stats.retired_bytes);
  status.loads_from_directory = stats.reload_successes;
  status.load_failures = stats.reload_failures;
  status.last_reload_time = stats.last_success_time;
  // The directory is watched: while it can be read, what was read last is what it holds. That of a
  // bad file an earlier definition serves makes nothing else older: `bad_icps` counts it.
  const bool watched = stats.source.ok() && stats.last_read_time != absl::InfinitePast();
  status.current_time = watched ? now : stats.last_read_time;
  return status;
}

IcpStatus IcpStatusOf(const v1::IcpSummary& icp) {
  IcpStatus status;
  status.name = icp.name();
  status.title = icp.title();
  status.revision = icp.revision();
  status.number = icp.number();
  const auto to_time = [](const google::protobuf::Timestamp& time) {
    return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  };
  if (icp.has_create_time()) {
    status.time = to_time(icp.create_time());
  } else if (icp.has_load_time()) {
    status.time = to_time(icp.load_time());
  }
  return status;
}

}  // namespace bantam
