// Metrics of the server's parts.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/telemetry/metric_families.h"

namespace bantam {
namespace {

constexpr const char* kFiles[] = {"certificate", "access_policy", "tokens"};

using Families = std::vector<prometheus::MetricFamily>;

void AddCounter(const char* name, const char* help, double value, Families* families) {
  families->push_back(CounterFamily(name, help).Add(value).Build());
}

void AddGauge(const char* name, const char* help, double value, Families* families) {
  families->push_back(GaugeFamily(name, help).Add(value).Build());
}

double ToTimestamp(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

void AddCatalogCounts(const CatalogStatus& catalog, Families* families) {
  AddGauge("bantam_catalog_icps", "ICPs that are held in memory and in service.", catalog.icps,
           families);
  AddGauge("bantam_catalog_bad_icps", "ICPs whose newest definition is bad.", catalog.bad_icps,
           families);
  AddGauge("bantam_catalog_last_good_icps",
           "ICPs that are in service by an earlier definition because their newest one is bad.",
           catalog.last_good_icps, families);
  AddGauge("bantam_catalog_entries",
           "What is held in memory: ICPs, pinned revisions, tenants' lists, names without an ICP.",
           catalog.entries, families);
  AddGauge("bantam_catalog_bytes", "How much memory that takes, estimated.", catalog.bytes,
           families);
  AddCounter("bantam_catalog_hits_total", "Look-ups of ICPs that were answered from memory.",
             catalog.hits, families);
  AddCounter("bantam_catalog_misses_total", "Look-ups of ICPs that had to wait for a load.",
             catalog.misses, families);
  AddCounter("bantam_catalog_evictions_total",
             "Entries that were dropped because the memory for them was used up.",
             catalog.evictions, families);
}

void AddCatalogLoads(const ServerStatus& status, Families* families) {
  const CatalogStatus& catalog = status.catalog;
  families->push_back(CounterFamily("bantam_catalog_loads_total",
                                    "Loads that succeeded, by where the answer came from.")
                          .Add(catalog.loads_from_cache, {{"from", "cache"}})
                          .Add(catalog.loads_from_store, {{"from", "store"}})
                          .Add(catalog.loads_from_directory, {{"from", "directory"}})
                          .Build());
  AddCounter("bantam_catalog_load_failures_total", "Loads that failed.", catalog.load_failures,
             families);
  AddGauge("bantam_catalog_loads_in_flight", "Loads that are under way.", catalog.loading,
           families);
  AddGauge("bantam_catalog_calls_waiting", "Look-ups of ICPs that wait for a load.",
           catalog.waiting, families);
  AddCounter("bantam_catalog_invalidations_total", "Changes of ICPs that were heard of.",
             catalog.invalidations, families);
  const absl::Time known_time = std::max(catalog.current_time, status.start_time);
  AddGauge(
      "bantam_catalog_data_age_seconds",
      "How long ago it was last known what the source holds, or since the start where that was "
      "not known yet; bad ICPs do not count.",
      std::max(absl::ToDoubleSeconds(status.now - known_time), 0.0), families);
  FamilyBuilder reload = GaugeFamily("bantam_catalog_last_successful_reload_timestamp_seconds",
                                     "When the source of ICPs was last read without a problem.");
  if (catalog.last_reload_time != absl::InfinitePast()) {
    reload.Add(ToTimestamp(catalog.last_reload_time));
  }
  families->push_back(reload.Build());
}

void AddParts(const ServerStatus& status, Families* families) {
  FamilyBuilder up = GaugeFamily("bantam_part_up", "Whether the part answers: 1 or 0.");
  FamilyBuilder open =
      GaugeFamily("bantam_circuit_breaker_open",
                  "Whether the part is not asked, but for probes, since it failed: 1 or 0.");
  for (const PartStatus& part : status.parts) {
    up.Add(part.up, {{"part", part.name}});
    open.Add(part.breaker_open, {{"part", part.name}});
  }
  families->push_back(up.Build());
  families->push_back(open.Build());
}

void AddCache(const RedisCacheStats& cache, Families* families) {
  families->push_back(
      CounterFamily("bantam_cache_reads_total", "Reads of ICPs from the shared cache, by result.")
          .Add(cache.hits, {{"result", "hit"}})
          .Add(cache.misses, {{"result", "miss"}})
          .Add(cache.timeouts, {{"result", "timeout"}})
          .Add(cache.failed_reads - cache.timeouts, {{"result", "error"}})
          .Build());
  families->push_back(
      CounterFamily("bantam_cache_unusable_entries_total",
                    "Entries of the shared cache that counted as a miss, by what was wrong.")
          .Add(cache.damaged, {{"reason", "damaged"}})
          .Add(cache.wrong_checksum, {{"reason", "wrong_checksum"}})
          .Add(cache.newer_version, {{"reason", "newer_version"}})
          .Add(cache.other_key, {{"reason", "other_key"}})
          .Add(cache.wrong_type, {{"reason", "wrong_type"}})
          .Add(cache.missing_records, {{"reason", "missing_record"}})
          .Build());
  families->push_back(
      CounterFamily("bantam_cache_writes_total", "Names written to the shared cache, by result.")
          .Add(cache.written, {{"result", "written"}})
          .Add(cache.kept, {{"result", "kept"}})
          .Add(cache.dropped, {{"result", "dropped"}})
          .Add(cache.refused, {{"result", "refused"}})
          .Build());
  AddCounter("bantam_cache_invalidation_messages_total",
             "Messages of the shared cache that names have changed.", cache.invalidation_messages,
             families);
  AddCounter("bantam_cache_connection_failures_total",
             "Connections to the shared cache that were lost or could not be made.",
             cache.connection_failures, families);
}

void AddFiles(const ServerStatus& status, Families* families) {
  FamilyBuilder success = GaugeFamily("bantam_reload_last_success_timestamp_seconds",
                                      "When the file in force was read.");
  FamilyBuilder failures =
      CounterFamily("bantam_reload_failures_total", "Times that a changed file was bad.");
  FamilyBuilder failed =
      GaugeFamily("bantam_reload_failed",
                  "Whether the newest file is bad and an earlier one in force: 1 or 0.");
  for (const char* name : kFiles) {
    const auto file =
        std::find_if(status.files.begin(), status.files.end(),
                     [name](const FileStatus& f) { return f.used && f.file == name; });
    const bool used = file != status.files.end();
    if (used && file->last_success_time != absl::InfinitePast()) {
      success.Add(ToTimestamp(file->last_success_time), {{"file", name}});
    }
    failures.Add(used ? file->failures : 0, {{"file", name}});
    failed.Add(used && file->failed, {{"file", name}});
  }
  FamilyBuilder expiry =
      GaugeFamily("bantam_certificate_expiry_timestamp_seconds",
                  "When the first certificate of the server's chain in force expires.");
  if (status.certificate_expiry) expiry.Add(ToTimestamp(*status.certificate_expiry));
  for (FamilyBuilder* family : {&success, &failures, &failed, &expiry}) {
    families->push_back(family->Build());
  }
}

void AddDecisionLog(const DecisionLogStatus& log, Families* families) {
  AddCounter("bantam_decisions_logged_total", "Decisions that were written.", log.logged, families);
  AddCounter("bantam_decisions_dropped_total",
             "Decisions that were made and not written, because the queue was full.", log.dropped,
             families);
  AddCounter("bantam_decision_log_failures_total",
             "Times that decisions could not be written, or their file not be opened anew.",
             log.failures, families);
  AddGauge("bantam_decision_log_queue_entries", "Decisions that wait to be written.",
           log.queue_entries, families);
  AddGauge("bantam_decision_log_queue_limit", "How many may wait; 0 without a decision log.",
           log.queue_limit, families);
}

void AddProcess(const ProcessStats& process, Families* families) {
  AddCounter("process_cpu_seconds_total", "Processor time used, user and system.",
             absl::ToDoubleSeconds(process.cpu_time), families);
  AddGauge("process_resident_memory_bytes", "Resident memory.", process.resident_bytes, families);
  AddGauge("process_open_fds", "Open file descriptors.", process.open_fds, families);
  AddGauge("process_max_fds", "Most file descriptors that may be open.", process.max_fds, families);
  AddGauge("process_start_time_seconds", "When the process started, as Unix time.",
           ToTimestamp(process.start_time), families);
  AddGauge("process_threads", "Threads.", process.threads, families);
}

}  // namespace

std::vector<prometheus::MetricFamily> StatusFamilies(const ServerStatus& status) {
  Families families;
  AddCatalogCounts(status.catalog, &families);
  AddCatalogLoads(status, &families);
  AddParts(status, &families);
  AddCache(status.cache.value_or(RedisCacheStats()), &families);
  AddFiles(status, &families);
  AddDecisionLog(status.decision_log.value_or(DecisionLogStatus()), &families);
  AddGauge("bantam_ready", "Whether calls should be sent here: 1 or 0.", status.readiness.ready,
           &families);
  AddGauge("bantam_draining", "Whether the server is about to end: 1 or 0.",
           status.readiness.draining, &families);
  families.push_back(GaugeFamily("bantam_build_info", "Always 1; the labels tell the versions.")
                         .Add(1, {{"version", status.version},
                                  {"grpc_version", status.grpc_version},
                                  {"protobuf_version", status.protobuf_version}})
                         .Build());
  AddProcess(status.process, &families);
  return families;
}

}  // namespace bantam
