#include "server/rpc/worker_pool.h"

#include <algorithm>
#include <utility>

namespace bantam {
namespace {

thread_local ThreadRole current_role = ThreadRole::kForeign;

// What work whose kind is not known yet is taken to cost, so that turns are taken by number then.
constexpr absl::Duration kUnknownCost = absl::Microseconds(1);

// Too much is asked until the workers were idle for this share of a watch.
constexpr absl::Duration kWatch = absl::Seconds(1);
constexpr double kIdleShare = 0.2;

absl::Duration Between(std::chrono::steady_clock::time_point begin,
                       std::chrono::steady_clock::time_point end) {
  return absl::FromChrono(end - begin);
}

}  // namespace

ThreadRole CurrentThreadRole() { return current_role; }

void SetCurrentThreadRole(ThreadRole role) { current_role = role; }

absl::Duration WorkRate::Expect(size_t bytes) const {
  return absl::Nanoseconds(nanos_per_byte_.load(std::memory_order_relaxed) *
                           static_cast<double>(bytes));
}

void WorkRate::Learn(size_t bytes, absl::Duration took) {
  constexpr double kWeight = 0.125;  // Of the newest.
  const double sample =
      absl::ToDoubleNanoseconds(took) / static_cast<double>(std::max<size_t>(bytes, 1));
  const double before = nanos_per_byte_.load(std::memory_order_relaxed);
  // When two learn at the same time, one of them is lost, which does not matter.
  nanos_per_byte_.store(before == 0 ? sample : before + kWeight * (sample - before),
                        std::memory_order_relaxed);
}

// Guarded by the pool's mutex.
class WorkerPool::Stream {
 public:
  std::deque<Work> chunks;
  absl::Duration had;  // Of the workers' time.
};

WorkerPool::WorkerPool(int threads, const WorkerLimits& limits, SteadyClock clock)
    : limits_(limits),
      clock_(std::move(clock)),
      expected_end_(threads, Instant::min()),
      idle_threads_(threads),
      watch_begin_(clock_()),
      idle_counted_(watch_begin_) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this, i] { Run(i); });
}

