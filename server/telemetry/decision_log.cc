#include "server/telemetry/decision_log.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "bantam/v1/decision.pb.h"
#include "server/catalog/mutex.h"
#include "server/catalog/steady_time.h"
#include "server/telemetry/decision_json.h"
#include "server/telemetry/decision_queue.h"

namespace bantam {
namespace {

// Lines that a sink is given at a time, and their bytes, at most (and a line beyond it).
constexpr size_t kMaxLines = 512;
constexpr size_t kMaxLineBytes = size_t{4} << 20;

// How long a sink may take for that.
constexpr absl::Duration kWriteLimit = absl::Seconds(2);

// How often a sink may look for its file, and losses are told.
constexpr absl::Duration kRefreshInterval = absl::Seconds(1);
constexpr absl::Duration kLossInterval = absl::Minutes(1);

// What the request tells about persons, as bytes of a DecisionPersonalData. Empty: nothing.
std::string PersonalData(const v1::Lead* lead, const v1::StageOverride* override_by) {
  v1::DecisionPersonalData data;
  if (lead != nullptr) {
    data.set_company_name(lead->company().name());
    data.set_company_domain(lead->company().domain());
    *data.mutable_contacts() = lead->contacts();
    data.set_referrer(lead->source().referrer());
    *data.mutable_custom() = lead->custom();
  }
  if (override_by != nullptr) data.set_override_actor(override_by->actor());
  return data.SerializeAsString();
}

}  // namespace

// The queue, and the thread that writes it.
class DecisionLog::Writer {
 public:
  Writer(const DecisionLogOptions& options, std::unique_ptr<DecisionSink> sink, Log* log)
      : options_(options), sink_(std::move(sink)), log_(log) {
    thread_ = std::thread(&Writer::Run, this);
  }

  absl::Status Reserve(int leads);
  void Release(int leads) {
    if (options_.when_full == WhenFull::kRefuse) Free(leads);
  }
  void Write(const DecisionRecord& record);
  void Reopen();
  bool Stop(absl::Duration limit);
  bool stopped() const { return stopped_.load(); }
  DecisionLogStats Stats() const;
  const DecisionLogOptions& options() const { return options_; }

 private:
  // Makes room for `count` decisions; false: there is none.
  bool Occupy(int64_t count);
  void Free(int64_t count) { entries_.fetch_sub(count, std::memory_order_relaxed); }

  // Tells the thread that there is something in the queue.
  void Wake();

  // ---- On the thread ----

  void Run();

  // Waits until there is something to do, at most until the next look at the file.
  void Sleep();
  void Refresh();

  // Writes what is in the queue. False: the time for it is over.
  bool WriteAll();

  // Gives lines to the sink until it has taken all of them. False: as above.
  bool WriteLines(const std::vector<absl::string_view>& lines);

  // Waits for a pause between two attempts, which ends early when there is a reason to try at once.
  // `*stopping`: the last decision is in the queue. False: as above.
  bool Pause(absl::Duration pause, bool* stopping);

  // How long a sink may take now.
  absl::Duration WriteLimit();

  // Counts failures of one kind, and tells when they begin and end. `*failing`: as it was before.
  void Note(const absl::Status& status, std::atomic<bool>* failing, absl::string_view failure,
            absl::string_view recovery);
  void TellLosses();

  const DecisionLogOptions options_;
  const std::unique_ptr<DecisionSink> sink_;
  Log* const log_;

  DecisionQueue queue_;

  // Touched by every call, so on a cache line of their own.
  alignas(64) std::atomic<int64_t> entries_{0};
  alignas(64) std::atomic<bool> has_entries_{false};  // In the queue, as far as is known.
  std::atomic<bool> asleep_{false};
  std::atomic<bool> stopped_{false};

  alignas(64) std::atomic<int64_t> logged_{0};
  std::atomic<int64_t> dropped_{0};
  std::atomic<int64_t> refused_{0};
  std::atomic<int64_t> failures_{0};
  std::atomic<bool> failing_{false};
  std::atomic<bool> misplaced_{false};

  Mutex mutex_;
  std::condition_variable_any changed_;
  bool hurry_ ABSL_GUARDED_BY(mutex_) = false;  // The queue is half full.
  bool reopen_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time deadline_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();

  // Of the thread.
  absl::Time refresh_time_ = SteadyNow() + kRefreshInterval;
  absl::Time tell_losses_time_ = absl::InfinitePast();
  int64_t told_losses_ = 0;
  int64_t unwritten_ = 0;  // Taken out of the queue, but not written before the end.

