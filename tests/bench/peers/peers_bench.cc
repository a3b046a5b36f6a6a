// Times our engine over the leads that its peers are given, and prints a line of JSON: nanoseconds
// of processor time for one evaluation, and the total of every lead.
//
//   bantam_peers_bench ICP LEADS SECONDS
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "google/protobuf/arena.h"
#include "server/definition/load_icp.h"
#include "server/definition/yaml.h"
#include "server/zones/system_time_zones.h"
#include "tests/bench/peers/leads.pb.h"

namespace bantam {
namespace {

[[noreturn]] void Fail(const std::string& message) {
  std::fprintf(stderr, "bantam_peers_bench: %s\n", message.c_str());
  std::exit(1);
}

// Of this process: what else the machine does is not in it.
double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

std::string Read(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) Fail(path + ": cannot be read");
  return text.str();
}

int Run(const std::string& icp_file, const std::string& leads_file, double seconds) {
  const SystemTimeZones zones;
  const LoadedIcp loaded = LoadIcp(Read(icp_file), icp_file, zones);
  if (loaded.icp == nullptr) Fail(loaded.issues[0].rendered());
  bench::Leads leads;
  for (const v1::Issue& issue :
       ParseYaml(absl::StrCat("{leads: ", Read(leads_file), "}"), leads_file, &leads, nullptr)) {
    Fail(issue.rendered());
  }
  EvaluateOptions options;
  options.operation = Operation::kScore;
  options.now = absl::FromUnixSeconds(1770717600);  // 2026-02-10T10:00:00Z.
  options.omit_trace = true;

  std::vector<char> block(64 * 1024);
  google::protobuf::ArenaOptions arena_options;
  arena_options.initial_block = block.data();
  arena_options.initial_block_size = block.size();
  google::protobuf::Arena arena(arena_options);
  const auto total = [&](const v1::Lead& lead) {
    auto* const evaluation = google::protobuf::Arena::CreateMessage<v1::Evaluation>(&arena);
    loaded.icp->Evaluate(lead, options, evaluation);
    const double points = evaluation->score().total();
    arena.Reset();
    return points;
  };

  std::string totals;
  for (const v1::Lead& lead : leads.leads()) {
    absl::StrAppend(&totals, totals.empty() ? "" : ", ", total(lead));
  }
  int64_t count = 0;
  double sum = 0;
  const double start = CpuSeconds();
  do {
    for (const v1::Lead& lead : leads.leads()) sum += total(lead);
    count += leads.leads_size();
  } while (CpuSeconds() < start + seconds);
  if (sum <= 0) Fail("no lead has any points");
  std::printf("{\"bantam\": {\"ns\": %.1f, \"totals\": [%s]}}\n",
              (CpuSeconds() - start) * 1e9 / count, totals.c_str());
  return 0;
}

}  // namespace
}  // namespace bantam

int main(int argc, char** argv) {
  double seconds = 0;
  if (argc != 4 || !absl::SimpleAtod(argv[3], &seconds)) {
    std::fprintf(stderr, "usage: bantam_peers_bench ICP LEADS SECONDS\n");
    return 2;
  }
  return bantam::Run(argv[1], argv[2], seconds);
}
