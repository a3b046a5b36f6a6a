// How long each workload takes (Google Benchmark); its flags apply.
#include <benchmark/benchmark.h>

#include <string>

#include "tests/bench/engine/workloads.h"

int main(int argc, char** argv) {
  for (const std::string& name : bantam::bench::WorkloadNames()) {
    benchmark::RegisterBenchmark(name.c_str(), [name](benchmark::State& state) {
      const bantam::bench::Workload workload = bantam::bench::MakeWorkload(name);
      for (auto unused : state) workload.run();
    });
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
