// Metrics of calls and leads.
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "server/telemetry/metric_families.h"

namespace bantam {
namespace {

// As in the metrics of gRPC's other languages.
constexpr const char* kCodeNames[kStatusCodes] = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

constexpr const char* kRefusalNames[kRefusalReasons] = {"overload", "quota", "access",
                                                        "decision_log", "too_large"};

MetricLabels MethodLabels(const CallMethod& method) {
  return {
      {"grpc_type", method.type}, {"grpc_service", method.service}, {"grpc_method", method.method}};
}

MetricLabels ShortLabels(const CallMethod& method) {
  return {{"grpc_service", method.service}, {"grpc_method", method.method}};
}

prometheus::ClientMetric::Histogram Histogram(const MethodCounts& counts) {
  prometheus::ClientMetric::Histogram histogram;
  uint64_t cumulative = 0;
  for (int i = 0; i < kLatencyBuckets; ++i) {
    cumulative += counts.latency[i];
    const double bound = i < kLatencyBuckets - 1 ? absl::ToDoubleSeconds(kLatencyBounds[i])
                                                 : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({cumulative, bound});
  }
  histogram.sample_count = cumulative;
  histogram.sample_sum = absl::ToDoubleSeconds(counts.latency_sum);
  return histogram;
}

// "qualified" for VERDICT_QUALIFIED.
std::string VerdictName(int verdict) {
  const std::string name = v1::Verdict_Name(static_cast<v1::Verdict>(verdict));
  return absl::AsciiStrToLower(absl::StripPrefix(name, "VERDICT_"));
}

void AddMethods(const CallSnapshot& calls, std::vector<prometheus::MetricFamily>* families) {
  FamilyBuilder started = CounterFamily("grpc_server_started_total", "Calls that began.");
  FamilyBuilder handled =
      CounterFamily("grpc_server_handled_total", "Calls that ended, by their status code.");
  FamilyBuilder latency("grpc_server_handling_seconds",
                        "How long calls took in the server, from their beginning to their end.",
                        prometheus::MetricType::Histogram);
  FamilyBuilder in_flight =
      GaugeFamily("bantam_calls_in_flight", "Calls that began and have not ended.");
  FamilyBuilder abandoned = CounterFamily(
      "bantam_calls_abandoned_total",
      "Calls whose caller did not wait for the end: cancelled, disconnected, or out of time.");
  for (const MethodCounts& counts : calls.methods) {
    const MetricLabels labels = MethodLabels(counts.method);
    started.Add(counts.started, labels);
    for (int code = 0; code < kStatusCodes; ++code) {
      MetricLabels with_code = labels;
      with_code.push_back({"grpc_code", kCodeNames[code]});
      handled.Add(counts.handled[code], std::move(with_code));
    }
    latency.Add(Histogram(counts), labels);
    in_flight.Add(counts.InFlight(), ShortLabels(counts.method));
    abandoned.Add(counts.abandoned, ShortLabels(counts.method));
  }
  for (FamilyBuilder* family : {&started, &handled, &latency, &in_flight, &abandoned}) {
    families->push_back(family->Build());
  }
}

void AddLeads(const CallSnapshot& calls, std::vector<prometheus::MetricFamily>* families) {
  FamilyBuilder verdicts =
      CounterFamily("bantam_leads_total", "Leads that were evaluated, by their verdict.");
  FamilyBuilder grades =
      CounterFamily("bantam_leads_by_grade_total", "Leads that were evaluated, by their grade.");
  FamilyBuilder stages = CounterFamily("bantam_leads_by_stage_total",
                                       "Leads that were evaluated, by their stage in the funnel.");
  for (const IcpCounts& counts : calls.icps) {
    for (int i = 1; i < kVerdicts; ++i) {
      verdicts.Add(counts.verdicts[i], {{"icp", counts.icp}, {"verdict", VerdictName(i)}});
    }
    for (size_t i = 0; i < kGrades.size(); ++i) {
      grades.Add(counts.grades[i], {{"icp", counts.icp}, {"grade", std::string(kGrades[i])}});
    }
    for (const auto& [stage, count] : counts.stages) {
      stages.Add(count, {{"icp", counts.icp}, {"stage", stage}});
    }
  }
  for (FamilyBuilder* family : {&verdicts, &grades, &stages}) families->push_back(family->Build());
  families->push_back(CounterFamily("bantam_lead_errors_total",
                                    "Leads of batches and streams that could not be evaluated.")
                          .Add(calls.lead_errors)
                          .Build());
}

}  // namespace

std::vector<prometheus::MetricFamily> CallFamilies(const CallSnapshot& calls) {
  std::vector<prometheus::MetricFamily> families;
  AddMethods(calls, &families);
  FamilyBuilder refused =
      CounterFamily("bantam_calls_refused_total", "Calls that were refused, by reason.");
  for (int i = 0; i < kRefusalReasons; ++i)
    refused.Add(calls.refused[i], {{"reason", kRefusalNames[i]}});
  families.push_back(refused.Build());
  AddLeads(calls, &families);
  return families;
}

}  // namespace bantam
