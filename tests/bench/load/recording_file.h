#ifndef BANTAM_TESTS_BENCH_LOAD_RECORDING_FILE_H_
#define BANTAM_TESTS_BENCH_LOAD_RECORDING_FILE_H_

#include <string>
#include <vector>

#include "tests/bench/load/load.h"
#include "tests/bench/load/recording.pb.h"

namespace bantam {

// Both end the process with a message where the file cannot be read or written.
bench::Recording ReadRecording(const std::string& path);
void WriteRecording(const bench::Recording& recording, const std::string& path);

// The recording as what a load sends and wants.
std::vector<LoadRequest> RecordedRequests(const bench::Recording& recording);
LoadStream RecordedStream(const bench::Recording& recording);

}  // namespace bantam

#endif  // BANTAM_TESTS_BENCH_LOAD_RECORDING_FILE_H_
