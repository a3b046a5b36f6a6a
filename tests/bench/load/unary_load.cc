#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "tests/bench/load/load_base.h"

namespace bantam {
namespace {

// Calls of one thread in the open loop that are in flight at a time. Beyond it calls wait here,
// and the wait counts.
constexpr int kMaxInFlight = 20000;

class UnaryLoad final : public LoadBase {
 public:
  UnaryLoad(const LoadOptions& options, std::vector<LoadRequest> requests)
      : LoadBase(options), requests_(std::move(requests)), stubs_(Connect(options_)) {
    sums_ = RequestPicker::ZipfSums(requests_.size(), options_.zipf_exponent);
    for (const LoadRequest& request : requests_) bytes_.push_back(ToByteBuffer(request.bytes));
    const bool open_loop = options_.calls_per_second > 0;
    for (int i = 0; i < options_.threads; ++i) {
      workers_.push_back(std::make_unique<Worker>(this, i));
      Worker* const worker = workers_.back().get();
      worker->poller = std::thread(
          [this, worker, open_loop] { open_loop ? Poll(worker) : RunClosedLoop(worker); });
      if (open_loop) worker->pacer = std::thread([this, worker] { RunOpenLoop(worker); });
    }
    StartConductor();
  }

  ~UnaryLoad() override { StopIfRunning(); }

 private:
  struct Worker {
    Worker(UnaryLoad* load, int number)
        : number(number),
          picker(&load->sums_, load->requests_.size(), number),
          recorder(&load->options_, &load->phase_, &load->progress_),
          lateness(&load->options_, &load->phase_, &load->progress_) {}
    const int number;
    grpc::CompletionQueue queue;
    RequestPicker picker;   // Of the thread that begins calls.
    LoadRecorder recorder;  // Of the poller.
    LoadRecorder lateness;  // Of the pacer.
    int64_t begun = 0;
    std::atomic<int> in_flight{0};
    std::thread poller;
    std::thread pacer;
  };

  // A call, or the pause after one that failed.
  struct Call {
    size_t request = 0;
    absl::Time begin;
    bool measured = false;
    bool is_pause = false;
    grpc::ClientContext context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer answer;
    grpc::Status status;
    grpc::Alarm pause;
  };

  void Begin(Worker* worker, absl::Time begin) {
    auto* const call = new Call;  // Owned by the queue until it is over.
    call->request = worker->picker.Next();
    call->begin = begin;
    call->measured = phase_ == LoadPhase::kMeasuring;
    if (options_.deadline < absl::InfiniteDuration()) {
      call->context.set_deadline(absl::ToChronoTime(begin + options_.deadline));
    }
    for (const auto& [key, value] : options_.metadata) call->context.AddMetadata(key, value);
    // Each thread uses connections of its own as far as there are enough.
    const size_t stub = (worker->number + worker->begun++ * options_.threads) % stubs_.size();
    call->reader = stubs_[stub]->PrepareUnaryCall(&call->context, requests_[call->request].method,
                                                  bytes_[call->request], &worker->queue);
    call->reader->StartCall();
    call->reader->Finish(&call->answer, &call->status, call);
  }

  void End(Worker* worker, const Call& call) {
    worker->recorder.End({call.request, call.begin, absl::Now(), call.status, {}}, call.measured,
                         &call.answer, requests_[call.request].answer, 1);
  }

  void RunClosedLoop(Worker* worker) {
    int open = options_.in_flight / options_.threads;
    if (worker->number < options_.in_flight % options_.threads) ++open;
    for (int i = 0; i < open; ++i) Begin(worker, absl::Now());
    void* tag;
    bool event_ok;
    while (open > 0 && worker->queue.Next(&tag, &event_ok)) {
      const std::unique_ptr<Call> call(static_cast<Call*>(tag));
      if (!call->is_pause) End(worker, *call);
      if (phase_ == LoadPhase::kEnding) {
        --open;
      } else if (call->status.ok() || options_.pause_after_failure <= absl::ZeroDuration()) {
        Begin(worker, absl::Now());
      } else {
        auto* const pause = new Call;
        pause->is_pause = true;
        pause->pause.Set(&worker->queue,
                         absl::ToChronoTime(absl::Now() + options_.pause_after_failure), pause);
      }
    }
    worker->queue.Shutdown();
    while (worker->queue.Next(&tag, &event_ok)) {
    }
  }

  void RunOpenLoop(Worker* worker) {
    const absl::Duration interval = absl::Seconds(options_.threads) / options_.calls_per_second;
    absl::Time next = absl::Now() + interval * worker->number / options_.threads;
    while (phase_ != LoadPhase::kEnding) {
      SleepUntil(next);
      while (worker->in_flight >= kMaxInFlight && phase_ != LoadPhase::kEnding) {
        absl::SleepFor(absl::Microseconds(100));
      }
      if (phase_ == LoadPhase::kMeasuring) worker->lateness.Late(absl::Now() - next);
      ++worker->in_flight;
      Begin(worker, next);
      next += interval;
    }
    worker->queue.Shutdown();  // The calls in flight still come out of it.
  }

  // In steps that see the end of the load.
  void SleepUntil(absl::Time time) const {
    while (phase_ != LoadPhase::kEnding) {
      const absl::Duration left = time - absl::Now();
      if (left <= absl::ZeroDuration()) return;
      absl::SleepFor(std::min(left, absl::Milliseconds(50)));
    }
  }

  void Poll(Worker* worker) {
    void* tag;
    bool event_ok;
    while (worker->queue.Next(&tag, &event_ok)) {
      const std::unique_ptr<Call> call(static_cast<Call*>(tag));
      --worker->in_flight;
      End(worker, *call);
    }
  }

  void JoinAndAddTo(LoadResult* result) override {
    for (const auto& worker : workers_) {
      worker->poller.join();
      if (worker->pacer.joinable()) worker->pacer.join();
      worker->recorder.AddTo(result);
      worker->lateness.AddTo(result);
    }
  }

  const std::vector<LoadRequest> requests_;
  std::vector<grpc::ByteBuffer> bytes_;
  std::vector<double> sums_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace

std::unique_ptr<Load> StartUnaryLoad(const LoadOptions& options,
                                     std::vector<LoadRequest> requests) {
  return std::make_unique<UnaryLoad>(options, std::move(requests));
}

}  // namespace bantam
