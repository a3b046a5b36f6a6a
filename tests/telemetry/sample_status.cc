#include "tests/telemetry/sample_status.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bantam {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1800000000);

std::vector<CallMethod> Methods() {
  std::vector<CallMethod> methods;
  for (const char* method :
       {"Score", "Qualify", "Advance", "BatchScore", "BatchQualify", "BatchAdvance"}) {
    methods.push_back({"bantam.v1.QualificationService", method, "unary"});
  }
  methods.push_back({"bantam.v1.QualificationService", "BulkEvaluate", "bidi_stream"});
  for (const char* method : {"GetIcp", "ListIcps", "ValidateIcp", "SaveIcp"}) {
    methods.push_back({"bantam.v1.IcpCatalogService", method, "unary"});
  }
  return methods;
}

CatalogStatus SampleCatalog() {
  LoadingCatalogStats stats;
  stats.entries = 812;
  stats.icps = 790;
  stats.bytes = 93'700'000;
  stats.evictions = 17;
  stats.bad_revisions = 2;
  stats.last_good_icps = 1;
  stats.hits = 18'234'567;
  stats.misses = 1'290;
  stats.waiting = 2;
  stats.loads_from_cache = 901;
  stats.loads_from_store = 389;
  stats.load_failures = 3;
  stats.loading = 1;
  stats.cache_messages = 210;
  stats.changes_polled = 12;
  stats.last_poll_time = kNow - absl::Milliseconds(800);
  return CatalogStatusOf(stats, int64_t{256} << 20, kNow);
}

RedisCacheStats SampleCache() {
  RedisCacheStats stats;
  stats.connection_failures = 8;
  stats.hits = 901;
  stats.misses = 389;
  stats.missing_records = 4;
  stats.failed_reads = 7;
  stats.timeouts = 5;
  stats.newer_version = 3;
  stats.written = 612;
  stats.refused = 6;
  stats.invalidation_messages = 210;
  return stats;
}

std::vector<IcpStatus> SampleIcps() {
  std::vector<IcpStatus> icps;
  for (int i = 509; i >= 0; --i) {
    IcpStatus icp;
    icp.name = absl::StrFormat("tenants/acme-%02d/icps/enterprise-software-%03d", i % 7, i);
    icp.title = absl::StrCat("Enterprise software, segment ", i);
    icp.revision = absl::StrFormat("%08x9b1c27f30a5d4e6f8a7b6c5d", 0x5e3a0000u + i);
    icp.number = 1 + i % 40;
    icp.time = kNow - absl::Minutes(7) * (i + 1);
    icps.push_back(icp);
  }
  icps[509].title = "<script>alert('x')</script><img src=x onerror=\"alert(1)\"> & co";
  icps[508].title = "شركات البرمجيات";
  icps[507].name = absl::StrCat("tenants/acme-02/icps/", std::string(63, 'w'));
  return icps;
}

}  // namespace

ServerStatus SampleStatus() {
  ServerStatus status;
  status.version = "0.1.0";
  status.grpc_version = "1.51.1";
  status.protobuf_version = "3.21.12";
  status.now = kNow;
  status.start_time = kNow - absl::Hours(75);
  status.readiness.ready = true;
  status.readiness.degraded = {
      "the cache cannot be reached (connection refused by redis.example:6379)",
      "access_policy: the newest file is bad, an earlier one is in force"};
  status.icp_source = "PostgreSQL at db.example:5432/bantam";
  status.catalog = SampleCatalog();
  status.parts = {{"source", "PostgreSQL at db.example:5432/bantam", true, false},
                  {"cache", "Redis at redis.example:6379", false, true}};
  status.cache = SampleCache();
  status.icps = SampleIcps();
  status.icp_count = 1234;
  status.files = {
      {"certificate", true, kNow - absl::Hours(20), 0, false, ""},
      {"access_policy", true, kNow - absl::Hours(3), 2, true,
       "/etc/bantam/policy.yaml:7:5: unknown field 'tennants'; did you mean 'tenants'?"},
      {"tokens", false, absl::InfinitePast(), 0, false, ""}};
  status.certificate_expiry = kNow + absl::Hours(24 * 5);
  status.decision_log =
      DecisionLogStatus{"Redis stream bantam:decisions", 18'000'123, 42, 1, 16'384, 65'536, false};
  status.process = {absl::Hours(9), 187'000'000, 142, 1'048'576, 38, kNow - absl::Hours(75)};
  return status;
}

CallSnapshot SampleCalls() {
  CallMetrics metrics(Methods(), 200);
  for (int i = 0; i < 20000; ++i) {
    const int method = i % 100 < 70 ? i % 3 : 3 + i % 8;
    metrics.OnStart(method);
    if (i % 5000 == 4999) continue;  // Still in flight.
    metrics.OnEnd(method, i % 50 == 0 ? absl::StatusCode::kNotFound : absl::StatusCode::kOk,
                  absl::Microseconds(90 + (i * 37 % 1000) * (i % 97 == 0 ? 40 : 1)));
    metrics.OnLead(absl::StrCat("tenants/acme/icps/segment-", i % 3),
                   static_cast<v1::Verdict>(1 + i % 11 % 5), i % 4 == 0 ? "" : "B",
                   i % 2 == 0 ? "mql" : "sql");
  }
  for (int i = 0; i < 12; ++i) metrics.OnAbandoned(6);
  for (int i = 0; i < 7; ++i) metrics.OnRefused(RefusalReason::kOverload);
  metrics.OnRefused(RefusalReason::kAccess);
  for (int i = 0; i < 31; ++i) metrics.OnLeadError();
  return metrics.Snapshot(kNow);
}

ServerStatus PlainStatus() {
  ServerStatus status;
  status.version = "0.1.0";
  status.grpc_version = "1.51.1";
  status.protobuf_version = "3.21.12";
  status.now = kNow;
  status.start_time = kNow - absl::Seconds(5);
  status.readiness.ready = true;
  status.icp_source = "directory /etc/bantam/icps";
  status.icp_count = 0;
  CatalogStats stats;
  stats.last_success_time = kNow - absl::Seconds(5);
  stats.last_read_time = kNow - absl::Seconds(5);
  status.catalog = CatalogStatusOf(stats, kNow);
  status.parts = {{"source", "directory /etc/bantam/icps", true, false}};
  return status;
}

CallSnapshot NoCalls() { return CallMetrics(Methods(), 200).Snapshot(kNow); }

}  // namespace bantam
