// Load for a server of the contract: unary calls or BulkEvaluate streams from this process, and
// what they showed.
//
//   auto load = StartUnaryLoad(options, requests);
//   …                                    // Whatever is to happen meanwhile.
//   const LoadResult result = load->Stop();
//
// Honest by design:
//   - In the open loop calls begin at fixed times, whatever the server does, and a latency counts
//     from the time at which the call was meant to begin: a server that stalls is not asked less.
//   - The processor time of this process, and how late calls began, are part of the result: a
//     result whose generator had no time to spare says little about the server.
//   - Answers are compared with those wanted. A wrong one is counted and the first is described.
#ifndef BANTAM_TESTS_BENCH_LOAD_LOAD_H_
#define BANTAM_TESTS_BENCH_LOAD_LOAD_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/status.h"
#include "tests/bench/load/latencies.h"

namespace bantam {

// A call that the load makes again and again.
struct LoadRequest {
  std::string method;  // Such as "/bantam.v1.QualificationService/Score".
  std::string bytes;   // The request, serialised.
  std::string answer;  // The answer wanted, serialised. Empty: any.
};

// A chunk that the load sends again and again.
struct LoadChunk {
  std::string bytes;   // A bantam.v1.BulkChunk without its number, serialised.
  int leads = 0;       // As many as are in it.
  std::string answer;  // The BulkEvaluateResponse wanted, without its number. Empty: any.
};

// What the streams of a load consist of.
struct LoadStream {
  std::string start;  // A bantam.v1.BulkEvaluateRequest with its `start`, serialised.
  std::vector<LoadChunk> chunks;
};

// One call, or one chunk of a stream, that is over.
struct LoadOutcome {
  // Index of the request or chunk. 0 for a stream that fails with no chunk in flight.
  size_t request = 0;
  absl::Time begin;  // In the open loop: when it was meant to begin.
  absl::Time end;
  grpc::Status status;
  absl::string_view answer;  // Serialised; of a chunk, without its number. Valid during the call.
};

struct LoadOptions {
  // `host:port`.
  std::string target;

  // Null: no encryption.
  std::shared_ptr<grpc::ChannelCredentials> credentials;

  // Headers of every call.
  std::vector<std::pair<std::string, std::string>> metadata;

  // Connections, used in turn. Each is a TCP connection of its own.
  int connections = 8;

  // Threads that take answers; in the open loop as many again that begin calls.
  int threads = 2;

  // The closed loop: that many calls (or streams) are always in flight, in all; each answer is
  // followed by the next call. Ignored in the open loop.
  int in_flight = 64;

  // The open loop, for unary calls: begins that many calls a second, evenly spaced. 0: the closed
  // loop.
  double calls_per_second = 0;

  // Chunks of one stream that are sent and not yet answered.
  int chunks_in_flight = 4;

  // 0: the requests in turn. Else at random, the i-th (from 1) with a probability in proportion to
  // 1 / i^zipf_exponent.
  double zipf_exponent = 0;

  // Time before the measurement: what begins in it is not counted.
  absl::Duration warm_up = absl::ZeroDuration();

  // How long the load lasts from then on. Infinite: until Stop().
  absl::Duration duration = absl::InfiniteDuration();

  // Of each unary call. Streams have none.
  absl::Duration deadline = absl::Seconds(10);

  // In the closed loop, how long after a call that failed the next one follows, so that a server
  // that is down is not asked in a busy loop.
  absl::Duration pause_after_failure = absl::Milliseconds(1);

  // Every so many answers of a thread one is checked. 1: all. 0: none.
  int check_every = 16;

  // Says what is wrong with the answer to request (or chunk) `index`; empty: nothing. Called on the
  // load's threads, at the same time. Null: the answer must be, byte for byte, the one wanted.
  std::function<std::string(size_t index, absl::string_view answer)> check;

  // Hears of every call and chunk, also in the warm-up, on the load's threads, at the same time.
  // Null: nobody.
  std::function<void(const LoadOutcome&)> on_end;

  // A process on this machine whose processor time is taken as well. 0: none.
  pid_t server = 0;
};

// What was seen between the end of the warm-up and the end of the load.
struct LoadResult {
  absl::Duration elapsed;

  // Calls (chunks) that ended in that time, and of which with OK; leads in those chunks, and for
  // unary calls one each.
  int64_t calls = 0;
  int64_t ok = 0;
  int64_t leads = 0;

  // The same by status, and the first message of each status but OK. For streams also how streams
  // ended.
  std::map<grpc::StatusCode, int64_t> by_status;
  std::map<grpc::StatusCode, std::string> messages;

  // Answers that were checked, those that were wrong, and what was wrong with the first.
  int64_t checked = 0;
  int64_t wrong = 0;
  std::string first_wrong;

  // Of the calls that began in that time and ended with OK.
  Latencies latencies;

  // Open loop: how much later than meant calls began. Above some 100 us this process was too busy.
  Latencies lateness;

  // Processor time: of this process, and of `LoadOptions::server`.
  absl::Duration own_cpu;
  absl::Duration server_cpu;

  double CallsPerSecond() const { return calls / absl::ToDoubleSeconds(elapsed); }
  double LeadsPerSecond() const { return leads / absl::ToDoubleSeconds(elapsed); }
};

// A load that is under way. Safe for concurrent use.
class Load {
 public:
  // As Stop(), if neither function was called.
  virtual ~Load() = default;

  // Calls that have ended so far with OK, and otherwise, the warm-up included. For those who wait
  // until the load has really begun, or for its next answer.
  virtual int64_t ok_so_far() const = 0;
  virtual int64_t failed_so_far() const = 0;

  // Begins no further call, waits for those in flight, and gives the result. Once only, and not
  // beside Wait().
  virtual LoadResult Stop() = 0;

  // The same when `LoadOptions::duration` (finite) is over.
  virtual LoadResult Wait() = 0;
};

// `requests` and `stream.chunks` have at least one element; so have the counts in `options`.
std::unique_ptr<Load> StartUnaryLoad(const LoadOptions& options, std::vector<LoadRequest> requests);
std::unique_ptr<Load> StartBulkLoad(const LoadOptions& options, LoadStream stream);

// Processor time that a process on this machine has used, its threads that have ended included.
// Zero if there is no such process.
absl::Duration ProcessCpu(pid_t pid);

}  // namespace bantam

#endif  // BANTAM_TESTS_BENCH_LOAD_LOAD_H_
