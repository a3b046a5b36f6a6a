// Puts a recording's requests to a server and prints what it saw as one line of JSON.
//
//   bantam_load_generator --target=127.0.0.1:7770 --recording=FILE --seconds=5 --in_flight=64
//
// README.md of tests/bench explains the figures. Exit status: 0; 1 if a call failed or it could not
// begin; 5 if an answer was wrong.
#include <cstdio>
#include <cstdlib>

#include "CLI/CLI.hpp"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bantam/v1/qualification_service.pb.h"
#include "tests/bench/load/recording_file.h"

namespace bantam {
namespace {

constexpr int kWrongAnswer = 5;

struct Flags {
  LoadOptions load;
  std::string recording;
  bool stream = false;
  double warm_up = 0.3;
  double seconds = 2;
  int64_t calls = 0;
  int icps = 0;
  std::string check = "bytes";
};

// The name of the ICP with this index, where that with index 0 is called `first`: NAME-0.
std::string IcpName(const std::string& first, size_t index) {
  return absl::StrCat(first.substr(0, first.size() - 1), index);
}

// The recording's first request for each of `count` ICPs.
std::vector<LoadRequest> ForIcps(const LoadRequest& recorded, int count) {
  v1::QualifyRequest request;  // The three single calls have lead and settings in the same fields.
  request.ParseFromString(recorded.bytes);
  v1::IcpReference* const icp = request.mutable_settings()->mutable_icps(0);
  const std::string first = icp->name();
  std::vector<LoadRequest> requests;
  for (int i = 0; i < count; ++i) {
    icp->set_name(IcpName(first, i));
    requests.push_back({recorded.method, request.SerializeAsString(), ""});
  }
  return requests;
}

// That the total is that of the answer wanted, and the answer is for the ICP asked for.
std::function<std::string(size_t, absl::string_view)> TotalCheck(const LoadRequest& recorded,
                                                                 bool with_icp) {
  v1::QualifyResponse wanted;
  wanted.ParseFromString(recorded.answer);
  const double total = wanted.evaluation().score().total();
  const std::string first = wanted.evaluation().icp();
  return [total, first, with_icp](size_t index, absl::string_view bytes) -> std::string {
    v1::QualifyResponse answer;
    if (!answer.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return "an answer does not parse";
    }
    const v1::Evaluation& evaluation = answer.evaluation();
    if (evaluation.score().total() != total) {
      return absl::StrCat("the total is ", evaluation.score().total(), ", not ", total);
    }
    if (with_icp && evaluation.icp() != IcpName(first, index)) {
      return absl::StrCat("the answer to request ", index, " is for ", evaluation.icp());
    }
    return "";
  };
}

void Print(const LoadResult& result, int64_t all_calls) {
  const auto us = [](absl::Duration duration) { return absl::ToDoubleMicroseconds(duration); };
  std::string statuses, messages;
  for (const auto& [code, count] : result.by_status) {
    absl::StrAppend(&statuses, statuses.empty() ? "" : ", ", "\"", code, "\": ", count);
  }
  for (const auto& [code, message] : result.messages) {
    absl::StrAppend(&messages, messages.empty() ? "" : ", ", "\"", code, "\": \"",
                    absl::Utf8SafeCEscape(message), "\"");
  }
  std::printf(
      "{\"seconds\": %.6f, \"all_calls\": %lld, \"calls\": %lld, \"ok\": %lld, \"leads\": %lld, "
      "\"calls_per_second\": %.3f, \"leads_per_second\": %.3f, \"by_status\": {%s}, "
      "\"messages\": {%s}, \"checked\": %lld, \"wrong\": %lld, \"first_wrong\": \"%s\", ",
      absl::ToDoubleSeconds(result.elapsed), static_cast<long long>(all_calls),
      static_cast<long long>(result.calls), static_cast<long long>(result.ok),
      static_cast<long long>(result.leads), result.CallsPerSecond(), result.LeadsPerSecond(),
      statuses.c_str(), messages.c_str(), static_cast<long long>(result.checked),
      static_cast<long long>(result.wrong), absl::Utf8SafeCEscape(result.first_wrong).c_str());
  std::printf("\"own_cpu_seconds\": %.6f, \"server_cpu_seconds\": %.6f, ",
              absl::ToDoubleSeconds(result.own_cpu), absl::ToDoubleSeconds(result.server_cpu));
  std::printf(
      "\"p50_us\": %.3f, \"p90_us\": %.3f, \"p99_us\": %.3f, \"p999_us\": %.3f, \"max_us\": %.3f, "
      "\"late_p99_us\": %.3f}\n",
      us(result.latencies.Quantile(0.5)), us(result.latencies.Quantile(0.9)),
      us(result.latencies.Quantile(0.99)), us(result.latencies.Quantile(0.999)),
      us(result.latencies.max()), us(result.lateness.Quantile(0.99)));
}

std::unique_ptr<Load> Start(Flags* flags) {
  const bench::Recording recording = ReadRecording(flags->recording);
  if (flags->stream) return StartBulkLoad(flags->load, RecordedStream(recording));
  std::vector<LoadRequest> requests = RecordedRequests(recording);
  if (requests.empty()) {
    std::fprintf(stderr, "%s: there are no calls in it\n", flags->recording.c_str());
    std::exit(1);
  }
  if (flags->icps > 0 || flags->check == "total") {
    flags->load.check = TotalCheck(requests[0], flags->icps > 0);
  }
  if (flags->icps > 0) requests = ForIcps(requests[0], flags->icps);
  return StartUnaryLoad(flags->load, std::move(requests));
}

LoadResult RunUntil(Load* load, int64_t calls) {
  while (load->ok_so_far() + load->failed_so_far() < calls) absl::SleepFor(absl::Milliseconds(1));
  return load->Stop();
}

int Run(Flags* flags) {
  flags->load.warm_up = absl::Seconds(flags->warm_up);
  if (flags->calls == 0) flags->load.duration = absl::Seconds(flags->seconds);
  const std::unique_ptr<Load> load = Start(flags);
  const LoadResult result = flags->calls == 0 ? load->Wait() : RunUntil(load.get(), flags->calls);
  Print(result, load->ok_so_far() + load->failed_so_far());
  // A figure with failed calls or wrong answers is none; wrong answers are a defect at that.
  if (result.wrong > 0) return kWrongAnswer;
  return load->failed_so_far() == 0 && load->ok_so_far() > 0 ? 0 : 1;
}

}  // namespace
}  // namespace bantam

