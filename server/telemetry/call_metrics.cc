#include "server/telemetry/call_metrics.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "server/telemetry/thread_number.h"

namespace bantam {
namespace {

// How long an ICP without leads keeps its place, if others want it and if not.
constexpr absl::Duration kIdleWhenFull = absl::Hours(1);
constexpr absl::Duration kIdle = absl::Hours(24 * 7);

constexpr absl::string_view kOther = "other";
constexpr absl::string_view kNone = "none";

// What the leads of all ICPs that are not told apart are counted under, so that other tenants'
// stages do not add to it.
constexpr absl::string_view kCommonStages[] = {"lead",     "mql",     "sql",          "opportunity",
                                               "customer", "nurture", "disqualified", kNone};

constexpr int kGradeCount = static_cast<int>(kGrades.size());
constexpr int kOtherStage = kMaxStages;

// Written by one thread, read by any: no locked instruction is needed.
class Counter {
 public:
  void Add(uint64_t n) { value_.store(Get() + n, std::memory_order_relaxed); }
  uint64_t Get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// By itself on its cache lines.
struct alignas(64) MethodCounters {
  Counter started;
  Counter handled[kStatusCodes];
  Counter latency[kLatencyBuckets];
  Counter latency_nanoseconds;
  Counter abandoned;
};

int BucketOf(int64_t nanoseconds) {
  static const auto bounds = [] {
    std::array<int64_t, kLatencyBounds.size()> result;
    std::transform(kLatencyBounds.begin(), kLatencyBounds.end(), result.begin(),
                   [](absl::Duration bound) { return absl::ToInt64Nanoseconds(bound); });
    return result;
  }();
  return std::lower_bound(bounds.begin(), bounds.end(), nanoseconds) - bounds.begin();
}

int GradeIndex(absl::string_view grade) {
  // Compared by one character, as this is done for every lead.
  for (int i = 0; grade.size() == 1 && i < kGradeCount - 1; ++i) {
    if (grade[0] == kGrades[i][0]) return i;
  }
  return kGradeCount - 1;
}

// Starts last, so that no call seems to have ended that did not start.
void AddCounters(const MethodCounters& counters, MethodCounts* counts) {
  for (int i = 0; i < kStatusCodes; ++i) counts->handled[i] += counters.handled[i].Get();
  for (int i = 0; i < kLatencyBuckets; ++i) counts->latency[i] += counters.latency[i].Get();
  counts->latency_sum += absl::Nanoseconds(counters.latency_nanoseconds.Get());
  counts->abandoned += counters.abandoned.Get();
  counts->started += counters.started.Get();
}

uint64_t NextId() {
  static std::atomic<uint64_t> next{1};
  return next.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

// Of one thread and one ICP.
struct alignas(64) CallMetrics::LeadCounters {
  Counter verdicts[kVerdicts];
  Counter grades[kGradeCount];
  Counter stages[kMaxStages + 1];
};

struct CallMetrics::Icp {
  explicit Icp(absl::string_view name) : name(name) {}

  const std::string name;

  // Those seen so far; the first `stage_count` never change any more.
  std::array<std::string, kMaxStages> stages;
  std::atomic<int> stage_count{0};

  // The rest is guarded by CallMetrics::mutex_.
  std::vector<std::unique_ptr<LeadCounters>> counters;  // By thread number; null: no leads.
  int64_t last_total = 0;                               // At the last scrape.
  absl::Time last_change = absl::InfinitePast();
};

// What one thread counts, and what it keeps in mind to do so quickly. When the thread ends, the
// next one with its number goes on.
class alignas(64) CallMetrics::ThreadCounters {
 public:
  struct Known {
    std::shared_ptr<Icp> icp;
    LeadCounters* counters = nullptr;  // Null: the thread has not seen a lead of it.
  };

  // An ICP that is held elsewhere.
  struct Last {
    Icp* icp = nullptr;
    LeadCounters* counters = nullptr;
  };

  ThreadCounters(int number, size_t methods) : number(number), methods(methods) {}

  const int number;
  std::vector<MethodCounters> methods;
  Counter refused[kRefusalReasons];
  Counter lead_errors;

  // Touched by the thread only.
  uint64_t epoch = 0;                            // In which `icps` was copied.
  bool full = false;                             // All that are told apart are in `icps`.
  absl::flat_hash_map<std::string, Known> icps;  // If not `full`, there may be others.
  Last other;                                    // All that are not told apart.
  Last last;                                     // Of the last lead; in `icps`, or `other`.
};

int64_t MethodCounts::Handled() const {
  return std::accumulate(handled.begin(), handled.end(), int64_t{0});
}

int64_t MethodCounts::Failed() const { return Handled() - handled[0]; }

int64_t MethodCounts::InFlight() const { return std::max<int64_t>(started - Handled(), 0); }

absl::Duration MethodCounts::LatencyQuantile(double share) const {
  const int64_t total = std::accumulate(latency.begin(), latency.end(), int64_t{0});
  if (total == 0) return absl::ZeroDuration();
  const double rank = share * static_cast<double>(total);
  double below = 0;
  absl::Duration lower = absl::ZeroDuration();
  for (size_t i = 0; i < kLatencyBounds.size(); ++i) {
    const double here = static_cast<double>(latency[i]);
    if (here > 0 && below + here >= rank) {
      return lower + (kLatencyBounds[i] - lower) * std::clamp((rank - below) / here, 0.0, 1.0);
    }
    below += here;
    lower = kLatencyBounds[i];
  }
  return kLatencyBounds.back();
}

CallMetrics::CallMetrics(std::vector<CallMethod> methods, int max_icps)
    : methods_(std::move(methods)),
      max_icps_(std::max(max_icps, 0)),
      id_(NextId()),
      other_(std::make_shared<Icp>(kOther)) {
  std::transform(std::begin(kCommonStages), std::end(kCommonStages), other_->stages.begin(),
                 [](absl::string_view stage) { return std::string(stage); });
  other_->stage_count = std::size(kCommonStages);
}

CallMetrics::~CallMetrics() = default;

inline CallMetrics::ThreadCounters* CallMetrics::CurrentThread() {
  // Of the object that this thread used last: there is one, but for tests.
  thread_local uint64_t owner = 0;
  thread_local ThreadCounters* counters = nullptr;
  if (owner != id_) {
    counters = FindThread();
    owner = id_;
  }
  return counters;
}

CallMetrics::ThreadCounters* CallMetrics::FindThread() {
  const size_t number = ThreadNumber();
  MutexLock lock(mutex_);
  if (threads_.size() <= number) threads_.resize(number + 1);
  std::unique_ptr<ThreadCounters>& thread = threads_[number];
  if (thread == nullptr) {
    thread = std::make_unique<ThreadCounters>(number, methods_.size());
    thread->other = {other_.get(), CountersOf(other_.get(), thread->number)};
    thread->last = thread->other;
  }
  return thread.get();
}

void CallMetrics::OnStart(int method) { CurrentThread()->methods[method].started.Add(1); }

void CallMetrics::OnEnd(int method, absl::StatusCode code, absl::Duration latency) {
  MethodCounters& counters = CurrentThread()->methods[method];
  const auto number = static_cast<unsigned>(code);
  const auto unknown = static_cast<unsigned>(absl::StatusCode::kUnknown);
  const int64_t nanoseconds = std::max<int64_t>(absl::ToInt64Nanoseconds(latency), 0);
  counters.handled[number < kStatusCodes ? number : unknown].Add(1);
  counters.latency[BucketOf(nanoseconds)].Add(1);
  counters.latency_nanoseconds.Add(nanoseconds);
}

void CallMetrics::OnAbandoned(int method) { CurrentThread()->methods[method].abandoned.Add(1); }

void CallMetrics::OnRefused(RefusalReason reason) {
  CurrentThread()->refused[static_cast<int>(reason)].Add(1);
}

void CallMetrics::OnLeadError() { CurrentThread()->lead_errors.Add(1); }

void CallMetrics::OnLead(absl::string_view icp, v1::Verdict verdict, absl::string_view grade,
                         absl::string_view stage) {
  ThreadCounters* thread = CurrentThread();
  LeadCounters* counters = FindIcp(thread, icp);
  const auto number = static_cast<unsigned>(verdict);
  counters->verdicts[number < kVerdicts ? number : 0].Add(1);
  counters->grades[GradeIndex(grade)].Add(1);
  counters->stages[FindStage(thread->last.icp, stage.empty() ? kNone : stage)].Add(1);
}

// Leaves what it finds in `thread->last` as well.
CallMetrics::LeadCounters* CallMetrics::FindIcp(ThreadCounters* thread, absl::string_view name) {
  if (thread->epoch == epoch_.load(std::memory_order_acquire)) {
    if (thread->last.icp->name == name) return thread->last.counters;
    const auto found = thread->icps.find(name);
    if (found == thread->icps.end()) {
      if (thread->full) return (thread->last = thread->other).counters;
    } else if (found->second.counters != nullptr) {
      thread->last = {found->second.icp.get(), found->second.counters};
      return thread->last.counters;
    }
  }
  return LearnIcp(thread, name);
}

CallMetrics::LeadCounters* CallMetrics::LearnIcp(ThreadCounters* thread, absl::string_view name) {
  MutexLock lock(mutex_);
  if (thread->epoch != epoch_.load(std::memory_order_relaxed)) CopyIcps(thread);
  auto place = icps_.find(name);
  if (place == icps_.end()) {
    if (icps_.size() >= max_icps_) return (thread->last = thread->other).counters;
    place = icps_.emplace(std::string(name), std::make_shared<Icp>(name)).first;
    // From now on every thread must know all of them, to see which ones are not among them.
    if (icps_.size() == max_icps_) epoch_.fetch_add(1, std::memory_order_release);
  }
  const std::shared_ptr<Icp>& icp = place->second;
  thread->last = {icp.get(), CountersOf(icp.get(), thread->number)};
  thread->icps[name] = {icp, thread->last.counters};
  return thread->last.counters;
}

void CallMetrics::CopyIcps(ThreadCounters* thread) {
  thread->epoch = epoch_.load(std::memory_order_relaxed);
  thread->full = icps_.size() >= max_icps_;
  thread->icps.clear();
  thread->last = thread->other;
  const size_t number = thread->number;
  for (const auto& [name, icp] : icps_) {
    LeadCounters* const counters =
        number < icp->counters.size() ? icp->counters[number].get() : nullptr;
    thread->icps.emplace(name, ThreadCounters::Known{icp, counters});
  }
}

// With CallMetrics::mutex_ held.
CallMetrics::LeadCounters* CallMetrics::CountersOf(Icp* icp, int thread_number) {
  const size_t number = thread_number;
  if (icp->counters.size() <= number) icp->counters.resize(number + 1);
  if (icp->counters[number] == nullptr) icp->counters[number] = std::make_unique<LeadCounters>();
  return icp->counters[number].get();
}

int CallMetrics::FindStage(Icp* icp, absl::string_view stage) {
  int known = icp->stage_count.load(std::memory_order_acquire);
  for (int i = 0; i < known; ++i) {
    if (icp->stages[i] == stage) return i;
  }
  if (known == kMaxStages || icp == other_.get()) return kOtherStage;
  MutexLock lock(mutex_);
  // Another thread may have been quicker.
  const auto begin = icp->stages.begin();
  known = icp->stage_count.load(std::memory_order_relaxed);
  const int found = std::find(begin, begin + known, stage) - begin;
  if (found < known || known == kMaxStages) return found;
  icp->stages[known] = std::string(stage);
  icp->stage_count.store(known + 1, std::memory_order_release);
  return known;
}

IcpCounts CallMetrics::CountsOf(const Icp& icp) {
  IcpCounts counts;
  counts.icp = icp.name;
  const int stages = icp.stage_count.load(std::memory_order_acquire);
  for (int i = 0; i < stages; ++i) counts.stages[icp.stages[i]] = 0;
  for (const std::unique_ptr<LeadCounters>& counters : icp.counters) {
    if (counters == nullptr) continue;
    for (int i = 0; i < kVerdicts; ++i) counts.verdicts[i] += counters->verdicts[i].Get();
    for (int i = 0; i < kGradeCount; ++i) counts.grades[i] += counters->grades[i].Get();
    for (int i = 0; i < stages; ++i) counts.stages[icp.stages[i]] += counters->stages[i].Get();
    const int64_t beyond = counters->stages[kOtherStage].Get();
    if (beyond > 0) counts.stages[std::string(kOther)] += beyond;
  }
  return counts;
}

void CallMetrics::DropIdle(const CallSnapshot& snapshot, absl::Time now) {
  const absl::Duration limit = icps_.size() >= max_icps_ ? kIdleWhenFull : kIdle;
  bool dropped = false;
  for (const IcpCounts& counts : snapshot.icps) {
    const auto place = icps_.find(counts.icp);
    if (place == icps_.end()) continue;
    Icp& icp = *place->second;
    const int64_t total =
        std::accumulate(counts.verdicts.begin(), counts.verdicts.end(), int64_t{0});
    if (total != icp.last_total || icp.last_change == absl::InfinitePast()) {
      icp.last_total = total;
      icp.last_change = now;
    } else if (now - icp.last_change >= limit) {
      icps_.erase(place);
      dropped = true;
    }
  }
  if (dropped) epoch_.fetch_add(1, std::memory_order_release);
}

CallSnapshot CallMetrics::Snapshot(absl::Time now) {
  CallSnapshot snapshot;
  MutexLock lock(mutex_);
  snapshot.methods.resize(methods_.size());
  for (size_t i = 0; i < methods_.size(); ++i) snapshot.methods[i].method = methods_[i];
  for (const std::unique_ptr<ThreadCounters>& thread : threads_) {
    if (thread == nullptr) continue;
    for (size_t i = 0; i < methods_.size(); ++i) {
      AddCounters(thread->methods[i], &snapshot.methods[i]);
    }
    for (int i = 0; i < kRefusalReasons; ++i) snapshot.refused[i] += thread->refused[i].Get();
    snapshot.lead_errors += thread->lead_errors.Get();
  }
  for (const auto& [name, icp] : icps_) snapshot.icps.push_back(CountsOf(*icp));
  snapshot.icps.push_back(CountsOf(*other_));
  DropIdle(snapshot, now);
  return snapshot;
}

}  // namespace bantam
