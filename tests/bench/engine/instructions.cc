#include "tests/bench/engine/instructions.h"

#include <cstdio>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace bantam {
namespace bench {
namespace {

constexpr int kWarmUps = 5;
constexpr int kMeasured = 10;

}  // namespace
}  // namespace bench
}  // namespace bantam

// Callgrind counts only while this is on the stack; it knows functions by their linkers' names.
extern "C" __attribute__((noinline)) void bantam_measured_runs(
    const bantam::bench::Workload* workload, int runs) {
  for (int i = 0; i < runs; ++i) workload->run();
}

namespace bantam {
namespace bench {

void MeasureRuns(const Workload& workload) {
  for (int i = 0; i < kWarmUps; ++i) workload.run();
  bantam_measured_runs(&workload, kMeasured);
}

std::optional<double> CountInstructions(const std::string& program, const std::string& workload) {
  const std::string command = absl::StrCat(
      "valgrind --tool=callgrind --callgrind-out-file=/dev/null "
      "--toggle-collect=bantam_measured_runs '",
      program, "' --child=", workload, " 2>&1");
  std::unique_ptr<FILE, int (*)(FILE*)> output(popen(command.c_str(), "r"), pclose);
  if (output == nullptr) return std::nullopt;
  char line[1024];
  while (std::fgets(line, sizeof(line), output.get()) != nullptr) {
    const absl::string_view text(line);
    const absl::string_view kMark = "Collected : ";
    const size_t mark = text.find(kMark);
    if (mark == absl::string_view::npos) continue;
    double total = 0;
    if (!absl::SimpleAtod(text.substr(mark + kMark.size()), &total)) return std::nullopt;
    return total / kMeasured;
  }
  return std::nullopt;
}

}  // namespace bench
}  // namespace bantam