  std::thread thread_;
};

// ---- On the threads of the calls ----

bool DecisionLog::Writer::Occupy(int64_t count) {
  const int64_t before = entries_.fetch_add(count, std::memory_order_relaxed);
  const int64_t after = before + count;
  if (after > options_.max_entries) {
    Free(count);
    return false;
  }
  const int64_t half = options_.max_entries / 2;
  if (before <= half && after > half) {
    MutexLock lock(mutex_);
    hurry_ = true;
    changed_.notify_all();
  }
  return true;
}

absl::Status DecisionLog::Writer::Reserve(int leads) {
  if (options_.when_full == WhenFull::kDrop || leads == 0) return absl::OkStatus();
  if (!stopped() && Occupy(leads)) return absl::OkStatus();
  refused_.fetch_add(1, std::memory_order_relaxed);
  if (leads > options_.max_entries) {
    return absl::InvalidArgumentError(
        absl::StrCat("must hold at most ", options_.max_entries,
                     " leads, since the server logs every decision; send fewer at a time"));
  }
  return absl::ResourceExhaustedError(
      "the server logs every decision, and its log is full at the moment; try again after a pause "
      "that grows with each attempt, or ask another replica");
}

void DecisionLog::Writer::Write(const DecisionRecord& record) {
  if (stopped() || (options_.when_full == WhenFull::kDrop && !Occupy(1))) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    if (options_.when_full == WhenFull::kRefuse) Free(1);
    return;
  }
  if (options_.personal_data && (record.lead != nullptr || record.override_by != nullptr)) {
    const std::string personal_data = PersonalData(record.lead, record.override_by);
    const bool omitted = personal_data.size() > DecisionQueue::kMaxPersonalDataBytes;
    queue_.Add(record, omitted ? "" : personal_data, omitted);
  } else {
    queue_.Add(record, "", false);
  }
  Wake();
}

void DecisionLog::Writer::Wake() {
  // The thread says that it sleeps before it looks at `has_entries_` for the last time, so one of
  // both sees what the other one did.
  if (!has_entries_.load()) has_entries_.store(true);
  if (!asleep_.load() || !asleep_.exchange(false)) return;
  MutexLock lock(mutex_);
  changed_.notify_all();
}

void DecisionLog::Writer::Reopen() {
  MutexLock lock(mutex_);
  reopen_ = true;
  changed_.notify_all();
}

bool DecisionLog::Writer::Stop(absl::Duration limit) {
  stopped_.store(true);
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    deadline_ = SteadyNow() + limit;
    changed_.notify_all();
  }
  thread_.join();
  const int64_t left = unwritten_ + static_cast<int64_t>(queue_.TakeAll().decisions().size());
  Free(left);
  dropped_.fetch_add(left);
  if (left > 0) {
    log_->Write(LogLevel::kError, "decision log: decisions could not be written before the end",
                {{"decisions", absl::StrCat(left)}});
  }
  return left == 0;
}

DecisionLogStats DecisionLog::Writer::Stats() const {
  DecisionLogStats stats;
  stats.logged = logged_.load();
  stats.dropped = dropped_.load();
  stats.refused = refused_.load();
  stats.failures = failures_.load();
  stats.entries = entries_.load();
  stats.limit = options_.max_entries;
  stats.failing = failing_.load();
  stats.misplaced = misplaced_.load();
  return stats;
}

// ---- On its own thread ----

void DecisionLog::Writer::Run() {
  // A pipe that nobody reads any more is an error like others.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  bool goes_on = true;
  while (goes_on) {
    Sleep();
    {
      MutexLock lock(mutex_);
      // Once more after the last decision.
      goes_on = !stopping_;
    }
    Refresh();
    if (!WriteAll()) return;
    TellLosses();
  }
}

void DecisionLog::Writer::Sleep() {
  MutexLock lock(mutex_);
  const auto wanted = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || reopen_ || hurry_;
  };
  asleep_.store(true);
  const absl::Duration until_refresh = refresh_time_ - SteadyNow();
  if (!wanted() && !has_entries_.load()) {
    changed_.wait_for(mutex_, absl::ToChronoNanoseconds(until_refresh));
  }
  asleep_.store(false);
  if (has_entries_.load() && !wanted()) {
    changed_.wait_for(mutex_, absl::ToChronoNanoseconds(options_.gather_time), wanted);
  }
  hurry_ = false;
}

void DecisionLog::Writer::Refresh() {
  bool reopen;
  {
    MutexLock lock(mutex_);
    reopen = std::exchange(reopen_, false);
  }
  if (!reopen && SteadyNow() < refresh_time_) return;
  refresh_time_ = SteadyNow() + kRefreshInterval;
  Note(sink_->Refresh(), &misplaced_,
       "decision log: its file is not at its name and cannot be opened anew; tried again every "
       "second",
       "decision log: its file is at its name again");
}

