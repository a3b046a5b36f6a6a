// Parses and compiles many ICPs, and reads the same text with the YAML library alone; prints a line
// of JSON with the seconds of processor time of each round.
//
//   bantam_definitions_bench ICP COUNT ROUNDS
#include <time.h>
#include <yaml.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/definition/load_icp.h"
#include "server/zones/system_time_zones.h"

namespace bantam {
namespace {

constexpr char kName[] = "name: tenants/bench/icps/standard\n";

[[noreturn]] void Fail(const std::string& message) {
  std::fprintf(stderr, "bantam_definitions_bench: %s\n", message.c_str());
  std::exit(1);
}

// Of this process: what else the machine does is not in it.
double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

// The ICP in `path` under `count` names.
std::vector<std::string> Texts(const std::string& path, int count) {
  std::ifstream file(path);
  std::stringstream read;
  read << file.rdbuf();
  const std::string text = read.str();
  if (text.find(kName) == std::string::npos) Fail(absl::StrCat(path, ": not the standard ICP"));
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) {
    texts.push_back(absl::StrReplaceAll(
        text, {{kName, absl::StrCat("name: tenants/bench/icps/standard-", i, "\n")}}));
  }
  return texts;
}

void ReadEvents(const std::string& text) {
  yaml_parser_t parser;
  if (yaml_parser_initialize(&parser) == 0) Fail("no memory");
  yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()),
                               text.size());
  yaml_event_type_t type;
  do {
    yaml_event_t event;
    if (yaml_parser_parse(&parser, &event) == 0) Fail("the YAML library refuses the ICP");
    type = event.type;
    yaml_event_delete(&event);
  } while (type != YAML_STREAM_END_EVENT);
  yaml_parser_delete(&parser);
}

template <typename Work>
double Seconds(const std::vector<std::string>& texts, Work work) {
  const double start = CpuSeconds();
  for (const std::string& text : texts) work(text);
  return CpuSeconds() - start;
}

int Run(const std::string& path, int count, int rounds) {
  const std::vector<std::string> texts = Texts(path, count);
  const SystemTimeZones zones;
  size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  std::string load, yaml;
  for (int round = 0; round < rounds; ++round) {
    const char* const comma = round == 0 ? "" : ", ";
    absl::StrAppend(&load, comma, Seconds(texts, [&zones](const std::string& text) {
      if (LoadIcp(text, "icp.yaml", zones).icp == nullptr) Fail("a bad ICP");
    }));
    absl::StrAppend(&yaml, comma, Seconds(texts, ReadEvents));
  }
  std::printf("{\"bytes\": %zu, \"load\": [%s], \"yaml\": [%s]}\n", bytes, load.c_str(),
              yaml.c_str());
  return 0;
}

}  // namespace
}  // namespace bantam

int main(int argc, char** argv) {
  int count = 0, rounds = 0;
  if (argc != 4 || !absl::SimpleAtoi(argv[2], &count) || !absl::SimpleAtoi(argv[3], &rounds) ||
      count < 1 || rounds < 1) {
    std::fprintf(stderr, "usage: bantam_definitions_bench ICP COUNT ROUNDS\n");
    return 2;
  }
  return bantam::Run(argv[1], count, rounds);
}
