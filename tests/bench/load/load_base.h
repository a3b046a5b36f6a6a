// What unary and bulk loads have in common.
#ifndef BANTAM_TESTS_BENCH_LOAD_LOAD_BASE_H_
#define BANTAM_TESTS_BENCH_LOAD_LOAD_BASE_H_

#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "tests/bench/load/load.h"

namespace bantam {

// Picks the next request. One for each thread.
class RequestPicker {
 public:
  // The sums of the probabilities of `count` requests by Zipf's law; empty for exponent 0.
  static std::vector<double> ZipfSums(size_t count, double exponent);

  // `sums` outlives the picker. Pickers with different seeds begin at different requests.
  RequestPicker(const std::vector<double>* sums, size_t count, int seed);
  size_t Next();

 private:
  const std::vector<double>* const sums_;
  const size_t count_;
  size_t next_;
  std::minstd_rand random_;
};

// Connections to the target, each a TCP connection of its own.
std::vector<std::unique_ptr<grpc::GenericStub>> Connect(const LoadOptions& options);

grpc::ByteBuffer ToByteBuffer(const std::string& bytes);

// Calls that have ended, in and out of the measurement.
struct LoadProgress {
  std::atomic<int64_t> ok{0};
  std::atomic<int64_t> failed{0};
};

enum class LoadPhase { kWarmUp, kMeasuring, kEnding };

// What one thread has seen. Not safe for concurrent use.
class LoadRecorder {
 public:
  // The pointers outlive it.
  LoadRecorder(const LoadOptions* options, const std::atomic<LoadPhase>* phase,
               LoadProgress* progress);

  // A call or chunk that is over. `measured`: it began in the measurement. `answer`: null if it
  // has none. `wanted`: the answer wanted; empty: any.
  void End(const LoadOutcome& outcome, bool measured, const grpc::ByteBuffer* answer,
           const std::string& wanted, int leads);

  // A call that began later than it was meant to.
  void Late(absl::Duration lateness) { result_.lateness.Add(lateness); }

  // Adds what was seen to `result`.
  void AddTo(LoadResult* result) const;

 private:
  void Check(size_t index, absl::string_view answer, const std::string& wanted);

  const LoadOptions& options_;
  const std::atomic<LoadPhase>& phase_;
  LoadProgress* const progress_;
  LoadResult result_;
  int64_t answers_ = 0;
  std::string flat_;
};

// Leads the load through its phases, on a thread of its own, and takes the processor times at
// their bounds.
class LoadBase : public Load {
 public:
  int64_t ok_so_far() const override { return progress_.ok; }
  int64_t failed_so_far() const override { return progress_.failed; }
  LoadResult Stop() final;
  LoadResult Wait() final;

 protected:
  explicit LoadBase(const LoadOptions& options);

  // To be called when all else is ready, and in the destructor of the derived class.
  void StartConductor();
  void StopIfRunning();

  // Waits for the threads, which begin no further call in phase kEnding, and adds what they saw.
  virtual void JoinAndAddTo(LoadResult* result) = 0;

  const LoadOptions options_;
  std::atomic<LoadPhase> phase_{LoadPhase::kWarmUp};
  LoadProgress progress_;

 private:
  void BeginMeasuring();
  void Conduct() ABSL_LOCKS_EXCLUDED(mu_);
  LoadResult Finish();
  absl::Duration ServerCpu() const;

  absl::Mutex mu_;
  bool stop_ ABSL_GUARDED_BY(mu_) = false;

  // Of the conductor's thread, from when it starts until it has ended.
  absl::Time begin_;
  absl::Duration own_cpu_before_;
  absl::Duration server_cpu_before_;
  LoadResult window_;  // Times only; Finish() adds the rest.

  std::thread conductor_;
};

}  // namespace bantam

#endif  // BANTAM_TESTS_BENCH_LOAD_LOAD_BASE_H_
