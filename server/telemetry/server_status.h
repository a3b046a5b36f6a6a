// How the server does: what the metrics and the status page show, filled in by whoever knows the
// parts. Plain values; nothing of a lead or of a person may be put here.
#ifndef BANTAM_SERVER_TELEMETRY_SERVER_STATUS_H_
#define BANTAM_SERVER_TELEMETRY_SERVER_STATUS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "bantam/v1/icp_catalog_service.pb.h"
#include "server/catalog/loading_catalog.h"
#include "server/catalog/snapshot_catalog.h"
#include "server/store/redis_cache_options.h"
#include "server/telemetry/process_stats.h"

namespace bantam {

// Whether calls should be sent here. For /readyz.
struct Readiness {
  bool ready = false;

  // Whether the server is about to end. It is not ready then.
  bool draining = false;

  // For people, each one line: what must happen before it is ready; what works worse than it
  // should, while calls are answered all the same.
  std::vector<std::string> missing;
  std::vector<std::string> degraded;
};

// What is known of the ICPs, and how they are kept. Counts since the start.
struct CatalogStatus {
  int64_t icps = 0;            // Held and in service.
  int64_t bad_icps = 0;        // Whose newest definition is bad, also if it does not tell whose.
  int64_t last_good_icps = 0;  // Of these, in service by an earlier one.

  // What is held in memory: ICPs, pinned revisions, tenants' lists and what is known not to be
  // there; 0 bytes as bound: all is held.
  int64_t entries = 0;
  int64_t bytes = 0;
  int64_t max_bytes = 0;
  int64_t evictions = 0;

  // Calls that were answered from memory, and those that had to wait for a load.
  int64_t hits = 0;
  int64_t misses = 0;
  int64_t waiting = 0;  // Now.

  // Loads by where the answer came from, and those without one.
  int64_t loads_from_cache = 0;
  int64_t loads_from_store = 0;
  int64_t loads_from_directory = 0;
  int64_t load_failures = 0;
  int64_t loading = 0;  // Now.

  int64_t invalidations = 0;  // Changes heard of.

  // When the source was last asked with success, and when it was last known which definitions it
  // holds, good or bad. InfinitePast(): never.
  absl::Time last_reload_time = absl::InfinitePast();
  absl::Time current_time = absl::InfinitePast();
};

// Something that the server depends on.
struct PartStatus {
  std::string name;    // "source" or "cache".
  std::string detail;  // For people: what and where it is, without credentials.
  bool up = false;
  bool breaker_open = false;  // It is not asked, but for probes.
};

// One ICP on the status page.
struct IcpStatus {
  std::string name;      // `tenants/{tenant}/icps/{icp}`.
  std::string title;     // In English.
  std::string revision;  // 32 hexadecimal digits.
  int64_t number = 0;    // 0: revisions are not numbered.

  // When this revision was saved, or read by this process where that is not known.
  // InfinitePast(): unknown.
  absl::Time time = absl::InfinitePast();
};

// A file that is read again when it changes.
struct FileStatus {
  std::string file;   // "certificate", "access_policy" or "tokens".
  bool used = false;  // Whether there is such a file. The rest has no meaning if not.
  absl::Time last_success_time = absl::InfinitePast();
  int64_t failures = 0;

  // Whether the newest one is bad, so that an earlier one is in force; and what is wrong with it,
  // for people.
  bool failed = false;
  std::string error;
};

struct DecisionLogStatus {
  std::string target;  // For people: "standard output", a file, or a Redis without credentials.
  int64_t logged = 0;
  int64_t dropped = 0;
  int64_t failures = 0;
  int64_t queue_entries = 0;  // Now.
  int64_t queue_limit = 0;
  bool failing = false;    // What was written last could not be written.
  bool misplaced = false;  // Its file is not at its name, and cannot be opened anew.
};

struct ServerStatus {
  std::string version;           // Of Bantam.
  std::string grpc_version;      // Of the library in use.
  std::string protobuf_version;  // Of the library in use.
  absl::Time now;
  absl::Time start_time;

  Readiness readiness;

  // Where the ICPs come from, for people: "directory /etc/bantam/icps".
  std::string icp_source;
  CatalogStatus catalog;
  std::vector<PartStatus> parts;

  // What the shared cache in Redis was asked for and what became of it. Absent: there is none.
  absl::optional<RedisCacheStats> cache;

  // For the status page: some of the ICPs, and how many there are at least. Absent: they cannot be
  // listed now. Metrics need neither.
  std::vector<IcpStatus> icps;
  absl::optional<int64_t> icp_count;

  std::vector<FileStatus> files;
  absl::optional<absl::Time> certificate_expiry;  // Absent: without TLS.
  absl::optional<DecisionLogStatus> decision_log;
  ProcessStats process;
};

// What a catalog tells of itself. `max_bytes`: its bound.
CatalogStatus CatalogStatusOf(const LoadingCatalogStats& stats, int64_t max_bytes, absl::Time now);
CatalogStatus CatalogStatusOf(const CatalogStats& stats, absl::Time now);

IcpStatus IcpStatusOf(const v1::IcpSummary& icp);

}  // namespace bantam

#endif  // BANTAM_SERVER_TELEMETRY_SERVER_STATUS_H_
