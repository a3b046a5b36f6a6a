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
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
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

// Processor time a process has used.
double CpuSeconds(pid_t pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/stat"));
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> fields = absl::StrSplit(line.substr(line.rfind(')') + 2), ' ');
  return (std::atof(fields[11].c_str()) + std::atof(fields[12].c_str())) / sysconf(_SC_CLK_TCK);
}

// A closed loop: on each of several connections a fixed number of calls is always on its way.
class Load {
 public:
  Load(int port, absl::Time end) : end_(end) {
    const grpc::Slice slice(MakeRequest().SerializeAsString());
    request_ = grpc::ByteBuffer(&slice, 1);
    for (int i = 0; i < kConnections; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      stubs_.push_back(std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(
          absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials(), arguments)));
    }
  }

  // Latencies in microseconds.
  std::vector<double> Run() {
    std::vector<std::vector<double>> latencies(kThreads);
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([this, i, &latencies] { RunThread(i, &latencies[i]); });
    }
    for (std::thread& thread : threads) thread.join();
    std::vector<double> all;
    for (const auto& part : latencies) all.insert(all.end(), part.begin(), part.end());
    std::sort(all.begin(), all.end());
    return all;
  }

 private:
  static constexpr int kThreads = 2;
  static constexpr int kConnections = 8;
  static constexpr int kCallsPerConnection = 8;

  struct Call {
    grpc::ClientContext context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer answer;
    grpc::Status status;
    absl::Time start;
    grpc::GenericStub* stub;
  };

  void Begin(grpc::GenericStub* stub, grpc::CompletionQueue* queue) {
    auto* call = new Call;
    call->stub = stub;
    call->start = absl::Now();
    call->reader = stub->PrepareUnaryCall(&call->context, "/bantam.v1.QualificationService/Qualify",
                                          request_, queue);
    call->reader->StartCall();
    call->reader->Finish(&call->answer, &call->status, call);
  }

  void RunThread(int index, std::vector<double>* latencies) {
    grpc::CompletionQueue queue;
    int open = 0;
    for (int i = index; i < kConnections; i += kThreads) {
      for (int k = 0; k < kCallsPerConnection; ++k, ++open) Begin(stubs_[i].get(), &queue);
    }
    void* tag;
    bool ok;
    while (open > 0 && queue.Next(&tag, &ok)) {
      const std::unique_ptr<Call> call(static_cast<Call*>(tag));
      if (!call->status.ok()) {
        std::fprintf(stderr, "%s\n", call->status.error_message().c_str());
        std::exit(1);
      }
      latencies->push_back(absl::ToDoubleMicroseconds(absl::Now() - call->start));
      if (absl::Now() < end_) {
        Begin(call->stub, &queue);
      } else {
        --open;
      }
    }
  }

  const absl::Time end_;
  grpc::ByteBuffer request_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
};

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

  Load(port, absl::Now() + absl::Milliseconds(300)).Run();  // Warms up.
  const double cpu = CpuSeconds(server);
  const absl::Time start = absl::Now();
  const std::vector<double> latencies = Load(port, start + absl::Seconds(flags.seconds)).Run();
  Figures figures;
  figures.calls_per_second = latencies.size() / absl::ToDoubleSeconds(absl::Now() - start);
  figures.cpu_us_per_call = (CpuSeconds(server) - cpu) * 1e6 / latencies.size();
  figures.p50_us = latencies[latencies.size() / 2];
  figures.p99_us = latencies[latencies.size() * 99 / 100];
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
