// What counting costs a call and a lead, and what a scrape costs, in times for people.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "server/telemetry/call_metrics.h"
#include "server/telemetry/metrics_text.h"

namespace bantam {
namespace {

constexpr int kMaxIcps = 200;

std::vector<CallMethod> Methods() {
  std::vector<CallMethod> methods;
  for (int i = 0; i < 14; ++i) {
    methods.push_back({"bantam.v1.QualificationService", absl::StrCat("Method", i), "unary"});
  }
  return methods;
}

// One for all threads and benchmarks, as in a server.
CallMetrics* Metrics() {
  static auto* const metrics = new CallMetrics(Methods(), kMaxIcps);
  return metrics;
}

std::vector<std::string> IcpNames(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back(absl::StrCat("tenants/acme/icps/segment-", i));
  return names;
}

// A call without leads: its start and its end.
void Call(benchmark::State& state) {
  CallMetrics* const metrics = Metrics();
  int64_t n = 0;
  for (auto _ : state) {
    metrics->OnStart(3);
    metrics->OnEnd(3, absl::StatusCode::kOk, absl::Microseconds(n++ & 1023));
  }
}
BENCHMARK(Call)->ThreadRange(1, 4)->UseRealTime();

// A lead, where the ICP is another one each time, of as many as the argument says.
void Lead(benchmark::State& state) {
  CallMetrics* const metrics = Metrics();
  const std::vector<std::string> names = IcpNames(static_cast<int>(state.range(0)));
  const absl::string_view stages[] = {"lead", "mql", "sql", "opportunity"};
  size_t n = 0;
  for (auto _ : state) {
    metrics->OnLead(names[n % names.size()], v1::VERDICT_QUALIFIED, "B", stages[n % 4]);
    ++n;
  }
}
BENCHMARK(Lead)->Arg(1)->Arg(8)->Arg(190)->Threads(1)->Threads(4)->UseRealTime();

// A scrape after these: all that is counted, as text.
void Scrape(benchmark::State& state) {
  ServerStatus status;
  status.now = absl::FromUnixSeconds(1800000000);
  for (auto _ : state) {
    benchmark::DoNotOptimize(MetricsText(status, Metrics()->Snapshot(status.now)));
  }
}
BENCHMARK(Scrape)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace bantam

BENCHMARK_MAIN();
