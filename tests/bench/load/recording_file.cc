#include "tests/bench/load/recording_file.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace bantam {

bench::Recording ReadRecording(const std::string& path) {
  bench::Recording recording;
  std::ifstream file(path, std::ios::binary);
  if (!file || !recording.ParseFromIstream(&file)) {
    std::fprintf(stderr, "%s: no recording\n", path.c_str());
    std::exit(1);
  }
  return recording;
}

void WriteRecording(const bench::Recording& recording, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  if (recording.SerializeToOstream(&file) && file.flush()) return;
  std::fprintf(stderr, "%s: cannot be written\n", path.c_str());
  std::exit(1);
}

std::vector<LoadRequest> RecordedRequests(const bench::Recording& recording) {
  std::vector<LoadRequest> requests;
  for (const bench::Exchange& call : recording.calls()) {
    requests.push_back({call.method(), call.request(), call.answer()});
  }
  return requests;
}

LoadStream RecordedStream(const bench::Recording& recording) {
  LoadStream stream;
  stream.start = recording.stream_start();
  for (const bench::Exchange& chunk : recording.chunks()) {
    stream.chunks.push_back({chunk.request(), chunk.leads(), chunk.answer()});
  }
  return stream;
}

}  // namespace bantam