bool DecisionLog::Writer::WriteAll() {
  has_entries_.store(false);
  const DecisionQueue::Taken taken = queue_.TakeAll();
  const std::vector<QueuedDecision>& decisions = taken.decisions();
  std::string json;
  std::vector<size_t> ends;
  std::vector<absl::string_view> lines;
  const int64_t logged = logged_.load();
  for (size_t next = 0; next < decisions.size();) {
    json.clear();
    ends.clear();
    lines.clear();
    for (; next < decisions.size() && ends.size() < kMaxLines && json.size() < kMaxLineBytes;
         ++next) {
      AppendDecisionJson(decisions[next], &json);
      ends.push_back(json.size());
    }
    size_t begin = 0;
    for (const size_t end : ends) {
      lines.push_back(absl::string_view(json).substr(begin, end - begin));
      begin = end;
    }
    if (!WriteLines(lines)) {
      unwritten_ = static_cast<int64_t>(decisions.size()) - (logged_.load() - logged);
      return false;
    }
  }
  return true;
}

bool DecisionLog::Writer::WriteLines(const std::vector<absl::string_view>& lines) {
  absl::Span<const absl::string_view> rest(lines);
  absl::Duration pause = options_.min_pause;
  while (true) {
    size_t written = 0;
    const absl::Status status = sink_->Write(rest, WriteLimit(), &written);
    rest.remove_prefix(written);
    logged_.fetch_add(static_cast<int64_t>(written));
    Free(static_cast<int64_t>(written));
    Note(rest.empty() ? absl::OkStatus() : status, &failing_,
         "decision log: cannot be written; tried again until it can",
         "decision log: written again");
    if (rest.empty()) return true;
    TellLosses();
    if (written > 0) pause = options_.min_pause;
    bool stopping = false;
    if (!Pause(pause, &stopping)) return false;
    pause = stopping ? options_.min_pause : std::min(2 * pause, options_.max_pause);
    Refresh();
  }
}

bool DecisionLog::Writer::Pause(absl::Duration pause, bool* stopping) {
  MutexLock lock(mutex_);
  const absl::Time end = SteadyNow() + pause;
  const bool was_stopping = stopping_;
  while (!reopen_ && stopping_ == was_stopping && SteadyNow() < std::min(end, deadline_)) {
    changed_.wait_for(mutex_, absl::ToChronoNanoseconds(std::min(end, deadline_) - SteadyNow()));
  }
  *stopping = stopping_;
  return SteadyNow() < deadline_;
}

absl::Duration DecisionLog::Writer::WriteLimit() {
  MutexLock lock(mutex_);
  return std::max(std::min(kWriteLimit, deadline_ - SteadyNow()), absl::Milliseconds(10));
}

void DecisionLog::Writer::Note(const absl::Status& status, std::atomic<bool>* failing,
                               absl::string_view failure, absl::string_view recovery) {
  const bool failed = !status.ok();
  if (failed) failures_.fetch_add(1);
  if (failing->exchange(failed) == failed) return;
  if (failed) {
    log_->Write(LogLevel::kError, failure, {{"cause", std::string(status.message())}});
  } else {
    log_->Write(LogLevel::kInfo, recovery);
  }
}

void DecisionLog::Writer::TellLosses() {
  const int64_t losses = dropped_.load();
  if (losses == told_losses_ || SteadyNow() < tell_losses_time_) return;
  tell_losses_time_ = SteadyNow() + kLossInterval;
  log_->Write(LogLevel::kError, "decision log: its queue is full, decisions are dropped",
              {{"dropped", absl::StrCat(losses - told_losses_)}});
  told_losses_ = losses;
}

// ---- The front door ----

DecisionLog::DecisionLog(const DecisionLogOptions& options, std::unique_ptr<DecisionSink> sink,
                         Log* log)
    : writer_(std::make_unique<Writer>(options, std::move(sink), log)) {}

DecisionLog::~DecisionLog() {
  if (!writer_->stopped()) Stop(absl::Seconds(2));
}

absl::Status DecisionLog::Reserve(int leads) { return writer_->Reserve(leads); }

void DecisionLog::Release(int leads) { writer_->Release(leads); }

int64_t DecisionLog::max_entries() const { return writer_->options().max_entries; }

void DecisionLog::Write(const DecisionRecord& record) { writer_->Write(record); }

void DecisionLog::Reopen() { writer_->Reopen(); }

bool DecisionLog::Stop(absl::Duration limit) { return writer_->Stop(limit); }

DecisionLogStats DecisionLog::Stats() const { return writer_->Stats(); }

}  // namespace bantam
