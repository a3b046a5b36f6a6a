// Prints the engine's figures, one JSON object a line: {"figure": "…", "value": …}. All are counts,
// which do not depend on what else the machine does.
//
//   bantam_engine_bench [--workload=NAME]…   Without names: everything.
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "tests/bench/engine/allocations.h"
#include "tests/bench/engine/instructions.h"
#include "tests/bench/engine/workloads.h"

namespace bantam {
namespace bench {
namespace {

void Print(const std::string& figure, double value) {
  std::cout << absl::StrFormat("{\"figure\": \"%s\", \"value\": %.10g}", figure, value)
            << std::endl;
}

// Allocations by one warm run.
uint64_t CountAllocations(const Workload& workload) {
  constexpr int kWarmUps = 5;
  for (int i = 0; i < kWarmUps; ++i) workload.run();
  const uint64_t before = AllocationCount();
  workload.run();
  return AllocationCount() - before;
}

class Figures {
 public:
  explicit Figures(std::string program) : program_(std::move(program)) {}

  bool PrintCounts(const std::string& workload) {
    const double instructions = Instructions(workload);
    Print(absl::StrCat(workload, "_instructions"), instructions);
    Print(absl::StrCat(workload, "_allocations"), CountAllocations(MakeWorkload(workload)));
    return !failed_;
  }

  // What one more costs, on the way from `few` to twice as many, and from `few` to `many`.
  void PrintGrowth(const std::string& figure, const std::string& workload, int few, int many) {
    const auto slope = [&](int from, int to) {
      return (Instructions(absl::StrCat(workload, ":", to)) -
              Instructions(absl::StrCat(workload, ":", from))) /
             (to - from);
    };
    const double of_few = slope(few, 2 * few);
    const double of_many = slope(few, many);
    Print(absl::StrCat(figure, "_of_", few, "_instructions"), of_few);
    Print(absl::StrCat(figure, "_of_", many, "_instructions"), of_many);
    Print(absl::StrCat(figure, "_growth"), of_many / of_few);
  }

  // The figures with goals.
  void PrintGoals() {
    Print("evaluation_instructions", Instructions("appraise"));
    uint64_t allocations = 0;
    for (const char* name :
         {"score", "score_trace", "qualify", "qualify_trace", "advance", "advance_trace"}) {
      allocations += CountAllocations(MakeWorkload(name));
    }
    Print("evaluation_allocations", allocations);
    PrintGrowth("criterion", "criteria", 10, 1000);
    PrintGrowth("event", "events", 10, 10000);
  }

  bool failed() const { return failed_; }

 private:
  double Instructions(const std::string& workload) {
    const std::optional<double> count = CountInstructions(program_, workload);
    if (count.has_value()) return *count;
    std::cerr << "no count for " << workload << ": is valgrind installed?\n";
    failed_ = true;
    return 0;
  }

  const std::string program_;
  bool failed_ = false;
};

int Main(int argc, char** argv) {
  Figures figures(argv[0]);
  std::vector<std::string> names;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--child=")) {
      MeasureRuns(MakeWorkload(argument));
      return 0;
    }
    if (!absl::ConsumePrefix(&argument, "--workload=")) {
      std::cerr << "usage: " << argv[0] << " [--workload=NAME]…\n";
      return 2;
    }
    names.emplace_back(argument);
  }
  if (names.empty()) {
    figures.PrintGoals();
    names = WorkloadNames();
  }
  for (const std::string& name : names) figures.PrintCounts(name);
  return figures.failed() ? 1 : 0;
}

}  // namespace
}  // namespace bench
}  // namespace bantam

int main(int argc, char** argv) { return bantam::bench::Main(argc, argv); }
