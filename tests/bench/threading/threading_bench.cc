// Compares gRPC's server APIs and thread counts with our own messages. README.md says how to read
// the table.
//
//   bantam_threading_bench [--server_cores=2] [--rounds=5] [--seconds=2] [--work_us=0]
//                          [--variants=raw:2:3,sync]
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/bench/load/load.h"
#include "tests/bench/threading/servers.h"

extern char** environ;

namespace bantam {
namespace {

// What one run of one variant showed.
struct Figures {
  double calls_per_second = 0;
  double cpu_us_per_call = 0;  // Of the server.
  double p50_us = 0;
  double p99_us = 0;
};

struct Flags {
  int server_cores = 2;
  int rounds = 5;
  double seconds = 2;
  int work_us = 0;
  std::vector<std::string> variants;  // Instead of the usual ones; the first is the base.
  std::string serve;                  // Internal: this process is a server of that variant.
};

Flags ParseFlags(int argc, char** argv) {
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    const std::pair<absl::string_view, absl::string_view> flag =
        absl::StrSplit(argv[i], absl::MaxSplits('=', 1));
    bool good = true;
    if (flag.first == "--server_cores") {
      good = absl::SimpleAtoi(flag.second, &flags.server_cores);
    } else if (flag.first == "--rounds") {
      good = absl::SimpleAtoi(flag.second, &flags.rounds);
    } else if (flag.first == "--seconds") {
      good = absl::SimpleAtod(flag.second, &flags.seconds);
    } else if (flag.first == "--work_us") {
      good = absl::SimpleAtoi(flag.second, &flags.work_us);
    } else if (flag.first == "--variants") {
      flags.variants = absl::StrSplit(flag.second, ',');
    } else if (flag.first == "--serve") {
      flags.serve = std::string(flag.second);
    } else {
      good = false;
    }
    if (!good) {
      std::fprintf(stderr, "not understood: %s\n", argv[i]);
      std::exit(2);
    }
  }
  return flags;
}

// Confines this process to the cores [first, first + count).
void Pin(int first, int count) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  for (int i = 0; i < count; ++i) CPU_SET(first + i, &cores);
  sched_setaffinity(0, sizeof(cores), &cores);
}

// The server process: prints its port and waits to be ended. A variant is "api:queues:threads".
int Serve(const Flags& flags) {
  Pin(0, flags.server_cores);
  const std::vector<std::string> parts = absl::StrSplit(flags.serve, ':');
  EchoOptions options;
  options.api = parts[0];
  if (parts.size() == 3 && !(absl::SimpleAtoi(parts[1], &options.queues) &&
                             absl::SimpleAtoi(parts[2], &options.threads_per_queue))) {
    return 2;
  }
  options.work = absl::Microseconds(flags.work_us);
  const std::unique_ptr<EchoServer> server = StartEchoServer(options);
  if (server == nullptr) return 2;
  std::printf("%d\n", server->port());
  std::fflush(stdout);
  pause();
  return 0;
}

// A closed loop of 64 calls on 8 connections.
LoadResult RunLoad(int port, pid_t server, double seconds) {
  LoadOptions options;
  options.target = absl::StrCat("127.0.0.1:", port);
  options.server = server;
  options.warm_up = absl::Milliseconds(300);
  options.duration = absl::Seconds(seconds);
  const LoadRequest request = {"/bantam.v1.QualificationService/Qualify",
                               MakeRequest().SerializeAsString(),
                               MakeResponse().SerializeAsString()};
  LoadResult result = StartUnaryLoad(options, {request})->Wait();
  if (result.ok != result.calls || result.wrong > 0) {
    std::fprintf(stderr, "calls failed or had wrong answers: %s\n", result.first_wrong.c_str());
    std::exit(1);
  }
  return result;
}

Figures Measure(const std::string& variant, const Flags& flags, const char* program) {
  int out[2];
  if (pipe(out) != 0) std::exit(1);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::vector<std::string> words = {program, absl::StrCat("--serve=", variant),
                                    absl::StrCat("--server_cores=", flags.server_cores),
                                    absl::StrCat("--work_us=", flags.work_us)};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t server = 0;
  if (posix_spawn(&server, program, &actions, nullptr, argv.data(), environ) != 0) std::exit(1);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  FILE* const output = fdopen(out[0], "r");
  int port = 0;
  if (std::fscanf(output, "%d", &port) != 1) std::exit(1);
  std::fclose(output);

  const LoadResult result = RunLoad(port, server, flags.seconds);
  Figures figures;
  figures.calls_per_second = result.CallsPerSecond();
  figures.cpu_us_per_call = absl::ToDoubleMicroseconds(result.server_cpu) / result.calls;
  figures.p50_us = absl::ToDoubleMicroseconds(result.latencies.Quantile(0.5));
  figures.p99_us = absl::ToDoubleMicroseconds(result.latencies.Quantile(0.99));
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
  return figures;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int Drive(const Flags& flags, const char* program) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  if (flags.server_cores < 1 || flags.server_cores >= cores) {
    std::fprintf(stderr, "--server_cores must be within [1, %d]\n", cores - 1);
    return 2;
  }
  Pin(flags.server_cores, cores - flags.server_cores);
  const std::string n = absl::StrCat(flags.server_cores);
  std::vector<std::string> variants = flags.variants;
  if (variants.empty()) {
    variants = {"raw:" + n + ":3",   "sync",       "callback",        "callback_raw",
                "async:" + n + ":3", "raw:1:" + n, "raw:" + n + ":1", "raw:" + n + ":2",
                "raw:" + n + ":4"};
  }
  // The first is what all are compared with; it stands there twice to show the noise.
  const std::string base = variants[0];
  variants.insert(variants.begin() + 1, base + " (again)");
  std::map<std::string, std::vector<Figures>> runs;
  for (int round = 0; round < flags.rounds; ++round) {
    for (const std::string& variant : variants) {
      runs[variant].push_back(Measure(variant.substr(0, variant.find(' ')), flags, program));
      std::fprintf(stderr, ".");
    }
  }
  std::printf("\nserver cores %d, work %d us, %d rounds of %g s: medians, and ratios to %s\n",
              flags.server_cores, flags.work_us, flags.rounds, flags.seconds, base.c_str());
  std::printf("%-18s %9s %6s %8s %6s %8s %8s %6s\n", "variant", "calls/s", "ratio", "cpu us",
              "ratio", "p50 us", "p99 us", "ratio");
  const auto median = [&](const std::string& variant, double Figures::*figure) {
    std::vector<double> values;
    for (const Figures& figures : runs[variant]) values.push_back(figures.*figure);
    return Median(std::move(values));
  };
  for (const std::string& variant : variants) {
    const auto ratio = [&](double Figures::*figure) {
      return median(variant, figure) / median(base, figure);
    };
    std::printf("%-18s %9.0f %6.2f %8.1f %6.2f %8.0f %8.0f %6.2f\n", variant.c_str(),
                median(variant, &Figures::calls_per_second), ratio(&Figures::calls_per_second),
                median(variant, &Figures::cpu_us_per_call), ratio(&Figures::cpu_us_per_call),
                median(variant, &Figures::p50_us), median(variant, &Figures::p99_us),
                ratio(&Figures::p99_us));
  }
  return 0;
}

}  // namespace
}  // namespace bantam

int main(int argc, char** argv) {
  const bantam::Flags flags = bantam::ParseFlags(argc, argv);
  return flags.serve.empty() ? bantam::Drive(flags, "/proc/self/exe") : bantam::Serve(flags);
}
