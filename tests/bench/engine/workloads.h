// What is measured: the standard lead against the standard ICP, and both made longer.
#ifndef BANTAM_TESTS_BENCH_ENGINE_WORKLOADS_H_
#define BANTAM_TESTS_BENCH_ENGINE_WORKLOADS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bantam {
namespace bench {

// One thing to measure. `run` does it once.
struct Workload {
  std::string name;
  std::function<void()> run;
};

// The workload of this name, ready to run; ends the program if there is none:
//
//   appraise            Score, the answer's construction excluded
//   appraise_qualify    the same for Qualify (and _advance for Advance)
//   score, qualify, advance    the whole evaluation without the trace, into bytes, whose memory is
//                       used again: as the server does it
//   score_trace …       the same with the trace
//   score_message …     the same without the trace into a message, new each time, in an arena
//                       that is used again
//   score_trace_message …
//   serialize_score …   serialising the same answer, prebuilt, into bytes: what an echo does
//   serialize_score_trace …
//   best_of_3           Qualify against three ICPs, into bytes
//   validate            the checks of the lead
//   criteria:N          as `appraise`, with N criteria and no events
//   events:N            as `appraise`, with N events
Workload MakeWorkload(absl::string_view name);

// All names without a number.
std::vector<std::string> WorkloadNames();

}  // namespace bench
}  // namespace bantam

#endif  // BANTAM_TESTS_BENCH_ENGINE_WORKLOADS_H_