WorkerPool::~WorkerPool() {
  {
    absl::MutexLock lock(&mu_);
    ends_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

WorkRate* WorkerPool::NewRate() {
  absl::MutexLock lock(&mu_);
  return &rates_.emplace_back();
}

std::shared_ptr<WorkerPool::Stream> WorkerPool::NewStream() const {
  return std::make_shared<Stream>();
}

bool WorkerPool::SubmitCall(Task task, WorkRate* rate, size_t bytes) {
  const Instant now = clock_();
  const absl::Duration cost = rate->Expect(bytes);
  absl::MutexLock lock(&mu_);
  if (!Admit(cost, now)) return false;
  calls_.push_back({std::move(task), rate, bytes, cost, now, nullptr});
  calls_cost_ += cost;
  BeginWaiting(&call_share_);
  return true;
}

void WorkerPool::SubmitChunk(const std::shared_ptr<Stream>& stream, Task task, WorkRate* rate,
                             size_t bytes) {
  const Instant now = clock_();
  absl::MutexLock lock(&mu_);
  ++waiting_chunks_;
  stream->chunks.push_back({std::move(task), rate, bytes, rate->Expect(bytes), now, stream});
  BeginWaiting(&chunk_share_);
  if (stream->chunks.size() > 1) return;
  stream->had = std::max(stream->had, stream_level_);
  streams_.emplace(stream->had, stream);
}

void WorkerPool::SubmitConclusion(Task task) {
  absl::MutexLock lock(&mu_);
  conclusions_.emplace_back();
  conclusions_.back().task = std::move(task);
}

size_t WorkerPool::waiting() const {
  absl::MutexLock lock(&mu_);
  return calls_.size() + waiting_chunks_ + conclusions_.size();
}

absl::Duration WorkerPool::expected_wait() const {
  const Instant now = clock_();
  absl::MutexLock lock(&mu_);
  return ExpectWait(now);
}

void WorkerPool::BeginWaiting(Share* share) {
  if (share->waits) return;
  share->waits = true;
  share->had = std::max(share->had, share_level_);
}

bool WorkerPool::Admit(absl::Duration cost, Instant now) {
  if (calls_.size() >= limits_.max_waiting_calls) return false;
  const absl::Duration wait = ExpectWait(now);
  if (overloaded_) {
    CountIdle(now);
    const absl::Duration watched = Between(watch_begin_, now);
    if (watched >= kWatch) {
      const absl::Duration all = watched * static_cast<double>(threads_.size());
      overloaded_ = absl::FDivDuration(idle_, all) < kIdleShare;
      watch_begin_ = now;
      idle_ = absl::ZeroDuration();
    }
  }
  if (wait <= cost) return true;
  if (overloaded_) return false;
  if (wait <= limits_.max_waiting) return true;
  CountIdle(now);
  overloaded_ = true;
  watch_begin_ = now;
  idle_ = absl::ZeroDuration();
  return false;
}

absl::Duration WorkerPool::ExpectWait(Instant now) const {
  if (idle_threads_ > calls_.size() + waiting_chunks_) return absl::ZeroDuration();
  absl::Duration work = waiting_chunks_ > 0 ? 2 * calls_cost_ : calls_cost_;
  for (const Instant end : expected_end_) {
    if (end > now) work += Between(now, end);
  }
  work /= static_cast<int64_t>(expected_end_.size());
  // Where more was waited for than expected, that is what will go on.
  return calls_.empty() ? work : std::max(work, Between(calls_.front().arrived, now));
}

void WorkerPool::CountIdle(Instant now) {
  idle_ += Between(idle_counted_, now) * static_cast<int64_t>(idle_threads_);
  idle_counted_ = now;
}

bool WorkerPool::Take(Work* work) {
  if (!conclusions_.empty()) {
    *work = std::move(conclusions_.front());
    conclusions_.pop_front();
    return true;
  }
  if (!call_share_.waits && !chunk_share_.waits) return false;
  const bool call =
      !chunk_share_.waits || (call_share_.waits && call_share_.had <= chunk_share_.had);
  const Share& share = call ? call_share_ : chunk_share_;
  share_level_ = std::max(share_level_, share.had);
  if (call) {
    TakeCall(work);
  } else {
    TakeChunk(work);
  }
  return true;
}

void WorkerPool::TakeCall(Work* work) {
  *work = std::move(calls_.front());
  calls_.pop_front();
  calls_cost_ -= work->cost;
  call_share_.waits = !calls_.empty();
  call_share_.had += std::max(work->cost, kUnknownCost);
}

void WorkerPool::TakeChunk(Work* work) {
  const std::shared_ptr<Stream> stream = std::move(streams_.begin()->second);
  streams_.erase(streams_.begin());
  *work = std::move(stream->chunks.front());
  stream->chunks.pop_front();
  --waiting_chunks_;
  chunk_share_.waits = waiting_chunks_ > 0;
  const absl::Duration cost = std::max(work->cost, kUnknownCost);
  chunk_share_.had += cost;
  stream_level_ = std::max(stream_level_, stream->had);
  stream->had += cost;
  if (!stream->chunks.empty()) streams_.emplace(stream->had, stream);
}

void WorkerPool::Begin(size_t thread, const Work& work, Instant now) {
  CountIdle(now);
  --idle_threads_;
  expected_end_[thread] = now + absl::ToChronoNanoseconds(work.cost);
}

void WorkerPool::End(size_t thread, const Work& work, Instant begin, Instant now) {
  CountIdle(now);
  ++idle_threads_;
  expected_end_[thread] = Instant::min();
  if (work.rate == nullptr) return;
  const absl::Duration took = Between(begin, now);
  work.rate->Learn(work.bytes, took);
  // What it really took counts, not what was expected.
  const absl::Duration more = took - std::max(work.cost, kUnknownCost);
  if (work.stream == nullptr) {
    call_share_.had += more;
  } else {
    chunk_share_.had += more;
    work.stream->had += more;
  }
}

void WorkerPool::Run(size_t thread) {
  SetCurrentThreadRole(ThreadRole::kWorker);
  Work work;
  Instant begin;
  bool busy = false;
  while (true) {
    {
      absl::MutexLock lock(&mu_);
      if (busy) End(thread, work, begin, clock_());
      mu_.Await(absl::Condition(this, &WorkerPool::HasWorkOrEnds));
      if (!Take(&work)) return;
      begin = clock_();
      Begin(thread, work, begin);
      busy = true;
    }
    work.task();
    work.task = nullptr;  // What it holds is let go of without the lock.
  }
}

}  // namespace bantam
