// Counts instructions with callgrind, in a child process.
#ifndef BANTAM_TESTS_BENCH_ENGINE_INSTRUCTIONS_H_
#define BANTAM_TESTS_BENCH_ENGINE_INSTRUCTIONS_H_

#include <optional>
#include <string>

#include "tests/bench/engine/workloads.h"

namespace bantam {
namespace bench {

// Instructions for one run of the workload of this name, warm: all that `program` (this very
// program's path), started again under callgrind, does within MeasureRuns(). nullopt: valgrind is
// not installed, or failed.
std::optional<double> CountInstructions(const std::string& program, const std::string& workload);

// What the child does: runs the workload a few times to warm up, then once, measured.
void MeasureRuns(const Workload& workload);

}  // namespace bench
}  // namespace bantam

#endif  // BANTAM_TESTS_BENCH_ENGINE_INSTRUCTIONS_H_
