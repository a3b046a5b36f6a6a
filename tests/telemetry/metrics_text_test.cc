#include "server/telemetry/metrics_text.h"

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/telemetry/sample_status.h"

namespace bantam {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;

// Name → type, as dashboards and alerts rely on them. README.md says what they mean.
const std::map<std::string, std::string> kFamilies = {
    {"bantam_build_info", "gauge"},
    {"bantam_cache_connection_failures_total", "counter"},
    {"bantam_cache_invalidation_messages_total", "counter"},
    {"bantam_cache_reads_total", "counter"},
    {"bantam_cache_unusable_entries_total", "counter"},
    {"bantam_cache_writes_total", "counter"},
    {"bantam_calls_abandoned_total", "counter"},
    {"bantam_calls_in_flight", "gauge"},
    {"bantam_calls_refused_total", "counter"},
    {"bantam_catalog_bad_icps", "gauge"},
    {"bantam_catalog_bytes", "gauge"},
    {"bantam_catalog_calls_waiting", "gauge"},
    {"bantam_catalog_data_age_seconds", "gauge"},
    {"bantam_catalog_entries", "gauge"},
    {"bantam_catalog_evictions_total", "counter"},
    {"bantam_catalog_hits_total", "counter"},
    {"bantam_catalog_icps", "gauge"},
    {"bantam_catalog_invalidations_total", "counter"},
    {"bantam_catalog_last_good_icps", "gauge"},
    {"bantam_catalog_last_successful_reload_timestamp_seconds", "gauge"},
    {"bantam_catalog_load_failures_total", "counter"},
    {"bantam_catalog_loads_in_flight", "gauge"},
    {"bantam_catalog_loads_total", "counter"},
    {"bantam_catalog_misses_total", "counter"},
    {"bantam_certificate_expiry_timestamp_seconds", "gauge"},
    {"bantam_circuit_breaker_open", "gauge"},
    {"bantam_decision_log_failures_total", "counter"},
    {"bantam_decision_log_queue_entries", "gauge"},
    {"bantam_decision_log_queue_limit", "gauge"},
    {"bantam_decisions_dropped_total", "counter"},
    {"bantam_decisions_logged_total", "counter"},
    {"bantam_draining", "gauge"},
    {"bantam_lead_errors_total", "counter"},
    {"bantam_leads_by_grade_total", "counter"},
    {"bantam_leads_by_stage_total", "counter"},
    {"bantam_leads_total", "counter"},
    {"bantam_part_up", "gauge"},
    {"bantam_ready", "gauge"},
    {"bantam_reload_failed", "gauge"},
    {"bantam_reload_failures_total", "counter"},
    {"bantam_reload_last_success_timestamp_seconds", "gauge"},
    {"grpc_server_handled_total", "counter"},
    {"grpc_server_handling_seconds", "histogram"},
    {"grpc_server_started_total", "counter"},
    {"process_cpu_seconds_total", "counter"},
    {"process_max_fds", "gauge"},
    {"process_open_fds", "gauge"},
    {"process_resident_memory_bytes", "gauge"},
    {"process_start_time_seconds", "gauge"},
    {"process_threads", "gauge"},
};

std::vector<std::string> LinesOf(const std::string& text) {
  return absl::StrSplit(text, '\n', absl::SkipEmpty());
}

// What follows this on the lines that begin with it, such as a sample's value.
std::vector<std::string> After(const std::string& text, const std::string& prefix) {
  std::vector<std::string> found;
  for (const std::string& line : LinesOf(text)) {
    if (absl::StartsWith(line, prefix)) found.push_back(line.substr(prefix.size()));
  }
  return found;
}

TEST(MetricsTextTest, HasAllFamiliesInEveryState) {
  for (const std::string& text :
       {MetricsText(SampleStatus(), SampleCalls()), MetricsText(PlainStatus(), NoCalls())}) {
    std::map<std::string, std::string> types;
    for (const std::string& line : After(text, "# TYPE ")) {
      const std::pair<std::string, std::string> words = absl::StrSplit(line, ' ');
      EXPECT_TRUE(types.insert(words).second) << words.first << " is there twice";
    }
    EXPECT_THAT(types, ElementsAreArray(kFamilies));
    std::set<std::string> helped;
    for (const std::string& line : After(text, "# HELP ")) {
      const std::pair<std::string, std::string> words =
          absl::StrSplit(line, absl::MaxSplits(' ', 1));
      EXPECT_GT(words.second.size(), 5) << line;
      helped.insert(words.first);
    }
    EXPECT_EQ(helped.size(), kFamilies.size());
  }
}

TEST(MetricsTextTest, ThePageOfTheRoomTellsOfEach) {
  std::ifstream file(BANTAM_SOURCE_DIR "/server/telemetry/README.md");
  std::stringstream page;
  page << file.rdbuf();
  for (const auto& [name, type] : kFamilies) {
    EXPECT_THAT(page.str(), HasSubstr("`" + name + "`"));
  }
}

// Else a server that began with what Redis holds, while the database is down, would seem fresh.
TEST(MetricsTextTest, DataWhoseSourceNeverAnsweredIsAsOldAsTheServer) {
  ServerStatus status = PlainStatus();
  status.catalog.current_time = absl::InfinitePast();
  status.start_time = status.now - absl::Seconds(90);
  EXPECT_THAT(LinesOf(MetricsText(status, NoCalls())),
              ::testing::Contains("bantam_catalog_data_age_seconds 90"));
}

TEST(MetricsTextTest, LabelsAreThereFromTheStart) {
  const std::string text = MetricsText(PlainStatus(), NoCalls());
  for (const char* line :
       {"grpc_server_started_total{grpc_type=\"unary\",grpc_service=\"bantam.v1."
        "QualificationService\",grpc_method=\"Score\"} 0",
        "grpc_server_handled_total{grpc_type=\"bidi_stream\",grpc_service=\"bantam.v1."
        "QualificationService\",grpc_method=\"BulkEvaluate\",grpc_code=\"Unavailable\"} 0",
        "bantam_calls_in_flight{grpc_service=\"bantam.v1.IcpCatalogService\",grpc_method="
        "\"GetIcp\"} 0",
        "bantam_calls_refused_total{reason=\"overload\"} 0",
        "bantam_calls_refused_total{reason=\"quota\"} 0",
        "bantam_calls_refused_total{reason=\"access\"} 0",
        "bantam_calls_refused_total{reason=\"decision_log\"} 0",
        "bantam_calls_refused_total{reason=\"too_large\"} 0",
        "bantam_leads_total{icp=\"other\",verdict=\"qualified\"} 0",
        "bantam_leads_by_grade_total{icp=\"other\",grade=\"none\"} 0",
        "bantam_leads_by_stage_total{icp=\"other\",stage=\"opportunity\"} 0",
        "bantam_catalog_loads_total{from=\"directory\"} 0",
        "bantam_part_up{part=\"source\"} 1",
        "bantam_circuit_breaker_open{part=\"source\"} 0",
        "bantam_cache_reads_total{result=\"hit\"} 0",
        "bantam_cache_unusable_entries_total{reason=\"wrong_checksum\"} 0",
        "bantam_cache_writes_total{result=\"refused\"} 0",
        "bantam_reload_failures_total{file=\"certificate\"} 0",
        "bantam_reload_failures_total{file=\"access_policy\"} 0",
        "bantam_reload_failed{file=\"tokens\"} 0",
        "bantam_decisions_logged_total 0",
        "bantam_catalog_data_age_seconds 0",
        "bantam_catalog_last_successful_reload_timestamp_seconds 1799999995"}) {
    EXPECT_THAT(LinesOf(text), ::testing::Contains(line));
  }
}

TEST(MetricsTextTest, WhatHasNoMeaningHasNoSample) {
  const std::string text = MetricsText(PlainStatus(), NoCalls());
  EXPECT_THAT(text, Not(HasSubstr("\nbantam_certificate_expiry_timestamp_seconds ")));
  EXPECT_THAT(text, Not(HasSubstr("\nbantam_reload_last_success_timestamp_seconds{")));
  EXPECT_THAT(text, Not(HasSubstr("{part=\"cache\"}")));
}

TEST(MetricsTextTest, SaysWhatTheStatusSays) {
  const std::string text = MetricsText(SampleStatus(), SampleCalls());
  for (const char* line :
       {"bantam_build_info{version=\"0.1.0\",grpc_version=\"1.51.1\",protobuf_version=\"3.21.12\"} "
        "1",
        "bantam_ready 1",
        "bantam_draining 0",
        "bantam_part_up{part=\"cache\"} 0",
        "bantam_circuit_breaker_open{part=\"cache\"} 1",
        "bantam_catalog_icps 790",
        "bantam_catalog_entries 812",
        "bantam_catalog_hits_total 18234567",
        "bantam_catalog_loads_total{from=\"store\"} 389",
        "bantam_catalog_data_age_seconds 0.8",
        "bantam_certificate_expiry_timestamp_seconds 1800432000",
        "bantam_reload_failed{file=\"access_policy\"} 1",
        "bantam_reload_last_success_timestamp_seconds{file=\"certificate\"} 1799928000",
        "bantam_decisions_dropped_total 42",
        "bantam_decision_log_queue_limit 65536",
        "bantam_cache_reads_total{result=\"hit\"} 901",
        "bantam_cache_reads_total{result=\"timeout\"} 5",
        "bantam_cache_reads_total{result=\"error\"} 2",
        "bantam_cache_unusable_entries_total{reason=\"newer_version\"} 3",
        "bantam_cache_unusable_entries_total{reason=\"missing_record\"} 4",
        "bantam_cache_writes_total{result=\"refused\"} 6",
        "bantam_cache_connection_failures_total 8",
        "bantam_lead_errors_total 31",
        "process_cpu_seconds_total 32400",
        "process_threads 38",
        "bantam_calls_refused_total{reason=\"overload\"} 7"}) {
    EXPECT_THAT(LinesOf(text), ::testing::Contains(line));
  }
}

TEST(MetricsTextTest, HistogramsAreCumulative) {
  const std::string text = MetricsText(SampleStatus(), SampleCalls());
  const std::string score =
      "{grpc_type=\"unary\",grpc_service=\"bantam.v1.QualificationService\",grpc_method=\"Score\"";
  const std::vector<std::string> buckets =
      After(text, "grpc_server_handling_seconds_bucket" + score + ",le=");
  ASSERT_EQ(buckets.size(), static_cast<size_t>(kLatencyBuckets));
  EXPECT_TRUE(absl::StartsWith(buckets.front(), "\"0.0001\"} "));
  int64_t last = 0;
  for (const std::string& bucket : buckets) {
    const int64_t count = std::stoll(bucket.substr(bucket.find(' ')));
    EXPECT_GE(count, last);
    last = count;
  }
  EXPECT_EQ(After(text, "grpc_server_handling_seconds_count" + score + "} "),
            std::vector<std::string>{std::to_string(last)});
  EXPECT_GT(last, 1000);
}

TEST(MetricsTextTest, NamesCannotBreakTheFormat) {
  CallMetrics metrics({}, 10);
  metrics.OnLead("a\"} 1\nbantam_ready 0\\", v1::VERDICT_OPEN, "A", "lead");
  const std::string text = MetricsText(PlainStatus(), metrics.Snapshot(absl::UnixEpoch()));
  EXPECT_THAT(text, HasSubstr("{icp=\"a\\\"} 1\\nbantam_ready 0\\\\\",verdict=\"open\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("\nbantam_ready 0")));
}

TEST(ProcessStatsTest, TellsOfThisProcess) {
  const ProcessStats stats = ReadProcessStats();
  EXPECT_GT(stats.cpu_time, absl::ZeroDuration());
  EXPECT_GT(stats.resident_bytes, 1 << 20);
  EXPECT_GE(stats.open_fds, 3);
  EXPECT_GT(stats.max_fds, stats.open_fds);
  EXPECT_GE(stats.threads, 1);
  // The system's clock may have been set since it started.
  EXPECT_GT(stats.start_time, absl::FromUnixSeconds(1'600'000'000));
}

}  // namespace
}  // namespace bantam
