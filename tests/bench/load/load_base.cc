#include "tests/bench/load/load_base.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/support/channel_arguments.h"

namespace bantam {
namespace {

// `bytes` in one piece, in `flat` if they are not.
absl::string_view Flatten(const grpc::ByteBuffer& bytes, grpc::Slice* slice, std::string* flat) {
  if (bytes.TrySingleSlice(slice).ok()) {
    return {reinterpret_cast<const char*>(slice->begin()), slice->size()};
  }
  flat->clear();
  std::vector<grpc::Slice> slices;
  if (bytes.Dump(&slices).ok()) {
    for (const grpc::Slice& part : slices) {
      flat->append(reinterpret_cast<const char*>(part.begin()), part.size());
    }
  }
  return *flat;
}

}  // namespace

absl::Duration ProcessCpu(pid_t pid) {
  clockid_t clock;
  timespec used;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) {
    return absl::ZeroDuration();
  }
  return absl::DurationFromTimespec(used);
}

std::vector<double> RequestPicker::ZipfSums(size_t count, double exponent) {
  std::vector<double> sums;
  if (exponent == 0) return sums;
  double sum = 0;
  for (size_t i = 1; i <= count; ++i) sums.push_back(sum += std::pow(i, -exponent));
  return sums;
}

RequestPicker::RequestPicker(const std::vector<double>* sums, size_t count, int seed)
    : sums_(sums), count_(count), next_(seed % count), random_(seed + 1) {}

size_t RequestPicker::Next() {
  if (sums_->empty()) {
    const size_t picked = next_;
    next_ = next_ + 1 == count_ ? 0 : next_ + 1;
    return picked;
  }
  const double point = std::uniform_real_distribution<>(0, sums_->back())(random_);
  const size_t picked = std::upper_bound(sums_->begin(), sums_->end(), point) - sums_->begin();
  return std::min(picked, count_ - 1);
}

std::vector<std::unique_ptr<grpc::GenericStub>> Connect(const LoadOptions& options) {
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs;
  for (int i = 0; i < options.connections; ++i) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(-1);
    stubs.push_back(std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(
        options.target,
        options.credentials != nullptr ? options.credentials : grpc::InsecureChannelCredentials(),
        arguments)));
  }
  return stubs;
}

grpc::ByteBuffer ToByteBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

LoadRecorder::LoadRecorder(const LoadOptions* options, const std::atomic<LoadPhase>* phase,
                           LoadProgress* progress)
    : options_(*options), phase_(*phase), progress_(progress) {}

void LoadRecorder::End(const LoadOutcome& outcome, bool measured, const grpc::ByteBuffer* answer,
                       const std::string& wanted, int leads) {
  const bool ok = outcome.status.ok();
  ++(ok ? progress_->ok : progress_->failed);
  if (measured && ok) result_.latencies.Add(outcome.end - outcome.begin);
  if (phase_ == LoadPhase::kMeasuring) {
    ++result_.calls;
    if (ok) {
      ++result_.ok;
      result_.leads += leads;
    }
    ++result_.by_status[outcome.status.error_code()];
    if (!ok) result_.messages.emplace(outcome.status.error_code(), outcome.status.error_message());
  }
  const bool is_checked = ok && options_.check_every > 0 && answers_++ % options_.check_every == 0;
  if (!is_checked && !options_.on_end) return;
  grpc::Slice slice;
  LoadOutcome told = outcome;
  if (answer != nullptr) told.answer = Flatten(*answer, &slice, &flat_);
  if (is_checked) Check(told.request, told.answer, wanted);
  if (options_.on_end) options_.on_end(told);
}

void LoadRecorder::Check(size_t index, absl::string_view answer, const std::string& wanted) {
  std::string problem;
  if (options_.check) {
    problem = options_.check(index, answer);
  } else if (wanted.empty()) {
    return;
  } else if (answer != wanted) {
    problem = absl::StrCat("the answer to request ", index, " (", answer.size(),
                           " bytes) is not the one wanted (", wanted.size(), " bytes)");
  }
  ++result_.checked;
  if (problem.empty()) return;
  if (result_.wrong++ == 0) result_.first_wrong = std::move(problem);
}

void LoadRecorder::AddTo(LoadResult* result) const {
  result->calls += result_.calls;
  result->ok += result_.ok;
  result->leads += result_.leads;
  for (const auto& [code, count] : result_.by_status) result->by_status[code] += count;
  result->messages.insert(result_.messages.begin(), result_.messages.end());
  result->checked += result_.checked;
  if (result->wrong == 0) result->first_wrong = result_.first_wrong;
  result->wrong += result_.wrong;
  result->latencies.Merge(result_.latencies);
  result->lateness.Merge(result_.lateness);
}

void LoadBase::StartConductor() {
  conductor_ = std::thread([this] { Conduct(); });
}

absl::Duration LoadBase::ServerCpu() const {
  return options_.server > 0 ? ProcessCpu(options_.server) : absl::ZeroDuration();
}

LoadBase::LoadBase(const LoadOptions& options) : options_(options) {
  // Without a warm-up the very first call counts.
  if (options_.warm_up <= absl::ZeroDuration()) BeginMeasuring();
}

void LoadBase::BeginMeasuring() {
  own_cpu_before_ = ProcessCpu(getpid());
  server_cpu_before_ = ServerCpu();
  begin_ = absl::Now();
  phase_ = LoadPhase::kMeasuring;
}

void LoadBase::Conduct() {
  absl::MutexLock lock(&mu_);
  if (phase_ == LoadPhase::kWarmUp) {
    mu_.AwaitWithTimeout(absl::Condition(&stop_), options_.warm_up);
    BeginMeasuring();
  }
  mu_.AwaitWithDeadline(absl::Condition(&stop_), begin_ + options_.duration);
  phase_ = LoadPhase::kEnding;
  window_.elapsed = absl::Now() - begin_;
  window_.own_cpu = ProcessCpu(getpid()) - own_cpu_before_;
  window_.server_cpu = ServerCpu() - server_cpu_before_;
}

LoadResult LoadBase::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stop_ = true;
  }
  return Finish();
}

LoadResult LoadBase::Wait() { return Finish(); }

LoadResult LoadBase::Finish() {
  conductor_.join();
  JoinAndAddTo(&window_);
  return std::move(window_);
}

void LoadBase::StopIfRunning() {
  if (conductor_.joinable()) Stop();
}

}  // namespace bantam