int main(int argc, char** argv) {
  bantam::Flags flags;
  bantam::LoadOptions* const load = &flags.load;
  CLI::App app("Puts load on a server of the contract.", "bantam_load_generator");
  app.add_option("--target", load->target, "host:port of the server")->required();
  app.add_option("--recording", flags.recording, "What bantam_record wrote")->required();
  app.add_flag("--stream", flags.stream, "Sends the recording's chunks, not its calls");
  app.add_option("--warm_up", flags.warm_up, "Seconds that are not counted [0.3]");
  app.add_option("--seconds", flags.seconds, "Seconds that are [2]");
  app.add_option("--calls", flags.calls, "Ends when so many are over, the warm-up's too, instead");
  app.add_option("--in_flight", load->in_flight, "Closed loop: calls or streams at a time [64]");
  app.add_option("--rate", load->calls_per_second, "Open loop: calls a second");
  app.add_option("--chunks_in_flight", load->chunks_in_flight, "Of each stream [4]");
  app.add_option("--connections", load->connections, "TCP connections [8]");
  app.add_option("--threads", load->threads, "Threads that take answers [2]");
  app.add_option("--server_pid", load->server, "Process whose processor time is taken");
  app.add_option("--icps", flags.icps,
                 "Spreads the calls over so many ICPs, NAME-0 …; the recording is for NAME-0");
  app.add_option("--zipf", load->zipf_exponent, "Exponent of Zipf's law [0: in turn]");
  app.add_option("--check_every", load->check_every, "Checks every so many answers [16]");
  app.add_option("--check", flags.check, "bytes: all of an answer; total: its points")
      ->check(CLI::IsMember({"bytes", "total"}));
  CLI11_PARSE(app, argc, argv);
  return bantam::Run(&flags);
}
